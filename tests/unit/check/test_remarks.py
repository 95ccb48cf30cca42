"""What is wrong only for inputs that a run does not meet."""

from check_corpus.corpus import check_text
from rosenblatt.check import run_judgement

LOSS = """
import numpy as np

def sigmoid(z):
    return 1 / (1 + np.exp(-z))

def log_loss(p, y):
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))

X = np.array([[0.5, 1.0], [-1.0, 0.3], [0.2, -0.7], [1.1, 0.4]])
y = np.array([1.0, 0.0, 0.0, 1.0])
w = np.array([0.1, -0.2])
for i in range(5):
    p = sigmoid(X @ w)
    loss = log_loss(p, y)
    w = w - 0.5 * X.T @ (p - y) / 4
"""


def _mistakes(text):
    result = check_text(text, "script.py")
    return tuple([f["mistake"] for f in result[key]] for key in ("findings", "remarks"))


def test_a_logarithm_of_0_that_the_run_does_not_meet_is_a_remark():
    assert _mistakes(LOSS) == ([], ["log-of-zero"])


def test_one_that_the_run_meets_is_a_mistake():
    steep = LOSS.replace("X @ w)", "X @ w * 3000)")
    assert "log-of-zero" in _mistakes(steep)[0]


def test_a_protected_logarithm_is_neither():
    safe = LOSS.replace("np.log(p)", "np.log(p + 1e-12)").replace(
        "log(1 - p)", "log(1 - p + 1e-12)"
    )
    assert _mistakes(safe) == ([], [])


def test_a_factor_that_all_updates_have_is_a_remark():
    text = """
import numpy as np
rng = np.random.default_rng(3)
X, y = rng.normal(size=(6, 2)), rng.normal(size=(6, 1))
W1, b1 = rng.normal(size=(2, 3)), np.zeros((1, 3))
W2, b2 = rng.normal(size=(3, 1)), np.zeros((1, 1))
lr = 0.01
for i in range(20):
    h = np.tanh(X @ W1 + b1)
    out = h @ W2 + b2
    loss = np.mean((out - y) ** 2)
    d = 2 * (out - y)
    dh = d @ W2.T * (1 - h ** 2)
    W2 = W2 - lr * h.T @ d
    b2 = b2 - lr * d.sum(axis=0, keepdims=True)
    W1 = W1 - lr * X.T @ dh
    b1 = b1 - lr * dh.sum(axis=0, keepdims=True)
"""
    findings, remarks = _mistakes(text)
    assert findings == []
    # The gradient of the mean over six samples is a sixth of this.
    assert remarks == ["batch-factor"]
    other = text.replace("W1 = W1 - lr * X", "W1 = W1 - lr * 6 * X")
    assert _mistakes(other)[0]


def test_an_error_of_the_check_itself_is_told(monkeypatch):
    # What cannot be called fails where the check calls it.
    monkeypatch.setattr(run_judgement, "descent_of", None)
    result = check_text(LOSS, "script.py")
    texts = [f["text"] for f in result["remarks"] if f["mistake"] == "error-of-the-check"]
    assert len(texts) == 1
    assert texts[0].startswith("an error of rosenblatt itself, TypeError in ")
    assert "report it with the file" in texts[0]
