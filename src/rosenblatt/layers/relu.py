"""The rectified linear unit."""

from dataclasses import dataclass

import numpy as np

from rosenblatt.layers.base import Activation, Array, Cache, Params


@dataclass(frozen=True)
class ReLU(Activation):
    """y = max(0, x);  dx = dy ⊙ (x > 0), so the gradient at exactly 0 is 0.

    Nair and Hinton, *Rectified linear units improve restricted Boltzmann machines*, ICML 2010.

    >>> relu = ReLU()
    >>> y, cache = relu.forward({}, np.array([[-1.0, 0.0, 2.0]]))
    >>> y
    array([[0., 0., 2.]])
    >>> relu.backward({}, cache, np.array([[5.0, 5.0, 5.0]]))[0]
    array([[0., 0., 5.]])
    """

    @property
    def formulas(self) -> tuple[str, ...]:
        return (
            "y[n, j] = max(0, x[n, j])",
            "dx[n, j] = dy[n, j] if x[n, j] > 0 else 0",
        )

    def forward(self, params: Params, x: Array) -> tuple[Array, Cache]:
        """Return y = max(0, x); the cache is the mask x > 0."""
        return np.maximum(x, 0), x > 0

    def backward(self, params: Params, cache: Cache, dy: Array) -> tuple[Array, Params]:
        """Return dx = dy ⊙ (x > 0)."""
        positive = cache
        return dy * positive, {}
