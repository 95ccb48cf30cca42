"""Numbers of samples: of generated data, checked, and of its classes."""

from rosenblatt import limits
from rosenblatt.checks import whole_number
from rosenblatt.errors import ConfigurationError, given

_BYTES_PER_NUMBER = 40
_BYTES_PER_SAMPLE = 80
"""Memory for noise, points, their shuffled copies, labels and orders."""


def checked_samples(n: object, at_least: int, n_features: int = 2) -> int:
    """Return the number of samples, checked to be one that there is memory for.

    Raises:
        ConfigurationError: it is not a whole number, below ``at_least``, or too large.
    """
    samples = whole_number(n, "n", at_least)
    limits.check_memory(
        samples * (_BYTES_PER_NUMBER * n_features + _BYTES_PER_SAMPLE),
        f"making {given(samples)} samples of {given(n_features)} features",
        ConfigurationError,
    )
    return samples


def shares(n: int, parts: int) -> list[int]:
    """Return n in equal parts, the first ones with one more where n is not a multiple.

    >>> shares(8, 3)
    [3, 3, 2]
    """
    return [n // parts + (part < n % parts) for part in range(parts)]
