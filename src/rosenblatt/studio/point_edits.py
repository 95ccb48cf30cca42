"""Edits of the samples: points that are moved, added and deleted."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from rosenblatt.data import Dataset
from rosenblatt.errors import DataError, given

MOST_EDITS = 10_000
"""The number of edits of a session."""


def edit_points(data: Dataset, edits: Sequence[Mapping[str, Any]]) -> Dataset:
    """Return ``data`` after edits, one after another.

    ``{"move": i, "to": [x, y]}`` moves sample i, ``{"add": [x, y], "label": c}`` appends a sample
    with the class or value c, and ``{"delete": i}`` removes sample i: later ones get the number
    before. A label is an index of a class.

    Raises:
        DataError: an edit that fits no sample.
    """
    if not edits:
        return data
    if not isinstance(edits, Sequence) or len(edits) > MOST_EDITS:
        raise DataError(f"points are a list of at most {MOST_EDITS} edits")
    rows, labels = list(data.X), list(data.y)
    for edit in edits:
        if not isinstance(edit, Mapping):
            raise DataError(f"an edit of a point is an object, got {given(edit)}")
        if "move" in edit:
            index = _index(edit["move"], len(rows))
            rows[index] = _coordinates(edit.get("to"), rows[index])
        elif "add" in edit:
            rows.append(_coordinates(edit["add"], data.X.mean(axis=0)))
            labels.append(_label(edit.get("label"), data))
        elif "delete" in edit:
            index = _index(edit["delete"], len(rows))
            del rows[index], labels[index]
        else:
            raise DataError('an edit of a point has "move", "add" or "delete"')
    if not rows:
        raise DataError("the last sample cannot be deleted")
    y = np.array(labels)
    if data.classes is not None:
        y = np.array(data.classes)[y.astype(np.int64)]
    recipe = {"edited": len(edits), "of": dict(data.recipe)}
    return data.replace(X=np.array(rows), y=y, sample_weight=None, recipe=recipe)


def _index(value: Any, n: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < n:
        raise DataError(f"there are samples 0 to {n - 1}, and {given(value)} was given")
    return value


def _coordinates(value: Any, before: Any) -> Any:
    """Return all features of a point; those not given stay as they were."""
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != len(before):
        raise DataError(f"a point has {len(before)} coordinates, got {given(value)}")
    new = before.copy()
    for i, number in enumerate(value):
        if number is None:
            continue
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise DataError(f"a coordinate is a number, got {given(number)}")
        if not math.isfinite(number):
            raise DataError("a coordinate is finite")
        new[i] = number
    return new


def _label(value: Any, data: Dataset) -> Any:
    if data.classes is None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise DataError(f"a value to predict is a number, got {given(value)}")
        return float(value)
    return _index(value, data.n_classes)
