"""Samples without labels: what a trained model predicts for."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from rosenblatt.data.dataset import Dataset


class Inputs(NamedTuple):
    """N samples of D features: ``X`` (N, D) float64, all finite, and a name per column."""

    X: npt.NDArray[np.float64]
    feature_names: tuple[str, ...]


def checked_inputs(X: npt.NDArray[np.float64], feature_names: Iterable[str] | None) -> Inputs:
    """Return the inputs that a :class:`Dataset` with this X and these names would have.

    Raises:
        DataError: as for a :class:`Dataset`: NaN or infinity, no samples, unusable names.
        ShapeError: X is no table.
    """
    unlabelled = np.zeros(len(np.atleast_1d(X)))
    checked = Dataset(X, unlabelled, feature_names=feature_names)
    return Inputs(checked.X, checked.feature_names)
