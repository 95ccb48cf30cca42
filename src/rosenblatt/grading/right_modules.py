"""Right modules in plain NumPy.

They take the place of a submission's ``modules.py`` when code that uses it is graded again, so that
a mistake in one layer does not cost the points of the network. The submission's own ``modules.py``
is graded in another process, which does not have this file.
"""

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


class Linear:
    """y = x W + b;  dW = xᵀ dy, db = Σ_rows dy, dx = dy Wᵀ."""

    def __init__(self, n_inputs: int, n_outputs: int) -> None:
        self.params = {"weight": np.zeros((n_inputs, n_outputs)), "bias": np.zeros(n_outputs)}
        self.grads = {name: np.zeros_like(value) for name, value in self.params.items()}

    def forward(self, x: Array) -> Array:
        """Return y (N, n_outputs) for x (N, n_inputs)."""
        self.x = x
        return x @ self.params["weight"] + self.params["bias"]

    def backward(self, dout: Array) -> Array:
        """Return dx and fill ``grads``, for dout = ∂L/∂y."""
        self.grads = {"weight": self.x.T @ dout, "bias": dout.sum(axis=0)}
        return dout @ self.params["weight"].T


class ReLU:
    """y = max(0, x);  dx = dy where x > 0, else 0."""

    def __init__(self) -> None:
        self.params: dict[str, Array] = {}
        self.grads: dict[str, Array] = {}

    def forward(self, x: Array) -> Array:
        """Return max(0, x)."""
        self.positive = x > 0
        return np.maximum(x, 0.0)

    def backward(self, dout: Array) -> Array:
        """Return dx for dout = ∂L/∂y."""
        return dout * self.positive


class SoftMax:
    """p_j = e^{x_j} / Σ_k e^{x_k} in each row;  dx = p ⊙ (dp − Σ dp ⊙ p)."""

    def __init__(self) -> None:
        self.params: dict[str, Array] = {}
        self.grads: dict[str, Array] = {}

    def forward(self, x: Array) -> Array:
        """Return the probabilities of each row."""
        powers = np.exp(x - x.max(axis=1, keepdims=True))
        self.p = powers / powers.sum(axis=1, keepdims=True)
        return self.p

    def backward(self, dout: Array) -> Array:
        """Return dx for dout = ∂L/∂p."""
        return self.p * (dout - (dout * self.p).sum(axis=1, keepdims=True))


class CrossEntropy:
    """L = −(1/N) Σ y log p;  dp = −y / (p N)."""

    def forward(self, x: Array, y: Array) -> float:
        """Return L for probabilities x (N, C) and one-hot labels y (N, C)."""
        return float(-(y * np.log(x)).sum() / len(x))

    def backward(self, x: Array, y: Array) -> Array:
        """Return ∂L/∂x."""
        return -y / x / len(x)
