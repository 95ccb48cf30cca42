"""Layers that are made with functions of the file, and slopes that the caller multiplies."""

import pytest

from check_corpus.corpus import check_text

GIVEN = """
import numpy as np

def bump(z):
    return np.exp(-z ** 2)

def bump_deriv(z):
    return SLOPE

def small_init(rows, cols):
    return 0.1 * np.random.randn(rows, cols)

def bias_init(cols):
    return np.zeros((1, cols))

class Dense:
    def __init__(self, n_in, n_out, weight_init, bias_init):
        self.W, self.b = weight_init(n_in, n_out), bias_init(n_out)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, delta):
        self.W_g = self.x.T @ delta
        self.b_g = delta.SUM
        return delta @ self.W.T

class Unit:
    def __init__(self, f, f_prime):
        self.f, self.f_prime = f, f_prime

class Bend:
    def __init__(self, activation, activation_deriv):
        self.f, self.slope = activation, activation_deriv

    def forward(self, x):
        self.x = x
        return self.f(x)

    def backward(self, delta):
        return delta * self.slope(self.x)

class Bow:
    def forward(self, x):
        self.y = np.tanh(x)
        return self.y

    def derivative(self):
        return OWN
"""

RIGHT = {
    "SLOPE": "-2 * z * np.exp(-z ** 2)",
    "SUM": "sum(axis=0, keepdims=True)",
    "OWN": "1 - self.y ** 2",
}


@pytest.mark.parametrize(
    ("place", "wrong", "expected"),
    [
        ("OWN", "1 - self.y ** 2", []),
        ("OWN", "1 - np.tanh(self.y) ** 2", ["activation-derivative-at-output"]),
        ("SUM", "sum()", ["bias-gradient-not-summed"]),
        ("SLOPE", "2 * z * np.exp(-z ** 2)", ["sign"]),
    ],
)
def test_layers_made_with_functions(place: str, wrong: str, expected: list[str]) -> None:
    text = GIVEN
    for word, right in {**RIGHT, place: wrong}.items():
        text = text.replace(word, right)
    values = check_text(text)
    found = [finding["mistake"] for finding in values["findings"]]
    assert sorted(set(found)) == expected
    assert {"Dense", "Bend", "Bow"} <= set(values["checked"])
