"""Networks that are given their layers and their loss, and trained by a method of their own."""

import pytest

from check_corpus.corpus import check_text

NETZ = """
import numpy as np

class Linear:
    def __init__(self, n_in, n_out):
        self.W = np.random.randn(n_in, n_out) * 0.3
        self.b = np.zeros(n_out)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, g):
        self.dW, self.db = self.x.T @ g, g.sum(axis=0)
        return g @ self.W.T

class Tanh:
    def forward(self, x):
        self.y = np.tanh(x)
        return self.y

    def backward(self, g):
        return g * (1 - self.y ** 2)

class HalfSquared:
    def amount(self, y, t):
        return 0.5 * np.sum((y - t) ** 2) / len(t)

    def slope(self, y, t):
        return SLOPE

class Net:
    def __init__(self, layers, criterion):
        self.layers, self.criterion = layers, criterion

    def one_step(self, X, t, lr):
        y = X
        for layer in self.layers:
            y = layer.forward(y)
        loss = self.criterion.amount(y, t)
        g = self.criterion.slope(y, t)
        for layer in reversed(self.layers):
            g = layer.backward(g)
        for layer in self.layers:
            if hasattr(layer, "W"):
                layer.W -= lr * layer.dW
                layer.b SIGN= lr * layer.db
        return loss
"""


@pytest.mark.cases(2)
@pytest.mark.parametrize(
    ("slope", "sign", "expected"),
    [
        ("(y - t) / len(t)", "-", []),
        ("(y - t) / len(t)", "+", ["sign"]),
        ("(t - y) / len(t)", "-", ["sign"]),
    ],
)
def test_network_with_given_layers(slope: str, sign: str, expected: list[str]) -> None:
    values = check_text(NETZ.replace("SLOPE", slope).replace("SIGN", sign))
    assert [finding["mistake"] for finding in values["findings"]][:1] == expected
    assert not values["reason"]
    assert "HalfSquared" in values["checked"]
