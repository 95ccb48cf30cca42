"""Terms and factors of gradients that come from another layer, or from the next step of time."""

import textwrap

import pytest

from check_corpus.corpus import check_text

STEPS = """
    import numpy as np
    rng = np.random.default_rng(6)
    U, R, V = rng.normal(size=(2, 4)) / 2, rng.normal(size=(4, 4)) / 4, rng.normal(size=(4, 1)) / 2
    c = np.zeros(4)

    def learn(xs, ts, h0):
        global U, R, V, c
        hs, os = [h0], []
        for x in xs:
            hs.append(np.tanh(x @ U + hs[-1] @ R + c))
            os.append(hs[-1] @ V)
        cost = sum(0.5 * np.sum((o - t) ** 2) for o, t in zip(os, ts))
        dU, dR, dV, dc = 0 * U, 0 * R, 0 * V, 0 * c
        seuraava = np.zeros_like(h0)
        for k in reversed(range(len(xs))):
            do = os[k] - ts[k]
            dV += hs[k + 1].T @ do
            dh = do @ V.T + seuraava
            dz = dh * (1 - hs[k + 1] ** 2)
            dU += xs[k].T @ dz
            dR += hs[k].T @ dz
            dc += dz.sum(axis=0)
            seuraava = dz @ R.T
        U, R, V, c = U - 0.02 * dU, R - 0.02 * dR, V - 0.02 * dV, c - 0.02 * dc
        return cost

    for epoch in range(20):
        xs = rng.normal(size=(4, 3, 2))
        ts = np.cumsum(xs[:, :, :1], axis=0)
        print(learn(xs, ts, np.zeros((3, 4))))
"""

TIED = """
    import numpy as np
    rng = np.random.default_rng(2)
    X = np.tanh(rng.normal(size=(30, 2)) @ rng.normal(size=(2, 7)))
    p = {"W": 0.3 * rng.normal(size=(7, 3)), "b_enc": np.zeros(3), "b_dec": np.zeros(7)}
    for k in range(50):
        H = np.tanh(X @ p["W"] + p["b_enc"])
        dY = (H @ p["W"].T + p["b_dec"] - X) / len(X)
        dZ = dY @ p["W"] * (1 - H ** 2)
        g = {"b_enc": dZ.sum(axis=0), "b_dec": dY.sum(axis=0)}
        g["W"] = X.T @ dZ + dY.T @ H
        for name in p:
            p[name] -= 0.05 * g[name]
"""

UNITS = """
    import math, random
    random.seed(9)

    class Celula:
        def __init__(self, n):
            self.w = [random.uniform(-1, 1) for _ in range(n)]
            self.b = random.uniform(-1, 1)
            self.saida = self.erro = 0.0

        def calcula(self, x):
            self.x = x
            self.saida = 1 / (1 + math.exp(-sum(w * v for w, v in zip(self.w, x)) - self.b))
            return self.saida

        def muda(self, taxa):
            for i, v in enumerate(self.x):
                self.w[i] -= taxa * self.erro * v
            self.b -= taxa * self.erro

    meio = [Celula(2) for _ in range(3)]
    fim = [Celula(3) for _ in range(2)]
    for k in range(12):
        for x, t in [([0, 1], [1, 0]), ([1, 1], [0, 1]), ([1, 0], [1, 0]), ([0, 0], [0, 0])]:
            h = [c.calcula(x) for c in meio]
            o = [c.calcula(h) for c in fim]
            for c, a in zip(fim, t):
                c.erro = (c.saida - a) * c.saida * (1 - c.saida)
            for j, c in enumerate(meio):
                soma = 0.0
                for f in fim:
                    soma += f.w[j] * f.erro
                c.erro = soma * c.saida * (1 - c.saida)
            for c in meio + fim:
                c.muda(0.5)
"""

LISTS = """
    import math, random
    random.seed(4)
    rows = [([0.9, 0.1], [0.0, 1.0]), ([0.8, -0.4], [1.0, 0.0]), ([-0.6, 0.2], [0.5, 0.2])]
    W = [[random.uniform(-1, 1) for _ in range(2)] for _ in range(3)]
    U = [[random.uniform(-1, 1) for _ in range(3)] for _ in range(2)]
    for k in range(12):
        for x, t in rows:
            h = [math.tanh(sum(w * e for w, e in zip(W[j], x))) for j in range(3)]
            o = [sum(a * b for a, b in zip(U[k], h)) for k in range(2)]
            err = [o[k] - t[k] for k in range(2)]
            back = [sum(U[k][j] * err[k] for k in range(2)) * (1 - h[j] ** 2) for j in range(3)]
            for k in range(2):
                for j in range(3):
                    U[k][j] -= 0.1 * err[k] * h[j]
            for j in range(3):
                for i in range(2):
                    W[j][i] -= 0.1 * back[j] * x[i]
"""


def _found(text):
    result = check_text(textwrap.dedent(text), "script.py")
    assert result["checked"]
    return [(finding["mistake"], finding["line"]) for finding in result["findings"]]


@pytest.mark.cases(1)
@pytest.mark.parametrize("text", [LISTS, STEPS, TIED, UNITS])
def test_right_runs_are_right(text):
    assert _found(text) == []


@pytest.mark.slow
@pytest.mark.cases(1)
@pytest.mark.parametrize(
    ("text", "old", "new", "mistake"),
    [
        (STEPS, "do @ V.T + seuraava", "do @ V.T", "upstream-gradient-missing"),
        (TIED, "X.T @ dZ + dY.T @ H", "X.T @ dZ", "gradient-missing"),
        (UNITS, "f.w[j] * f.erro", "f.w[j]", "upstream-gradient-missing"),
        (UNITS, "soma * c.saida * (1 - c.saida)", "soma", "activation-derivative-missing"),
        (LISTS, "U[k][j] * err[k] for", "U[k][j] for", "upstream-gradient-missing"),
    ],
)
def test_a_missing_part_is_named_with_its_line(text, old, new, mistake):
    text = textwrap.dedent(text)
    assert old in text
    line = text[: text.index(old)].count("\n") + 1
    assert _found(text.replace(old, new))[0] == (mistake, line)
