"""Inputs of mean 0 and standard deviation 1, by what was seen in training only."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from rosenblatt.checks import check_is
from rosenblatt.data.containers import as_floats, ordered
from rosenblatt.data.dataset import Dataset
from rosenblatt.errors import DataError, ShapeError

_OWNER = "the standardizer"


@dataclass(frozen=True, eq=False)
class Standardizer:
    """z = (x - mean) / scale, column by column.

    Mean and scale come from the training set; the test set is transformed by the same numbers, or
    the test would have seen itself. The scale is the standard deviation √((1/N) Σ (x - mean)²), as
    in scikit-learn's ``StandardScaler``; 1 where a column is constant, so that it becomes 0.

    Attributes:
        mean: (D,).
        scale: (D,), all > 0.
        feature_names: the columns that they belong to; empty where these are not known.

    >>> train = Dataset([[1.0, 7.0], [3.0, 7.0]], [0, 1])
    >>> Standardizer.fit(train).transform([[5.0, 8.0]]).tolist()
    [[3.0, 1.0]]
    """

    mean: npt.NDArray[np.float64]
    scale: npt.NDArray[np.float64]
    feature_names: tuple[str, ...] = ()

    @classmethod
    def fit(cls, train: Dataset) -> Self:
        """Measure the mean and the scale of ``train``; sample weights play no part.

        Raises:
            ConfigurationError: ``train`` is no dataset.
            DataError: values so large that their variance is not finite.
        """
        check_is("train", train, Dataset)
        X = train.X
        constant = X.min(axis=0) == X.max(axis=0)
        with np.errstate(over="ignore", invalid="ignore"):
            # The mean of equal values may round away from them.
            mean = np.where(constant, X[0], X.mean(axis=0))
            scale = np.where(constant, 1.0, X.std(axis=0))
        for name, value in zip(train.feature_names, scale, strict=True):
            if not (np.isfinite(value) and value > 0):
                raise DataError(
                    f'the spread of feature "{name}" is {value}: its values are too large, or too '
                    "close together, for 64-bit numbers; change its unit"
                )
        return cls(mean, scale, train.feature_names)

    def transform(self, X: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Return ``X`` (N, D) standardized, (N, D).

        Columns that have names are put in the order of ``feature_names`` first.

        Raises:
            DataError: a column is missing or unknown, or a cell is no number.
            ShapeError: another number of columns.
        """
        array = as_floats(ordered(X, self.feature_names, _OWNER))
        return self._scaled(array)

    def apply(self, dataset: Dataset) -> Dataset:
        """Return ``dataset`` with its inputs standardized; the recipe keeps mean and scale.

        Its columns are put in the order of ``feature_names``.

        Raises:
            ConfigurationError: ``dataset`` is none.
            DataError: a column is missing or unknown.
            ShapeError: another number of columns.
        """
        check_is("dataset", dataset, Dataset)
        dataset = dataset.order_as(self.feature_names, _OWNER)
        recipe = {"mean": self.mean, "scale": self.scale, "standardized": dataset.recipe}
        return dataset.replace(X=self._scaled(dataset.X), recipe=recipe)

    def _scaled(self, array: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        if array.ndim != 2 or array.shape[1] != len(self.mean):
            raise ShapeError(f"X must have shape (N, {len(self.mean)}), got {array.shape}")
        scaled: npt.NDArray[np.float64] = (array - self.mean) / self.scale
        return scaled
