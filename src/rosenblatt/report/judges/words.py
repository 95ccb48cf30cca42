"""How effects and their intervals are written in the evidence."""

import math
from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from rosenblatt.report.format import interval, number, percent
from rosenblatt.report.verdicts import Effect

POINT = 0.01
"""One point of accuracy."""


def percent_interval(one: Effect | None) -> str:
    """Write a mean of fractions with its interval in percent."""
    if one is None:
        return "not measured"
    return f"{percent(one.mean)} {interval(100 * one.interval.low, 100 * one.interval.high, 1)}"


def points_interval(one: Effect | None) -> str:
    """Write a mean difference of fractions in points, with its interval."""
    if one is None:
        return "not measured"
    low, high = 100 * one.interval.low, 100 * one.interval.high
    return f"{number(100 * one.mean, 2)} points {interval(low, high, 2)}"


def number_interval(one: Effect | None, digits: int) -> str:
    """Write a mean with its interval."""
    if one is None:
        return "not measured"
    bounds = interval(one.interval.low, one.interval.high, digits)
    return f"{number(one.mean, digits)} {bounds}"


def times_interval(one: Effect | None) -> str:
    """Write a ratio, given as its logarithm, with its interval."""
    if one is None:
        return "not measured"
    with np.errstate(over="ignore"):
        low, high = 10.0 ** np.array([one.interval.low, one.interval.high])
    mean = 10**one.mean
    digits = max(0, 2 - math.floor(math.log10(mean))) if mean > 0 else 2
    return f"{number(mean, digits)} times {interval(low, high, digits)}"


def listed(found: Mapping[str, Effect | None], write: Callable[[Effect | None], str]) -> str:
    """Write several effects, each after its condition."""
    return "; ".join(f"{name}: {write(one)}" for name, one in found.items())


def pairs(values: Mapping[str, str]) -> str:
    """Write several values, each before its condition."""
    return ", ".join(f"{value} ({name})" for name, value in values.items())


def spread_in_points(values: npt.NDArray[np.float64]) -> str:
    """Write the standard deviation of fractions in points."""
    return f"{number(100 * float(values.std(ddof=1)), 1)} points"
