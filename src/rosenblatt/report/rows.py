"""Columns and rows out of the Arrow tables of a result."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from rosenblatt.report.parts import Row

Columns = dict[str, npt.NDArray[Any]]


def rows(table: pa.Table, **equal: object) -> list[Row]:
    """Return the rows whose columns have the values given, in their order.

    What is not a number (the deviation of a single run) is None in them, as in JSON.
    """
    return [
        {name: None if _is_nan(value) else value for name, value in row.items()}
        for row in table.to_pylist()
        if all(row[name] == value for name, value in equal.items())
    ]


def columns(table: pa.Table, **equal: object) -> Columns:
    """Return each column as an array over the rows whose columns have the values given."""
    arrays = {name: np.asarray(table[name].to_pylist()) for name in table.column_names}
    chosen = np.ones(table.num_rows, dtype=bool)
    for name, value in equal.items():
        chosen &= arrays[name] == value
    return {name: array[chosen] for name, array in arrays.items()}


def groups(table: pa.Table, key: str, **equal: object) -> Iterator[tuple[Any, Columns]]:
    """Yield (value, columns) for each value of the column ``key``, in rising order."""
    whole = columns(table, **equal)
    for value in np.unique(whole[key]):
        chosen = whole[key] == value
        yield value.item(), {name: array[chosen] for name, array in whole.items()}


def mean_sd(values: npt.ArrayLike) -> tuple[float, float | None]:
    """Return the mean and the sample standard deviation (divisor n - 1; None for one value)."""
    array = np.asarray(values, dtype=np.float64)
    return float(array.mean()), float(array.std(ddof=1)) if array.size > 1 else None


def _is_nan(value: object) -> bool:
    return isinstance(value, float) and math.isnan(value)
