"""The softmax: scores to probabilities."""

from dataclasses import dataclass

import numpy as np

from rosenblatt.layers.base import Array, Cache, Layer, Params


def softmax(x: Array) -> Array:
    """Return p_j = e^{x_j} / Σ_k e^{x_k} per row, for x (N, C).

    The row's maximum is subtracted first: it cancels in the quotient, and no exponential overflows.
    """
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


@dataclass(frozen=True)
class Softmax(Layer):
    """p_j = e^{x_j} / Σ_k e^{x_k} per row;  dx = p ⊙ (dy − Σ_k dy_k p_k).

    The backward pass is the product with the Jacobian ∂p_i/∂x_j = p_i (δ_ij − p_j) (Bishop,
    *Pattern Recognition and Machine Learning*, 2006, equation 4.106). The Jacobian is not diagonal:
    an elementwise dy ⊙ f′(x) would be wrong here.

    >>> p, cache = Softmax().forward({}, np.array([[1000.0, 1000.0]]))
    >>> p
    array([[0.5, 0.5]])
    """

    @property
    def formulas(self) -> tuple[str, ...]:
        return (
            "y[n, j] = exp(x[n, j]) / sum(k, exp(x[n, k]))",
            "dx[n, j] = y[n, j] * (dy[n, j] - sum(k, dy[n, k] * y[n, k]))",
        )

    def forward(self, params: Params, x: Array) -> tuple[Array, Cache]:
        """Return p (N, C); the cache is p."""
        p = softmax(x)
        return p, p

    def backward(self, params: Params, cache: Cache, dy: Array) -> tuple[Array, Params]:
        """Return dx = p ⊙ (dy − Σ_k dy_k p_k)."""
        p = cache
        return p * (dy - (dy * p).sum(axis=1, keepdims=True)), {}
