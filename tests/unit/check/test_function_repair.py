"""Repairs of layers, losses and operations by one small change of their code."""

import textwrap

import pytest

from check_corpus.corpus import check_text

LAYER = """
    class Gate:
        def forward(self, x):
            self.x = x
            self.h = np.tanh(x)
            self.s = 1 / (1 + np.exp(-x))
            return self.h * self.s

        def backward(self, dout):
            dh = dout * self.s
            through_h = dh * (1 - self.h ** 2)
            through_s = dout * self.h * self.s * (1 - self.s)
            return through_h + through_s
"""

LOSS = """
    def loss_and_grad(W, X, y):
        z = X @ W
        s = 1 / (1 + np.exp(-z))
        t = np.tanh(z)
        loss = np.sum((s * t - y) ** 2) / len(y)
        d = 2 * (s * t - y) / len(y)
        ds = d * t * s * (1 - s)
        dt = d * s * (1 - t ** 2)
        return loss, X.T @ (ds + dt)
"""

OPERATION = """
    class Blend:
        @staticmethod
        def forward(ctx, a, b):
            e, f = np.tanh(a), np.exp(0.3 * b)
            ctx.save_for_backward(e, f)
            return e * f

        @staticmethod
        def backward(ctx, dout):
            e, f = ctx.saved_tensors
            da = dout * f * (1 - e ** 2)
            db = dout * e * f * 0.3
            return da, db
"""

LOGISTIC = """
    def step(w, b, X, y):
        p = 1 / (1 + np.exp(-(X @ w + b)))
        cost = -np.sum(y * np.log(p) + (1 - y) * np.log(1 - p)) / len(y)
        gap = (p - y)
        dw = X.T @ gap / len(y)
        return cost, dw, np.sum(gap) / len(y)

    rng = np.random.default_rng(2)
    X, y = rng.normal(size=(6, 3)), np.array([0.0, 1, 1, 0, 1, 0])
    step(rng.normal(size=3), 0.1, X, y)
"""

CODES = """
    def loss_and_grads(W, b_in, V, X):
        h = np.tanh(X @ W + b_in)
        r = h @ V - X
        loss = np.sum(r ** 2) / len(X)
        d = 2 * r / len(X)
        dV = h.T @ d
        dh = d @ V.T * (1 - h ** 2)
        dW = X.T @ dh
        db_in = dh.sum(axis=0)
        return loss, dW, db_in, dV

    rng = np.random.default_rng(2)
    loss_and_grads(rng.normal(size=(4, 2)), np.zeros(2), rng.normal(size=(2, 4)), np.eye(4))
"""

STEPS = """
    def loss_and_grads(U, R, V, xs, ts):
        hs, loss = {-1: np.zeros(3)}, 0.0
        for t in range(len(xs)):
            hs[t] = np.tanh(U @ xs[t] + R @ hs[t - 1])
            loss += 0.5 * np.sum((V @ hs[t] - ts[t]) ** 2)
        dU, dR, dV, later = 0 * U, 0 * R, 0 * V, np.zeros(3)
        for t in reversed(range(len(xs))):
            d = V @ hs[t] - ts[t]
            dV += np.outer(d, hs[t])
            dh = V.T @ d + later
            dz = dh * (1 - hs[t] ** 2)
            dU += np.outer(dz, xs[t])
            dR += np.outer(dz, hs[t - 1])
            later = R.T @ dz
        return loss, dU, dR, dV

    rng = np.random.default_rng(2)
    U, R, V = rng.normal(size=(3, 2)), rng.normal(size=(3, 3)), rng.normal(size=(1, 3))
    loss_and_grads(U, R, V, rng.normal(size=(5, 2)), rng.normal(size=(5, 1)))
"""

NESTED = STEPS.replace("loss, dU, dR, dV", "loss, (dU, dR, dV)")
NAMED = STEPS.replace("return loss, dU, dR, dV", "found = (dU, dR, dV)\n        return loss, found")

SCORES = """
    def softmax_loss(scores, labels):
        n = len(labels)
        shifted = scores - scores.max(axis=1, keepdims=True)
        p = np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True)
        loss = -np.log(p[np.arange(n), labels]).mean()
        grad = p / n
        grad[np.arange(n), labels] -= 1 / n
        return loss, grad
"""

UNROLLED = """
    def cost_and_slopes(p, X, Y, lam=0.3):
        n = len(X)
        V = p.reshape(2, 4)
        C = np.c_[np.ones(n), X]
        d = C @ V.T - Y
        cost = np.sum(d ** 2) / (2 * n) + lam / (2 * n) * np.sum(V[:, 1:] ** 2)
        S = d.T @ C / n
        S[:, 1:] = S[:, 1:] + lam / n * V[:, 1:]
        return cost, S.ravel()

    rng = np.random.default_rng(2)
    cost_and_slopes(rng.normal(size=8), rng.normal(size=(5, 3)), rng.normal(size=(5, 2)))
"""

SWISH = """
    class Swish:
        def forward(self, x):
            self.kept = x
            self.s = 1 / (1 + np.exp(-x))
            return x * self.s

        def backward(self, dout):
            return dout * (self.s + self.kept * self.s * (1 - self.s))
"""


@pytest.mark.cases(1)
@pytest.mark.parametrize(
    ("text", "old", "new", "mistakes"),
    [
        (LAYER, "dout * self.s", "dout * self.x", ["wrong-input-cached"]),
        (LAYER, "(1 - self.h ** 2)", "(1 + self.h ** 2)", ["sign"]),
        (LAYER, "* (1 - self.s)", "", ["activation-derivative-missing"]),
        (LOSS, "d * t * s", "d * z * s", ["activation-derivative-at-output", "wrong-input-cached"]),
        (LOSS, "(1 - t ** 2)", "(1 + t ** 2)", ["sign"]),
        (LOSS, "(1 - t ** 2)", "(1 - t)", ["activation-derivative-at-output"]),
        (LOSS, " * (1 - t ** 2)", "", ["activation-derivative-missing"]),
        (OPERATION, "(1 - e ** 2)", "(1 - e)", ["activation-derivative-at-output"]),
        (OPERATION, "dout * e * f", "dout * f * f", ["wrong-input-cached"]),
        (LOGISTIC, "gap = (p - y)", "gap = (p - y) * p * (1 - p)", ["loss-gradient-mismatch"]),
        (CODES, "dh.sum(axis=0)", "dh[0]", ["bias-gradient-not-summed"]),
        (STEPS, "V.T @ d + later", "V.T @ d", ["upstream-gradient-missing"]),
        (NESTED, "V.T @ d + later", "V.T @ d", ["upstream-gradient-missing"]),
        (NAMED, "np.outer(dz, hs[t - 1])", "np.outer(dz, hs[t])", ["wrong-input-cached"]),
        (SCORES, "-= 1 / n", "-= 1", ["batch-factor"]),
        (UNROLLED, "lam / n * V", "lam * V", ["batch-factor"]),
        (SWISH, "self.kept = x", "self.kept = np.tanh(x)", ["wrong-input-cached"]),
    ],
)
def test_one_change_names_the_mistake_and_its_line(text, old, new, mistakes):
    right = "import numpy as np\n" + textwrap.dedent(text)
    assert check_text(right)["findings"] == []
    wrong = right.replace(old, new)
    assert wrong != right
    lines = zip(right.splitlines(), wrong.splitlines(), strict=True)
    line = next(i for i, (one, other) in enumerate(lines, 1) if one != other)
    finding = check_text(wrong)["findings"][0]
    assert finding["mistake"] in mistakes
    assert finding["line"] == line
