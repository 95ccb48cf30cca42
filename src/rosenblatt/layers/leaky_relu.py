"""The rectified linear unit that leaks on its negative side."""

import math
from dataclasses import dataclass

import numpy as np

from rosenblatt.errors import ConfigurationError
from rosenblatt.layers.base import Array, Cache, Layer, Params
from rosenblatt.random import Key


@dataclass(frozen=True)
class LeakyReLU(Layer):
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
        if not (math.isfinite(self.slope) and 0 <= self.slope <= 1):
            raise ConfigurationError(f"LeakyReLU needs a slope from 0 to 1, got {self.slope!r}")
        # A NumPy number would turn float32 arrays into float64.
        object.__setattr__(self, "slope", float(self.slope))

    def forward(
        self, params: Params, x: Array, *, training: bool = False, key: Key | None = None
    ) -> tuple[Array, Cache]:
        """Return y; the cache is the mask x > 0."""
        positive = x > 0
        return np.where(positive, x, self.slope * x), positive

    def backward(self, params: Params, cache: Cache, dy: Array) -> tuple[Array, Params]:
        """Return dx = dy ⊙ (1 where x > 0, else slope)."""
        positive = cache
        return np.where(positive, dy, self.slope * dy), {}
