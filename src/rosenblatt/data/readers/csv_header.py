"""Headers of comma-separated text: whether the first line holds names, and their check."""

import warnings
from itertools import pairwise
from typing import TYPE_CHECKING

from rosenblatt import limits
from rosenblatt.errors import DataError, shorten

if TYPE_CHECKING:
    import pyarrow as pa

BOOLEANS = frozenset({"true", "false"})

_LOOKED_AT = 100
"""Rows that tell whether a column holds text."""

_ROW_NUMBERS = "Unnamed: 0"
"""What pandas calls a column that it read under no name."""


def has_header(columns: list["pa.ChunkedArray"]) -> bool:
    """Tell whether the first row holds names.

    It holds data if every cell is a number or a boolean, or all but one and that one's text, a
    label, occurs again further down its column, as no header does. A number above a column of text
    is a name.
    """
    import pyarrow.compute as pc

    texts = [column for column in columns if not _is_value(column[0].as_py())]
    if len(texts) == 1:
        return not pc.any(pc.equal(texts[0].slice(1), texts[0][0])).as_py()
    return bool(texts) or any(_stands_above_text(column) for column in columns)


def _stands_above_text(column: "pa.ChunkedArray") -> bool:
    """Tell whether a number is followed by nothing but words, as far as one looks."""
    if len(column) < 2 or as_number(column[1].as_py()) is not None:
        return False
    first, *rest = column[:_LOOKED_AT].to_pylist()
    return as_number(first) is not None and not any(
        not text or as_number(text) is not None for text in rest
    )


def _is_value(text: str) -> bool:
    return text.casefold() in BOOLEANS or as_number(text) is not None


def warn_of_numbers_in_sequence(columns: list["pa.ChunkedArray"]) -> None:
    """Warn where the first sample may be a header of numbers, such as 0, 1, 2 or 400, 410, 420."""
    first = [column[0].as_py() for column in columns]
    if len(first) > 1 and _is_sequence([as_number(text) for text in first]):
        warnings.warn(
            f"the first line, {shorten(first, most=3)}, is taken for a sample; if it holds the "
            "names of the columns, say header=True (--header), and if not, header=False "
            "(--no-header)",
            stacklevel=2,
        )


def _is_sequence(numbers: list[float | None]) -> bool:
    """Tell whether whole numbers are 0 ... D-1, or three or more above 0 and evenly apart.

    pandas numbers columns without names from 0; years and wavelengths are evenly apart.
    """
    integers = [int(number) for number in numbers if number is not None and number.is_integer()]
    if len(integers) < len(numbers):
        return False
    steps = {after - before for before, after in pairwise(integers)}
    evenly = len(integers) > 2 and min(integers) > 0 and len(steps) == 1 and steps != {0}
    return evenly or integers == [*range(len(integers))]


def check_header(names: list[str]) -> None:
    """Refuse names that are missing or repeated; warn of a column of row numbers.

    Raises:
        DataError: a name is missing, or occurs twice.
        FileError: a name is too long.
    """
    for position, name in enumerate(names):
        if not name:
            raise DataError(
                f"column {position + 1} has no name in the first line; name it, or remove it "
                "(pandas writes such a column of row numbers unless index=False)"
            )
    twice = limits.repeated(names)
    if twice is not None:
        first = names.index(twice)
        second = names.index(twice, first + 1)
        raise DataError(
            f'columns {first + 1} and {second + 1} are both called "{twice}" in the first line; '
            "rename one"
        )
    limits.check_names(names, "column")
    if _ROW_NUMBERS in names:
        warnings.warn(
            f'the column "{_ROW_NUMBERS}" is taken for a feature; pandas gives this name to row '
            "numbers that were written with a table: write it with index=False",
            stacklevel=2,
        )


def as_number(text: str) -> float | None:
    """Return the value of ``text``, or None if PyArrow does not take it for a number."""
    import pyarrow as pa

    try:
        return float(pa.scalar(text).cast(pa.float64()).as_py())
    except pa.ArrowInvalid:
        return None
