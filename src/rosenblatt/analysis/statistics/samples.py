"""Checks of the values that statistics are given."""

import math

import numpy as np
import numpy.typing as npt

from rosenblatt.checks import real_number
from rosenblatt.errors import DataError, ShapeError

FloatArray = npt.NDArray[np.float64]

_ROUNDING = 2.0**-44
"""Differences are rounded to multiples of about this, 6e-14, times the largest value."""


def finite(values: npt.ArrayLike, name: str, n_axes: int = 1) -> FloatArray:
    """Return ``values`` as floats, with ``n_axes`` axes, not empty and all finite.

    Raises:
        ShapeError: another number of axes, or rows of different lengths.
        DataError: no values, values that are no numbers, NaN or infinity.
    """
    shape = "(n,)" if n_axes == 1 else "(runs, times)"
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise ShapeError(f"{name} must have shape {shape}; its rows differ in length") from error
    if array.ndim != n_axes:
        raise ShapeError(f"{name} must have shape {shape}, got shape {array.shape}")
    if not array.size:
        raise DataError(f"{name} has no values, shape {array.shape}; at least one is needed")
    if array.dtype.kind not in "biuf":
        raise DataError(f"{name} must be numbers, got values of type {array.dtype}")
    array = array.astype(np.float64)
    if not np.isfinite(array).all():
        where = np.argwhere(~np.isfinite(array))[0].tolist()
        raise DataError(
            f"{name} must be finite, got {array[tuple(where)]} at {where}; a run that diverged has "
            "no value: report it by its number, and leave out its pair as well"
        )
    return array


def differences(a: FloatArray, b: FloatArray | float) -> FloatArray:
    """Return a − b, with what is only rounding made equal: 0.3 − (0.1 + 0.2) is 0.

    Else the spread of equal differences would be 1e-17 instead of 0, a test would be sure of it,
    and ranks of equal sizes would not be ties.
    """
    size = float(max(np.abs(a).max(), np.abs(b).max()))
    if size == 0:
        return a - b
    unit = 2.0 ** math.ceil(math.log2(size)) * _ROUNDING
    rounded: FloatArray = np.round((a - b) / unit) * unit
    return rounded


def check_level(level: float) -> float:
    """Return a confidence level, in (0, 1)."""
    return real_number(level, "level", above=0, below=1)
