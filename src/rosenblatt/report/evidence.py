"""Effects and intervals in words, for the evidence of a claim."""

import math
from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from rosenblatt.analysis.statistics import Interval
from rosenblatt.report.format import (
    LONGEST_PLAIN,
    NARROW_SPACE,
    digits_to_tell_apart,
    interval,
    number,
    plural,
    scientific,
)
from rosenblatt.report.verdicts import Effect

POINT = 0.01
"""One point of accuracy."""
SMALLEST_PLAIN = 1e-4
"""Ratios from here down are written as powers of ten."""
ROUNDING = 1e-12
"""An interval narrower than this, relative, has no width: sums are rounded that far."""


def percent_interval(one: Effect | None) -> str:
    """Write a mean of fractions with its interval in percent."""
    if one is None:
        return "not measured"
    return _with_interval(one, 100, 1, f"{NARROW_SPACE}%")


def points_interval(one: Effect | None) -> str:
    """Write a mean difference of fractions in points, with its interval."""
    return "not measured" if one is None else _with_interval(one, 100, 2, " points")


def number_interval(one: Effect | None, digits: int) -> str:
    """Write a mean with its interval."""
    return "not measured" if one is None else _with_interval(one, 1, digits, "")


def times_interval(one: Effect | None) -> str:
    """Write a ratio, given as its logarithm, with its interval."""
    if one is None:
        return "not measured"
    with np.errstate(over="ignore"):
        mean, low, high = 10.0 ** np.array([one.mean, one.interval.low, one.interval.high])
    if not SMALLEST_PLAIN < mean < LONGEST_PLAIN:
        # Of a run that diverged, or of a noise that is rounding.
        ends = ", ".join(_power(value) for value in (low, high))
        return f"{_power(mean)} times [{ends}]"
    ratio = Effect(float(mean), Interval(float(low), float(high), 0.95), one.decision, one.n)
    return _with_interval(ratio, 1, max(0, 2 - math.floor(math.log10(mean))), " times")


def _power(value: float) -> str:
    return scientific(value) if np.isfinite(value) else "∞"


def _with_interval(one: Effect, factor: float, digits: int, unit: str) -> str:
    """Write a mean and its interval; of an interval without width, what that means.

    Where both ends would be written alike, more decimals are.
    """
    low, high = factor * one.interval.low, factor * one.interval.high
    if math.isfinite(high - low) and high - low <= ROUNDING * max(abs(low), abs(high)):
        same = " (for every seed)" if one.n > 1 else ""
        return f"{number(factor * one.mean, digits)}{unit}{same}"
    digits = digits_to_tell_apart(low, high, digits)
    return f"{number(factor * one.mean, digits)}{unit} {interval(low, high, digits)}"


def points_of(value: float) -> str:
    """Write a threshold of a difference of fractions, or a tolerance, in points."""
    return f"{number(100 * value, digits_of(100 * value))} points"


def percent_of(value: float) -> str:
    """Write a threshold of a fraction."""
    return f"{number(100 * value, digits_of(100 * value))}{NARROW_SPACE}%"


def times_of(logarithm: float) -> str:
    """Write a threshold of a ratio, given as its logarithm."""
    with np.errstate(over="ignore"):
        value = float(10.0 ** np.float64(logarithm))
    if not SMALLEST_PLAIN < value < LONGEST_PLAIN:
        return f"{_power(value)} times"
    return f"{number(value, digits_of(value))} times"


def number_of_value(value: float) -> str:
    """Write a threshold of a number without a unit."""
    return number(value, digits_of(value))


def digits_of(value: float) -> int:
    """Return with how many decimals a threshold has about three digits.

    >>> digits_of(1.2345), digits_of(0.0123), digits_of(2405.0), digits_of(0.0)
    (2, 4, 0, 0)
    """
    if value == 0 or not math.isfinite(value):
        return 0
    return int(min(6, max(0, 2 - math.floor(math.log10(abs(value))))))


def among(value: float, values: npt.NDArray[np.float64], write: Callable[[float], str]) -> str:
    """Say where a value of the source's own run lies among those of our runs.

    It is typical where its percentile, the share of runs with less and half of those with as much,
    lies between 5 and 95 %.
    """
    n = len(values)
    below, equal = int(np.sum(values < value)), int(np.sum(values == value))
    share = (below + equal / 2) / n
    kind = "typical" if 0.05 <= share <= 0.95 else "not typical"
    return (
        f"{kind}: of {plural(n, 'own run')}, {below} have less than "
        f"{write(value)} and {n - below - equal} have more"
    )


def listed(found: Mapping[str, Effect | None], write: Callable[[Effect | None], str]) -> str:
    """Write several effects, each after its condition."""
    return "; ".join(f"{name}: {write(one)}" for name, one in found.items())


def pairs(values: Mapping[str, str]) -> str:
    """Write several values, each before its condition."""
    return ", ".join(f"{value} ({name})" for name, value in values.items())


def spread_in_points(values: npt.NDArray[np.float64]) -> str:
    """Write the standard deviation of fractions in points."""
    return f"{number(100 * float(values.std(ddof=1)), 1)} points"
