"""Passes of whole networks next to passes of their layers, in functions that nothing calls."""

import pytest

from check_corpus.corpus import check_text

DEEP = """
import numpy as np

def init_params(layer_sizes):
    np.random.seed(1)
    return {k: v for i in range(1, len(layer_sizes)) for k, v in (
        (f"W{i}", np.random.randn(layer_sizes[i], layer_sizes[i - 1]) * 0.3),
        (f"b{i}", np.zeros((layer_sizes[i], 1))))}

def dense_forward(A, W, b):
    return W @ A + b, (A, W)

def dense_backward(dZ, cache):
    A, W = cache
    n = A.shape[AXIS]
    return W.T @ dZ, dZ @ A.T / n, dZ.sum(axis=1, keepdims=True) / n

def net_forward(X, params):
    A, caches = X, []
    for i in range(1, len(params) // 2 + 1):
        Z, cache = dense_forward(A, params[f"W{i}"], params[f"b{i}"])
        A = np.tanh(Z) if i < len(params) // 2 else 1 / (1 + np.exp(-Z))
        caches.append((cache, A))
    return A, caches

def net_backward(AL, Y, caches):
    grads = {}
    dZ = AL - Y
    for i in range(len(caches), 0, -1):
        dA, grads[f"dW{i}"], grads[f"db{i}"] = dense_backward(dZ, caches[i - 1][0])
        if i > 1:
            dZ = dA * SLOPE
    return grads

def update_params(params, grads, learning_rate):
    for name in params:
        params[name] = params[name] - learning_rate * grads["d" + name]
    return params
"""


@pytest.mark.cases(1)
@pytest.mark.parametrize(
    ("axis", "slope", "expected"),
    [
        ("1", "(1 - caches[i - 2][1] ** 2)", []),
        ("1", "(1 - caches[i - 2][1])", ["activation-derivative"]),
        ("0", "(1 - caches[i - 2][1] ** 2)", ["batch-factor"]),
    ],
)
def test_network_of_functions(axis: str, slope: str, expected: list[str]) -> None:
    values = check_text(DEEP.replace("AXIS", axis).replace("SLOPE", slope))
    found = [finding["mistake"] for finding in values["findings"]]
    assert len(found) == len(expected)
    assert all(name in first for name, first in zip(expected, found, strict=True))
    assert "net_backward" not in values["not_checked"]
