"""The rectified linear unit that leaks on its negative side."""

from dataclasses import dataclass

import numpy as np

from rosenblatt.checks import real_field
from rosenblatt.layers.base import Activation, Array, Cache, Params


@dataclass(frozen=True)
class LeakyReLU(Activation):
    """y = x where x > 0, else slope · x;  dx = dy ⊙ (1 where x > 0, else slope).

    Args:
        slope: the gradient on the negative side and at exactly 0, from 0 (that is ReLU) to 1.

    Maas, Hannun and Ng, *Rectifier nonlinearities improve neural network acoustic models*, 2013.

    >>> y, cache = LeakyReLU(0.1).forward({}, np.array([[-2.0, 3.0]]))
    >>> y
    array([[-0.2,  3. ]])
    """

    slope: float = 0.01

    def __post_init__(self) -> None:
        real_field(self, "slope", at_least=0, at_most=1)

    @property
    def formulas(self) -> tuple[str, ...]:
        return (
            "y[n, j] = x[n, j] if x[n, j] > 0 else slope * x[n, j]",
            "dx[n, j] = dy[n, j] if x[n, j] > 0 else slope * dy[n, j]",
        )

    def forward(self, params: Params, x: Array) -> tuple[Array, Cache]:
        """Return y; the cache is the mask x > 0."""
        positive = x > 0
        return np.where(positive, x, self.slope * x), positive

    def backward(self, params: Params, cache: Cache, dy: Array) -> tuple[Array, Params]:
        """Return dx = dy ⊙ (1 where x > 0, else slope)."""
        positive = cache
        return np.where(positive, dy, self.slope * dy), {}
