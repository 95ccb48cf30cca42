"""Checks of the settings that the functions of this package share."""

import math
import numbers

import numpy as np

from rosenblatt.errors import ConfigurationError
from rosenblatt.random import check_seed

_LARGEST_SEED_OF_SKLEARN = 2**32 - 1


def whole_number(value: object, name: str, at_least: int) -> int:
    """Return ``value`` as an int of at least ``at_least``, or raise ConfigurationError."""
    if isinstance(value, int | np.integer) and not isinstance(value, bool) and value >= at_least:
        return int(value)
    raise ConfigurationError(f"{name} must be a whole number >= {at_least}, got {value!r}")


def real_number(
    value: object,
    name: str,
    at_least: float = -math.inf,
    above: float = -math.inf,
    below: float = math.inf,
) -> float:
    """Return ``value`` as a finite float within the limits, or raise ConfigurationError."""
    if isinstance(value, numbers.Real) and not isinstance(value, bool):
        number = float(value)
        if math.isfinite(number) and number >= at_least and above < number < below:
            return number
    limits = {">=": at_least, ">": above, "<": below}
    wanted = [f"{sign} {limit:g}" for sign, limit in limits.items() if math.isfinite(limit)]
    expected = " and ".join(["a finite number", *wanted])
    raise ConfigurationError(f"{name} must be {expected}, got {value!r}")


def sklearn_seed(seed: int) -> int:
    """Return ``seed`` if scikit-learn takes it too (it stops at 2^32 - 1)."""
    if check_seed(seed) > _LARGEST_SEED_OF_SKLEARN:
        raise ConfigurationError(
            f"seed must be at most 2^32 - 1 here, scikit-learn's largest; got {seed}"
        )
    return int(seed)
