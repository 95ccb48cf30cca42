"""Task 2: the layers and the loss, forward and backward.

Rows are samples. ``forward`` may remember whatever ``backward`` needs. Import NumPy as ``np``.
"""

import numpy as np


class Linear:
    """y = x W + b.

    ``params`` and ``grads`` are dicts with the keys "weight", (n_inputs, n_outputs), and "bias",
    (n_outputs,).
    """

    def __init__(self, n_inputs, n_outputs):
        """Fill ``params``: W standard normal (np.random.randn), b zero; and ``grads``: zeros."""
        self.params = {"weight": np.random.randn(n_inputs, n_outputs), "bias": np.zeros(n_outputs)}  # noqa: NPY002
        self.grads = {"weight": np.zeros((n_inputs, n_outputs)), "bias": np.zeros(n_outputs)}

    def forward(self, x):
        """Return y (N, n_outputs) for x (N, n_inputs)."""
        self.x = x
        return x @ self.params["weight"] + self.params["bias"]

    def backward(self, dout):
        """Return ∂L/∂x (N, n_inputs) for dout = ∂L/∂y (N, n_outputs), and fill ``grads``."""
        self.grads["weight"] = self.x.T @ dout
        self.grads["bias"] = dout.sum(axis=0)
        return dout @ self.params["weight"].T


class ReLU:
    """y = max(0, x)."""

    def forward(self, x):
        """Return y, in the shape of x."""
        self.x = x
        return np.maximum(0, x)

    def backward(self, dout):
        """Return ∂L/∂x for dout = ∂L/∂y; at x = 0 it is 0."""
        return dout * (self.x > 0)


class SoftMax:
    """p_j = exp(x_j) / Σ_k exp(x_k), in each row."""

    def forward(self, x):
        """Return p (N, C) for x (N, C), also where x is 1000."""
        powers = np.exp(x - x.max(axis=1, keepdims=True))
        self.p = powers / powers.sum(axis=1, keepdims=True)
        return self.p

    def backward(self, dout):
        """Return ∂L/∂x for dout = ∂L/∂p."""
        weighted = (dout * self.p).sum(axis=1, keepdims=True)
        return self.p * (dout - weighted)


class CrossEntropy:
    """L = -(1/N) Σ y log p, for probabilities x = p (N, C) and one-hot labels y (N, C)."""

    def forward(self, x, y):
        """Return L, a number."""
        return -(y * np.log(x)).sum() / len(x)

    def backward(self, x, y):
        """Return ∂L/∂x (N, C)."""
        return -y / (x * len(x))
