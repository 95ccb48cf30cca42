"""Updates with a velocity and a penalty of the weights at once, next to a plain update."""

import textwrap

import pytest

from check_corpus.corpus import check_text

NETWORK = """
    import numpy as np
    rng = np.random.default_rng(3)
    X = rng.normal(size=(3, 40))
    Y = np.eye(2)[:, (X.sum(axis=0) > 0) * 1]

    class Net:
        def __init__(self):
            self.W1, self.b1 = rng.normal(size=(5, 3)), np.zeros((5, 1))
            self.W2, self.b2 = rng.normal(size=(2, 5)), np.zeros((2, 1))
            self.v = {k: np.zeros_like(getattr(self, k)) for k in ("W1", "b1", "W2", "b2")}

        def forward(self, x):
            self.x = x
            self.a = np.tanh(self.W1 @ x + self.b1)
            z = self.W2 @ self.a + self.b2
            e = np.exp(z - z.max(axis=0))
            self.p = e / e.sum(axis=0)
            return self.p

        def backward(self, y, lam):
            m = y.shape[1]
            d2 = self.p - y
            d1 = (self.W2.T @ d2) * (1 - self.a ** 2)
            return {
                "W2": d2 @ self.a.T / m + lam * self.W2, "b2": d2.sum(axis=1, keepdims=True) / m,
                "W1": d1 @ self.x.T / m + lam * self.W1, "b1": d1.sum(axis=1, keepdims=True) / m,
            }

        def plain(self, lr, dW1, dW2):
            self.W1 -= lr * dW1
            self.W2 = self.W2 - lr * dW2

        def step(self, grads, lr, momentum=0.9):
            self.v["W1"] = momentum * self.v["W1"] - lr * grads["W1"]
            self.v["b1"] = momentum * self.v["b1"] - lr * grads["b1"]
            self.v["W2"] = momentum * self.v["W2"] - lr * grads["W2"]
            self.v["b2"] = momentum * self.v["b2"] - lr * grads["b2"]
            self.W1 += self.v["W1"]
            self.b1 += self.v["b1"]
            self.W2 += self.v["W2"]
            self.b2 += self.v["b2"]

    net = Net()
    for epoch in range(30):
        order = rng.permutation(40)
        for k in range(0, 40, 8):
            batch = order[k : k + 8]
            net.forward(X[:, batch])
            net.step(net.backward(Y[:, batch], 0.01), 0.05)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "new", "mistake"),
    [
        ("", "", None),
        ("momentum * self.v", "-momentum * self.v", "momentum-sign"),
        ("d1.sum(axis=1, keepdims=True) / m", "d1.sum(axis=1, keepdims=True)", "batch-factor"),
        ("lr * dW1", "lr * dW2", "unchecked"),
    ],
)
def test_a_velocity_and_a_penalty_hide_no_mistake(old, new, mistake):
    text = textwrap.dedent(NETWORK)
    assert old in text
    result = check_text(text.replace(old, new) if old else text)
    found = [finding["mistake"] for finding in result["findings"]]
    if mistake == "unchecked":
        assert found == []
        assert "Net.plain" in result["reason"]
    else:
        assert not result["reason"]
        assert found == [mistake] * (mistake is not None)
