"""The fully connected layer."""

from dataclasses import dataclass
from typing import cast

import numpy as np

from rosenblatt.checks import whole_field
from rosenblatt.errors import ConfigurationError
from rosenblatt.layers.base import Array, Cache, Layer, Params
from rosenblatt.layers.init import Initializer, as_initializer


@dataclass(frozen=True)
class Linear(Layer):
    """y = x W + b.

    Args:
        n_inputs: D, the width of x, at least 1.
        n_outputs: H, the width of y, at least 1.
        weight_init: how W is drawn, an initialiser or its name; b starts at 0.
        bias: whether there is a b.

    Its parameters are ``weight``, W (D, H), and ``bias``, b (H,). The gradients are those of
    Goodfellow, Bengio and Courville, *Deep Learning* (2016), section 6.5:

        dW = xᵀ dy,   db = Σ_rows dy,   dx = dy Wᵀ.

    >>> layer = Linear(2, 1)
    >>> params = {"weight": np.array([[1.0], [2.0]]), "bias": np.array([0.5])}
    >>> y, cache = layer.forward(params, np.array([[3.0, 4.0]]))
    >>> y
    array([[11.5]])
    >>> dx, grads = layer.backward(params, cache, np.array([[1.0]]))
    >>> dx, grads["weight"].T, grads["bias"]
    (array([[1., 2.]]), array([[3., 4.]]), array([1.]))
    """

    n_inputs: int
    n_outputs: int
    weight_init: str | Initializer = "he"
    bias: bool = True

    def __post_init__(self) -> None:
        whole_field(self, "n_inputs", at_least=1)
        whole_field(self, "n_outputs", at_least=1)
        object.__setattr__(self, "weight_init", as_initializer(self.weight_init))

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        shapes: dict[str, tuple[int, ...]] = {"weight": (self.n_inputs, self.n_outputs)}
        return shapes | {"bias": (self.n_outputs,)} if self.bias else shapes

    @property
    def formulas(self) -> tuple[str, ...]:
        backward = (
            "dx[n, i] = sum(j, dy[n, j] * weight[i, j])",
            "dweight[i, j] = sum(n, x[n, i] * dy[n, j])",
        )
        if not self.bias:
            return ("y[n, j] = sum(i, x[n, i] * weight[i, j])", *backward)
        return (
            "y[n, j] = sum(i, x[n, i] * weight[i, j]) + bias[j]",
            *backward,
            "dbias[j] = sum(n, dy[n, j])",
        )

    def init(self, rng: np.random.Generator) -> Params:
        """Return W drawn by ``weight_init``, and b = 0."""
        initializer = cast(Initializer, self.weight_init)  # __post_init__ has replaced a name.
        weight = initializer(rng, self.n_inputs, self.n_outputs)
        return (
            {"weight": weight, "bias": np.zeros(self.n_outputs)}
            if self.bias
            else {"weight": weight}
        )

    def n_outputs_for(self, n_inputs: int | None) -> int:
        """Return H; raise ConfigurationError where x is not of width D."""
        if n_inputs not in (None, self.n_inputs):
            raise ConfigurationError(
                f"Linear({self.n_inputs}, {self.n_outputs}) follows a layer {n_inputs} wide; "
                f"make it Linear({n_inputs}, {self.n_outputs})"
            )
        return self.n_outputs

    def forward(self, params: Params, x: Array) -> tuple[Array, Cache]:
        """Return y = x W + b (N, H); the cache is x (N, D)."""
        y = x @ params["weight"]
        if self.bias:
            y = y + params["bias"]
        return y, x

    def backward(self, params: Params, cache: Cache, dy: Array) -> tuple[Array, Params]:
        """Return dx = dy Wᵀ (N, D) and {dW = xᵀ dy, db = Σ_rows dy}."""
        x = cache
        dx = dy @ params["weight"].T
        grads = {"weight": x.T @ dy}
        if self.bias:
            grads["bias"] = dy.sum(axis=0)
        return dx, grads
