"""Checks of settings: their types, and the ranges of numbers.

A number that passes comes back as a plain Python number, because a NumPy number among the settings
would turn the arrays of a float32 run into float64.
"""

import math
import numbers

import numpy as np

from rosenblatt.errors import ConfigurationError, given

LARGEST = 2**63 - 1
"""The largest whole number of 64 bits, the limit of arrays and files."""


def whole_number(value: object, name: str, at_least: int, at_most: int = LARGEST) -> int:
    """Return ``value`` as an int within the limits.

    Raises:
        ConfigurationError: it lies outside, or is not a whole number; 2.0, "2" and True are not.

    >>> whole_number(np.int64(3), "epochs", at_least=1)
    3
    """
    if (
        isinstance(value, bool)
        or not isinstance(value, int | np.integer)
        or not at_least <= int(value) <= at_most
    ):
        limits = f"from {at_least} to {at_most}"
        if at_most == LARGEST:
            is_too_large = isinstance(value, int) and value > LARGEST
            limits = f"of at least {at_least}" + " and at most 2^63 - 1" * is_too_large
        raise ConfigurationError(f"{name} must be a whole number {limits}, got {given(value)}")
    return int(value)


def real_number(
    value: object,
    name: str,
    *,
    at_least: float = -math.inf,
    above: float = -math.inf,
    below: float = math.inf,
    at_most: float = math.inf,
) -> float:
    """Return ``value`` as a finite float within the limits.

    Raises:
        ConfigurationError: it lies outside, or is not a finite number; "2" and True are not.

    >>> real_number(np.float32(0.5), "momentum", at_least=0, below=1)
    0.5
    """
    number = math.nan
    if isinstance(value, numbers.Real) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
    # Infinities fail the strict limits even where none are set, and NaN fails all.
    if at_least <= number <= at_most and above < number < below:
        return number
    limits = {"of at least": at_least, "above": above, "below": below, "at most": at_most}
    words = [f"{word} {limit:g}" for word, limit in limits.items() if math.isfinite(limit)]
    expected = f"a finite number {' and '.join(words)}".rstrip()
    raise ConfigurationError(f"{name} must be {expected}, got {given(value)}")


def whole_field(owner: object, name: str, at_least: int) -> None:
    """Check a field of a frozen dataclass, in its ``__post_init__``, as :func:`whole_number`."""
    value = whole_number(getattr(owner, name), f"{name} of {type(owner).__name__}", at_least)
    object.__setattr__(owner, name, value)


def real_field(owner: object, name: str, **limits: float) -> None:
    """Check a field of a frozen dataclass, in its ``__post_init__``, as :func:`real_number`."""
    value = real_number(getattr(owner, name), f"{name} of {type(owner).__name__}", **limits)
    object.__setattr__(owner, name, value)


def check_is(name: str, value: object, kind: type) -> None:
    """Raise ConfigurationError if ``value`` is not of the type ``kind``."""
    if not isinstance(value, kind):
        was = f"the class {value.__name__}" if isinstance(value, type) else type(value).__name__
        raise ConfigurationError(f"{name} must be of type {kind.__name__}, got {was}")
