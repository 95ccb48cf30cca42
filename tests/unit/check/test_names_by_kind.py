"""Names of mistakes where a factor, a penalty, a mask or a loss can be written in several ways."""

import textwrap

import pytest

from check_corpus.corpus import check_text

COLUMNS = """
    import numpy as np
    rng = np.random.default_rng(4)
    X = rng.normal(size=(2, 12))
    T = np.eye(3)[rng.integers(0, 3, 12)].T
    W, c = rng.normal(size=(3, 2)), np.zeros((3, 1))
    for k in range(30):
        E = np.exp(W @ X + c)
        P = E / E.sum(axis=0)
        print(np.sum((P - T) ** 2) / 24)
        D = np.zeros_like(P)
        for n in range(12):
            p = P[:, n]
            J = np.diag(p) - np.outer(p, p)
            D[:, n] = J @ (P[:, n] - T[:, n]) / 12
        W -= 0.5 * D @ X.T
        c -= 0.5 * D.sum(axis=1, keepdims=True)
"""

LAYERS = """
    import numpy as np
    rng = np.random.default_rng(1)
    sizes = [2, 6, 5, 1]
    X = rng.normal(size=(2, 25))
    Y = (X[:1] * X[1:] > 0) * 1.0
    net = {}
    for l in (1, 2, 3):
        net["W%d" % l] = rng.normal(size=(sizes[l], sizes[l - 1]))
        net["b%d" % l] = 0.1 * rng.normal(size=(sizes[l], 1))

    def forward(net):
        seen, A = {"A0": X}, X
        for l in (1, 2, 3):
            Z = net["W%d" % l] @ A + net["b%d" % l]
            A = np.maximum(Z, 0) if l < 3 else 1 / (1 + np.exp(-Z))
            seen["Z%d" % l], seen["A%d" % l] = Z, A
        return seen

    def backward(net, seen):
        g = {}
        dZ = seen["A3"] - Y
        for l in (3, 2, 1):
            g["W%d" % l] = dZ @ seen["A%d" % (l - 1)].T / 25
            g["b%d" % l] = dZ.sum(axis=1, keepdims=True) / 25
            if l > 1:
                dA = net["W%d" % l].T @ dZ
                dZ = dA * (seen["Z%d" % (l - 1)] > 0)
        return g

    for k in range(30):
        seen = forward(net)
        p = seen["A3"]
        cost = -np.mean(Y * np.log(p) + (1 - Y) * np.log(1 - p))
        g = backward(net, seen)
        for name in net:
            net[name] = net[name] - 0.1 * g[name]
"""

LOGCOSH = """
    import numpy as np
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(20, 3)), rng.normal(size=20)

    def loss(w, x, y):
        return np.mean(np.log(np.cosh(x @ w - y)))

    def gradient(w, x, y):
        r = x @ w - y
        return x.T @ (np.tanh(r) / len(y))

    w = np.zeros(3)
    for k in range(20):
        w -= 0.1 * gradient(w, x, y)
    print(loss(w, x, y))
"""

RIDGE = """
    import random
    random.seed(3)
    lam = 0.02
    points = [(-0.8, 0.1), (-0.3, 0.5), (0.2, 0.9), (0.5, 0.4), (0.9, -0.3)]
    w = [random.uniform(-1, 1) for _ in range(4)]

    def value(w, x):
        return sum(wk * x ** k for k, wk in enumerate(w))

    for step in range(30):
        g = [0.0] * 4
        for x, y in points:
            e = value(w, x) - y
            for k in range(4):
                g[k] += 2 * e * x ** k / len(points)
        for k in range(1, 4):
            g[k] += 2 * lam * w[k]
        for k in range(4):
            w[k] -= 0.1 * g[k]
"""

DECAY = """
    import numpy as np
    rng = np.random.default_rng(6)
    X = rng.normal(size=(40, 3))
    T = rng.normal(size=(40, 2))
    W, V, lam = rng.normal(size=(3, 6)), rng.normal(size=(6, 2)), 0.01
    dWv, dVv = 0 * W, 0 * V
    for k in range(40):
        h = np.tanh(X @ W)
        d = (h @ V - T) / 40
        dV = h.T @ d + lam * V
        dW = X.T @ (d @ V.T * (1 - h ** 2)) + lam * W
        dWv = 0.9 * dWv - 0.1 * dW
        dVv = 0.9 * dVv - 0.1 * dV
        W = W + dWv
        V = V + dVv
"""

HALVED = """
    import numpy as np
    x = np.array([[-4.0], [-2.0], [-1.0], [1.0], [3.0], [4.0]])
    r = (x > 0) * 1.0

    def chance(m, k):
        return 1 / (1 + np.exp(-k * (x - m)))

    def loss(m, k):
        p = chance(m, k)
        return -np.mean(r * np.log(p) + (1 - r) * np.log(1 - p))

    m, k, eta = 0.5, 1.0, 0.5
    best = loss(m, k)
    for step in range(60):
        e = chance(m, k) - r
        new_m = m - eta * np.mean(-k * e)
        new_k = k - eta * np.mean((x - m) * e)
        new = loss(new_m, new_k)
        if new < best:
            m, k, best = new_m, new_k, new
            eta *= 1.1
        else:
            eta *= 0.5
"""


def _found(text):
    result = check_text(textwrap.dedent(text), "script.py")
    return [(finding["mistake"], finding["line"]) for finding in result["findings"]]


@pytest.mark.parametrize("text", [COLUMNS, LAYERS, LOGCOSH, RIDGE, DECAY, HALVED])
def test_right_programs_are_right(text):
    assert _found(text) == []


@pytest.mark.parametrize(
    ("text", "old", "new", "mistake"),
    [
        (COLUMNS, "np.diag(p) - np.outer(p, p)", "np.diag(p * (1 - p))", "softmax-diagonal-only"),
        (LAYERS, '(seen["Z%d" % (l - 1)] > 0)', "(dA > 0)", "relu-mask-of-gradient"),
        (LAYERS, "keepdims=True) / 25", "keepdims=True)", "batch-factor"),
        (LOGCOSH, "(np.tanh(r) / len(y))", "(r / len(y))", "loss-gradient-mismatch"),
        (RIDGE, "g[k] += 2 * e", "g[k] -= 2 * e", "sign"),
        (DECAY, "h.T @ d + lam", "h.T @ d - lam", "sign"),
        (HALVED, "m, k, eta = 0.5, 1.0, 0.5", "m, k, eta = 0.5, 40.0, 0.5", "log-of-zero"),
    ],
)
def test_a_mistake_has_its_name(text, old, new, mistake):
    assert old in text
    assert _found(text.replace(old, new))[0][0] == mistake
