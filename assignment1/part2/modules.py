"""The layers and the loss as objects that remember.

The formulas and their gradients are those of ``rosenblatt.layers`` and ``rosenblatt.losses``, which
are functions without memory. A module adds what the report's interface has: its parameters, what
the last forward pass left for the backward pass, and the gradients that came of it.
"""

import numpy as np

from rosenblatt import layers, losses
from rosenblatt.errors import ConfigurationError
from rosenblatt.random import stream


class Module:
    """A layer with its ``params`` and ``grads``, dicts of arrays; empty where it has none."""

    def __init__(self, layer, seed=0):
        self.layer = layer
        self.params = layer.init(stream(seed, "init"))
        self.grads = {name: np.zeros_like(value) for name, value in self.params.items()}
        self._cache = None

    def forward(self, x):
        """Return the output for x (N, n_inputs)."""
        out, self._cache = self.layer.forward(self.params, x)
        return out

    def backward(self, dout):
        """Return ∂L/∂x for dout = ∂L/∂out, at the x of the last forward pass; fill ``grads``."""
        if self._cache is None:
            raise ConfigurationError("call forward first: backward needs its result")
        dx, self.grads = self.layer.backward(self.params, self._cache, dout)
        return dx


class Linear(Module):
    """y = x W + b, with W (n_inputs, n_outputs) standard normal and b (n_outputs,) zero at first.

    ``params`` and ``grads`` have the keys "weight" and "bias".
    """

    def __init__(self, n_inputs, n_outputs, seed=0):
        super().__init__(layers.Linear(n_inputs, n_outputs, "normal"), seed)


class ReLU(Module):
    """y = max(0, x)."""

    def __init__(self):
        super().__init__(layers.ReLU())


class SoftMax(Module):
    """p_j = e^{x_j} / Σ_k e^{x_k} in each row."""

    def __init__(self):
        super().__init__(layers.Softmax())


class CrossEntropy:
    """L = −(1/N) Σ y log p, for probabilities x = p (N, C) and one-hot labels y (N, C)."""

    def forward(self, x, y):
        """Return L, a float."""
        return losses.CategoricalCrossEntropy().over_batch(x, y)[0]

    def backward(self, x, y):
        """Return ∂L/∂x, (N, C)."""
        return losses.CategoricalCrossEntropy().over_batch(x, y)[1]
