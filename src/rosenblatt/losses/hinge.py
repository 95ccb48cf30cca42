"""The hinge loss: how far samples are from the right side of a margin of 1."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rosenblatt.errors import ShapeError
from rosenblatt.layers.base import Array
from rosenblatt.losses.base import Loss, class_indices


@dataclass(frozen=True)
class Hinge(Loss):
    """l = max(0, 1 − y z);  dz = −y where y z < 1, else 0.

    Outputs are scores z (N, 1), targets are y = ±1 (N, 1). A sample is predicted right where
    sign(z) = y, with sign(0) = +1, and loses nothing where y z is at least the margin of 1: the
    loss of support vector machines (Cortes and Vapnik, *Support-vector networks*, Machine Learning
    1995; Hastie, Tibshirani and Friedman, *The Elements of Statistical Learning*, 2009, equation
    12.25). It tells two classes apart by one output; for more classes there is
    :class:`SoftmaxCrossEntropy`.

    >>> z, y = np.array([[2.0], [0.5], [0.5]]), np.array([[1.0], [1.0], [-1.0]])
    >>> Hinge().per_sample(z, y)
    array([0. , 0.5, 1.5])
    >>> Hinge().value_and_gradient(z, y)[1].T
    array([[-0., -1.,  1.]])
    """

    aliases = ("hinge_loss",)
    takes = "values"

    @property
    def formulas(self) -> tuple[str, ...]:
        return (
            "l[n] = sum(k, max(0, 1 - y[n, k] * z[n, k]))",
            "dl[n, k] = -y[n, k] if y[n, k] * z[n, k] < 1 else 0",
        )

    def value_and_gradient(self, z: Array, y: Array) -> tuple[Array, Array]:
        """Return l = max(0, 1 − y z) and dz = −y where y z < 1, else 0, both (N, 1)."""
        margin = y * z
        return np.maximum(0, 1 - margin), -y * (margin < 1)

    def encode(self, y: npt.ArrayLike, n_outputs: int) -> Array:
        """Return targets ±1 (N, 1) from class indices: 1 is +1, 0 is −1."""
        if n_outputs != 1:
            raise ShapeError(
                f"the hinge loss tells two classes apart by 1 output, the model has {n_outputs}; "
                "give the model 1 output, or take SoftmaxCrossEntropy for more than two classes"
            )
        return 2 * class_indices(y, 2).astype(np.float64)[:, np.newaxis] - 1

    def n_classes(self, n_outputs: int) -> int | None:
        """Return 2: the sign of the score tells two classes apart."""
        return 2

    def predict(self, outputs: Array) -> npt.NDArray[np.int64]:
        """Return the class index of sign(z): 1 where z ≥ 0, else 0, (N,)."""
        return (outputs[:, 0] >= 0).astype(np.int64)
