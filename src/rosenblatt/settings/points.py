"""Edits of single samples: moved, added, deleted.

Samples keep their numbers: the original ones have 0 ... N-1, added ones N, N+1, ..., and the number
of a deleted one is not given again. Added samples belong to the training set; the others stay in
the part that the split put them in.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from rosenblatt.errors import ConfigurationError, DataError, ShapeError, given

if TYPE_CHECKING:
    from rosenblatt.data import Dataset

Numbers = npt.NDArray[np.int64]
MOST_EDITS = 100_000
"""The number of edits in a list."""


@dataclass(frozen=True)
class Added:
    """A sample that was added: its coordinates, and its class or value."""

    to: tuple[float, ...]
    label: Any


@dataclass(frozen=True)
class PointEdits:
    """The outcome of a list of edits on N samples.

    Attributes:
        moved: the new coordinates of original samples, by number.
        added: the added samples by number; a deleted one is not among them.
        deleted: the numbers of deleted original samples.
    """

    moved: dict[int, tuple[float, ...]] = field(default_factory=dict)
    added: dict[int, Added] = field(default_factory=dict)
    deleted: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.moved or self.added or self.deleted)

    def rows(self, numbers: Numbers) -> list[tuple[int, tuple[float, ...]]]:
        """Return row and new coordinates of the moved samples among ``numbers``."""
        row_of = {int(number): row for row, number in enumerate(numbers)}
        return [(row_of[number], to) for number, to in self.moved.items() if number in row_of]

    def deleted_rows(self, numbers: Numbers) -> list[int]:
        """Return the rows of the deleted samples among ``numbers``."""
        return [row for row, number in enumerate(numbers) if int(number) in self.deleted]

    def apply(self, part: "Dataset", numbers: Numbers, *, add: bool) -> "tuple[Dataset, Numbers]":
        """Return a part of the data with the edits of its samples, and the samples' numbers.

        Args:
            part: the training or the test set, (N, D).
            numbers: the numbers of its samples, (N,).
            add: whether added samples belong to it.

        Raises:
            DataError: no samples are left, or an added sample is of no class of the data.
            ShapeError: coordinates that are not D numbers.
        """
        if not self:
            return part, numbers
        if part.sample_weight is not None:
            raise DataError("the samples have weights, and those cannot be edited one by one")
        X, y = part.X.copy(), part.labels
        for row, to in self.rows(numbers):
            X[row] = _coordinates(to, part)
        deleted = self.deleted_rows(numbers)
        X, y = np.delete(X, deleted, axis=0), np.delete(y, deleted, axis=0)
        numbers = np.delete(numbers, deleted)
        if add and self.added:
            X = np.vstack([X, [_coordinates(sample.to, part) for sample in self.added.values()]])
            labels = [check_label(sample.label, part) for sample in self.added.values()]
            y = np.append(y, np.array(labels, dtype=y.dtype if y.dtype.kind == "f" else None))
            numbers = np.append(numbers, list(self.added))
        if not len(X):
            raise DataError("every sample of a part is deleted; leave one at least")
        return part.replace(X=X, y=y), numbers


def _coordinates(to: Sequence[float], part: "Dataset") -> Sequence[float]:
    if len(to) != part.n_features:
        raise ShapeError(f"a sample has {part.n_features} coordinates, got {given(list(to))}")
    return to


def check_label(label: object, data: "Dataset") -> Any:
    """Return the class or the value of an added sample.

    Raises:
        DataError: it is not one of the classes, or not a number where values are predicted.
    """
    if data.classes is None:
        if data.y.ndim == 1 and isinstance(label, int | float) and not isinstance(label, bool):
            return float(label)
        raise DataError(f"the label of an added sample must be a number, got {given(label)}")
    for known in data.classes:
        if known == label or str(known) == label:
            return known
    raise DataError(f"{given(label)} is no class of the data: {', '.join(data.class_names[:10])}")


def parse_edits(edits: object) -> tuple[dict[str, Any], ...]:
    """Return a list of edits, checked: each moves, adds or deletes one sample.

    Raises:
        ConfigurationError: something else.

    >>> parse_edits([{"move": 3, "to": [0.5, 1]}, {"add": [0, 0], "label": 1}, {"delete": 7}])
    ({'move': 3, 'to': [0.5, 1.0]}, {'add': [0.0, 0.0], 'label': 1}, {'delete': 7})
    """
    if not isinstance(edits, list | tuple) or len(edits) > MOST_EDITS:
        raise ConfigurationError(
            f'"points" must be a list of at most {MOST_EDITS} edits, got {given(edits)}'
        )
    return tuple(_parse_edit(edit) for edit in edits)


def _parse_edit(edit: object) -> dict[str, Any]:
    match edit:
        case {"move": int(number), "to": to, **rest} if not rest and _is_number(number):
            return {"move": number, "to": _parse_coordinates(to)}
        case {"add": to, "label": str() | int() | float() as label, **rest} if not rest:
            if isinstance(label, float) and not np.isfinite(label):
                raise ConfigurationError(f"a label in points must be finite, got {label}")
            return {"add": _parse_coordinates(to), "label": label}
        case {"delete": int(number), **rest} if not rest and _is_number(number):
            return {"delete": number}
    raise ConfigurationError(
        'an edit in "points" is {"move": i, "to": [x, y]}, {"add": [x, y], "label": c} or '
        f'{{"delete": i}}, got {given(edit)}'
    )


def _is_number(number: int) -> bool:
    return not isinstance(number, bool) and 0 <= number < 2**53


def _parse_coordinates(to: object) -> list[float]:
    if isinstance(to, list | tuple) and to:
        try:
            values = [
                float(x) for x in to if isinstance(x, int | float) and not isinstance(x, bool)
            ]
        except OverflowError:
            values = []
        if len(values) == len(to) and np.isfinite(values).all():
            return values
    raise ConfigurationError(f"coordinates in points must be finite numbers, got {given(to)}")


def combine_edits(edits: Sequence[dict[str, Any]], n: int) -> PointEdits:
    """Return the outcome of edits, one after the other, on ``n`` samples.

    Raises:
        ConfigurationError: an edit of a sample that is not there.

    >>> combine_edits(parse_edits([{"move": 3, "to": [1]}, {"move": 3, "to": [2]}]), n=5).moved
    {3: (2.0,)}
    """
    moved: dict[int, tuple[float, ...]] = {}
    added: dict[int, Added] = {}
    deleted: set[int] = set()
    next_number = n
    for edit in edits:
        if "add" in edit:
            added[next_number] = Added(tuple(edit["add"]), edit["label"])
            next_number += 1
            continue
        number = edit["move"] if "move" in edit else edit["delete"]
        if number in deleted or (number >= n and number not in added):
            raise ConfigurationError(f"points: there is no sample {number} to move or delete")
        if "delete" in edit:
            moved.pop(number, None)
            if added.pop(number, None) is None:
                deleted.add(number)
        elif number in added:
            added[number] = Added(tuple(edit["to"]), added[number].label)
        else:
            moved[number] = tuple(edit["to"])
    return PointEdits(moved, added, frozenset(deleted))
