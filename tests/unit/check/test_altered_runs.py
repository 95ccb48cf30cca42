"""Runs with larger weights, or without limits of the gradients, show what a run hides."""

import textwrap

import pytest

from check_corpus.corpus import check_text
from rosenblatt.check.larger_weights import with_larger_weights
from rosenblatt.check.source.text import Source
from rosenblatt.check.wide_limits import with_wide_limits

SMALL = """
    import numpy as np
    rng = np.random.default_rng(3)
    X = rng.uniform(-1, 1, size=(20, 3))
    Y = np.sin(X.sum(axis=1, keepdims=True))
    W1 = rng.standard_normal((3, 5)) * 0.01
    W2 = 0.01 * rng.standard_normal((5, 1))
    for epoch in range(30):
        H = np.tanh(X @ W1)
        P = H @ W2
        dP = 2 * (P - Y) / len(X)
        dW2 = H.T @ dP
        dZ = (dP @ W2.T) * (1 - H ** 2)
        dW1 = X.T @ dZ
        W1 -= 0.1 * dW1
        W2 -= 0.1 * dW2
"""

CLIPPED = """
    import numpy as np
    np.random.seed(2)
    X = np.random.uniform(-1, 1, size=(20, 3))
    Y = np.sin(X.sum(axis=1, keepdims=True))
    W1, W2 = np.random.randn(3, 5), np.random.randn(5, 1)
    for epoch in range(30):
        H = np.tanh(X @ W1)
        P = H @ W2
        loss = np.mean((P - Y) ** 2)
        dP = 2 * (P - Y) / len(X)
        dW2 = H.T @ dP
        dW1 = X.T @ ((dP @ W2.T) * (1 - H ** 2))
        for dparam in (dW1, dW2):
            np.clip(dparam, -5, 5, out=dparam)
        W1 -= 0.1 * dW1
        W2 -= 0.1 * dW2
"""


@pytest.mark.parametrize("text", [SMALL, CLIPPED])
@pytest.mark.parametrize("is_wrong", [False, True])
def test_a_derivative_at_the_wrong_value_is_found(text, is_wrong):
    text = textwrap.dedent(text)
    assert "(1 - H ** 2)" in text
    if is_wrong:
        text = text.replace("(1 - H ** 2)", "(1 - np.tanh(H) ** 2)")
    result = check_text(text)
    assert "training" in result["checked"]
    found = [finding["mistake"] for finding in result["findings"]]
    assert found == ["activation-derivative-at-output"] * is_wrong


def test_factors_of_random_numbers_become_larger():
    before = ["a = 0.01 * randn(3)", "b = normal(0, 0.02, 3)", "c = 0.01 * x", "d = 0.3 * rand(2)"]
    after = ["a = 0.5 * randn(3)", "b = normal(0, 0.5, 3)", "c = 0.01 * x", "d = 0.3 * rand(2)"]
    assert with_larger_weights(Source("\n".join(before))).split("\n") == after
    assert with_larger_weights(Source("c = 0.01 * x")) is None


def test_limits_of_gradients_become_wide():
    before = ["g = np.clip(g, -5, 5)", "self.dW.clip(-1.0, 1.0)", "p = np.clip(p, -9, 9)"]
    after = ["g = np.clip(g, -1e9, 1e9)", "self.dW.clip(-1e9, 1e9)", "p = np.clip(p, -9, 9)"]
    assert with_wide_limits(Source("\n".join(before))).split("\n") == after
    assert with_wide_limits(Source("np.clip(dW, 0, 5)")) is None
    assert with_wide_limits(Source("np.set_printoptions(precision=3)")) is None
    assert with_wide_limits(Source("np.clip(a=dW, a_min=-5, a_max=5)")) is None
