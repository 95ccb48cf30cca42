"""Multiplication by a constant, as in the mean-field scaling of outputs."""

from dataclasses import dataclass

from rosenblatt.checks import real_field
from rosenblatt.layers.base import Array, Cache, Layer, Params


@dataclass(frozen=True)
class Scale(Layer):
    """y = factor · x;  dx = factor · dy.

    Behind the last layer of a network with n hidden units, the factor 1/n makes the outputs a mean
    over the units, y = (1/n) Σ_i a_i σ(w_i·x): the scaling in which wide networks have a mean-field
    limit (Mei, Montanari and Nguyen, *A mean field view of the landscape of two-layer neural
    networks*, PNAS 2018, equation 1).

    Args:
        factor: the constant, any number.

    >>> import numpy as np
    >>> Scale(0.01).forward({}, np.array([[200.0, -50.0]]))[0]
    array([[ 2. , -0.5]])
    """

    factor: float

    def __post_init__(self) -> None:
        real_field(self, "factor")

    @property
    def formulas(self) -> tuple[str, ...]:
        return (
            "y[n, j] = factor * x[n, j]",
            "dx[n, j] = factor * dy[n, j]",
        )

    def forward(self, params: Params, x: Array) -> tuple[Array, Cache]:
        """Return y = factor · x; nothing is cached."""
        return self.factor * x, None

    def backward(self, params: Params, cache: Cache, dy: Array) -> tuple[Array, Params]:
        """Return dx = factor · dy."""
        return self.factor * dy, {}
