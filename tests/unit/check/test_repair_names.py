"""Mistakes of a run that a change of the code names, in programs with right versions."""

import textwrap

import pytest

from check_corpus.corpus import check_text

LISTS = """
    import math, random
    random.seed(2)
    rows = [([0.9, 0.1], 0), ([0.8, -0.4], 0), ([-0.3, 0.7], 1), ([-0.6, 0.2], 1)]
    hidden = [[random.uniform(-0.6, 0.6) for _ in range(3)] for _ in range(2)]
    outer = [[random.uniform(-0.6, 0.6) for _ in range(3)] for _ in range(2)]

    def squash(z):
        return 1 / (1 + math.exp(-z))

    def slope(a):
        return a * (1 - a)

    def answers(layer, values):
        return [squash(sum(w * v for w, v in zip(unit, values)) + unit[-1]) for unit in layer]

    def shift(layer, deltas, values):
        for unit, delta in zip(layer, deltas):
            for i in range(len(values)):
                unit[i] -= 0.3 * delta * values[i]
            unit[-1] -= 0.3 * delta

    for epoch in range(8):
        for x, label in rows:
            goal = [0, 0]
            goal[label] = 1
            h = answers(hidden, x)
            o = answers(outer, h)
            deltas = []
            for j in range(len(o)):
                error = o[j] - goal[j]
                deltas.append(error * slope(o[j]))
            inner = []
            for j in range(len(h)):
                error = sum(unit[j] * d for unit, d in zip(outer, deltas))
                inner.append(error * slope(h[j]))
            shift(hidden, inner, x)
            shift(outer, deltas, h)
"""

UNITS = """
    import math, random
    random.seed(4)
    table = [([1, 0], 1), ([0, 1], 1), ([0, 0], 0), ([1, 1], 0)]
    inner = [[random.uniform(-1, 1) for _ in range(2)] for _ in range(3)]
    shifts = [random.uniform(-1, 1) for _ in range(3)]
    outer = [random.uniform(-1, 1) for _ in range(3)]
    shift = random.uniform(-1, 1)

    def squash(z):
        return 1 / (1 + math.exp(-z))

    for epoch in range(40):
        for x, label in table:
            h = [squash(shifts[k] + sum(w * v for w, v in zip(inner[k], x))) for k in range(3)]
            out = squash(shift + sum(w * a for w, a in zip(outer, h)))
            delta = (out - label) * out * (1 - out)
            deltas = []
            for k in range(3):
                deltas.append(delta * outer[k] * h[k] * (1 - h[k]))
            for k in range(3):
                outer[k] -= 0.7 * delta * h[k]
            shift -= 0.7 * delta
            for k in range(3):
                for j in range(2):
                    inner[k][j] -= 0.7 * deltas[k] * x[j]
                shifts[k] -= 0.7 * deltas[k]
"""

LINE = """
    import random
    random.seed(5)
    hours = [0.2, 0.5, 0.9, 1.3, 1.6]
    marks = [0.8, 1.1, 1.9, 2.7, 3.1]
    slope, start = 0.0, 0.0
    for epoch in range(20):
        for k in random.sample(range(5), 5):
            x, y = hours[k], marks[k]
            guess = slope * x + start
            grad_slope = -2 * x * (y - guess)
            grad_start = -2 * (y - guess)
            slope = slope - 0.05 * grad_slope
            start = start - 0.05 * grad_start
"""

GATE = """
    import numpy as np
    inputs = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])

    def sigma(s):
        return 1 / (1 + np.exp(-s))

    def learn(goals):
        weights = np.zeros(2)
        bias = 0.0
        for epoch in range(30):
            for x, goal in zip(inputs, goals):
                out = sigma(np.dot(weights, x) + bias)
                delta = (goal - out) * out * (1 - out)
                weights[:] = weights + 2.0 * delta * x
                bias = bias + 2.0 * delta
        return weights, bias

    learn(np.array([0, 1, 1, 1]))
"""

BUMPS = """
    import numpy as np
    rng = np.random.default_rng(3)
    X = rng.uniform(-1, 1, 20)
    y = np.cos(2 * X)
    C = np.linspace(-1, 1, 4)
    a, k = 0.3 * rng.normal(size=4), 0.0
    for step in range(20):
        D = X[:, None] - C
        phi = np.exp(-D ** 2)
        e = (phi @ a + k - y) / 20
        da = phi.T @ e
        dk = e.sum()
        q = e[:, None] * a * phi
        dC = np.sum(2 * q * D, axis=0)
        a -= 0.3 * da
        k -= 0.3 * dk
        C -= 0.3 * dC
"""

TAPS = """
    import numpy as np
    rng = np.random.default_rng(6)
    sent = rng.choice([-1.0, 1.0], 200)
    got = np.convolve(sent, [0.9, 0.3, -0.2])[:200]
    taps = np.zeros(7)
    line = np.zeros(7)
    for n in range(200):
        line = np.roll(line, 1)
        line[0] = got[n]
        err = sent[n - 1] - taps @ line
        for i in range(7):
            taps[i] = taps[i] + 0.05 * err * line[i]
"""

EXPERTS = """
    import numpy as np
    rng = np.random.default_rng(8)
    X = rng.normal(size=(12, 3))
    y = rng.normal(size=12)
    G, E = rng.normal(size=(3, 4)), rng.normal(size=(3, 4))
    for step in range(12):
        z = X @ G
        p = np.exp(z - z.max(axis=1, keepdims=True))
        p = p / p.sum(axis=1, keepdims=True)
        v = X @ E
        r = (p * v).sum(axis=1) - y
        loss = 0.5 * np.mean(r ** 2)
        d = r[:, None] / 12
        dE = X.T @ (d * p)
        dp = d * v
        dz = p * (dp - np.sum(dp * p, axis=1, keepdims=True))
        dG = X.T @ dz
        G -= 0.2 * dG
        E -= 0.2 * dE
"""

STACK = """
    import numpy as np
    rng = np.random.default_rng(9)
    X = rng.normal(size=(5, 3, 2))
    M = rng.normal(size=(5, 3, 3))
    y = rng.normal(size=(5, 3, 2))
    W = rng.normal(size=(2, 2))
    for step in range(12):
        V = X @ W
        H = M @ V
        loss = np.mean((H - y) ** 2)
        dH = 2 * (H - y) / H.size
        dV = M.transpose(0, 2, 1) @ dH
        dW = np.einsum("btd,bte->de", X, dV)
        W -= 0.3 * dW
"""

WEIGHTS = """
    import numpy as np
    rng = np.random.default_rng(4)
    X, y = rng.normal(size=(12, 2)), rng.integers(0, 3, 12)
    lam = 0.02
    W, b = 0.5 * rng.normal(size=(2, 5)), np.zeros(5)
    V, c = 0.5 * rng.normal(size=(5, 3)), np.zeros(3)
    for step in range(15):
        h = np.tanh(X @ W + b)
        e = np.exp(h @ V + c)
        p = e / e.sum(axis=1, keepdims=True)
        d = p.copy()
        d[np.arange(12), y] -= 1
        dV = h.T @ d
        dh = d @ V.T * (1 - h ** 2)
        V = V - 0.02 * (dV + lam * V)
        c = c - 0.02 * d.sum(axis=0)
        W = W - 0.02 * (X.T @ dh + lam * W)
        b = b - 0.02 * dh.sum(axis=0)
"""

LAYERS = """
    import numpy as np
    rng = np.random.default_rng(11)
    sizes = [2, 4, 3]
    weights = [rng.normal(size=(n, m)) for m, n in zip(sizes, sizes[1:])]
    biases = [rng.normal(size=(n, 1)) for n in sizes[1:]]
    data = []
    for k in range(60):
        x = rng.normal(size=(2, 1))
        goal = np.zeros((3, 1))
        goal[k % 3] = 1.0
        data.append((x, goal))

    def sigma(z):
        return 1 / (1 + np.exp(-z))

    def slope(z):
        return sigma(z) * (1 - sigma(z))

    def gradients(x, goal):
        values, zs = [x], []
        for w, b in zip(weights, biases):
            zs.append(w @ values[-1] + b)
            values.append(sigma(zs[-1]))
        delta = (values[-1] - goal) * slope(zs[-1])
        dw, db = [delta @ values[-2].T], [delta]
        for l in range(2, len(sizes)):
            delta = weights[-l + 1].T @ delta * slope(zs[-l])
            dw.insert(0, delta @ values[-l - 1].T)
            db.insert(0, delta)
        return dw, db

    for start in range(0, 60, 6):
        dws, dbs = zip(*[gradients(x, goal) for x, goal in data[start:start + 6]])
        weights = [w - 0.5 * sum(part) for w, part in zip(weights, zip(*dws))]
        biases = [b - 0.5 * sum(part) for b, part in zip(biases, zip(*dbs))]
"""


def _mistakes(text, *edits):
    text = textwrap.dedent(text)
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    result = check_text(text, "script.py")
    assert "training" in result.get("checked", ())
    return [(finding["mistake"], finding["line"]) for finding in result["findings"]]


def _line(text, part):
    lines = textwrap.dedent(text).splitlines()
    return next(number for number, line in enumerate(lines, 1) if part in line)


@pytest.mark.cases(1)
@pytest.mark.parametrize(
    "text", [LISTS, UNITS, LINE, GATE, BUMPS, TAPS, EXPERTS, STACK, WEIGHTS, LAYERS]
)
def test_right_runs_are_right(text):
    assert _mistakes(text) == []


@pytest.mark.cases(2)
@pytest.mark.parametrize(
    ("text", "old", "new", "mistake"),
    [
        (TAPS, "taps[i] + 0.05", "taps[i] - 0.05", "sign"),
        (LINE, "grad_start = -2 *", "grad_start = -2 * x *", "bias-gradient-times-input"),
        (GATE, "bias + 2.0 * delta", "bias + 2.0 * delta * x[0]", "bias-gradient-times-input"),
        (
            GATE,
            "out * (1 - out)",
            "sigma(out) * (1 - sigma(out))",
            "activation-derivative-at-output",
        ),
        (BUMPS, " * a * phi", " * a", "activation-derivative-missing"),
        (LISTS, "slope(o[j])", "slope(squash(o[j]))", "activation-derivative-at-output"),
        (EXPERTS, "(dp - np.sum(dp * p, axis=1, keepdims=True))", "(1 - p) * dp", None),
        (STACK, "M.transpose(0, 2, 1) @ dH", "M @ dH", "transposed"),
        (EXPERTS, "np.sum(dp * p", "np.mean(dp * p", "batch-factor"),
        (LAYERS, "slope(zs[-l])", "slope(values[-l])", "activation-derivative-at-output"),
        (WEIGHTS, "e.sum(axis=1", "e.sum(axis=0", "softmax-wrong-axis"),
    ],
)
def test_a_mistake_is_named_with_its_line(text, old, new, mistake):
    mistake = mistake or "softmax-diagonal-only"
    assert _mistakes(text, (old, new))[0] == (mistake, _line(text, old))


@pytest.mark.slow
def test_weights_with_a_penalty_are_updated_before_they_are_used():
    late = "    dh = d @ V.T * (1 - h ** 2)\n"
    update = "    V = V - 0.02 * (dV + lam * V)\n"
    text = textwrap.dedent(WEIGHTS)
    assert late + update in text
    assert _mistakes(text.replace(late + update, update + late))[0][0] == "update-before-use"


@pytest.mark.slow
def test_single_weights_are_updated_before_they_are_used():
    """An input of 0 moves its weight by nothing, in the run and in the repeated one."""
    text = textwrap.dedent(UNITS)
    update = "        for k in range(3):\n            outer[k] -= 0.7 * delta * h[k]\n"
    late = "        deltas = []\n"
    assert late in text
    assert update in text
    text = text.replace(update, "").replace(late, update + late)
    assert _mistakes(text)[0] == ("update-before-use", _line(text, "outer[k] -=") - 1)


@pytest.mark.slow
def test_two_heads_are_not_named_by_the_loss_of_one():
    text = """
import numpy as np
rng = np.random.default_rng(7)
X, y, t = rng.normal(size=(20, 3)), rng.integers(0, 3, 20), rng.normal(size=(20, 1))
net = {"W": rng.normal(size=(3, 5)), "C": rng.normal(size=(5, 3)), "R": rng.normal(size=(5, 1))}
for k in range(20):
    h = np.maximum(0, X @ net["W"])
    s = h @ net["C"]
    p = np.exp(s - s.max(1, keepdims=True))
    p = p / p.sum(1, keepdims=True)
    d_c = (p - np.eye(3)[y]) / 20
    d_r = 0.7 * 2 * (h @ net["R"] - t) / 20
    d_h = (d_c @ net["C"].T + d_r @ net["R"].T) * (h > 0)
    grads = {"C": h.T @ d_c, "R": h.T @ d_r, "W": X.T @ d_h}
    for name in net:
        net[name] -= 0.1 * grads[name]
"""
    assert not check_text(text).get("findings")
