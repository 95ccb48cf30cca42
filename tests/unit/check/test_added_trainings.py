"""Trainings that the check adds to a class whose file makes no object of it."""

import pytest

from check_corpus.corpus import check_text

PERCEPTRON = """import numpy as np


class Unit:
    def net(self, X):
        return np.dot(X, self.w) + self.b

    def predict(self, X):
        return np.where(self.net(X) > 0, 1, -1)


class Perceptron(Unit):
    def __init__(self, k, n):
        self.k = k
        self.n = n

    def fit(self, X, y):
        self.w = np.zeros(X.shape[1])
        self.b = 0.0
        misses = []
        for _ in range(self.n):
            sse = 0
            for xi, yi in zip(X, y):
                error = yi - self.predict(xi)
                sse += error ** 2
                step = error * self.k
                self.w += step * xi
                self.b += step
            misses.append(sse)
        return misses
"""


def mistakes(text):
    result = check_text(text)
    assert not result["reason"]
    return [finding["mistake"] for finding in result["findings"]]


def test_a_perceptron_with_outputs_1_and_minus_1_is_given_such_labels():
    assert mistakes(PERCEPTRON) == []


def test_a_fit_that_makes_its_weights_is_called_once():
    # A second call would begin with new weights in the middle of the record.
    assert (
        mistakes(
            PERCEPTRON.replace("(self, k, n)", "(self, eta, runs)")
            .replace("self.k = k", "self.k = eta")
            .replace("self.n = n", "self.n = runs")
        )
        == []
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [("self.b += step", "self.b -= step"), ("self.w += step * xi", "self.w -= step * xi")],
)
def test_a_wrong_sign_of_such_a_perceptron_is_found(old, new):
    assert mistakes(PERCEPTRON.replace(old, new)) == ["sign"]


NETWORK = """import numpy as np


class MLP:
    def __init__(self, sizes):
        self.W = [np.random.randn(b, a) for a, b in zip(sizes[:-1], sizes[1:])]
        self.b = [np.random.randn(b, 1) for b in sizes[1:]]

    def forward(self, X):
        self.A = [X]
        for W, b in zip(self.W, self.b):
            self.A.append(1 / (1 + np.exp(-(W @ self.A[-1] + b))))
        return self.A[-1]

    def backward(self, X, wanted, rate=0.5):
        out = self.forward(X)
        d = (out - wanted) * out * (1 - out)
        for i in reversed(range(len(self.W))):
            dW, db = d @ self.A[i].T, d.sum(axis=1, keepdims=True)
            if i > 0:
                d = (self.W[i].T @ d) * self.A[i] * (1 - self.A[i])
            self.W[i] -= rate * dW
            self.b[i] -= rate * db

    def train(self, X, wanted, runs=40):
        for _ in range(runs):
            self.backward(X, wanted)


X = np.array([[0, 0, 1, 1], [0, 1, 0, 1]])
MLP([2, 4, 1]).train(X, np.array([[0, 1, 1, 0]]))
"""


def test_a_network_whose_backward_pass_takes_the_outputs_wanted_is_no_layer():
    assert mistakes(NETWORK) == []
    wrong = NETWORK.replace("d = (out - wanted)", "d = (wanted - out)")
    assert mistakes(wrong) == ["sign"]
