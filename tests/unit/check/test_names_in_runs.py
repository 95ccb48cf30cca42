"""Masks of dropout, means over places, lists of numbers and losses by other names in a run."""

import textwrap

import pytest

from check_corpus.corpus import check_text

DROPOUT = """
    import numpy as np
    rng = np.random.default_rng(4)
    X = rng.normal(size=(60, 5))
    y = (X[:, :1] > X[:, 1:2]).astype(float)
    U, u = rng.normal(size=(5, 12)) / 2, np.zeros(12)
    V, v = rng.normal(size=(12, 1)) / 3, np.zeros(1)
    behalten = 0.7
    for k in range(60):
        z = X @ U + u
        a = np.maximum(z, 0)
        maske = (rng.random(a.shape) < behalten) / behalten
        h = a * maske
        p = 1 / (1 + np.exp(-(h @ V + v)))
        d = (p - y) / len(X)
        dV, dv = h.T @ d, d.sum(axis=0)
        dh = d @ V.T * maske
        dz = dh * (z > 0)
        dU, du = X.T @ dz, dz.sum(axis=0)
        U -= 0.5 * dU
        u -= 0.5 * du
        V -= 0.5 * dV
        v -= 0.5 * dv
"""

SCALED = DROPOUT.replace("(rng.random(a.shape) < behalten) / behalten", "rng.random(a.shape)")
SCALED = SCALED.replace(
    "h = a * maske", "maske = maske < behalten\n        h = a * maske / behalten"
)
SCALED = SCALED.replace("dh = d @ V.T * maske", "dh = d @ V.T * maske / behalten")

DEEP = """
    import numpy as np
    rng = np.random.default_rng(4)
    X = rng.normal(size=(60, 5))
    y = (X[:, :1] > X[:, 1:2]).astype(float)
    sizes = [5, 12, 8, 1]
    W = [rng.normal(size=(a, b)) / np.sqrt(a) for a, b in zip(sizes[:-1], sizes[1:])]
    b = [np.zeros(n) for n in sizes[1:]]
    for k in range(60):
        acts, masks = [X], []
        for l in range(3):
            z = acts[-1] @ W[l] + b[l]
            if l == 2:
                acts.append(1 / (1 + np.exp(-z)))
            else:
                masks.append((rng.random(z.shape) < 0.7) / 0.7)
                acts.append(np.maximum(z, 0) * masks[-1])
        delta = (acts[-1] - y) / len(X)
        for l in reversed(range(3)):
            dW, db = acts[l].T @ delta, delta.sum(axis=0)
            if l > 0:
                delta = delta @ W[l].T
                delta = delta * (acts[l] > 0) * masks[l - 1]
            W[l] = W[l] - 0.5 * dW
            b[l] = b[l] - 0.5 * db
"""

PLACES = """
    import numpy as np
    rng = np.random.default_rng(3)
    signal = rng.normal(size=(40, 14))
    y = (signal[:, 3] > 0).astype(float)
    parts = np.stack([signal[:, k:k + 4] for k in range(11)], axis=1)
    F, fb, w, c = rng.normal(size=(4, 3)), np.zeros(3), rng.normal(size=3), 0.0
    for k in range(30):
        z = parts @ F + fb
        mid = np.maximum(z, 0).mean(axis=1)
        p = 1 / (1 + np.exp(-(mid @ w + c)))
        d = (p - y) / len(y)
        dw, dc = mid.T @ d, d.sum()
        dmid = np.outer(d, w)
        dz = np.repeat(dmid[:, None, :], 11, axis=1) / 11 * (z > 0)
        dF = np.einsum("npk,npf->kf", parts, dz)
        dfb = dz.sum(axis=(0, 1))
        F = F - 0.3 * dF
        fb = fb - 0.3 * dfb
        w = w - 0.3 * dw
        c = c - 0.3 * dc
"""

LISTS = """
    import math, random
    random.seed(3)

    class Netz:
        def __init__(self):
            self.V = [[random.gauss(0, 1) for _ in range(4)] for _ in range(3)]
            self.W = [[random.gauss(0, 1) for _ in range(4)] for _ in range(2)]

        def run(self, x):
            self.x = list(x)
            self.h = []
            for j in range(3):
                s = self.V[j][3]
                for i in range(3):
                    s += self.V[j][i] * self.x[i]
                self.h.append(math.tanh(s))
            self.o = []
            for k in range(2):
                s = self.W[k][3]
                for j in range(3):
                    s += self.W[k][j] * self.h[j]
                self.o.append(s)

        def learn(self, t):
            d = [self.o[k] - t[k] for k in range(2)]
            e = []
            for j in range(3):
                s = 0.0
                for k in range(2):
                    s += d[k] * self.W[k][j]
                e.append(s * (1 - self.h[j] ** 2))
            for k in range(2):
                for j in range(3):
                    self.W[k][j] -= 0.1 * d[k] * self.h[j]
                self.W[k][3] -= 0.1 * d[k]
            for j in range(3):
                for i in range(3):
                    self.V[j][i] -= 0.1 * e[j] * self.x[i]
                self.V[j][3] -= 0.1 * e[j]

    net = Netz()
    rows = [([0, 1, 1], [1, 0]), ([1, 0, 1], [0, 1]), ([1, 1, 0], [1, 1])]
    for n in range(12):
        for x, t in rows:
            net.run(x)
            net.learn(t)
"""


def _found(text, *edits):
    text = textwrap.dedent(text)
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    result = check_text(text, "script.py")
    assert "training" in result.get("checked", ())
    return [(finding["mistake"], finding["line"]) for finding in result["findings"]]


@pytest.mark.cases(1)
@pytest.mark.parametrize("text", [DROPOUT, SCALED, DEEP, PLACES, LISTS])
def test_right_runs_are_right(text):
    assert _found(text) == []


@pytest.mark.cases(1)
@pytest.mark.parametrize(
    ("text", "old", "new", "mistake"),
    [
        (DROPOUT, "d @ V.T * maske", "d @ V.T", "dropout-scale"),
        (SCALED, "d @ V.T * maske / behalten", "d @ V.T", "dropout-scale"),
        (SCALED, "d @ V.T * maske / behalten", "d @ V.T * maske", "dropout-scale"),
        (PLACES, "axis=1) / 11 * (z > 0)", "axis=1) * (z > 0)", "batch-factor"),
        (PLACES, "dz.sum(axis=(0, 1))", "dz.sum()", "bias-gradient-not-summed"),
        (LISTS, "d[k] * self.h[j]", "d[k] * self.x[j]", "wrong-input-cached"),
    ],
)
def test_a_mistake_is_named_with_its_line(text, old, new, mistake):
    lines = textwrap.dedent(text).splitlines()
    line = next(number for number, line in enumerate(lines, 1) if old in line)
    first, place = _found(text, (old, new))[0]
    assert first == mistake
    assert abs(place - line) <= 1


@pytest.mark.slow
def test_a_factor_next_to_a_mask_is_the_scale_of_dropout():
    edit = ("h = a * maske / behalten", "h = a * maske")
    assert [mistake for mistake, _ in _found(SCALED, edit)] == ["dropout-scale"]
