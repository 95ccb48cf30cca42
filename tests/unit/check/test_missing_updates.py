"""Parameters that the outputs depend on and that no update moves."""

import textwrap

import pytest

from check_corpus.corpus import check_text
from rosenblatt.check import run_judgement

VELOCITIES = """
    import numpy as np
    rng = np.random.default_rng(5)
    X = rng.normal(size=(30, 3))
    Y = X[:, :1] * X[:, 1:2]
    gewichte = [rng.normal(0, 0.5, (3, 5)), rng.normal(0, 0.5, (5, 1))]
    biase = [np.zeros(5), np.zeros(1)]
    tempo_g = [np.zeros_like(g) for g in gewichte]
    tempo_b = [np.zeros_like(b) for b in biase]
    for epoche in range(20):
        H = np.tanh(X @ gewichte[0] + biase[0])
        d = H @ gewichte[1] + biase[1] - Y
        fehler = 0.5 * np.mean(d ** 2)
        d = d / len(X)
        innen = d @ gewichte[1].T * (1 - H ** 2)
        nach_g, nach_b = [X.T @ innen, H.T @ d], [innen.sum(axis=0), d.sum(axis=0)]
        for i in range(2):
            tempo_g[i] = 0.8 * tempo_g[i] - 0.1 * nach_g[i]
            tempo_b[i] = 0.8 * tempo_b[i] - 0.1 * nach_b[i]
            gewichte[i] += tempo_g[i]
            biase[i] += tempo_b[i]
"""

OBJECTS = """
    import math, random
    random.seed(3)

    class Unite:
        def __init__(self, n):
            self.poids = [random.uniform(-1, 1) for _ in range(n)]
            self.biais = random.uniform(-1, 1)

        def sortie(self, x):
            self.x = x
            s = self.biais
            for p, v in zip(self.poids, x):
                s += p * v
            self.y = math.tanh(s)
            return self.y

        def corriger(self, delta):
            for i, v in enumerate(self.x):
                self.poids[i] -= 0.2 * delta * v
            self.biais -= 0.2 * delta

    cachees, finale = [Unite(2), Unite(2), Unite(2)], Unite(3)
    for tour in range(10):
        for x, cible in [([0.2, -0.7], 0.8), ([0.9, 0.4], -0.3), ([-0.6, 0.8], 0.1)]:
            y = finale.sortie([u.sortie(x) for u in cachees])
            delta = (y - cible) * (1 - y * y)
            retour = [delta * p * (1 - u.y ** 2) for p, u in zip(finale.poids, cachees)]
            finale.corriger(delta)
            for u, r in zip(cachees, retour):
                u.corriger(r)
"""

LAYERS = """
    import numpy as np
    rng = np.random.default_rng(3)

    class Schicht:
        def __init__(self, ein, aus):
            self.gewichte = rng.normal(0, 0.5, (ein, aus))
            self.bias = rng.normal(size=aus)

        def vorwaerts(self, x):
            self.x = x
            self.h = np.tanh(x @ self.gewichte + self.bias)
            return self.h

        def zurueck(self, fehler):
            delta = fehler * (1 - self.h ** 2)
            davor = delta @ self.gewichte.T
            self.gewichte -= 0.1 * self.x.T @ delta
            self.bias -= 0.1 * delta.sum(axis=0)
            return davor

    netz = [Schicht(3, 5), Schicht(5, 1)]
    X = rng.normal(size=(30, 3))
    Y = np.sin(X[:, :1])
    for epoche in range(20):
        h = X
        for schicht in netz:
            h = schicht.vorwaerts(h)
        d = (h - Y) / 30
        for schicht in reversed(netz):
            d = schicht.zurueck(d)
"""

CLASSES = """
    import numpy as np
    rng = np.random.default_rng(1)
    points = rng.normal(size=(40, 2))
    labels = (points[:, 0] > 0.1).astype(int) + (points[:, 1] > 0.2)
    W, b = np.zeros((3, 2)), np.zeros(3)
    for epoch in range(5):
        for point, label in zip(points, labels):
            guess = np.argmax(W @ point + b)
            if guess != label:
                W[label] += point
                b[label] += 1
                W[guess] -= point
                b[guess] -= 1
"""

ADAM = """
    import numpy as np
    rng = np.random.default_rng(4)
    X = rng.normal(size=(30, 2))
    Y = np.sin(X[:, :1])
    p = {"A": rng.normal(size=(2, 4)), "a": np.zeros(4)}
    p |= {"B": rng.normal(size=(4, 1)), "b": np.zeros(1)}
    m = {k: np.zeros_like(v) for k, v in p.items()}
    s = {k: np.zeros_like(v) for k, v in p.items()}
    for t in range(1, 30):
        H = np.tanh(X @ p["A"] + p["a"])
        e = H @ p["B"] + p["b"] - Y
        loss = 0.5 * np.mean(e ** 2)
        d = e / len(X)
        up = d @ p["B"].T * (1 - H ** 2)
        g = {"A": X.T @ up, "a": up.sum(axis=0), "B": H.T @ d, "b": d.sum(axis=0)}
        for k in ("A", "B", "a", "b"):
            m[k] = 0.9 * m[k] + 0.1 * g[k]
            s[k] = 0.999 * s[k] + 0.001 * g[k] ** 2
            p[k] = p[k] - 0.01 * (m[k] / (1 - 0.9 ** t)) / (np.sqrt(s[k] / (1 - 0.999 ** t)) + 1e-8)
"""

NETWORK_OF_COLUMNS = """
    import random
    import numpy as np
    random.seed(1)
    rng = np.random.default_rng(1)

    def sigma(z):
        return 1 / (1 + np.exp(-z))

    class Net:
        def __init__(self, sizes):
            self.biases = [rng.normal(size=(n, 1)) for n in sizes[1:]]
            self.weights = [rng.normal(size=(n, m)) for m, n in zip(sizes[:-1], sizes[1:])]

        def gradient(self, x, y):
            db = [np.zeros(b.shape) for b in self.biases]
            dw = [np.zeros(w.shape) for w in self.weights]
            a, outputs = x, [x]
            for b, w in zip(self.biases, self.weights):
                a = sigma(w @ a + b)
                outputs.append(a)
            delta = (a - y) * a * (1 - a)
            db[-1] = delta
            dw[-1] = delta @ outputs[-2].T
            delta = self.weights[-1].T @ delta * outputs[-2] * (1 - outputs[-2])
            db[-2] = delta
            dw[-2] = delta @ outputs[-3].T
            return db, dw

        def step(self, batch, eta):
            db = [np.zeros(b.shape) for b in self.biases]
            dw = [np.zeros(w.shape) for w in self.weights]
            for x, y in batch:
                more_b, more_w = self.gradient(x, y)
                db = [s + d for s, d in zip(db, more_b)]
                dw = [s + d for s, d in zip(dw, more_w)]
            self.weights = [w - eta / len(batch) * d for w, d in zip(self.weights, dw)]
            self.biases = [b - eta / len(batch) * d for b, d in zip(self.biases, db)]

    data = [(rng.random((4, 1)), np.eye(2)[k % 2].reshape(2, 1)) for k in range(30)]
    net = Net([4, 3, 2])
    for epoch in range(10):
        random.shuffle(data)
        for k in range(0, 30, 10):
            net.step(data[k : k + 10], 0.5)
"""


def _mistakes(text, *edits):
    text = textwrap.dedent(text)
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    result = check_text(text, "script.py")
    assert "training" in result.get("checked", ())
    return [finding["mistake"] for finding in result["findings"]]


@pytest.mark.slow
@pytest.mark.parametrize("text", [VELOCITIES, OBJECTS, CLASSES, NETWORK_OF_COLUMNS])
def test_a_run_that_moves_every_bias_is_right(text):
    assert _mistakes(text) == []


@pytest.mark.cases(2)
@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        (VELOCITIES, "        biase[i] += tempo_b[i]\n", ""),
        (OBJECTS, "        self.biais -= 0.2 * delta\n", ""),
        (CLASSES, "b[guess] -= 1", "b[label] -= 1"),
        (NETWORK_OF_COLUMNS, "        db[-1] = delta\n", ""),
        (ADAM, 'in ("A", "B", "a", "b")', 'in ("A", "B", "a")'),
    ],
)
def test_a_bias_that_no_update_moves_is_missing(text, old, new):
    assert _mistakes(text, (old, new)) == ["bias-gradient-missing"]


def test_a_fixed_number_is_no_missing_bias():
    edits = ("random.uniform(-1, 1)\n", "0.5\n"), ("        self.biais -= 0.2 * delta\n", "")
    assert _mistakes(OBJECTS, *edits) == []


@pytest.mark.slow
def test_weights_that_updates_leave_as_they_are_are_wrong():
    assert _mistakes(OBJECTS, ("u.corriger(r)", "u.corriger(0 * r)")) == ["gradient-missing"]
    # A layer may be left as it is on purpose.
    frozen = ("u.corriger(r)", "gele = frozen = 0\n            u.corriger(frozen * r)")
    assert _mistakes(OBJECTS, frozen) == []


def test_the_right_side_of_equations_is_no_bias():
    text = """
        import numpy as np
        rng = np.random.default_rng(2)
        A = rng.normal(size=(30, 3))
        b = A @ np.array([0.5, -1.0, 2.0])
        w = np.zeros(3)
        for step in range(20):
            r = A @ w - b
            cost = np.mean(r ** 2)
            w -= 0.1 * 2 * A.T @ r / len(b)
    """
    assert not check_text(textwrap.dedent(text))["findings"]


UNKNOWN_LAYER = """
    import numpy as np
    rng = np.random.default_rng(2)
    X = rng.normal(size=(48, 3))
    T = (X[:, 0] > X[:, 1]) * 1.0
    W, b = rng.normal(size=(3, 4)), rng.normal(size=4)
    v, c = rng.normal(size=(4, 1)), 0.0
    for epoch in range(9):
        total = 0.0
        for s in range(0, 48, 16):
            x, t = X[s : s + 16], T[s : s + 16]
            u = x @ W + b
            h = u**3 / (1 + u**2)
            z = (h @ v).ravel() + c
            total += np.sum(np.logaddexp(0, z) - t * z)
            d = (1 / (1 + np.exp(-z)) - t) / len(t)
            dh = np.outer(d, v) * (u**4 + 3 * u**2) / (1 + u**2) ** 2
            db = dh.sum(axis=0)
            v -= 0.3 * (h.T @ d)[:, None]
            c -= 0.3 * d.sum()
            W -= 0.3 * x.T @ dh
            b -= 0.3 * db
"""


def test_a_bias_that_stays_is_named_next_to_a_factor_of_the_last_layer(monkeypatch):
    factor = {"mistake": "batch-factor", "where": "training", "parameter": "v", "line": 21}
    factor["text"] = "v moves 16 times too far."
    monkeypatch.setattr(run_judgement, "check_training", lambda *_: [dict(factor)])
    text = textwrap.dedent(UNKNOWN_LAYER).replace("        b -= 0.3 * db\n", "")
    mistakes = [finding["mistake"] for finding in check_text(text)["findings"]]
    assert "bias-gradient-missing" in mistakes


DEAD_UNIT = """import random

random.seed(4)
w1, w2 = [0.4, 0.3], [-0.5, -0.4]
b1, b2 = random.uniform(0.0, 0.1), random.uniform(-0.2, -0.1)
out = [0.5, -0.3]
b_out = random.uniform(-0.1, 0.1)
rate = 0.05
data = [(random.random(), random.random()) for _ in range(12)]
for epoch in range(30):
    total = 0.0
    for x, y in data:
        s1 = w1[0] * x + w1[1] * y + b1
        s2 = w2[0] * x + w2[1] * y + b2
        h1, h2 = max(0.0, s1), max(0.0, s2)
        p = out[0] * h1 + out[1] * h2 + b_out
        error = x * y - p
        total += error ** 2
        back = [error * out[0], error * out[1]]
        out[0] += rate * error * h1
        out[1] += rate * error * h2
        b_out += rate * error
        if h1 > 0:
            w1[0] += rate * back[0] * x
            w1[1] += rate * back[0] * y
            b1 += rate * back[0]
        if h2 > 0:
            w2[0] += rate * back[1] * x
            w2[1] += rate * back[1] * y
            b2 += rate * back[1]
    print(epoch, total)
"""


def test_the_bias_of_a_unit_that_is_never_active_is_not_accused():
    assert check_text(DEAD_UNIT)["findings"] == []


def test_a_bias_without_an_update_is_still_found_next_to_such_a_unit():
    result = check_text(DEAD_UNIT.replace("        b_out += rate * error\n", ""))
    assert [f["mistake"] for f in result["findings"]] == ["bias-gradient-missing"]
    assert result["findings"][0]["parameter"] == "b_out"


def test_a_bias_of_layers_that_no_update_moves():
    text = textwrap.dedent(LAYERS)
    assert check_text(text)["findings"] == []
    text = text.replace("        self.bias -= 0.1 * delta.sum(axis=0)\n", "")
    found = [finding["mistake"] for finding in check_text(text)["findings"]]
    assert found == ["bias-gradient-missing"]


BY_HAND = """
import math
x, t = [0.05, 0.1], [0.01, 0.99]
V, W = [[0.15, 0.2], [0.25, 0.3]], [[0.4, 0.45], [0.5, 0.55]]
b, c = [BIAS, BIAS], [0.6, 0.6]
h, o = [0.0, 0.0], [0.0, 0.0]
for turn in range(TURNS):
    for i in range(2):
        z = x[0] * V[0][i] + x[1] * V[1][i] + b[i]
        h[i] = 1 / (1 + math.exp(-z))
    for i in range(2):
        z = h[0] * W[0][i] + h[1] * W[1][i] + c[i]
        o[i] = 1 / (1 + math.exp(-z))
    loss = sum((t[k] - o[k]) ** 2 for k in range(2)) / 2
    d = [(t[k] - o[k]) * o[k] * (1 - o[k]) for k in range(2)]
    e = [(d[0] * W[i][0] + d[1] * W[i][1]) * h[i] * (1 - h[i]) for i in range(2)]
    for i in range(2):
        for k in range(2):
            W[i][k] += 0.5 * h[i] * d[k]
            V[i][k] += 0.5 * x[i] * e[k]
print(V, W)
"""


@pytest.mark.parametrize(
    ("bias", "turns", "kind"),
    [("0.35", "1", "remarks"), ("0.0", "1", "findings"), ("0.35", "20", "findings")],
)
def test_an_example_of_one_update_may_keep_its_biases(bias, turns, kind):
    result = check_text(BY_HAND.replace("BIAS", bias).replace("TURNS", turns), "script.py")
    assert [told["mistake"] for told in result[kind]] == ["bias-gradient-missing"]
    assert len(result["findings"]) == (kind == "findings")
