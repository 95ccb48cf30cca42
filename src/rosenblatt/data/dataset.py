"""Samples with their labels, as immutable as their hash needs them to be."""

import hashlib
import json
import numbers
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from rosenblatt.data.containers import as_floats, refuse_masked, unpack
from rosenblatt.data.names import default_names, match_columns
from rosenblatt.data.scikit_learn_draws import (
    draw_split,
    draw_stratified_split,
    sklearn_generator,
)
from rosenblatt.data.targets import Label, check_classes, encode, reindex, show
from rosenblatt.errors import ConfigurationError, DataError, ShapeError, given, shorten

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False, init=False, repr=False)
class Dataset:
    """N samples of D features, with a class or a target each.

    The arrays are copies in row-major order and read-only, so that :attr:`content_hash` stays true.

    Attributes:
        X: the inputs, (N, D) float64, all finite.
        y: class indices 0 ... C-1, (N,) int64; or the targets of a regression, (N,) or
            (N, K) float64.
        classes: the label of each class index; None for a regression.
        feature_names: one name per column, by default x1 ... xD or the columns of a table.
        sample_weight: (N,) float64, >= 0, not all 0; or None.
        recipe: how the data came about, as JSON would hold it. Not part of the content.

    >>> data = Dataset([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]], ["no", "yes", "no"])
    >>> data
    Dataset(3 samples × 2 features; classes "no": 2, "yes": 1)
    >>> data.y.tolist(), data.classes
    ([0, 1, 0], ('no', 'yes'))
    """

    X: FloatArray
    y: npt.NDArray[Any]
    classes: tuple[Label, ...] | None
    feature_names: tuple[str, ...]
    sample_weight: FloatArray | None
    recipe: Mapping[str, object]

    def __init__(
        self,
        X: npt.ArrayLike,
        y: npt.ArrayLike,
        classes: Iterable[Label] | None = None,
        feature_names: Iterable[str] | None = None,
        sample_weight: npt.ArrayLike | None = None,
        recipe: Mapping[str, object] | None = None,
    ) -> None:
        """Check and copy the arrays.

        Args:
            X: (N, D) numbers: an array, a data frame, an Arrow table, or a mapping from names to
                columns.
            y: (N,) whole numbers, booleans or text: the labels of a classification; floats, (N,) or
                (N, K): the targets of a regression.
            classes: the labels in the order of their indices; by default those in ``y``, sorted.
                With text classes, ``y`` may also hold whole numbers: indices into them.
            feature_names: D distinct names.
            sample_weight: (N,).
            recipe: a mapping that JSON can hold.

        Raises:
            DataError: NaN, infinity or a masked cell (names row and column), text, dates or
                durations among numbers, no samples, an unknown label, unusable weights or names.
            ShapeError: arrays of the wrong shape or of different lengths.
            ConfigurationError: ``classes`` for a regression, or a recipe that JSON cannot hold.
        """
        cells, of_columns = unpack(X)
        _check_shape(cells)
        inputs = as_floats(cells)
        names = _check_names(
            of_columns if feature_names is None else feature_names, inputs.shape[1]
        )
        _check_finite(inputs, names)
        targets, labels = encode(y, classes, len(inputs))
        weights = None if sample_weight is None else _weights(sample_weight, len(inputs))
        fields = {
            "X": _frozen(inputs),
            "y": _frozen(targets),
            "classes": labels,
            "feature_names": names,
            "sample_weight": None if weights is None else _frozen(weights),
            "recipe": MappingProxyType(_as_json(recipe or {})),
        }
        for name, value in fields.items():
            object.__setattr__(self, name, value)

    @property
    def n_samples(self) -> int:
        """N, the number of rows."""
        return len(self.X)

    @property
    def n_features(self) -> int:
        """D, the number of columns of X."""
        return int(self.X.shape[1])

    @property
    def n_classes(self) -> int:
        """C, the number of classes; 0 for a regression."""
        return len(self.classes or ())

    @property
    def class_names(self) -> tuple[str, ...]:
        """The classes as text, in the order of their indices; empty for a regression."""
        return tuple(str(label) for label in self.classes or ())

    @property
    def labels(self) -> npt.NDArray[Any]:
        """The labels as they were given, (N,); for a regression the targets."""
        return self.y if self.classes is None else np.array(self.classes)[self.y]

    @cached_property
    def content_hash(self) -> str:
        """``sha256:`` and 64 hexadecimal digits over X, y, classes, names and weights."""
        arrays = [self.X, self.y] + ([] if self.sample_weight is None else [self.sample_weight])
        header = {
            "arrays": [[array.dtype.str.lstrip("<>=|"), list(array.shape)] for array in arrays],
            "classes": self.classes,
            "feature_names": self.feature_names,
        }
        digest = hashlib.sha256(json.dumps(header, sort_keys=True).encode())
        for array in arrays:
            digest.update(np.ascontiguousarray(array, array.dtype.newbyteorder("<")).data)
        return f"sha256:{digest.hexdigest()}"

    def split(
        self, test_size: float | int = 0.2, seed: int = 0, stratify: bool = False
    ) -> tuple["Dataset", "Dataset"]:
        """Shuffle the rows and return (train, test).

        This is scikit-learn's ``train_test_split``: the same seed (its ``random_state``) gives the
        same rows in the same order. Both parts keep all classes of the whole.

        Args:
            test_size: a fraction in (0, 1), rounded up to whole rows; or a number of rows.
            seed: from 0 to 2^32 - 1.
            stratify: give both parts the classes in the proportions of the whole.

        Raises:
            ConfigurationError: a size that leaves one part empty or, when stratified, without a
                row for every class; ``stratify`` for a regression.
            DataError: a class with one sample only cannot be stratified.
        """
        parts = self.split_rows(test_size, seed, stratify)
        how = {"test_size": test_size, "seed": seed, "stratify": stratify, "of": self.recipe}
        train, test = (
            self.replace(
                X=self.X[rows],
                y=self.labels[rows],
                sample_weight=None if self.sample_weight is None else self.sample_weight[rows],
                recipe={"part": part, **how},
            )
            for part, rows in zip(("train", "test"), parts, strict=True)
        )
        return train, test

    def split_rows(
        self, test_size: float | int = 0.2, seed: int = 0, stratify: bool = False
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return the row numbers of the parts that :meth:`split` makes, in the parts' order.

        >>> [rows.tolist() for rows in Dataset([[0.0], [1.0], [2.0]], [0, 1, 0]).split_rows(1)]
        [[1, 0], [2]]
        """
        count = self._test_rows(test_size)
        rng = sklearn_generator(seed)
        if stratify:
            self._check_strata(count)
            return draw_stratified_split(rng, self.y, count)
        return draw_split(rng, self.n_samples, count)

    def encode_as(self, classes: Iterable[Label]) -> "Dataset":
        """Return the same samples with the class indices of ``classes``, another dataset's.

        Raises:
            DataError: a label here is not among ``classes``, or this is a regression.
        """
        if self.classes is None:
            raise DataError("these are targets of a regression, but the model knows classes")
        checked = check_classes(classes)
        reindex(self.labels, checked)
        return self.replace(classes=checked)

    def order_as(self, feature_names: Sequence[str], owner: str = "the model") -> "Dataset":
        """Return the same samples with the columns in the order of ``feature_names``.

        Where one side has no names of its own (x1, x2, ...), the order counts already, and the
        names stay as they are.

        Args:
            feature_names: another dataset's, in any order.
            owner: whose these names are, for messages.

        Raises:
            DataError: a feature is missing here, or not among ``feature_names``.

        >>> data = Dataset([[1.0, 2.0], [3.0, 4.0]], [0, 1], feature_names=["b", "a"])
        >>> data.order_as(["a", "b"]).X.tolist()
        [[2.0, 1.0], [4.0, 3.0]]
        """
        order = match_columns(self.feature_names, feature_names, owner=owner)
        if order is None:
            return self
        names = tuple(self.feature_names[position] for position in order)
        return self.replace(X=self.X[:, order], feature_names=names)

    def replace(self, **changes: object) -> "Dataset":
        """Return a dataset that differs in the given constructor arguments only.

        ``dataclasses.replace`` would not do: it hands over class indices where labels are due.
        """
        same: dict[str, Any] = {
            "X": self.X,
            "y": self.labels,
            "classes": self.classes,
            "feature_names": self.feature_names,
            "sample_weight": self.sample_weight,
            "recipe": self.recipe,
        }
        return Dataset(**same | changes)

    def require_classes(self, n: int = 2) -> Self:
        """Return self if samples of at least ``n`` classes are present, else raise DataError."""
        if self.classes is not None:
            present = [show(self.classes[index]) for index in np.unique(self.y)]
            if len(present) < n:
                raise DataError(
                    f"at least {n} classes are needed to learn a difference; found "
                    f"{len(present)}: {shorten(present)}"
                )
        return self

    def _test_rows(self, test_size: float | int) -> int:
        is_count = isinstance(test_size, numbers.Integral) and not isinstance(test_size, bool)
        if is_count and 0 < test_size < self.n_samples:
            return int(test_size)
        if isinstance(test_size, numbers.Real) and not is_count and 0 < test_size < 1:
            # Rounding up in binary floating point, as scikit-learn does.
            count = int(np.ceil(test_size * self.n_samples))
            if count < self.n_samples:
                return count
        raise ConfigurationError(
            f"test_size must be a fraction in (0, 1) or a number of rows, and leave a row in both "
            f"parts of the {self.n_samples}; got {test_size!r}"
        )

    def _check_strata(self, count: int) -> None:
        if self.classes is None:
            raise ConfigurationError("stratify=True needs classes; this is a regression")
        present, counts = np.unique(self.y, return_counts=True)
        if counts.min() < 2:
            alone = show(self.classes[present[counts.argmin()]])
            raise DataError(
                f"class {alone} has one sample only, which cannot be in both parts; "
                "use stratify=False, or drop it"
            )
        if min(count, self.n_samples - count) < len(present):
            raise ConfigurationError(
                f"{self.n_samples - count} + {count} rows cannot hold all {len(present)} classes "
                "in both parts; change test_size, or use stratify=False"
            )

    def __len__(self) -> int:
        return len(self.X)

    def __repr__(self) -> str:
        size = f"{self.n_samples} samples × {self.n_features} features"
        if self.classes is None:
            return f"Dataset({size}; regression)"
        counts = np.bincount(self.y, minlength=self.n_classes)
        classes = [f"{show(label)}: {n}" for label, n in zip(self.classes, counts, strict=True)]
        return f"Dataset({size}; classes {shorten(classes, most=5)})"

    def __reduce__(self) -> tuple[Any, ...]:
        # Through the constructor, or unpickled arrays would be writable.
        rest = (self.classes, self.feature_names, self.sample_weight, dict(self.recipe))
        return Dataset, (self.X, self.labels, *rest)


def _check_shape(array: npt.NDArray[Any]) -> None:
    if array.ndim != 2:
        advice = ""
        if array.ndim == 1:
            advice = "; for one feature use X.reshape(-1, 1), for one sample X.reshape(1, -1)"
        elif array.ndim > 2:
            advice = "; flatten each sample: X.reshape(len(X), -1)"
        raise ShapeError(f"X must have shape (N, D), got {array.shape}{advice}")
    if 0 in array.shape:
        raise DataError(f"X has shape {array.shape}; at least one sample and one feature is needed")


def _check_finite(X: FloatArray, names: tuple[str, ...]) -> None:
    finite = np.isfinite(X)
    if not finite.all():
        row, column = divmod(int(finite.argmin()), X.shape[1])
        raise DataError(
            f'row {row}, column {column} ("{names[column]}") of X is {X[row, column]}, counting '
            "from 0; every value must be finite: drop or fill the row"
        )


def _check_names(names: Iterable[str] | None, n_features: int) -> tuple[str, ...]:
    if names is None:
        return default_names(n_features)
    if not isinstance(names, Iterable):
        raise ConfigurationError(f"feature_names must be a sequence of names, got {given(names)}")
    plain = tuple(str(name) for name in names)
    if len(plain) != n_features:
        raise ShapeError(f"X has {n_features} columns, but {len(plain)} feature names were given")
    if not all(name and "\0" not in name for name in plain):
        raise DataError("the name of a feature must not be empty and not contain a NUL character")
    if len(set(plain)) < len(plain):
        twice = next(name for name in plain if plain.count(name) > 1)
        raise DataError(f'feature names must be distinct, got "{twice}" more than once')
    return plain


def _weights(sample_weight: npt.ArrayLike, n_samples: int) -> FloatArray:
    try:
        array = np.asanyarray(sample_weight)
    except (TypeError, ValueError, OverflowError) as error:
        raise DataError(f"sample_weight must be numbers: {error}") from error
    if array.shape != (n_samples,):
        raise ShapeError(f"sample_weight must have shape ({n_samples},), got {array.shape}")
    refuse_masked(array, "sample_weight")
    weights = as_floats(np.asarray(array), "sample_weight")
    wrong = np.flatnonzero(~(np.isfinite(weights) & (weights >= 0)))
    if len(wrong):
        raise DataError(
            f"row {wrong[0]} of sample_weight is {weights[wrong[0]]}, counting from 0; "
            "weights must be finite and >= 0"
        )
    if not weights.any():
        raise DataError("sample_weight is 0 for every sample; at least one must be positive")
    return weights


def _frozen(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """A read-only copy; an array that owns its memory and is read-only already is shared."""
    if array.flags.owndata and array.flags.c_contiguous and not array.flags.writeable:
        return array
    copy = np.array(array, order="C")
    copy.flags.writeable = False
    return copy


def _as_json(recipe: Mapping[str, object]) -> dict[str, object]:
    def plain(value: object) -> object:
        if isinstance(value, Mapping):
            return dict(value)
        if isinstance(value, np.ndarray | np.generic):
            return value.tolist()
        raise TypeError(f"{type(value).__name__} is not")

    try:
        copy = json.loads(json.dumps(dict(recipe), default=plain, allow_nan=False))
    except (TypeError, ValueError) as error:
        raise ConfigurationError(f"a recipe holds only what JSON can hold: {error}") from error
    return dict(copy)


def as_dataset(data: object, y: npt.ArrayLike | None = None, *, name: str = "data") -> Dataset:
    """Return a dataset: ``data`` itself, or one of X (N, D) and y (N,) in a pair or one by one.

    Raises:
        ConfigurationError: labels are missing, or are given twice; ``name`` is in the message.
        DataError: see :class:`Dataset`, as for the next.
        ShapeError: X or y have the wrong shape.

    >>> as_dataset(([[0.0], [1.0]], ["no", "yes"]))
    Dataset(2 samples × 1 features; classes "no": 1, "yes": 1)
    """
    if isinstance(data, Dataset):
        if y is not None:
            raise ConfigurationError(f"{name} is a dataset, which has labels; leave y out")
        return data
    if y is None and isinstance(data, tuple) and len(data) == 2:
        data, y = data
    if y is None:
        raise ConfigurationError(
            f"{name} must be a Dataset, or samples and labels as in ({name}=(X, y)), got "
            f"{type(data).__name__}"
        )
    return Dataset(data, y)  # type: ignore[arg-type]
