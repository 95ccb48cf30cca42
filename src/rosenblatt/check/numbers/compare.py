"""Comparison of gradients: numeric ones, tolerance, kinks, the first wrong entry."""

from collections.abc import Callable
from typing import Any

import numpy as np

from rosenblatt.check.numbers.compared_arrays import to_plain

STEP = 1e-5
TOLERANCE = 2e-5
"""The largest error, as a fraction of the largest entry, that still counts as equal."""

MOST_DIFFERENCES = 60
"""Entries of one array that are compared with differences."""


def numeric_gradient(
    loss: Callable[[], float], array: Any, put: Callable[[tuple[int, ...], float], None]
) -> Any:
    """Return central differences of ``loss`` by the entries of ``array``; NaN at kinks.

    D(h/2) and D(h) are combined to (4 D(h/2) − D(h)) / 3. Where they do not agree, the loss has a
    kink within the step, and there is no gradient to compare with. At the very point, both are the
    mean of the two slopes; there the slopes of both sides differ by the same for h and h/2, while
    those of a smooth loss differ by half as much for h/2.
    """
    result = np.full(array.shape, np.nan)
    here = loss()
    indices = list(np.ndindex(array.shape))
    for index in indices[:MOST_DIFFERENCES]:
        value = float(array[index])
        central, bends = [], []
        for h in (STEP * 10, STEP * 5):
            put(index, value + h)
            above = loss()
            put(index, value - h)
            below = loss()
            central.append((above - below) / (2 * h))
            bends.append((above - 2 * here + below) / h)
        put(index, value)
        slack = 1e-4 * max(abs(central[0]), abs(central[1]), 1e-2)
        if abs(central[0] - central[1]) <= slack and abs(2 * bends[1] - bends[0]) <= slack:
            result[index] = (4 * central[1] - central[0]) / 3
    return result


def same(a: Any, b: Any, tolerance: float = TOLERANCE) -> bool:
    """Return whether two gradients agree where both are known."""
    if a is None or b is None or np.shape(a) != np.shape(b):
        return False
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    known = ~(np.isnan(a) | np.isnan(b))
    if not known.any():
        return False
    a, b = a[known], b[known]
    with np.errstate(invalid="ignore"):
        near = np.abs(a - b) <= tolerance * _scale(a, b) + 1e-12
    return bool((near | (a == b)).all())


def consists_of(values: Any, first: float, second: float) -> bool:
    """Return whether an array has no other numbers than these two."""
    return bool(((values == first) | (values == second)).all())


def _scale(*arrays: Any) -> float:
    """Return the size of the largest finite entry: next to an infinite one all would be equal."""
    entries = np.abs(np.concatenate([array.ravel() for array in arrays]))
    return float(entries.max(initial=0.0, where=np.isfinite(entries)))


def wrong_entries(analytic: Any, numeric: Any) -> Any:
    """Return which entries of two arrays of one shape differ; none where ``numeric`` is NaN."""
    with np.errstate(invalid="ignore"):
        near = np.abs(analytic - numeric) <= TOLERANCE * _scale(analytic, numeric)
    return ~(near | (analytic == numeric) | np.isnan(numeric))


def first_wrong(analytic: Any, numeric: Any) -> dict[str, Any]:
    """Return entry, analytic and numeric of the first entry that differs, and both arrays.

    Arrays of different shapes have no such entry.
    """
    if np.shape(analytic) != np.shape(numeric):
        return {"gradients": to_plain(analytic, numeric)}
    a, b = np.asarray(analytic, dtype=float), np.asarray(numeric, dtype=float)
    wrong = np.argwhere(wrong_entries(a, b))
    if not len(wrong):
        return {}
    index = tuple(int(i) for i in wrong[0])
    return {
        "entry": list(index),
        "analytic": float(a[index]),
        "numeric": float(b[index]),
        "gradients": to_plain(a, b, index),
    }


def ratio(a: Any, b: Any) -> float | None:
    """Return c where a = c b; None where there is no such number."""
    if np.shape(a) != np.shape(b):
        return None
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    known = ~(np.isnan(a) | np.isnan(b))
    a, b = a[known], b[known]
    square = float((b * b).sum())
    if not square or not a.size:
        return None
    c = float((a * b).sum()) / square
    return c if c and same(a, c * b) else None
