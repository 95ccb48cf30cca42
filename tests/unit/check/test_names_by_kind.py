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

COUNTS = """
    import math, random
    random.seed(5)

    def poisson(rate):
        k, p = 0, random.random()
        while p > math.exp(-rate):
            k, p = k + 1, p * random.random()
        return k

    sites = []
    for _ in range(12):
        x = [random.gauss(0, 1), random.gauss(0, 1)]
        sites.append((x, poisson(math.exp(0.5 + 0.6 * x[0] - 0.3 * x[1]))))
    w, b, ridge = [0.0, 0.0], 0.0, 0.01
    for turn in range(40):
        gw, gb = [0.0, 0.0], 0.0
        for x, n in sites:
            s = b + w[0] * x[0] + w[1] * x[1]
            r = math.exp(s) - n
            for j in range(2):
                gw[j] += r * x[j]
            gb += r
        for j in range(2):
            w[j] -= 0.05 * (gw[j] / 12 + ridge * w[j])
        b -= 0.05 * gb / 12
"""

SAMPLES_IN_A_LIST = """
    import numpy as np
    rng = np.random.default_rng(5)

    def draw(many):
        xs, ts = [], []
        for _ in range(many):
            k = rng.integers(3)
            xs.append(80 * rng.normal(size=6) + 60 * np.eye(6)[k])
            ts.append(k)
        return np.array(xs), np.array(ts)

    X, t = draw(400)
    T = np.eye(3)[t]
    W, c = 0.1 * rng.normal(size=(6, 3)), np.zeros(3)
    for turn in range(20):
        z = X @ W + c
        e = np.exp(z - z.max(axis=1, keepdims=True))
        p = e / e.sum(axis=1, keepdims=True)
        loss = -np.mean(np.log(p[np.arange(400), t] + 1e-10))
        d = (p - T) / 400
        W -= 0.1 * X.T @ d
        c -= 0.1 * d.sum(axis=0)
"""

SINGLE_WEIGHTS = """
    import math, random
    random.seed(2)
    w1, w2, w3, b1, b2 = [random.gauss(0, 1) for _ in range(5)]
    for turn in range(40):
        for x1, x2, y in [(0.3, -0.8, 1), (-0.6, 0.4, 0), (0.9, 0.7, 1), (-0.2, -0.5, 0)]:
            h = math.tanh(w1 * x1 + w2 * x2 + b1)
            o = w3 * h + b2
            d = 2 * (o - y)
            e = d * w3 * (1 - h * h)
            w1 -= 0.1 * e * x1
            w2 -= 0.1 * e * x2
            b1 -= 0.1 * e
            w3 -= 0.1 * d * h
            b2 -= 0.1 * d
"""

LIMITED_STEPS = """
    import numpy as np
    rng = np.random.default_rng(0)
    X = rng.normal(size=(40, 5))
    Y = (X.sum(axis=1, keepdims=True) > 0) * 1.0
    p = {"Wx": rng.normal(0, 0.3, (1, 4)), "Wh": rng.normal(0, 0.3, (4, 4)), "bh": np.zeros(4)}
    p |= {"Wy": rng.normal(0, 0.3, (4, 1)), "by": np.zeros(1)}

    def step(p, g, lr, most=5.0):
        norm = np.sqrt(sum(np.sum(v ** 2) for v in g.values()))
        scale = min(1.0, most / (norm + 1e-12))
        for k in p:
            p[k] -= lr * scale * g[k]

    def gradients(p, X, Y):
        hs = [np.zeros((len(X), 4))]
        for t in range(5):
            hs.append(np.tanh(X[:, t:t + 1] @ p["Wx"] + hs[t] @ p["Wh"] + p["bh"]))
        o = 1 / (1 + np.exp(-(hs[-1] @ p["Wy"] + p["by"])))
        g = {k: np.zeros_like(v) for k, v in p.items()}
        d = (o - Y) / len(X)
        g["Wy"], g["by"] = hs[-1].T @ d, d.sum(axis=0)
        dh = d @ p["Wy"].T
        for t in reversed(range(5)):
            da = dh * (1 - hs[t + 1] ** 2)
            g["Wx"] += X[:, t:t + 1].T @ da
            g["Wh"] += hs[t].T @ da
            g["bh"] += da.sum(axis=0)
            dh = da @ p["Wh"].T
        return g

    for turn in range(30):
        step(p, gradients(p, X, Y), 0.5)
"""


def _found(text):
    result = check_text(textwrap.dedent(text), "script.py")
    return [(finding["mistake"], finding["line"]) for finding in result["findings"]]


RIGHT = [COLUMNS, LAYERS, LOGCOSH, RIDGE, DECAY, HALVED, COUNTS, SAMPLES_IN_A_LIST]
RIGHT += [SINGLE_WEIGHTS, LIMITED_STEPS]


@pytest.mark.cases(1)
@pytest.mark.parametrize("text", RIGHT)
def test_right_programs_are_right(text):
    assert _found(text) == []


@pytest.mark.cases(1)
@pytest.mark.parametrize(
    ("text", "old", "new", "mistake"),
    [
        (COLUMNS, "np.diag(p) - np.outer(p, p)", "np.diag(p * (1 - p))", "softmax-diagonal-only"),
        (LAYERS, '(seen["Z%d" % (l - 1)] > 0)', "(dA > 0)", "relu-mask-of-gradient"),
        (LAYERS, "keepdims=True) / 25", "keepdims=True)", "batch-factor"),
        (LOGCOSH, "(np.tanh(r) / len(y))", "(r / len(y))", "loss-gradient-mismatch"),
        (RIDGE, "g[k] += 2 * e", "g[k] -= 2 * e", "sign"),
        (DECAY, "h.T @ d + lam", "h.T @ d - lam", "sign"),
        (COUNTS, "+ ridge * w[j]", "- ridge * w[j]", "sign"),
        (SINGLE_WEIGHTS, "w2 -= 0.1 * e * x2", "w2 -= 0.1 * e * x1", "wrong-input-cached"),
        (LIMITED_STEPS, '            g["Wh"] += hs[t].T @ da\n', "", "gradient-missing"),
        (HALVED, "m, k, eta = 0.5, 1.0, 0.5", "m, k, eta = 0.5, 40.0, 0.5", "log-of-zero"),
    ],
)
def test_a_mistake_has_its_name(text, old, new, mistake):
    assert old in text
    assert _found(text.replace(old, new))[0][0] == mistake
