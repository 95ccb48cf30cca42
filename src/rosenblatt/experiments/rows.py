"""Rows of plain values as Parquet, and back without the change of a bit.

Arrow by itself makes one type of a column: of 1 and 2.5 it makes 1.0 and 2.5, and it drops what the
first row has not. Here a column of several types has a part for each.
"""

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rosenblatt.errors import DataError, given
from rosenblatt.experiments.base import Row

if TYPE_CHECKING:
    import pyarrow as pa

_PLAIN = (bool, int, float, str)
"""In this order: Python counts True as an int."""


def to_parquet(rows: Sequence[Row]) -> bytes:
    """Return the rows, all with the same columns, as the bytes of a Parquet file.

    Raises:
        DataError: rows with different columns or none, or a value that is not an int of 64 bits,
            float, str, bool or None.
    """
    import pyarrow as pa

    names = list(rows[0]) if rows else []
    for number, row in enumerate(rows):
        if not row or list(row) != names:
            raise DataError(
                f"row {number} of a table has the columns {given(list(row))}, the first "
                f"{given(names)}; give every row the same ones, in the same order"
            )
    columns = [_column(name, [row[name] for row in rows]) for name in names]
    return table_bytes(pa.Table.from_arrays(columns, names=names))


def from_parquet(content: bytes) -> list[Row]:
    """Return the rows that :func:`to_parquet` was given."""
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile

    table = ParquetFile(pa.BufferReader(content)).read(use_threads=False)
    names = table.column_names
    columns = [_values(column) for column in table.columns]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def table_bytes(table: "pa.Table") -> bytes:
    """Return an Arrow table as the bytes of a Parquet file."""
    from pyarrow.parquet import write_table

    buffer = io.BytesIO()
    write_table(table, buffer)
    return buffer.getvalue()


def _column(name: str, values: list[Any]) -> "pa.Array":
    import pyarrow as pa

    arrow = {bool: pa.bool_(), int: pa.int64(), float: pa.float64(), str: pa.string()}
    kinds = [_kind(name, value) for value in values]
    there = [kind for kind in _PLAIN if kind in kinds]
    try:
        if len(there) < 2:
            return pa.array(values, type=arrow[there[0]] if there else pa.null())
        parts = pa.struct([(kind.__name__, arrow[kind]) for kind in there])
        tagged = [
            None if kind is None else {kind.__name__: value}
            for kind, value in zip(kinds, values, strict=True)
        ]
        return pa.array(tagged, type=parts)
    except OverflowError:
        raise DataError(f'the column "{name}" has a number that 64 bits cannot hold') from None


def _kind(name: str, value: object) -> type | None:
    """Return which plain type the value is of; NumPy's float64 is a float, its int64 no int."""
    if value is None:
        return None
    for kind in _PLAIN:
        if isinstance(value, kind):
            return kind
    raise DataError(
        f'the column "{name}" has a {type(value).__name__}, {given(value)}; only int, float, str, '
        "bool and None can be kept"
    )


def _values(column: "pa.ChunkedArray") -> list[Any]:
    from pyarrow.types import is_struct

    values: list[Any] = column.to_pylist()
    if not is_struct(column.type):
        return values
    return [
        None if parts is None else next(value for value in parts.values() if value is not None)
        for parts in values
    ]
