"""Parquet, read and written by PyArrow; a dataset's recipe and classes travel in its metadata."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
import numpy.typing as npt

from rosenblatt.data.dataset import Dataset
from rosenblatt.data.inputs import Inputs, checked_inputs
from rosenblatt.data.labels import WEIGHTS, Task, as_task, find_label
from rosenblatt.data.tables import as_table
from rosenblatt.errors import DataError, FileError

if TYPE_CHECKING:
    import pyarrow as pa

_METADATA = b"rosenblatt"
_PANDAS_INDEX = "__index_level_"


def read_parquet(path: Path, label: str | int | None, task: Task | None) -> Dataset:
    """Read a dataset from a Parquet file.

    Raises:
        DataError: no rows, no such label column, columns that do not hold finite numbers.
        FileError: not a Parquet file.
    """
    table, names = _read(path)
    own = _own_metadata(table.schema.metadata or {})
    position = find_label(names, own.get("label") if label is None else label)
    features = [name for i, name in enumerate(names) if i != position and name != WEIGHTS]
    if not features:
        raise DataError("there is no column beside the label; at least one feature is needed")
    label_column = names[position]
    weighted = WEIGHTS in names and label_column != WEIGHTS
    values = _labels(table, label_column)
    labels = as_task(values, task, lambda row: f'row {row}, column "{label_column}"')
    of_own_label = label_column == own.get("label") and labels.dtype.kind != "f"
    return Dataset(
        np.column_stack([_numbers(table, name) for name in features]),
        labels,
        classes=own.get("classes") if of_own_label else None,
        feature_names=features,
        sample_weight=_numbers(table, WEIGHTS) if weighted else None,
        recipe=own.get("recipe") or {"file": str(path), "label": label_column},
    )


def read_parquet_inputs(path: Path) -> Inputs:
    """Read a Parquet file in which every column is a feature, or the sample weights.

    Raises:
        DataError: no rows, or columns that do not hold finite numbers.
        FileError: not a Parquet file.
    """
    table, names = _read(path)
    features = [name for name in names if name != WEIGHTS]
    return checked_inputs(np.column_stack([_numbers(table, name) for name in features]), features)


def parquet_columns(path: Path) -> list[str]:
    """Return the names of the columns."""
    return _read(path)[1]


def _read(path: Path) -> tuple["pa.Table", list[str]]:
    """Return the table of a file, and the names of the columns that are data."""
    import pyarrow as pa
    import pyarrow.parquet

    try:
        # The file itself, not its folder's names: "year=2020/a.parquet" has no column "year".
        table = pyarrow.parquet.ParquetFile(path).read()
    except (FileNotFoundError, PermissionError):
        raise
    except (pa.ArrowException, OSError) as error:
        raise FileError(f"this is not a readable Parquet file: {error}") from error
    names = [name for name in table.column_names if not name.startswith(_PANDAS_INDEX)]
    for name in names:
        if names.count(name) > 1:
            raise DataError(f'two columns are called "{name}"; rename one')
    if not names or not table.num_rows:
        raise DataError("the file has no rows; expected one row per sample")
    return table, names


def write_parquet(dataset: Dataset, handle: BinaryIO) -> None:
    """Write the columns with their types, and the label's name, the classes and the recipe."""
    import pyarrow.parquet

    table = as_table(dataset)
    own = {
        "label": table.column_names[-1],
        "classes": dataset.classes,
        "recipe": dict(dataset.recipe),
    }
    metadata = {_METADATA: json.dumps(own).encode()}
    pyarrow.parquet.write_table(table.replace_schema_metadata(metadata), handle)


def _own_metadata(metadata: dict[bytes, bytes]) -> dict[str, Any]:
    try:
        own = json.loads(metadata.get(_METADATA, b"{}"))
    except ValueError as error:
        raise FileError(f"the metadata that rosenblatt wrote is damaged: {error}") from error
    kinds = {"label": str, "classes": list | None, "recipe": dict}
    whole = isinstance(own, dict) and (
        not own or all(isinstance(own.get(key), kind) for key, kind in kinds.items())
    )
    if not whole:
        raise FileError("the metadata that rosenblatt wrote is damaged")
    return own


def _numbers(table: "pa.Table", name: str) -> npt.NDArray[np.float64]:
    import pyarrow as pa

    column = table[name]
    kind = column.type
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)):
        raise DataError(
            f'column "{name}" holds {kind}, not numbers; convert it, or name it as the label'
        )
    _refuse_nulls(column, name)
    return np.asarray(column.to_numpy(), dtype=np.float64)


def _labels(table: "pa.Table", name: str) -> npt.NDArray[Any]:
    import pyarrow as pa

    column = table[name]
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    _refuse_nulls(column, name)
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return np.array(column.to_pylist(), dtype=np.str_)
    values = _numbers(table, name) if pa.types.is_floating(kind) else np.asarray(column.to_numpy())
    if values.dtype.kind not in "biuf":
        raise DataError(
            f'column "{name}" holds {kind}; labels are whole numbers, booleans, text or floats'
        )
    if not np.isfinite(values).all():
        row = int(np.isfinite(values).argmin())
        raise DataError(
            f'row {row}, column "{name}" is {values[row]}, counting from 0; labels must be finite'
        )
    return values


def _refuse_nulls(column: "pa.ChunkedArray", name: str) -> None:
    import pyarrow.compute as pc

    row = pc.index(column.is_null(), value=True).as_py()
    if row >= 0:
        raise DataError(
            f'row {row}, column "{name}" is empty, counting from 0; fill it, or drop the row'
        )
