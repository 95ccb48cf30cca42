"""Logarithms of 0 and overflows that the whole run of a file meets."""

import pytest

from check_corpus.corpus import check_text

NEURON = """
import numpy as np
rng = np.random.default_rng(4)
X = rng.normal(size=(10, 2))
y = (X[:, 0] > 0).astype(float)
w = np.zeros(2)
for k in range(400):
    p = 1 / (1 + np.exp(-X @ w * SCALE))
    w = w - 0.5 * X.T @ (p - y) / 10
LOSS
"""
LATE = "print(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)))"
PLAIN = "import math\nprint(-sum(math.log(q if t else 1 - q) for q, t in zip(p, y)))"


def _mistakes(text):
    return [finding["mistake"] for finding in check_text(text, "script.py")["findings"]]


@pytest.mark.parametrize("loss", [LATE, PLAIN], ids=["NumPy", "math"])
def test_a_logarithm_of_0_after_many_updates_is_found(loss):
    text = NEURON.replace("LOSS", loss)
    assert _mistakes(text.replace("SCALE", "1")) == []
    steep = text.replace("SCALE", "1").replace("range(400)", "range(4000)")
    steep = steep.replace("print(", "w = -1e6 * w\np = 1 / (1 + np.exp(-X @ w))\nprint(", 1)
    found = check_text(steep, "script.py")["findings"]
    assert [finding["mistake"] for finding in found] == ["log-of-zero"]
    assert "log" in steep.splitlines()[found[0]["line"] - 1]


def test_an_overflow_that_gives_0_is_none():
    assert _mistakes(NEURON.replace("LOSS", "print(p)").replace("SCALE", "2000")) == []


@pytest.mark.parametrize(("shift", "expected"), [("0", ["softmax-overflow"]), ("z.max()", [])])
def test_a_softmax_that_overflows_is_found(shift, expected):
    text = f"""
import numpy as np
rng = np.random.default_rng(4)
X = rng.normal(size=(10, 2))
y = np.arange(10) % 3
W = np.zeros((2, 3))
def outputs(z):
    e = np.exp(z - {shift})
    return e / e.sum(axis=1, keepdims=True)
for k in range(300):
    d = outputs(X @ W)
    d[np.arange(10), y] -= 1
    W = W - 0.5 * X.T @ d / 10
print(outputs(900 * np.array([[1.0, 0.0, -1.0]])))
"""
    assert _mistakes(text) == expected


OF_LARGE_LOGITS = """
import numpy as np
rng = np.random.default_rng(4)
X = rng.normal(size=(10, 2)) * SCALE
y = np.arange(10) % 3
W = np.ones((2, 3))
def softmax(z):
    e = np.exp(z)
    return e / e.sum(axis=1, keepdims=True)
for k in range(30):
    d = softmax(X @ W)
    d[np.arange(10), y] -= 1
    W = W - 0.1 * X.T @ d / 10
"""


@pytest.mark.parametrize(
    ("scale", "said"), [("1", "this does not happen."), ("900", "This happens in the")]
)
def test_whether_a_softmax_overflows_in_the_own_run_is_said(scale, said):
    result = check_text(OF_LARGE_LOGITS.replace("SCALE", scale), "script.py")
    (finding,) = result["findings"]
    assert finding["mistake"] == "softmax-overflow"
    assert "above 709" in finding["text"]
    assert said in finding["text"]


def test_an_overflow_that_does_not_happen_comes_after_a_wrong_gradient():
    text = OF_LARGE_LOGITS.replace("SCALE", "1").replace("X.T @ d", "np.sqrt(np.abs(X.T)) @ d")
    found = [finding["mistake"] for finding in check_text(text, "script.py")["findings"]]
    assert found == ["unexplained", "softmax-overflow"]
