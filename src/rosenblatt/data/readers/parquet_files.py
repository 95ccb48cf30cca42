"""Parquet, read and written by PyArrow; a dataset's recipe and classes travel in its metadata.

The types of the columns and the number of rows stand at the end of a file. They are checked before
a column is read: a few bytes can stand for any number of equal values. Text is read as a
dictionary, each text once, for the same reason.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
import numpy.typing as npt

from rosenblatt import limits
from rosenblatt.data.containers import index_columns
from rosenblatt.data.dataset import Dataset
from rosenblatt.data.readers.arrow_table import as_table
from rosenblatt.data.readers.labels import (
    WEIGHTS,
    Task,
    as_array_of_text,
    as_task,
    check_label_size,
    find_label,
)
from rosenblatt.data.readers.reader import Inputs, Reader, checked_inputs
from rosenblatt.errors import DataError, FileError, RosenblattError, shorten

if TYPE_CHECKING:
    import pyarrow as pa

_METADATA = b"rosenblatt"
_LARGEST_WHOLE = 2**53
"""Up to here floats hold every whole number."""

_BYTES_PER_CELL = 36
_BYTES_PER_LABEL = 80
_BYTES_PER_COLUMN = 10_000
"""Memory that PyArrow and the arrays made of its columns take, as measured."""


def read_parquet(path: Path, label: str | int | None, task: Task | None) -> Dataset:
    """Read a dataset from a Parquet file.

    Raises:
        DataError: no rows, no such label column, columns that do not hold finite numbers.
        FileError: not a Parquet file, or more rows and columns than there is memory for.
    """
    schema, rows = _described(path)
    names = _names(schema, rows, label)
    stored = _own_metadata(schema.metadata or {})
    position = find_label(names, stored.get("label") if label is None else label)
    features = [name for i, name in enumerate(names) if i != position and name != WEIGHTS]
    if not features:
        raise DataError("there is no column beside the label; at least one feature is needed")
    label_column = names[position]
    weighted = WEIGHTS in names and label_column != WEIGHTS
    for name in [*features, *([WEIGHTS] if weighted else [])]:
        _refuse_other_than_numbers(schema.field(name))
    _refuse_other_than_labels(schema.field(label_column))
    table = _read(path, names, rows, label_column)
    values = _labels(table, label_column)
    labels = as_task(values, task, lambda row: f'row {row}, column "{label_column}"')
    of_own_label = label_column == stored.get("label") and labels.dtype.kind != "f"
    classes = stored.get("classes") if of_own_label else None
    check_label_size(
        rows, max((len(label) for label in classes or () if isinstance(label, str)), default=0)
    )
    return Dataset(
        _inputs(table, features),
        labels,
        classes=classes,
        feature_names=features,
        sample_weight=_numbers(table, WEIGHTS) if weighted else None,
        recipe=stored.get("recipe") or {"file": str(path), "label": label_column},
    )


def read_parquet_inputs(path: Path) -> Inputs:
    """Read a Parquet file in which every column is a feature, or the sample weights.

    Raises:
        DataError: no rows, or columns that do not hold finite numbers.
        FileError: as for :func:`read_parquet`.
    """
    schema, rows = _described(path)
    names = _names(schema, rows)
    features = [name for name in names if name != WEIGHTS]
    if not features:
        raise DataError(f"there is no column beside {WEIGHTS}; at least one feature is needed")
    for name in features:
        _refuse_other_than_numbers(schema.field(name))
    table = _read(path, features, rows)
    return checked_inputs(_inputs(table, features), features)


def parquet_columns(path: Path) -> list[str]:
    """Return the names of the columns."""
    return _names(*_described(path))


@contextmanager
def _reading() -> Iterator[None]:
    """Word what PyArrow says of a file that it cannot read."""
    import pyarrow as pa

    try:
        yield
    except RosenblattError:
        raise
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            # The system's own: PyArrow's errors have no number.
            raise OSError(error.errno, os.strerror(error.errno)) from error
        what = error.reason if isinstance(error, UnicodeDecodeError) else error
        raise FileError(f"this is not a readable Parquet file: {what}") from error


def _described(path: Path) -> tuple["pa.Schema", int]:
    """Return the columns of a file with their types, and the number of rows, none of it read."""
    import pyarrow.parquet

    # The file itself, not its folder's names: "year=2020/a.parquet" has no column "year".
    with _reading(), pyarrow.parquet.ParquetFile(path) as file:
        description = file.metadata
        groups = [description.row_group(i).num_rows for i in range(description.num_row_groups)]
        if sum(groups) != description.num_rows or min(groups, default=0) < 0:
            raise FileError(
                f"this Parquet file is damaged: {description.num_rows} rows in all, "
                f"but {shorten([str(count) for count in groups])} in its parts"
            )
        return file.schema_arrow, description.num_rows


def _names(schema: "pa.Schema", rows: int, label: str | int | None = None) -> list[str]:
    """Return the names of the columns that are data: no index of pandas, but as the label."""
    with _reading():
        index = index_columns(schema) - {label}
        names = [name for name in schema.names if name not in index]
    twice = limits.repeated(names)
    if twice is not None:
        raise DataError(f'two columns are called "{twice}"; rename one')
    limits.check_names(names, "column")
    if not names or not rows:
        raise DataError("the file has no rows; expected one row per sample")
    return names


def _read(path: Path, names: list[str], rows: int, label: str | None = None) -> "pa.Table":
    """Return those columns of a file, the label's as a dictionary if it is text.

    None of them has parts, or their names would not do: "a" stands for "a.b" as well.
    """
    import pyarrow.parquet

    limits.check_memory(
        rows * (_BYTES_PER_CELL * len(names) + _BYTES_PER_LABEL) + _BYTES_PER_COLUMN * len(names),
        f"reading {rows} rows of {len(names)} columns",
    )
    # In one thread one page is unpacked at a time, of 2 GB at most by the format.
    with _reading(), pyarrow.parquet.ParquetFile(path, read_dictionary=label and [label]) as file:
        table = file.read(columns=names, use_threads=False)
        table.validate()
    if table.num_rows != rows or set(table.column_names) != set(names):
        raise FileError("this Parquet file is damaged: its columns are not of one length")
    return table


def write_parquet(dataset: Dataset, handle: BinaryIO) -> None:
    """Write the columns with their types, and the label's name, the classes and the recipe."""
    import pyarrow.parquet

    table = as_table(dataset)
    stored = {
        "label": table.column_names[-1],
        "classes": dataset.classes,
        "recipe": dict(dataset.recipe),
    }
    metadata = {_METADATA: json.dumps(stored).encode()}
    pyarrow.parquet.write_table(table.replace_schema_metadata(metadata), handle)


def _own_metadata(metadata: dict[bytes, bytes]) -> dict[str, Any]:
    stored = limits.parse_json(metadata.get(_METADATA, b"{}"), "the metadata that rosenblatt wrote")
    kinds = {"label": str, "classes": list | None, "recipe": dict}
    is_valid = isinstance(stored, dict) and (
        not stored or all(isinstance(stored.get(key), kind) for key, kind in kinds.items())
    )
    if not is_valid:
        raise FileError("the metadata that rosenblatt wrote is damaged")
    return stored


def _refuse_other_than_numbers(field: "pa.Field") -> None:
    import pyarrow as pa

    kind = _plain_type(field.type)
    if pa.types.is_temporal(kind):
        raise DataError(
            f'column "{field.name}" holds {kind}, a time or a date; convert it to a number, such '
            "as days since a date, or leave it out"
        )
    if not _is_number(kind):
        raise DataError(
            f'column "{field.name}" holds {field.type}, not numbers; convert it, or name it as '
            "the label"
        )


def _refuse_other_than_labels(field: "pa.Field") -> None:
    kind = _plain_type(field.type)
    if not (_is_number(kind) or _is_text(kind)):
        raise DataError(
            f'column "{field.name}" holds {kind}; labels are whole numbers, booleans, text or '
            "floats"
        )


def _plain_type(kind: "pa.DataType") -> "pa.DataType":
    """Return the type of the values: of a dictionary (a category in pandas) what it holds."""
    import pyarrow as pa

    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _is_number(kind: "pa.DataType") -> bool:
    import pyarrow as pa

    types = pa.types
    return bool(
        types.is_integer(kind)
        or types.is_floating(kind)
        or types.is_boolean(kind)
        or types.is_decimal(kind)
    )


def _is_text(kind: "pa.DataType") -> bool:
    import pyarrow as pa

    types = pa.types
    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))


def _inputs(table: "pa.Table", features: list[str]) -> npt.NDArray[np.float64]:
    """Return the columns side by side, read-only, so that no dataset needs a copy of its own."""
    X = np.empty((table.num_rows, len(features)))
    for j, name in enumerate(features):
        X[:, j] = _numbers(table, name)
    X.flags.writeable = False
    return X


def _numbers(table: "pa.Table", name: str) -> npt.NDArray[np.float64]:
    import pyarrow as pa

    column = _plain(table[name])
    _refuse_nulls(column, name)
    if pa.types.is_decimal(column.type):
        column = column.cast(pa.float64())
    values = column.to_numpy()
    floats = np.asarray(values, dtype=np.float64)
    if values.dtype.kind in "iu":
        _refuse_rounded(values, floats, name)
    return floats


def _plain(column: "pa.ChunkedArray") -> "pa.ChunkedArray":
    """Return the values of a column, those of a dictionary in place of their numbers."""
    kind = _plain_type(column.type)
    if kind == column.type:
        return column
    with _reading():
        return column.cast(kind)


def _refuse_rounded(values: npt.NDArray[Any], floats: npt.NDArray[np.float64], name: str) -> None:
    """Raise DataError where whole numbers are too large to keep all their digits as floats."""
    rows = np.flatnonzero(np.abs(floats) >= _LARGEST_WHOLE)
    large = values[rows]
    # A float keeps 53 digits in base 2, from the first that is not 0 to the last.
    last_digit = large & (~large + 1)
    rounded = np.flatnonzero(np.abs((large // last_digit).astype(np.float64)) >= _LARGEST_WHOLE)
    if len(rounded):
        row = rows[rounded[0]]
        raise DataError(
            f'row {row}, column "{name}" is {values[row]}, counting from 0: 64-bit floating point '
            "would round it; leave the column out, change its unit, or store it as float64"
        )


def _labels(table: "pa.Table", name: str) -> npt.NDArray[Any]:
    import pyarrow as pa

    column = table[name]
    _refuse_nulls(column, name)
    is_dictionary = pa.types.is_dictionary(column.type)
    if _is_text(column.type.value_type if is_dictionary else column.type):
        with _reading():
            return as_array_of_text(column)
    column = _plain(column)
    if pa.types.is_decimal(column.type):
        column = _whole_or_float(column, name)
    is_float = pa.types.is_floating(column.type)
    values = np.asarray(column.to_numpy(), dtype=np.float64 if is_float else None)
    if not np.isfinite(values).all():
        row = int(np.isfinite(values).argmin())
        raise DataError(
            f'row {row}, column "{name}" is {values[row]}, counting from 0; labels must be finite'
        )
    return values


def _whole_or_float(column: "pa.ChunkedArray", name: str) -> "pa.ChunkedArray":
    """Return decimals as whole numbers where their type has no fraction, else as floats."""
    import pyarrow as pa

    if column.type.scale > 0:
        return column.cast(pa.float64())
    try:
        return column.cast(pa.int64())
    except pa.ArrowInvalid as error:
        raise DataError(
            f'column "{name}" holds whole numbers beyond 64 bits; store such labels as text'
        ) from error


def _refuse_nulls(column: "pa.ChunkedArray", name: str) -> None:
    import pyarrow.compute as pc

    row = pc.index(column.is_null(), value=True).as_py()
    if row >= 0:
        raise DataError(
            f'row {row}, column "{name}" is empty, counting from 0; fill it, or drop the row'
        )


PARQUET = Reader(".parquet", read_parquet, read_parquet_inputs, parquet_columns, write_parquet)
