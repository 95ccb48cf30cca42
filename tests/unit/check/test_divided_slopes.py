"""The derivative of a mean loss without its division, which the caller of the derivative does."""

import pytest

from check_corpus.corpus import check_text

MEAN = """
import numpy as np

def mse(y_pred, y_true):
    return np.mean(np.square(y_pred - y_true))

def mse_derivative(y_pred, y_true):
    return 2 * (y_pred - y_true)

def fit(X, y, rate, epochs):
    w = np.zeros((X.shape[1], 1))
    n = X.shape[0]
    for epoch in range(epochs):
        out = X @ w
        w -= STEP
        print(mse(out, y))

rng = np.random.default_rng(0)
X = rng.normal(size=(12, 3))
fit(X, X @ np.array([[1.0], [-2.0], [0.5]]), 0.1, 20)
"""


@pytest.mark.parametrize(
    ("step", "mistakes"),
    [
        ("rate / n * X.T @ mse_derivative(out, y)", []),
        ("rate * X.T @ (mse_derivative(out, y) / n)", []),
        ("rate * X.T @ mse_derivative(out, y)", ["batch-factor"]),
        ("rate / 2 * X.T @ mse_derivative(out, y)", ["batch-factor"]),
    ],
)
def test_the_caller_may_divide_by_the_count(step, mistakes):
    found = check_text(MEAN.replace("STEP", step))["findings"]
    assert [finding["mistake"] for finding in found] == mistakes
