"""Seeds that scikit-learn takes too."""

from rosenblatt.errors import ConfigurationError
from rosenblatt.random import check_seed

_LARGEST_SEED_OF_SKLEARN = 2**32 - 1


def sklearn_seed(seed: int) -> int:
    """Return ``seed`` if scikit-learn takes it (it stops at 2^32 - 1).

    Raises:
        ConfigurationError: it does not.
    """
    if check_seed(seed) > _LARGEST_SEED_OF_SKLEARN:
        raise ConfigurationError(
            f"seed must be at most 2^32 - 1 here, scikit-learn's largest; got {seed}"
        )
    return int(seed)
