"""A short-cut connection: the input side by side with what some layers make of it."""

from dataclasses import dataclass

import numpy as np

from rosenblatt.layers.base import Array, Cache, Params
from rosenblatt.layers.nested import Nested
from rosenblatt.random import Key


@dataclass(frozen=True)
class Concatenate(Nested):
    """y = [x, f(x)];  dx = dy_x + ∂f/∂xᵀ dy_f, where f is some layers in a row.

    dy_x are the columns of dy that belong to x, dy_f the others. With one of them around each
    hidden layer, every layer sees the inputs and all layers before it: the short-cuts of Lang and
    Witbrock, *Learning to tell two spirals apart*, 1988, and the blocks of DenseNet (Huang, Liu,
    van der Maaten and Weinberger, *Densely connected convolutional networks*, CVPR 2017, equation
    2).

    Args:
        layers: the layers of f, first to last. The parameters of layer i of f are named "i.weight"
            and so on; in a model whose layer 3 is this one, "3.0.weight".

    The network 2-5-5-5-1 of Lang and Witbrock, with 138 parameters:

    >>> from rosenblatt.layers import Linear, Sigmoid
    >>> from rosenblatt.models import Sequential
    >>> hidden = [Concatenate([Linear(n, 5), Sigmoid()]) for n in (2, 7, 12)]
    >>> model = Sequential([*hidden, Linear(17, 1)])
    >>> sum(value.size for value in model.init(seed=0).values())
    138
    """

    aliases = ("concat", "dense_block")

    def n_outputs_for(self, n_inputs: int | None) -> int | None:
        n_inputs, width = self.widths_for(n_inputs)
        return None if n_inputs is None or width is None else n_inputs + width

    def forward(
        self, params: Params, x: Array, *, training: bool = False, key: Key | None = None
    ) -> tuple[Array, Cache]:
        """Return y = [x, f(x)]; the cache is the width of x and the caches of f."""
        f, caches = self.inner_forward(params, x, training, key)
        return np.concatenate([x, f], axis=1), (x.shape[1], caches)

    def backward(self, params: Params, cache: Cache, dy: Array) -> tuple[Array, Params]:
        """Return dx, the sum over both ways, and the gradients of f."""
        n_inputs, caches = cache
        dx, grads = self.inner_backward(params, caches, dy[:, n_inputs:])
        return dy[:, :n_inputs] + dx, grads
