"""Columns and rows out of the Arrow tables of a result."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from rosenblatt.report.parts import Results, Row

Columns = dict[str, npt.NDArray[Any]]


class _NotedTables(Mapping[str, pa.Table]):
    """The tables of a result, which notes the files of those that are looked at."""

    def __init__(self, experiment: str, tables: Mapping[str, pa.Table], noted: set[str]) -> None:
        self._experiment, self._tables, self._noted = experiment, tables, noted

    def __getitem__(self, name: str) -> pa.Table:
        table = self._tables[name]
        self._noted.add(file_of_rows(self._experiment, name))
        return table

    def __contains__(self, name: object) -> bool:
        return name in self._tables

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)


def noting(results: Results) -> tuple[Results, set[str]]:
    """Return the same results, and the files of those tables that are looked at from now on."""
    noted: set[str] = set()
    watched = {
        name: replace(result, tables=_NotedTables(name, result.tables, noted))
        for name, result in results.items()
    }
    return watched, noted


def file_of_rows(experiment: str, table: str) -> str:
    """Return where a report has the rows of a table of an experiment.

    >>> file_of_rows("E1", "points")
    'rows/E1_points.parquet'
    """
    return f"rows/{experiment}_{table}.parquet"


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
    chosen = np.ones(table.num_rows, dtype=bool)
    for name, value in equal.items():
        chosen &= table[name].to_numpy() == value
    part = table.filter(pa.array(chosen))
    return {name: part[name].to_numpy() for name in part.column_names}


def groups(table: pa.Table, key: str, **equal: object) -> Iterator[tuple[Any, Columns]]:
    """Yield (value, columns) for each value of the column ``key``, in rising order."""
    whole = columns(table, **equal)
    for value in np.unique(whole[key]):
        chosen = whole[key] == value
        yield value.item(), {name: array[chosen] for name, array in whole.items()}


def runs(table: pa.Table, **equal: object) -> list[Columns]:
    """Return the curves of a table, one for each seed in rising order, each by rising epochs."""
    whole = columns(table, **equal)
    if not len(whole["epoch"]):
        return []
    order = np.lexsort((whole["epoch"], whole["seed"]))
    seeds = whole["seed"][order]
    begins = np.flatnonzero(seeds[1:] != seeds[:-1]) + 1
    parts = {name: np.split(array[order], begins) for name, array in whole.items()}
    return [{name: part[i] for name, part in parts.items()} for i in range(len(begins) + 1)]


def points(table: pa.Table, split: str) -> tuple[npt.NDArray[np.float64], npt.NDArray[Any]]:
    """Return the points (N, 2) and labels (N,) of one set, "train" or "test"."""
    chosen = columns(table, split=split)
    return np.column_stack([chosen["x1"], chosen["x2"]]), chosen["label"]


def _is_nan(value: object) -> bool:
    return isinstance(value, float) and math.isnan(value)
