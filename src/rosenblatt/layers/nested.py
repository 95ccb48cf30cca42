"""Layers within a layer: what short-cuts around other layers share."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from rosenblatt.errors import ConfigurationError, given
from rosenblatt.layers.base import Array, Cache, Layer, Params, RandomLayer
from rosenblatt.layers.linear import Linear
from rosenblatt.random import Key


@dataclass(frozen=True)
class Nested(RandomLayer):
    """The contract of a layer that has other layers in a row, whose function together is f.

    The parameters of inner layer i are named ``"<i>.weight"``, ``"<i>.bias"``; random inner layers
    draw from ``key.fold(i)``.

    Args:
        layers: the inner layers, first to last, at least one.

    >>> from rosenblatt.layers import Linear, Residual, Tanh
    >>> layer = Residual([Linear(2, 2), Tanh()])
    >>> isinstance(layer, Nested), layer.shapes
    (True, {'0.weight': (2, 2), '0.bias': (2,)})
    """

    layers: tuple[Layer, ...]

    def __post_init__(self) -> None:
        name, layers = type(self).__name__, self.layers
        if isinstance(layers, Layer | str | dict) or not isinstance(layers, Iterable):
            raise ConfigurationError(
                f"{name} takes a list of layers, such as [Linear(5, 5), Tanh()], got "
                f"{given(layers)}"
            )
        object.__setattr__(self, "layers", tuple(layers))
        for layer in self.layers:
            if not isinstance(layer, Layer):
                raise ConfigurationError(f"{name} is built of layers, got {given(layer)}")
        if not self.layers:
            raise ConfigurationError(f"{name} needs at least one layer")
        self.n_outputs_for(None)

    @property
    def is_random(self) -> bool:
        """Whether an inner layer draws random numbers while training."""
        return any(layer.is_random for layer in self.layers)

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        return {
            f"{i}.{name}": shape
            for i, layer in enumerate(self.layers)
            for name, shape in layer.shapes.items()
        }

    def init(self, rng: np.random.Generator) -> Params:
        return {
            f"{i}.{name}": value
            for i, layer in enumerate(self.layers)
            for name, value in layer.init(rng).items()
        }

    def widths_for(self, n_inputs: int | None) -> tuple[int | None, int | None]:
        """Return the widths of x and of f(x), None where they are not determined.

        Raises:
            ConfigurationError: the inner layers do not fit each other, or x.
        """
        width = n_inputs = input_width(self.layers) if n_inputs is None else n_inputs
        for layer in self.layers:
            width = layer.n_outputs_for(width)
        return n_inputs, width

    def inner_forward(
        self, params: Params, x: Array, training: bool, key: Key | None
    ) -> tuple[Array, Cache]:
        """Return f(x) and the caches of the inner layers."""
        caches = []
        for i, layer in enumerate(self.layers):
            own = self._params_of(i, params)
            if isinstance(layer, RandomLayer):
                own_key = None if key is None else key.fold(i)
                x, cache = layer.forward(own, x, training=training, key=own_key)
            else:
                x, cache = layer.forward(own, x)
            caches.append(cache)
        return x, caches

    def inner_backward(self, params: Params, cache: Cache, df: Array) -> tuple[Array, Params]:
        """Return ∂L/∂x by way of f, and the gradients of all parameters, from df = ∂L/∂f(x)."""
        grads: Params = {}
        for i, layer in reversed(list(enumerate(self.layers))):
            df, own = layer.backward(self._params_of(i, params), cache[i], df)
            grads |= {f"{i}.{name}": grad for name, grad in own.items()}
        return df, {name: grads[name] for name in self.shapes}

    def _params_of(self, i: int, params: Params) -> Params:
        return {name: params[f"{i}.{name}"] for name in self.layers[i].shapes}


def input_width(layers: Sequence[Layer]) -> int | None:
    """Return the number of inputs of the first linear layer, also within others; None without one.

    >>> input_width([Linear(2, 5), Linear(5, 3)])
    2
    """
    return next((layer.n_inputs for layer in flattened(layers) if isinstance(layer, Linear)), None)


def flattened(layers: Iterable[Layer]) -> Iterator[Layer]:
    """Yield the layers, and after each :class:`Nested` one those within it.

    >>> from rosenblatt.layers import Linear, Residual, Tanh
    >>> layers = [Linear(2, 2), Residual([Linear(2, 2), Tanh()])]
    >>> [type(layer).__name__ for layer in flattened(layers)]
    ['Linear', 'Residual', 'Linear', 'Tanh']
    """
    for layer in layers:
        yield layer
        if isinstance(layer, Nested):
            yield from flattened(layer.layers)
