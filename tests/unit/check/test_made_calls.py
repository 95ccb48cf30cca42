"""Losses and gradients of a class that the file defines and never runs."""

import pytest

from check_corpus.corpus import check_text

SOFTMAX = """
import numpy as np

class Net:
    def __init__(self, sizes, l2=0.0):
        rng = np.random.default_rng(0)
        self.l2 = l2
        self.Ws = [rng.normal(0, 1, (m, n)) for m, n in zip(sizes[:-1], sizes[1:])]
        self.bs = [np.zeros(n) for n in sizes[1:]]

    def predict(self, X):
        self.kept = [X]
        for k, (W, b) in enumerate(zip(self.Ws, self.bs)):
            z = self.kept[-1] @ W + b
            self.kept.append(np.tanh(z) if k < len(self.Ws) - 1 else z)
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def loss(self, X, Y):
        P = self.predict(X)
        return -np.mean(LOG) + 0.5 * self.l2 * sum((W ** 2).sum() for W in self.Ws)

    def gradients(self, X, Y):
        P = self.predict(X)
        delta = DELTA
        gW, gb = [], []
        for k in range(len(self.Ws) - 1, -1, -1):
            gW.insert(0, self.kept[k].T @ delta + self.l2 * self.Ws[k])
            gb.insert(0, delta.sum(axis=0))
            delta = delta @ self.Ws[k].T * (1 - self.kept[k] ** 2)
        return gW, gb
"""
ONE_HOT = SOFTMAX.replace("LOG", "(Y * np.log(P)).sum(axis=1)").replace("DELTA", "(P - Y) / len(X)")
LABELS = SOFTMAX.replace("LOG", "np.log(P[np.arange(len(Y)), Y])").replace(
    "DELTA", "(P - np.eye(P.shape[1])[Y]) / len(X)"
)


@pytest.mark.parametrize("text", [ONE_HOT, LABELS], ids=["one-hot", "labels"])
def test_a_class_that_nothing_runs_is_checked(text):
    result = check_text(text)
    assert result["findings"] == []
    assert "Net.gradients" in result["checked"]
    assert result["reason"] is None


@pytest.mark.parametrize("text", [ONE_HOT, LABELS], ids=["one-hot", "labels"])
@pytest.mark.parametrize(
    ("right", "wrong", "mistake"),
    [
        ("self.kept[k].T @ delta", "(self.kept[k].T @ delta) * 2", "constant-factor"),
        ("delta.sum(axis=0)", "-delta.sum(axis=0)", "sign"),
        (" / len(X)\n", "\n", "batch-factor"),
    ],
)
def test_its_mistake_is_named(text, right, wrong, mistake):
    assert right in text
    findings = check_text(text.replace(right, wrong))["findings"]
    assert [finding["mistake"] for finding in findings] == [mistake]
    assert findings[0]["where"] == "Net.gradients"
