"""The hyperbolic tangent."""

from dataclasses import dataclass

import numpy as np

from rosenblatt.layers.base import Activation, Array, Cache, Params


@dataclass(frozen=True)
class Tanh(Activation):
    """y = tanh(x);  dx = dy ⊙ (1 − y²).

    LeCun, Bottou, Orr and Müller, *Efficient BackProp*, 1998, section 4.4.

    >>> y, cache = Tanh().forward({}, np.array([[0.0]]))
    >>> Tanh().backward({}, cache, np.array([[3.0]]))[0]
    array([[3.]])
    """

    @property
    def formulas(self) -> tuple[str, ...]:
        return (
            "y[n, j] = tanh(x[n, j])",
            "dx[n, j] = dy[n, j] * (1 - y[n, j] ** 2)",
        )

    def forward(self, params: Params, x: Array) -> tuple[Array, Cache]:
        """Return y = tanh(x); the cache is y."""
        y = np.tanh(x)
        return y, y

    def backward(self, params: Params, cache: Cache, dy: Array) -> tuple[Array, Params]:
        """Return dx = dy ⊙ (1 − y²)."""
        y = cache
        return dy * (1 - y * y), {}
