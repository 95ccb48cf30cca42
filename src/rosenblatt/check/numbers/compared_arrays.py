"""Two arrays that were compared: the student's and the right one, bounded, as plain values."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

MOST = 64
"""Rows, and columns, of an array that are carried; of a larger one, a part around the first wrong
entry."""

_DIGITS = 9
"""Significant digits of a number that is carried."""


@dataclass(frozen=True)
class Part:
    """An array with at most 64 × 64 entries, or a part of a larger one.

    All axes but the last are rows. A vector is one row.

    Attributes:
        values: the entries, (rows, columns), in float64; NaN where a number is not known.
        shape: the shape of the whole array.
        first: row and column of the first value in the whole array.
    """

    values: Any
    shape: tuple[int, ...]
    first: tuple[int, int]

    @property
    def is_whole(self) -> bool:
        """Whether the part has every entry of the array."""
        return bool(self.values.size == math.prod(self.shape))

    def entry(self, row: int, column: int) -> tuple[int, ...]:
        """Return the index, in the whole array, of a value of the part."""
        if not self.shape:
            return ()
        rows = np.unravel_index(self.first[0] + row, self.shape[:-1]) if self.shape[:-1] else ()
        return (*(int(i) for i in rows), self.first[1] + column)

    def position(self, entry: Sequence[int]) -> tuple[int, int] | None:
        """Return row and column, in the part, of an entry of the array; None if it is outside."""
        if len(entry) != len(self.shape):
            return None
        row, column = _row_and_column(entry, self.shape)
        row, column = row - self.first[0], column - self.first[1]
        rows, columns = self.values.shape
        return (row, column) if 0 <= row < rows and 0 <= column < columns else None


@dataclass(frozen=True)
class ComparedArrays:
    """What a student's code computes, and what it should be.

    Attributes:
        analytic: of the student's code.
        numeric: by differences, or by the right rule.
    """

    analytic: Part
    numeric: Part

    @property
    def have_one_shape(self) -> bool:
        """Whether the arrays can be subtracted from each other."""
        return self.analytic.shape == self.numeric.shape


def to_plain(
    analytic: Any, numeric: Any, entry: Sequence[int] | None = None
) -> dict[str, Any] | None:
    """Return two arrays as plain values, of larger ones the part that contains ``entry``.

    Returns None where one of them is no array of numbers.

    >>> to_plain([1.0, 2.0], [1.0, 3.0])["analytic"]
    {'values': [[1.0, 2.0]], 'shape': [2], 'first': [0, 0]}
    """
    parts = {}
    for name, values in (("analytic", analytic), ("numeric", numeric)):
        try:
            array = np.asarray(values, dtype=float)
        except (TypeError, ValueError):
            return None
        if values is None or not array.size:
            return None
        parts[name] = _part_to_plain(array, entry)
    return parts


def from_plain(values: Any) -> ComparedArrays | None:
    """Return what :func:`to_plain` returned; None for None and for anything else."""
    try:
        analytic, numeric = (_part_from_plain(values[name]) for name in ("analytic", "numeric"))
    except (KeyError, TypeError, ValueError):
        return None
    return ComparedArrays(analytic, numeric)


def _row_and_column(entry: Sequence[int], shape: tuple[int, ...]) -> tuple[int, int]:
    if not shape:
        return 0, 0
    row = int(np.ravel_multi_index(tuple(entry[:-1]), shape[:-1])) if shape[:-1] else 0
    return row, int(entry[-1])


def _part_to_plain(array: Any, entry: Sequence[int] | None) -> dict[str, Any]:
    rows = array.reshape(-1, array.shape[-1] if array.ndim else 1)
    wanted = (0, 0)
    if entry is not None and len(entry) == array.ndim:
        wanted = _row_and_column(entry, array.shape)
    first = [
        max(0, min(place - MOST // 2, size - MOST))
        for place, size in zip(wanted, rows.shape, strict=True)
    ]
    part = rows[first[0] : first[0] + MOST, first[1] : first[1] + MOST]
    return {
        "values": [[float(f"{value:.{_DIGITS}g}") for value in row] for row in part.tolist()],
        "shape": list(array.shape),
        "first": first,
    }


def _part_from_plain(plain: Any) -> Part:
    values = np.array(plain["values"], dtype=float)
    shape = tuple(int(size) for size in plain["shape"])
    row, column = (int(place) for place in plain["first"])
    size = math.prod(shape)
    if values.ndim != 2 or not 0 < values.size <= size or max(values.shape) > MOST:
        raise ValueError("not a part of an array")
    columns = shape[-1] if shape else 1
    if row < 0 or column < 0 or row + len(values) > size // columns:
        raise ValueError("not within the array")
    if column + values.shape[1] > columns:
        raise ValueError("not within the array")
    return Part(values, shape, (row, column))
