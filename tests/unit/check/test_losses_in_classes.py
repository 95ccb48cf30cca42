"""Classes of losses: of one sample at a time, of sums, and what only looks like a loss."""

import pytest

from check_corpus.corpus import check_text

VECTOR = """
import math

def softmax(scores):
    top = max(scores)
    exps = [math.exp(s - top) for s in scores]
    return [e / sum(exps) for e in exps]

class SoftmaxLoss:
    def loss(self, predicted, actual):
        return -sum(math.log(p + 1e-30) * a for p, a in zip(softmax(predicted), actual))

    def gradient(self, predicted, actual):
        return [p SIGN a for p, a in zip(softmax(predicted), actual)]
"""

OPERATION = """
import numpy as np

class Add:
    def forward(self, a, b):
        return a + b

    def backward(self, g):
        return g, g
"""

OF_SUMS = """
import numpy as np

def sigmoid(z):
    return 1 / (1 + np.exp(-z))

class SquaredCost:
    @staticmethod
    def fn(a, y):
        return 0.5 * np.sum((a - y) ** 2)

    @staticmethod
    def delta(z, a, y):
        return (a - y) * sigmoid(z) * (1 - sigmoid(z))
"""


@pytest.mark.parametrize("text", [VECTOR.replace("SIGN", "-"), OPERATION, OF_SUMS])
def test_one_sample_at_a_time_an_operation_and_the_gradient_by_sums(text: str) -> None:
    """None of them is a loss of many samples whose gradient is that by its outputs."""
    assert check_text(text)["findings"] == []


def test_wrong_gradient_of_one_sample_at_a_time() -> None:
    """The vector is that of one sample's classes."""
    assert check_text(VECTOR.replace("SIGN", "+"))["findings"]


SHARED = """
import numpy as np

class Layer:
    def __init__(self, W):
        self.W = W

class Net:
    def __init__(self):
        self.params = {"W": np.random.default_rng(0).normal(size=(3, 1))}
        self.layer = Layer(self.params["W"])

    def loss(self, x, t):
        return np.mean((x @ self.layer.W - t) ** 2)

    def numerical_gradient(self, x, t):
        W, grad = self.params["W"], np.zeros((3, 1))
        for k in range(3):
            old = W[k, 0]
            W[k, 0] = old + 1e-4
            above = self.loss(x, t)
            W[k, 0] = old - 1e-4
            grad[k, 0] = (above - self.loss(x, t)) / SPAN
            W[k, 0] = old
        return {"W": grad}

rng = np.random.default_rng(1)
x, net = rng.normal(size=(8, 3)), Net()
t = x @ np.ones((3, 1))
for k in range(20):
    net.params["W"] -= 0.1 * net.numerical_gradient(x, t)["W"]
"""


@pytest.mark.parametrize(("span", "is_right"), [("2e-4", True), ("-2e-4", False)])
def test_weights_that_a_dict_and_a_layer_share(span: str, is_right: bool) -> None:
    """What is written into one is in the other as well."""
    assert (check_text(SHARED.replace("SPAN", span))["findings"] == []) == is_right
