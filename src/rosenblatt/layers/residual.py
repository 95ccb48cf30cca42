"""A residual connection: the input added to what some layers make of it."""

from dataclasses import dataclass

from rosenblatt.errors import ConfigurationError
from rosenblatt.layers.base import Array, Cache, Params
from rosenblatt.layers.nested import Nested
from rosenblatt.random import Key


@dataclass(frozen=True)
class Residual(Nested):
    """y = x + f(x);  dx = dy + ∂f/∂xᵀ dy, where f is some layers in a row.

    He, Zhang, Ren and Sun, *Deep residual learning for image recognition*, CVPR 2016, equation 1.
    The widths of x and f(x) are equal.

    Args:
        layers: the layers of f, first to last. The parameters of layer i of f are named "i.weight"
            and so on; in a model whose layer 3 is this one, "3.0.weight".

    Raises:
        ConfigurationError: f(x) has another width than x.

    >>> import numpy as np
    >>> from rosenblatt.layers import Scale, Square
    >>> Residual([Square(), Scale(0.5)]).forward({}, np.array([[2.0, -2.0]]))[0]
    array([[4., 0.]])
    """

    def n_outputs_for(self, n_inputs: int | None) -> int | None:
        n_inputs, width = self.widths_for(n_inputs)
        if n_inputs != width:
            raise ConfigurationError(
                f"Residual adds f(x) to x, so that both must have one width; x has {n_inputs} and "
                f"f(x) has {width}: let the last linear layer within it have {n_inputs} outputs"
            )
        return width

    def forward(
        self, params: Params, x: Array, *, training: bool = False, key: Key | None = None
    ) -> tuple[Array, Cache]:
        """Return y = x + f(x) and the caches of f."""
        f, cache = self.inner_forward(params, x, training, key)
        return x + f, cache

    def backward(self, params: Params, cache: Cache, dy: Array) -> tuple[Array, Params]:
        """Return dx = dy + ∂f/∂xᵀ dy and the gradients of f."""
        dx, grads = self.inner_backward(params, cache, dy)
        return dy + dx, grads
