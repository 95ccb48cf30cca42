"""Class indices and regression targets, made from labels."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.data.containers import is_missing, refuse_lazy, refuse_masked
from rosenblatt.errors import ConfigurationError, DataError, ShapeError, given, shorten

Label = int | str | bool
"""The type of a class's label; all labels of one dataset have one of these types."""

_TOO_LARGE = "whole-number labels must fit in 64 bits; name such classes by text"


def encode(
    y: npt.ArrayLike, classes: Iterable[Label] | None, n_samples: int
) -> tuple[npt.NDArray[Any], tuple[Label, ...] | None]:
    """Return ``y`` as class indices (N,) int64 with their labels, or as float64 targets and None.

    Whole numbers, booleans and text are labels; floats are targets of a regression, (N,) or (N, K).
    Whole numbers beside text ``classes`` are taken to be indices already.

    Raises:
        DataError: a label is missing or not among ``classes``, a target is not finite, or the
            types mix.
        ShapeError: not one label or target for each of the ``n_samples`` rows.
        ConfigurationError: ``classes`` were given for floats.
    """
    values = _plain(y)
    if values.shape[:1] != (n_samples,):
        raise ShapeError(
            f"X has {n_samples} rows, but y has shape {values.shape}; one label per row is needed"
        )
    if values.dtype.kind == "f":
        if classes is not None:
            raise ConfigurationError(
                "y holds floats, which are targets of a regression, but classes were given; "
                "for a classification pass whole numbers, booleans or text: y.astype(int)"
            )
        return _targets(values), None
    if values.ndim != 1:
        raise ShapeError(
            f"labels must be one per row, shape (N,), got {values.shape}; "
            "for one column use y.ravel(), for one-hot rows y.argmax(axis=1)"
        )
    if classes is None:
        labels, indices = np.unique(values, return_inverse=True)
        return indices.astype(np.int64), check_classes(labels.tolist())
    checked = check_classes(classes)
    if values.dtype.kind in "iu" and isinstance(checked[0], str):
        _check_indices(values, checked)
        return values.astype(np.int64), checked
    return reindex(values, checked), checked


def check_classes(classes: Iterable[Label]) -> tuple[Label, ...]:
    """Return ``classes`` as plain Python values: at least one, distinct, all of one type."""
    if not isinstance(classes, Iterable):
        raise ConfigurationError(f"classes must be a sequence of labels, got {given(classes)}")
    labels = tuple(label.item() if isinstance(label, np.generic) else label for label in classes)
    if not labels:
        raise DataError("there must be at least one class, got none")
    kinds = {type(label) for label in labels}
    if len(kinds) > 1 or not kinds <= {int, str, bool}:
        names = ", ".join(sorted(kind.__name__ for kind in kinds))
        raise DataError(
            f"classes must be all whole numbers, all text or all booleans, got: {names}"
        )
    if len(set(labels)) < len(labels):
        twice = next(label for label in labels if labels.count(label) > 1)
        raise DataError(f"classes must be distinct, got {show(twice)} more than once")
    if kinds == {str} and not all(label and "\0" not in str(label) for label in labels):
        raise DataError("the name of a class must not be empty and not contain a NUL character")
    if kinds == {int} and not all(-(2**63) <= int(label) < 2**63 for label in labels):
        raise DataError(_TOO_LARGE)
    return labels


def reindex(labels: npt.NDArray[Any], classes: Sequence[Label]) -> npt.NDArray[np.int64]:
    """Return the index in ``classes`` of every label, (N,) int64, or name the unknown labels."""
    present, inverse, counts = np.unique(labels, return_inverse=True, return_counts=True)
    # Python holds True == 1: the type is part of what identifies a label.
    index_of = {(type(label), label): index for index, label in enumerate(classes)}
    indices = [index_of.get((type(label), label), -1) for label in present.tolist()]
    unknown = [
        f"{show(label)} (in {count} row{'s' * (count > 1)})"
        for label, index, count in zip(present.tolist(), indices, counts.tolist(), strict=True)
        if index < 0
    ]
    if unknown:
        raise DataError(
            f"unknown label{'s' * (len(unknown) > 1)} {shorten(unknown)}; "
            f"the known ones are {shorten([show(label) for label in classes])}"
        )
    return np.array(indices, dtype=np.int64)[inverse]


def show(label: Label) -> str:
    """Return a label as messages print it: text in double quotes."""
    return f'"{label}"' if isinstance(label, str) else str(label)


def _plain(y: npt.ArrayLike) -> npt.NDArray[Any]:
    """Return ``y`` as an array of booleans, whole numbers, floats or text.

    Lists go by their elements: NumPy would silently turn ``["a", nan]`` into the labels a and nan.
    """
    refuse_lazy("y", y)
    try:
        values = np.asanyarray(y) if hasattr(y, "dtype") else np.array(y, dtype=object)
    except (TypeError, ValueError) as error:
        raise DataError(f"y must be an array of labels or targets: {error}") from error
    if not values.ndim:
        raise ShapeError(f"y must hold one label or target per row, got {given(y)}")
    refuse_masked(values, "y")
    values = np.asarray(values)
    if values.dtype.kind in "OT":
        values = _from_objects(values)
    if values.dtype.kind not in "biufU":
        raise DataError(
            f"y has dtype {values.dtype}; expected whole numbers, booleans or text (classes), "
            "or floats (targets of a regression)"
        )
    return values


def _from_objects(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    items = [_plain_item(item) for item in values.ravel()]
    kinds = {type(item) for item in items}
    if kinds == {str} or kinds == {bool}:
        return np.array(items).reshape(values.shape)
    if kinds == {int}:
        try:
            return np.array(items, dtype=np.int64).reshape(values.shape)
        except OverflowError as error:
            raise DataError(_TOO_LARGE) from error
    if kinds == {float} or kinds == {int, float}:
        try:
            return np.array(items, dtype=np.float64).reshape(values.shape)
        except OverflowError as error:
            raise DataError(
                "a whole number in y is too large for 64-bit floating point; change its unit"
            ) from error
    present = [type(item) for item in items if not is_missing(item)]
    commonest = max(kinds, key=present.count, default=None)
    for place, item in zip(np.ndindex(values.shape), items, strict=True):
        missing = is_missing(item)
        if missing or type(item) is not commonest or commonest not in (bool, int, float, str):
            what = "is missing" if missing else f"is {given(item)} ({type(item).__name__})"
            raise DataError(
                f"row {place[0]} of y {what}, counting from 0; y must be all whole numbers, "
                "all booleans, all text, or all floats"
            )
    return np.array(items, dtype=float)


def _plain_item(item: Any) -> Any:
    """Return a label or target as a plain Python value; a decimal of no fraction is whole."""
    if isinstance(item, np.datetime64 | np.timedelta64):
        return item
    if isinstance(item, np.generic):
        return item.item()
    if isinstance(item, Decimal) and item.is_finite():
        return int(item) if item.as_tuple().exponent == 0 else float(item)
    return item


def _targets(values: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    if values.ndim not in (1, 2) or 0 in values.shape[1:]:
        raise ShapeError(f"targets must have shape (N,) or (N, K), got {values.shape}")
    wrong = np.argwhere(~np.isfinite(values))
    if len(wrong):
        row = int(wrong[0][0])
        raise DataError(
            f"row {row} of y is {values[tuple(wrong[0])]}, counting from 0; every target must be "
            "finite: drop or fill the row"
        )
    return values.astype(np.float64)


def _check_indices(values: npt.NDArray[Any], classes: Sequence[Label]) -> None:
    wrong = np.flatnonzero((values < 0) | (values >= len(classes)))
    if len(wrong):
        raise DataError(
            f"row {wrong[0]} of y is {values[wrong[0]]}, but {len(classes)} class names leave only "
            f"the indices 0 to {len(classes) - 1}"
        )
