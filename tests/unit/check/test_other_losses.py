"""Gradients of another loss than the one that stands next to them."""

import textwrap

import pytest

from check_corpus.corpus import check_text

COST = """
    import numpy as np
    rng = np.random.default_rng(2)
    X = rng.normal(size=(30, 3))
    y = (X @ np.array([1.0, -2.0, 0.5]) > 0.2).astype(float)

    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    def cost(X, y, w, b):
        p = sigmoid(X @ w + b)
        return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))

    def gradient(X, y, w, b):
        p = sigmoid(X @ w + b)
        d = p - y
        return X.T @ d / len(X), d.mean()

    w, b = np.zeros(3), 0.0
    for step in range(200):
        dw, db = gradient(X, y, w, b)
        w, b = w - 0.1 * dw, b - 0.1 * db
    print(cost(X, y, w, b))
"""


@pytest.mark.parametrize(
    ("new", "is_wrong", "is_other"),
    [
        ("d = p - y", False, False),
        ("d = (p - y) * p * (1 - p)", True, True),
        ("d = p - y + 0.1 * X[:, 0]", True, False),
    ],
)
def test_a_gradient_of_another_usual_loss_is_named(new, is_wrong, is_other):
    result = check_text(textwrap.dedent(COST).replace("d = p - y", new))
    found = [finding["mistake"] for finding in result["findings"]]
    assert len(found) == is_wrong
    assert ("loss-gradient-mismatch" in found) == is_other
