"""The hinge loss: how far samples are from the right side of a margin of 1."""

from dataclasses import dataclass

import numpy as np

from rosenblatt.layers.base import Array
from rosenblatt.losses.signed import SignedLoss


@dataclass(frozen=True)
class Hinge(SignedLoss):
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
