"""The logistic sigmoid."""

from dataclasses import dataclass

import numpy as np

from rosenblatt.layers.base import Activation, Array, Cache, Params


def sigmoid(x: Array) -> Array:
    """Return 1 / (1 + e^−x), elementwise, for any finite x.

    On the negative side it is computed as e^x / (1 + e^x), the same number: only exponentials of
    negative numbers are taken, so none overflows and small results keep all their digits.
    """
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + e), e / (1 + e))


@dataclass(frozen=True)
class Sigmoid(Activation):
    """y = σ(x) = 1 / (1 + e^−x);  dx = dy ⊙ y ⊙ (1 − y).

    Bishop, *Pattern Recognition and Machine Learning* (2006), equations 4.59 and 4.88.

    >>> y, cache = Sigmoid().forward({}, np.array([[0.0]]))
    >>> y, Sigmoid().backward({}, cache, np.array([[4.0]]))[0]
    (array([[0.5]]), array([[1.]]))
    """

    @property
    def formulas(self) -> tuple[str, ...]:
        return (
            "y[n, j] = 1 / (1 + exp(-x[n, j]))",
            "dx[n, j] = dy[n, j] * y[n, j] * (1 - y[n, j])",
        )

    def forward(self, params: Params, x: Array) -> tuple[Array, Cache]:
        """Return y = σ(x); the cache is y."""
        y = sigmoid(x)
        return y, y

    def backward(self, params: Params, cache: Cache, dy: Array) -> tuple[Array, Params]:
        """Return dx = dy ⊙ y ⊙ (1 − y)."""
        y = cache
        return dy * y * (1 - y), {}
