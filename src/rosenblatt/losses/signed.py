"""Losses of two classes that one output tells apart by its sign."""

import numpy as np
import numpy.typing as npt

from rosenblatt.errors import ShapeError
from rosenblatt.layers.base import Array
from rosenblatt.losses.base import Loss, class_indices


class SignedLoss(Loss):
    """The contract of a loss on scores z (N, 1) and targets y = ±1 (N, 1), with sign(0) = +1."""

    takes = "values"

    def encode(self, y: npt.ArrayLike, n_outputs: int) -> Array:
        """Return targets ±1 (N, 1) from class indices: 1 is +1, 0 is −1."""
        if n_outputs != 1:
            raise ShapeError(
                f"{type(self).__name__} tells two classes apart by 1 output, the model has "
                f"{n_outputs}; give the model 1 output, or take SoftmaxCrossEntropy, which is for "
                "any number of classes"
            )
        return 2 * class_indices(y, 2).astype(np.float64)[:, np.newaxis] - 1

    def n_classes(self, n_outputs: int) -> int | None:
        """Return 2: the sign of the score tells two classes apart."""
        return 2

    def predict(self, outputs: Array) -> npt.NDArray[np.int64]:
        """Return the class index of sign(z): 1 where z ≥ 0, else 0, (N,)."""
        return (outputs[:, 0] >= 0).astype(np.int64)
