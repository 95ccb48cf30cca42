"""The interface of a file format, and samples without labels."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

import numpy as np
import numpy.typing as npt

from rosenblatt.data.dataset import Dataset


class Inputs(NamedTuple):
    """N samples of D features: ``X`` (N, D) float64, all finite, and a name per column."""

    X: npt.NDArray[np.float64]
    feature_names: tuple[str, ...]


@dataclass(frozen=True)
class Reader:
    """One file format: how datasets are read from it and written to it.

    The functions run nothing that is in a file, compare the sizes in its header with the free
    memory (:mod:`rosenblatt.limits`), and raise only a :class:`~rosenblatt.errors.RosenblattError`.

    Attributes:
        suffix: of the file names, such as ".csv".
        read: (path, label, task) → a dataset; see :func:`rosenblatt.data.load`.
        read_inputs: path → every column as a feature.
        columns: path → the names of the columns.
        write: (dataset, open file) → None; None for a format that is only read.
        takes_header: whether the three reading functions also take ``header``.
    """

    suffix: str
    read: Callable[..., Dataset]
    read_inputs: Callable[..., Inputs]
    columns: Callable[..., list[str]]
    write: Callable[[Dataset, BinaryIO], None] | None = None
    takes_header: bool = False


def checked_inputs(X: npt.NDArray[np.float64], feature_names: Iterable[str] | None) -> Inputs:
    """Return the inputs that a :class:`Dataset` with this X and these names would have.

    Raises:
        DataError: as for a :class:`Dataset`: NaN or infinity, no samples, unusable names.
        ShapeError: X is no table.
    """
    unlabelled = np.zeros(len(np.atleast_1d(X)))
    checked = Dataset(X, unlabelled, feature_names=feature_names)
    return Inputs(checked.X, checked.feature_names)
