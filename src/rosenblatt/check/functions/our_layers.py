"""Layers of this package, called as those of a student."""

from typing import Any

import numpy as np

from rosenblatt.check.source.calls import constructor_values, required
from rosenblatt.check.source.subjects import Subject
from rosenblatt.check.source.text import Source


class OurLayer:
    """A layer of this package, with its parameters and its gradients."""

    def __init__(self, layer: Any) -> None:
        self._layer = [layer]
        self.params = layer.init(np.random.default_rng(0))
        self.grads: dict[str, Any] = {}

    def forward(self, x: Any) -> Any:
        """Keep the cache, return y."""
        y, self._cache = self._layer[0].forward(self.params, x)
        return y

    def backward(self, dy: Any) -> Any:
        """Keep the gradients, return dx."""
        dx, self.grads = self._layer[0].backward(self.params, self._cache, dy)
        return dx


def our_layer(cls: Any, source: Source, made: Any = None) -> Subject | None:
    """Return how to call a layer of this package; None for another class."""
    from rosenblatt.layers import Layer

    if not issubclass(cls, Layer):
        return None

    def make() -> Any:
        if made is not None:
            return OurLayer(made)
        names = required(cls)
        values = [constructor_values(name, i, {})[0] for i, name in enumerate(names)]
        return OurLayer(cls(*values))

    return Subject(
        where=cls.__name__,
        make=make,
        forward=lambda obj, x: obj.forward(x),
        backward=lambda obj, dout, x, returned: obj.backward(dout),
        forward_function=cls.forward,
        backward_function=cls.backward,
        source=source,
        name="class",
    )
