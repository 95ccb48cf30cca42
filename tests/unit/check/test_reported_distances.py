"""Squared errors and Huber's loss that a run computes and does not follow."""

import pytest

from check_corpus.corpus import check_text

ADALINE = """
import numpy as np
rng = np.random.default_rng(3)
X = rng.normal(size=(20, 2))
y = np.where(X[:, 0] + 0.3 * X[:, 1] > 0.2, 1.0, -1.0)
w, b, history = np.zeros(2), 0.0, []
def raw(X):
    return X @ w + b
def decided(X):
    return np.where(raw(X) >= 0, 1.0, -1.0)
def cost(outputs):
    return 0.5 * np.mean((y - outputs) ** 2)
for k in range(12):
    error = y - USED(X)
    w = w + 0.05 * X.T @ error / 20
    b = b + 0.05 * error.mean()
    history.append(cost(SHOWN(X)))
"""

HUBER = """
import numpy as np
rng = np.random.default_rng(3)
X = rng.normal(size=(20, 2))
y = X @ np.array([1.0, -2.0]) + 2 * rng.normal(size=20)
w = np.zeros(2)
def huber(e, limit=0.5):
    size = np.abs(e)
    return np.mean(np.where(size <= limit, 0.5 * e ** 2, limit * (size - 0.5 * limit)))
for k in range(12):
    e = X @ w - y
    loss = huber(e)
    w = w - 0.1 * X.T @ SLOPE / 20
"""


def _mistakes(text):
    result = check_text(text, "script.py")
    assert result["reason"] is None
    return [finding["mistake"] for finding in result["findings"]]


@pytest.mark.parametrize(
    ("used", "shown", "expected"),
    [
        ("raw", "raw", []),
        ("decided", "raw", ["loss-gradient-mismatch"]),
        # The rule of the perceptron, which counts its errors.
        ("decided", "decided", []),
    ],
)
def test_steps_next_to_squared_errors(used, shown, expected):
    assert _mistakes(ADALINE.replace("USED", used).replace("SHOWN", shown)) == expected


@pytest.mark.parametrize(
    ("slope", "expected"),
    [("np.clip(e, -0.5, 0.5)", []), ("e", ["loss-gradient-mismatch"])],
)
def test_squares_next_to_the_loss_of_huber(slope, expected):
    assert _mistakes(HUBER.replace("SLOPE", slope)) == expected
