"""The square as an activation."""

from dataclasses import dataclass

from rosenblatt.layers.base import Activation, Array, Cache, Params


@dataclass(frozen=True)
class Square(Activation):
    """y = x²;  dx = 2 x ⊙ dy.

    With it, a network with one hidden layer learns modular addition by weights in closed form
    (Gromov, *Grokking modular arithmetic*, 2023, equation 2).

    >>> import numpy as np
    >>> square = Square()
    >>> y, cache = square.forward({}, np.array([[-3.0, 0.0, 2.0]]))
    >>> y
    array([[9., 0., 4.]])
    >>> square.backward({}, cache, np.array([[1.0, 1.0, 1.0]]))[0]
    array([[-6.,  0.,  4.]])
    """

    @property
    def formulas(self) -> tuple[str, ...]:
        return (
            "y[n, j] = x[n, j] ** 2",
            "dx[n, j] = 2 * x[n, j] * dy[n, j]",
        )

    def forward(self, params: Params, x: Array) -> tuple[Array, Cache]:
        """Return y = x²; the cache is x."""
        return x**2, x

    def backward(self, params: Params, cache: Cache, dy: Array) -> tuple[Array, Params]:
        """Return dx = 2 x ⊙ dy."""
        x = cache
        return 2 * x * dy, {}
