"""Comma-separated text, read by PyArrow; what is wrong with it is told by line and column.

Before anything is read, the cells are counted, and what they will take is held against the memory
that is free: two bytes can be a cell, and a few megabytes of commas would otherwise be gigabytes.
"""

import codecs
import csv
import math
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

import numpy as np
import numpy.typing as npt

from rosenblatt import limits
from rosenblatt.data.dataset import Dataset
from rosenblatt.data.names import default_names
from rosenblatt.data.readers.arrow_table import as_table
from rosenblatt.data.readers.csv_header import (
    BOOLEANS,
    as_number,
    check_header,
    has_header,
    warn_of_numbers_in_sequence,
)
from rosenblatt.data.readers.labels import WEIGHTS, Task, as_array_of_text, as_task, find_label
from rosenblatt.data.readers.reader import Inputs, Reader
from rosenblatt.data.targets import show
from rosenblatt.errors import DataError, FileError, shorten

if TYPE_CHECKING:
    import pyarrow as pa

_BYTES_PER_CELL = 40
_BYTES_PER_COLUMN = 12_000
"""What PyArrow takes beside the text, as measured."""

_SAVE = "save it as UTF-8 (in Excel as CSV UTF-8)"

_LARGEST_WHOLE = 2.0**53
"""Floats hold every whole number up to here; 2^53 + 1 is rounded to this one."""

_BYTES_PER_DECIMAL = 300
"""What Python takes for a whole number of many digits as a text, a decimal and a number."""

_BYTES_PER_TEXT = 64
"""What Python's own reader takes for a cell, beside its text."""


def read_csv(
    path: Path, label: str | int | None, task: Task | None, header: bool | None = None
) -> Dataset:
    """Read a dataset from comma-separated UTF-8 text; see :func:`rosenblatt.data.load`.

    Raises:
        DataError: nothing in it, rows of unequal lengths, cells that are empty or no finite
            numbers, no such label column, names that are missing or occur twice.
        FileError: not a text file in UTF-8, a line or a cell longer than any row of numbers, or
            more cells than there is memory for.
    """
    sheet = _read(path, header)
    names = sheet.names
    position = find_label(names, label)
    features = [i for i, name in enumerate(names) if i != position and name != WEIGHTS]
    if not features:
        raise DataError(
            f"there is no column beside the label, only {shorten([show(name) for name in names])}; "
            "at least one feature is needed, and commas between the cells"
        )
    weights = names.index(WEIGHTS) if WEIGHTS in names and names[position] != WEIGHTS else None
    numeric = features + ([] if weights is None else [weights])
    numbers = _numbers(sheet, numeric)
    labels = as_task(_labels(sheet, position, task), task, lambda row: sheet.place(row, position))
    return Dataset(
        numbers[:, : len(features)],
        labels,
        feature_names=[names[i] for i in features],
        sample_weight=None if weights is None else numbers[:, -1],
        recipe={"file": str(path), "label": names[position]},
    )


def read_csv_inputs(path: Path, header: bool | None = None) -> Inputs:
    """Read comma-separated text in which every column is a feature, or the sample weights.

    Raises:
        DataError: as for :func:`read_csv`.
        FileError: not a text file in UTF-8.
    """
    sheet = _read(path, header)
    features = [i for i, name in enumerate(sheet.names) if name != WEIGHTS]
    return Inputs(_numbers(sheet, features), tuple(sheet.names[i] for i in features))


def csv_columns(path: Path, header: bool | None = None) -> list[str]:
    """Return the names of the columns."""
    return _read(path, header).names


def write_csv(dataset: Dataset, handle: BinaryIO) -> None:
    """Write a header, then one line per sample; the label is the last column.

    Floats are written with the digits that give back the same number.
    """
    import pyarrow.csv

    pyarrow.csv.write_csv(as_table(dataset), handle)


@dataclass(frozen=True)
class _Sheet:
    """The cells as text without surrounding blanks, by column."""

    path: Path
    names: list[str]
    columns: list["pa.ChunkedArray"]
    has_header: bool

    def place(self, row: int, column: int) -> str:
        """Say where a cell stands: the line in the file, and the column."""
        wanted = row + self.has_header
        line = next(line for i, (line, _) in enumerate(_records(self.path)) if i == wanted)
        name = f'"{self.names[column]}"' if self.has_header else f"{column + 1}"
        return f"line {line}, column {name}"


def _read(path: Path, header: bool | None) -> _Sheet:
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.csv

    size = _measure(path)
    limits.check_memory(
        2 * size.n_bytes + _BYTES_PER_CELL * size.cells, f"reading {size.cells} cells"
    )
    first = next((cells for _, cells in _records(path)), None)
    if first is None:
        raise DataError("the file is empty; expected a header and one line per sample")
    if any("\0" in cell for cell in first):
        raise FileError(
            f"this is not comma-separated text in UTF-8, but perhaps in UTF-16; {_SAVE}"
        )
    _refuse_other_separators(first)
    limits.check_memory(
        2 * size.n_bytes + _BYTES_PER_CELL * size.cells + _BYTES_PER_COLUMN * len(first),
        f"reading {size.cells} cells in {len(first)} columns",
    )
    keys = [f"f{i}" for i in range(len(first))]
    try:
        table = pyarrow.csv.read_csv(
            path,
            # A block holds at least one line: wide ones need more than the default megabyte.
            read_options=pyarrow.csv.ReadOptions(column_names=keys, block_size=limits.LONGEST_LINE),
            parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(keys, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:
        raise _why_not(path, len(first), error) from error
    columns = [pc.utf8_trim_whitespace(column) for column in table.columns]
    named = has_header(columns) if header is None else header
    if named:
        names = [column[0].as_py() for column in columns]
        columns = [column.slice(1) for column in columns]
        check_header(names)
    else:
        names = list(default_names(len(columns)))
        if header is None:
            warn_of_numbers_in_sequence(columns)
    if len(columns[0]) == 0:
        raise DataError("the file has a header but no rows; expected one line per sample")
    return _Sheet(path, names, columns, named)


class _Size(NamedTuple):
    n_bytes: int
    cells: int


def _measure(path: Path) -> _Size:
    """Count the cells of a file, at most, or refuse a line that is too long."""
    n_bytes = cells = line = 0
    with path.open("rb") as handle:
        while chunk := handle.read(1 << 20):
            n_bytes += len(chunk)
            cells += chunk.count(b",") + max(chunk.count(b"\n"), chunk.count(b"\r"))
            end = max(chunk.find(b"\n"), chunk.find(b"\r"))
            line = line + len(chunk) if end < 0 else len(chunk) - end
            if line > limits.LONGEST_LINE:
                raise FileError(
                    f"this is not comma-separated text: a line has more than "
                    f"{limits.show_bytes(limits.LONGEST_LINE)}"
                )
    return _Size(n_bytes, cells + 1)


def _records(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the line, from 1, and the cells of every line that is not blank."""
    commas = 0

    def lines(handle: Iterable[str]) -> Iterator[str]:
        nonlocal commas
        for text in handle:
            commas += text.count(",")
            limits.check_memory(_BYTES_PER_TEXT * commas, f"reading a row of {commas} cells")
            yield text

    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.reader(lines(handle))
            line = 1
            for cells in reader:
                commas = 0
                if cells:
                    yield line, cells
                line = reader.line_num + 1
    except UnicodeDecodeError as error:
        raise _other_encoding(path, error) from error
    except csv.Error as error:
        raise FileError(f"this is not comma-separated text in UTF-8: {error}") from error


def _other_encoding(path: Path, error: UnicodeDecodeError) -> FileError:
    """Say in which encoding a file that is not in UTF-8 may be, and what to do."""
    with path.open("rb") as handle:
        start = handle.read(64)
    is_utf16 = start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in start
    encoding = "UTF-16" if is_utf16 else "cp1252 or another older encoding"
    return FileError(
        f"this is not comma-separated text in UTF-8 ({error.reason}), but perhaps in "
        f"{encoding}; {_SAVE}"
    )


def _refuse_other_separators(first: list[str]) -> None:
    """Raise DataError where the first line has cells, but other signs than commas between them."""
    # A decimal comma cuts a line such as 1,5;2,5;3,5 within its numbers, so that the pieces between
    # two commas begin and end with digits. A column's name may have such a sign, too.
    inner = first if len(first) == 1 else first[1:-1]
    is_cut = len(first) == 1 or all(cell[:1].isdigit() and cell[-1:].isdigit() for cell in inner)
    for sign, name in ((";", "semicolons"), ("\t", "tabs"), ("|", "vertical bars")):
        if inner and is_cut and all(sign in cell for cell in inner):
            raise DataError(
                f"the cells seem to be separated by {name}; save them with commas, and numbers "
                'with decimal points (pandas: to_csv(path, index=False, sep=",", decimal="."))'
            )


def _why_not(path: Path, width: int, error: Exception) -> DataError | FileError:
    """Find the line that PyArrow could not read."""
    for line, cells in _records(path):
        if len(cells) != width:
            return DataError(
                f"line {line} has {len(cells)} cell{'s' * (len(cells) != 1)}, but the first line "
                f"has {width}; every line needs as many (text with a comma in it stands in quotes)"
            )
    return FileError(f"this is not comma-separated text: {error}")


def _numbers(sheet: _Sheet, columns: list[int]) -> npt.NDArray[np.float64]:
    """Return the given columns, (N, len(columns)), or name the first unusable cell."""
    numbers = np.empty((len(sheet.columns[0]), len(columns)))
    wrong: tuple[int, int] | None = None
    for j, column in enumerate(columns):
        # After a wrong cell only the rows above it can hold an earlier one.
        texts = sheet.columns[column].slice(0, len(numbers) if wrong is None else wrong[0])
        values: npt.NDArray[Any] | None = _finite(texts)
        if values is None:
            values = _booleans(texts)
        if values is None:
            wrong = (_first_wrong(texts), column)
        else:
            numbers[: len(texts), j] = values
    if wrong is not None:
        raise _not_a_number(sheet, *wrong)
    _warn_of_rounding(sheet, numbers, columns)
    return numbers


def _warn_of_rounding(sheet: _Sheet, numbers: npt.NDArray[np.float64], columns: list[int]) -> None:
    """Warn of the first whole number that 64-bit floating point does not hold exactly."""
    for j, column in enumerate(columns):
        for row in np.flatnonzero(np.abs(numbers[:, j]) >= _LARGEST_WHOLE).tolist():
            text = sheet.columns[column][row].as_py()
            if text.lstrip("+-").isdecimal() and Decimal(text) != Decimal(float(numbers[row, j])):
                warnings.warn(
                    f"{sheet.place(row, column)}: {shorten([text])} is rounded to "
                    f"{numbers[row, j]:.0f}, which 64-bit floating point holds; leave the column "
                    "out if it is an identifier, or change its unit",
                    stacklevel=2,
                )
                return


def _finite(texts: "pa.ChunkedArray") -> npt.NDArray[np.float64] | None:
    """Return the texts as numbers, or None if one of them is no finite number."""
    import pyarrow as pa

    try:
        values = texts.cast(pa.float64()).to_numpy()
    except pa.ArrowInvalid:
        return None
    return values if np.isfinite(values).all() else None


def _booleans(texts: "pa.ChunkedArray") -> npt.NDArray[np.bool_] | None:
    """Return the texts as booleans, or None if one of them is neither true nor false."""
    import pyarrow.compute as pc

    distinct = pc.unique(texts).to_pylist()
    if not {text.casefold() for text in distinct} <= BOOLEANS:
        return None
    booleans: npt.NDArray[np.bool_] = pc.equal(pc.utf8_lower(texts), "true").to_numpy()
    return booleans


def _first_wrong(texts: "pa.ChunkedArray") -> int:
    """Return the first row that is no finite number, one of ``texts`` being so, by bisection.

    In a column that begins with true or false, it is the first row that is neither.
    """
    import pyarrow.compute as pc

    if texts[0].as_py().casefold() in BOOLEANS:
        lower = pc.utf8_lower(texts)
        is_boolean = pc.or_(pc.equal(lower, "true"), pc.equal(lower, "false"))
        return int(pc.index(is_boolean, value=False).as_py())
    start, end = 0, len(texts)
    while end - start > 1:
        middle = (start + end) // 2
        if _finite(texts.slice(start, middle - start)) is None:
            end = middle
        else:
            start = middle
    return start


def _labels(sheet: _Sheet, position: int, task: Task | None) -> npt.NDArray[Any]:
    """Return the label column as whole numbers, floats, booleans or text, (N,)."""
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = sheet.columns[position]
    row = pc.index(texts, "").as_py()
    if row >= 0:
        raise _not_a_number(sheet, row, position)
    try:
        numbers = texts.cast(pa.float64()).to_numpy()
    except pa.ArrowInvalid:
        return _text_labels(sheet, position, task)
    finite = np.isfinite(numbers)
    if not finite.all():
        raise _not_a_number(sheet, int(finite.argmin()), position)
    if task == "regression":
        return np.asarray(numbers)
    try:
        return np.asarray(texts.cast(pa.int64()).to_numpy())
    except pa.ArrowInvalid:
        # Floats may be whole where the numbers that they stand for are not.
        if (numbers != np.floor(numbers)).any():
            return np.asarray(numbers)
    if (np.abs(numbers) < 2.0**53).all():
        return np.asarray(numbers.astype(np.int64))
    labels = _whole_labels(texts)
    return np.asarray(numbers) if labels is None else labels


def _whole_labels(texts: "pa.ChunkedArray") -> npt.NDArray[Any] | None:
    """Return whole numbers with all their digits: in 64 bits, or as text where these do not do.

    None if one of them is not whole; or is that large and written with an exponent, as
    measurements are.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    coded = pc.dictionary_encode(pa.concat_arrays(texts.chunks))
    limits.check_memory(_BYTES_PER_DECIMAL * len(coded.dictionary), "reading large whole numbers")
    spelt = coded.dictionary.to_pylist()
    try:
        values = [Decimal(text) for text in spelt]
    except InvalidOperation:
        # An exponent beyond all measure.
        return None
    if any(value != value.to_integral_value() for value in values):
        return None
    indices = coded.indices.to_numpy()
    integers = [int(value) for value in values]
    if all(-(2**63) <= number < 2**63 for number in integers):
        return np.array(integers, dtype=np.int64)[indices]
    if any("e" in text.casefold() for text in spelt):
        return None
    digits = pa.array([str(number) for number in integers])
    return as_array_of_text(pa.chunked_array([digits.take(coded.indices)]))


def _text_labels(sheet: _Sheet, position: int, task: Task | None) -> npt.NDArray[Any]:
    import pyarrow.compute as pc

    texts = sheet.columns[position]
    booleans = _booleans(texts)
    if booleans is not None:
        return booleans
    distinct = pc.unique(texts).to_pylist()
    words = [text for text in distinct if as_number(text) is None]
    if len(words) < len(distinct) and task != "classification":
        row = pc.index(texts, words[0]).as_py()
        raise DataError(
            f"{sheet.place(row, position)}: {show(words[0])} is text among numbers; correct it, or "
            'ask for task="classification" to take all labels as text'
        )
    return as_array_of_text(texts)


def _not_a_number(sheet: _Sheet, row: int, column: int) -> DataError:
    text = sheet.columns[column][row].as_py()
    place = sheet.place(row, column)
    if not text:
        return DataError(f"{place}: the cell is empty; fill it, or remove the line")
    value = as_number(text)
    if value is not None and math.isfinite(value):
        return DataError(
            f"{place}: {text} stands among true and false; write all cells of the column as "
            "numbers, or all as true and false"
        )
    if value is not None:
        return DataError(f"{place}: {text} is not finite; replace it, or remove the line")
    if text.count(",") == 1 and as_number(text.replace(",", ".")) is not None:
        return DataError(
            f"{place}: {show(text)} has a comma; write numbers with a "
            "decimal point and without separators of thousands"
        )
    return DataError(
        f"{place}: {show(text)} is not a number; correct it, or name this column as the label"
    )


CSV = Reader(".csv", read_csv, read_csv_inputs, csv_columns, write_csv, takes_header=True)
