"""Tables of any library: their cells as numbers, and the names of their columns."""

import numbers
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from rosenblatt import limits
from rosenblatt.data.names import match_columns
from rosenblatt.errors import DataError, ShapeError, given, shorten

if TYPE_CHECKING:
    import pyarrow as pa

Names = tuple[str, ...]

_UNNAMED_INDEX = "__index_level_"
"""The beginning of the column name that pandas gives to an index without a name."""


def unpack(X: Any) -> tuple[npt.NDArray[Any], Names | None]:
    """Return the cells of a table as an array of any type, and the columns' names, if there are.

    Names are known of a data frame (pandas, polars and others), an Arrow table or record batch, a
    mapping from names to columns, a structured array, a :class:`Dataset`, and of what
    :func:`rosenblatt.data.load_inputs` returns. Names that are no text are written as text. The
    numbers 0 ... D-1 in this order stand for no names, as pandas numbers columns without any. The
    index of a data frame that became an Arrow table is left out.

    Raises:
        DataError: a lazy frame, a sparse matrix, or a cell that is masked.
        ShapeError: rows or columns of different lengths.
    """
    _refuse_what_holds_no_cells(X)
    if isinstance(X, Mapping):
        return _side_by_side(list(X), list(X.values())), _as_text(X)
    if isinstance(X, np.ndarray):
        fields = X.dtype.names
        if fields is None:
            return _array(X), None
        return _side_by_side(fields, [X[name] for name in fields]), _as_text(fields)
    if hasattr(X, "feature_names") and hasattr(X, "X"):
        return _array(X.X), _as_text(X.feature_names)
    if hasattr(X, "schema") and hasattr(X, "num_columns"):
        # Of an Arrow table, columns is a list of arrays.
        index = index_columns(X.schema)
        data = [(name, X.column(i)) for i, name in enumerate(X.schema.names) if name not in index]
        names = [name for name, _ in data]
        return _side_by_side(names, [column for _, column in data]), _as_text(names)
    if hasattr(X, "get_columns"):
        # Of polars' own array, dates and durations would be whole numbers.
        return _side_by_side(X.columns, X.get_columns()), _as_text(X.columns)
    columns = getattr(X, "columns", None)
    return _array(X), None if columns is None or callable(columns) else _as_text(columns)


def ordered(X: Any, target_names: Sequence[str], owner: str = "the model") -> npt.NDArray[Any]:
    """Return the cells of a table as an array, columns with names in the order of ``target_names``.

    Raises:
        DataError: as for :func:`unpack` and :func:`match_columns`; a cell is no number.
        ShapeError: as for :func:`unpack`.
    """
    cells, names = unpack(X)
    cells = cells if cells.dtype.kind in "biuf" else as_floats(cells)
    order = None if names is None else match_columns(names, target_names, owner=owner)
    return cells if order is None else cells[:, order]


def index_columns(schema: "pa.Schema") -> set[str]:
    """Return the names of the columns that pandas would give back as an index.

    It writes them into the metadata: a name, or a description of an index that has no column, such
    as row numbers.

    Raises:
        FileError: the metadata is not JSON.
    """
    unnamed = {name for name in schema.names if name.startswith(_UNNAMED_INDEX)}
    metadata = schema.metadata or {}
    if b"pandas" not in metadata:
        return unnamed
    document = limits.parse_json(metadata[b"pandas"], "the metadata that pandas wrote")
    columns = document.get("index_columns") if isinstance(document, dict) else None
    if not isinstance(columns, list):
        return unnamed
    return unnamed | {name for name in columns if isinstance(name, str)}


def as_floats(array: npt.NDArray[Any], what: str = "X") -> npt.NDArray[np.float64]:
    """Return an array of numbers, booleans among them, in float64.

    Raises:
        DataError: a cell is no real number, or too large; ``what`` names the array.
    """
    if array.dtype.kind in "biuf":
        with np.errstate(over="ignore"):
            return np.asarray(array, dtype=np.float64, order="C")
    floats = np.empty(array.shape)
    # Cell by cell, to name the one that is no number.
    for place, cell in np.ndenumerate(array):
        if not _is_number(cell):
            missing = " (missing)" if is_missing(cell) else ""
            raise DataError(
                f"{_where(place)} of {what} is {given(cell)}{missing}, counting from 0; "
                "every cell must be a number"
            )
        try:
            floats[place] = float(cell)
        except (OverflowError, ValueError) as error:
            raise DataError(
                f"{_where(place)} of {what} is {given(cell)}, counting from 0: it is no number "
                "that 64-bit floating point holds; change its unit"
            ) from error
    return floats


def is_missing(cell: object) -> bool:
    """Return whether a cell stands for no value: None, NaN, or what pandas writes there."""
    if cell is None or type(cell).__name__ in ("NAType", "NaTType"):
        return True
    try:
        return bool(cell != cell)
    except (TypeError, ValueError):
        return False


def refuse_lazy(name: str, table: Any) -> None:
    """Raise DataError if a table, such as polars' LazyFrame, has not been computed yet."""
    if callable(getattr(table, "collect", None)) and not hasattr(table, "__array__"):
        raise DataError(
            f"{name} is a {type(table).__name__}, which holds no rows yet; pass {name}.collect()"
        )


def refuse_masked(array: npt.NDArray[Any], what: str) -> None:
    """Raise DataError if a cell is masked: its value would be taken as it is beneath the mask."""
    mask = getattr(array, "mask", False)
    if np.any(mask):
        place = tuple(np.argwhere(mask)[0].tolist())
        raise DataError(
            f"{_where(place)} of {what} is masked (missing), counting from 0; drop or fill the row"
        )


def _refuse_what_holds_no_cells(X: Any) -> None:
    if hasattr(X, "__array__") or isinstance(X, Mapping | Sequence):
        return
    refuse_lazy("X", X)
    if hasattr(X, "toarray"):
        raise DataError("X is a sparse matrix; pass X.toarray()")


def _array(X: Any) -> npt.NDArray[Any]:
    try:
        array = np.asanyarray(X)
    except ValueError as error:
        raise ShapeError("the rows of X have different lengths; expected shape (N, D)") from error
    except (TypeError, OverflowError) as error:
        raise DataError(f"X must hold numbers: {error}") from error
    if not array.ndim:
        raise ShapeError(f"X must have shape (N, D), got {given(X)}")
    refuse_masked(array, "X")
    return np.asarray(array)


def _side_by_side(names: Iterable[Any], columns: Sequence[Any]) -> npt.NDArray[Any]:
    """Return columns as one array (N, D): of numbers, or of objects where they are of more kinds.

    Raises:
        ShapeError: one is no column, or they have different lengths.
    """
    arrays = [_column(name, column) for name, column in zip(names, columns, strict=True)]
    if len({len(array) for array in arrays}) > 1:
        lengths = [f'"{name}": {len(array)}' for name, array in zip(names, arrays, strict=True)]
        raise ShapeError(f"the columns of X have different lengths: {shorten(lengths)}")
    if not arrays:
        return np.empty((0, 0))
    is_numeric = all(array.dtype.kind in "biuf" for array in arrays)
    table = np.empty((len(arrays[0]), len(arrays)), dtype=np.float64 if is_numeric else object)
    for position, array in enumerate(arrays):
        table[:, position] = array
    return table


def _column(name: object, column: Any) -> npt.NDArray[Any]:
    try:
        array = np.asanyarray(column)
    except Exception as error:
        # Libraries have exceptions of their own.
        raise DataError(f'column "{name}" of X must hold numbers: {error}') from error
    if array.ndim != 1:
        raise ShapeError(f'column "{name}" of X must have shape (N,), got {array.shape}')
    refuse_masked(array, f'column "{name}" of X')
    return np.asarray(array)


def _as_text(columns: Iterable[Any]) -> Names | None:
    names = list(columns)
    if all(isinstance(name, numbers.Integral) for name in names) and names == [*range(len(names))]:
        return None
    return tuple(str(name) for name in names)


def _is_number(cell: object) -> bool:
    if isinstance(cell, np.timedelta64):
        # NumPy registers it as a whole number.
        return False
    return isinstance(cell, numbers.Real | Decimal | np.bool_)


def _where(place: tuple[int, ...]) -> str:
    axes = zip(("row", "column"), place, strict=False)
    return ", ".join(f"{axis} {index}" for axis, index in axes)
