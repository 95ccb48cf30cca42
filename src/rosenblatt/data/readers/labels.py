"""The label column of a table, and the meaning of its values."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from rosenblatt import limits
from rosenblatt.data.targets import show
from rosenblatt.errors import ConfigurationError, DataError, FileError, nearest, shorten

if TYPE_CHECKING:
    import pyarrow as pa

Task = Literal["classification", "regression"]

USUAL_NAMES = ("label", "target", "class", "y", "species")
"""A column of one of these names, in any case, is taken for the label if there is just one."""

WEIGHTS = "sample_weight"
"""The name of the column that holds sample weights, if there is one."""


def find_label(names: Sequence[str], label: str | int | None) -> int:
    """Return the position of the label column among ``names``.

    Args:
        names: the names of the columns.
        label: a name; a position, from 0 or, negative, from the end; or None for the one
            column with a usual name, else the last one.

    Raises:
        DataError: no such column.
    """
    if label is None:
        usual = [i for i, name in enumerate(names) if name.casefold() in USUAL_NAMES]
        return usual[0] if len(usual) == 1 else len(names) - 1
    if isinstance(label, str):
        if label in names:
            return list(names).index(label)
        # The command line cannot tell a name from a position.
        if not label.removeprefix("-").isdecimal():
            raise DataError(
                f'there is no column "{label}"; the columns are '
                f"{shorten([show(name) for name in names])}{nearest(label, names)}"
            )
    position = int(label)
    if not -len(names) <= position < len(names):
        raise DataError(
            f"there is no column {position}; the {len(names)} columns have the positions 0 to "
            f"{len(names) - 1}, or -{len(names)} to -1 counted from the end"
        )
    return position % len(names)


def check_task(task: str | None) -> None:
    """Raise ConfigurationError unless ``task`` is one, or None."""
    if task not in (None, "classification", "regression"):
        raise ConfigurationError(
            f'task must be "classification", "regression" or None, got {task!r}'
            f"{nearest(str(task), ('classification', 'regression'))}"
        )


def as_array_of_text(texts: "pa.ChunkedArray") -> npt.NDArray[np.str_]:
    """Return labels (N,) as NumPy holds text: each takes as much as the longest.

    Raises:
        FileError: a label that is too long to be a name, or no memory for so many of this length.
    """
    import pyarrow.compute as pc

    # A dictionary has each text once, however often it is used.
    lengths = [pc.max(pc.utf8_length(part)).as_py() or 0 for part in _distinct(texts)]
    check_label_size(len(texts), max(lengths, default=0))
    labels: npt.NDArray[np.str_] = np.array(texts.to_pylist(), dtype=np.str_)
    return labels


def check_label_size(n: int, longest: int) -> None:
    """Raise FileError if ``n`` labels of ``longest`` characters are more than can be read."""
    if longest > limits.LONGEST_NAME:
        raise FileError(
            f"a label has {longest} characters; {limits.LONGEST_NAME} are allowed: name another "
            "column as the label, or shorten it"
        )
    # As an array, sorted and in its own order; and as Python's texts.
    need = n * (3 * 4 * longest + limits.BYTES_PER_NAME)
    limits.check_memory(need, f"{n} labels of up to {longest} characters")


def _distinct(texts: "pa.ChunkedArray") -> list["pa.Array"]:
    import pyarrow as pa

    if pa.types.is_dictionary(texts.type):
        return [chunk.dictionary for chunk in texts.chunks]
    return list(texts.chunks)


def as_task(
    values: npt.NDArray[Any], task: Task | None, place: Callable[[int], str]
) -> npt.NDArray[Any]:
    """Return labels (N,) in the type that means ``task``: floats are a regression's targets.

    Args:
        values: the labels as they were read; float values are finite.
        task: what to use them for; None lets their own type decide.
        place: says where a row's label stands, for messages.

    Raises:
        DataError: text for a regression, fractions for a classification.
    """
    kind = values.dtype.kind
    if task == "regression" and kind != "f":
        if kind == "U":
            raise DataError(
                f"{place(0)}: {show(str(values[0]))} is not a number, as a regression needs"
            )
        return values.astype(np.float64)
    if task == "classification" and kind == "f":
        if not is_whole(values).all():
            row = int(is_whole(values).argmin())
            raise DataError(
                f"{place(row)}: {values[row]} is not a class; a classification needs whole "
                "numbers, true and false, or text"
            )
        return values.astype(np.int64)
    return values


def is_whole(values: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Tell which finite floats are whole numbers of 64 bits, and so may be labels."""
    is_integer: npt.NDArray[np.bool_] = (values == np.floor(values)) & (np.abs(values) < 2.0**63)
    return is_integer
