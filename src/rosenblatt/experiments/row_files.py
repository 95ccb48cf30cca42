"""Rows of plain values as Parquet, and back without the change of a bit.

Arrow by itself makes one type of a column: of 1 and 2.5 it makes 1.0 and 2.5, and it drops what the
first row has not. Here a column of several types has a part for each.
"""

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rosenblatt import limits
from rosenblatt.errors import DataError, FileError, RosenblattError, given
from rosenblatt.experiments.base import Row

if TYPE_CHECKING:
    import pyarrow as pa

_PLAIN = (bool, int, float, str)
"""In this order: Python counts True as an int."""

_BYTES_PER_VALUE = 500
"""Memory of a value that is one of several types, and of its place in a row."""


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
    """Return the rows that :func:`to_parquet` was given.

    Raises:
        FileError: these are no such rows, or more than there is memory for.
    """
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile

    try:
        with ParquetFile(pa.BufferReader(content)) as file:
            texts = _check_header(file.schema_arrow, file.metadata)
        # A dictionary has each text once, however often it is used.
        with ParquetFile(pa.BufferReader(content), read_dictionary=texts) as file:
            table = file.read(use_threads=False)
        table.validate()
        _check_texts(table)
        names = table.column_names
        columns = [_values(column) for column in table.columns]
        return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
    except RosenblattError:
        raise
    except (pa.ArrowException, OSError, ValueError) as error:
        raise FileError(f"these are no rows of an experiment: {error}") from error


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


def _check_header(schema: "pa.Schema", metadata: Any) -> list[str]:
    """Refuse what :func:`to_parquet` does not write; return the paths of the columns of text."""
    import pyarrow as pa

    plain = {pa.bool_(), pa.int64(), pa.float64(), pa.string(), pa.null()}
    texts = []
    for field in schema:
        parts = list(field.type) if pa.types.is_struct(field.type) else [field]
        if not {part.type for part in parts} <= plain:
            raise FileError(
                f'the column "{field.name}" holds {field.type}, which is no plain value'
            )
        prefix = "" if parts == [field] else f"{field.name}."
        texts += [f"{prefix}{part.name}" for part in parts if part.type == pa.string()]
    groups = (metadata.row_group(i).num_rows for i in range(metadata.num_row_groups))
    n = max(metadata.num_rows, sum(map(abs, groups)))
    limits.check_memory(
        n * _BYTES_PER_VALUE * (1 + len(schema.names)),
        f"reading {n} rows of {len(schema.names)} columns",
    )
    return texts


def _check_texts(table: "pa.Table") -> None:
    """Refuse texts that need too much memory: in Python each row has its own."""
    import pyarrow as pa
    import pyarrow.compute as pc

    need = 0
    for column in table.columns:
        for chunk in column.chunks:
            parts = chunk.flatten() if pa.types.is_struct(chunk.type) else [chunk]
            for part in parts:
                if pa.types.is_dictionary(part.type):
                    longest = pc.max(pc.binary_length(part.dictionary)).as_py() or 0
                    need += len(part) * longest
    limits.check_memory(need, f"the text in {table.num_rows} rows")


def _values(column: "pa.ChunkedArray") -> list[Any]:
    from pyarrow.types import is_struct

    values: list[Any] = column.to_pylist()
    if not is_struct(column.type):
        return values
    return [
        None if parts is None else next((part for part in parts.values() if part is not None), None)
        for parts in values
    ]
