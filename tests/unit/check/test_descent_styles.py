"""Updates in styles that hide the parameters, the labels or the learning rate."""

import re
import textwrap

import pytest

from check_corpus.corpus import check_text

COMPARED = """
    import numpy as np
    zuf = np.random.default_rng(4)
    ziel = zuf.choice([-1, 1], 30)
    punkte = ziel[:, None] * np.array([0.6, 0.9]) + 0.9 * zuf.normal(size=(30, 2)) + 0.4
    v = np.zeros(2)
    b = 0.0
    for lauf in range(5):
        for k in zuf.permutation(30):
            antwort = 1 if punkte[k] @ v + b > 0 else -1
            if antwort != ziel[k]:
                v += 0.2 * ziel[k] * punkte[k]
                b += 0.2 * ziel[k]
"""

IN_TUPLES = """
    import numpy as np
    rng = np.random.default_rng(1)
    layers = [(0.5 * rng.normal(size=(3, 4)), 0.1 * rng.normal(size=4)),
              (0.5 * rng.normal(size=(4, 2)), 0.1 * rng.normal(size=2))]
    X = rng.normal(size=(8, 3))
    t = rng.normal(size=(8, 2))

    def walk(x):
        backs = []
        for k, (W, b) in enumerate(layers):
            def back(d, x=x, W=W, k=k):
                return d @ W.T, (k, x.T @ d, d.sum(axis=0))
            x = x @ W + b
            backs.append(back)
            if k == 0:
                x = np.tanh(x)
                backs.append(lambda d, x=x: (d * (1 - x * x), None))
        return x, backs

    for i in range(6):
        out, backs = walk(X)
        signal = (out - t) / 8
        found = []
        for back in backs[::-1]:
            signal, grads = back(signal)
            found.append(grads)
        for k, dW, db in [g for g in found if g]:
            W, b = layers[k]
            layers[k] = (W - 0.3 * dW, b - 0.3 * db)
"""

SCHEDULE = """
    import numpy as np
    rng = np.random.default_rng(3)
    X = rng.normal(size=(40, 3))
    t = np.sin(X @ rng.normal(size=(3, 1)))
    A, p = 0.6 * rng.normal(size=(3, 5)), 0.2 * rng.normal(size=5)
    B = 0.6 * rng.normal(size=(5, 1))
    vel_A, vel_p, vel_B = np.zeros_like(A), np.zeros_like(p), np.zeros_like(B)
    for i in range(12):
        rows = rng.choice(40, 20, replace=False)
        x = X[rows]
        h = np.tanh(x @ A + p)
        e = h @ B - t[rows]
        loss = 0.5 * (e ** 2).mean()
        d = e / len(rows)
        up = d @ B.T * (1 - h * h)
        step = 0.2 / (1 + 0.1 * i)
        vel_A = 0.8 * vel_A + x.T @ up
        vel_p = 0.8 * vel_p + up.sum(axis=0)
        vel_B = 0.8 * vel_B + h.T @ d
        A -= step * vel_A
        A -= step * 0.001 * A
        p -= step * vel_p
        B -= step * vel_B
        B -= step * 0.001 * B
"""


IN_PLACE = """
    import numpy as np
    rng = np.random.default_rng(0)
    points, goals = rng.normal(size=(6, 2)), np.array([0.0, 1.0, 1.0, 0.0, 1.0, 0.0])
    gewicht, achse = np.zeros(2), 0.0
    for runde in range(20):
        for p, ziel in zip(points, goals):
            aus = 1 / (1 + np.exp(-(gewicht @ p + achse)))
            delta = (ziel - aus) * aus * (1 - aus)
            gewicht[:] = gewicht + 0.5 * delta * p
            achse = achse + 0.5 * delta
"""

STANDARDIZED = """
    import numpy as np
    rng = np.random.default_rng(7)
    x = rng.normal(size=12)
    x = (x - x.mean()) / x.std()
    y = 1.5 * x + 3.0 + 0.1 * rng.normal(size=12)
    w, b, v = 0.0, 0.0, 0.1
    for runde in range(60):
        rest = w * x + b - y
        loss = np.mean(rest ** 2) + 0.05 * w ** 2
        w -= v * (2 * np.mean(rest * x) + 2 * 0.05 * w)
        b -= v * 2 * np.mean(rest)
"""

NESTED_STATE = """
    import numpy as np
    rng = np.random.default_rng(0)
    X = rng.normal(size=(20, 2))
    Y = X[:, :1] * X[:, 1:]
    p = {"A": rng.normal(size=(2, 4)), "a": np.zeros(4), "B": rng.normal(size=(4, 1))}
    p["b"] = np.ones(1)
    s = {"m": {k: 0 * w for k, w in p.items()}, "v": {k: 0 * w for k, w in p.items()}}
    for t in range(1, 30):
        h = np.tanh(X @ p["A"] + p["a"])
        d = 2 * (h @ p["B"] + p["b"] - Y) / 20
        dh = d @ p["B"].T * (1 - h * h)
        g = {"A": X.T @ dh, "a": dh.sum(0), "B": h.T @ d, "b": d.sum(0)}
        for k in p:
            s["m"][k] = 0.9 * s["m"][k] + 0.1 * g[k]
            s["v"][k] = 0.99 * s["v"][k] + 0.01 * g[k] ** 2
            m, v = s["m"][k] / (1 - 0.9 ** t), s["v"][k] / (1 - 0.99 ** t)
            p[k] = p[k] - 0.02 * m / (np.sqrt(v) + 1e-8)
"""

BY_NAME = """
    import numpy as np

    class Netz:
        def __init__(self):
            rng = np.random.default_rng(5)
            self.W, self.b, self.u = rng.normal(size=(3, 5)), np.zeros(5), rng.normal(size=5)

        def update(self, name, slope):
            new = getattr(self, name) - 0.05 * slope
            setattr(self, name, new)

        def fit(self, X, y):
            for _ in range(15):
                h = np.tanh(X @ self.W + self.b)
                error = (h @ self.u - y) / len(X)
                back = np.outer(error, self.u) * (1 - h ** 2)
                slopes = {"W": X.T @ back, "b": back.sum(axis=0), "u": h.T @ error}
                for name in slopes:
                    self.update(name, slopes[name])

    inputs = np.random.default_rng(2).normal(size=(30, 3))
    Netz().fit(inputs, inputs[:, 0] * inputs[:, 1])
"""

IMAGES = """
    import numpy as np
    rng = np.random.default_rng(1)
    bilder = rng.normal(0, 0.3, (500, 6, 6))
    klassen = rng.integers(0, 2, 500)
    for i in range(500):
        k = rng.integers(1, 5)
        if klassen[i]:
            bilder[i, k, :] += 1
        else:
            bilder[i, :, k] += 1
    filter, w, c = rng.normal(size=(3, 3)), rng.normal(size=(4, 4)), 0.0
    for start in range(0, 200, 20):
        x, t = bilder[start:start + 20], klassen[start:start + 20]
        z = np.zeros((20, 4, 4))
        for i in range(4):
            for j in range(4):
                z[:, i, j] = (x[:, i:i + 3, j:j + 3] * filter).sum(axis=(1, 2))
        r = np.maximum(z, 0)
        chance = 1 / (1 + np.exp(-(r * w).sum(axis=(1, 2)) - c))
        d = (chance - t) / 20
        dz = d[:, None, None] * w * (z > 0)
        dfilter = np.zeros((3, 3))
        for i in range(3):
            for j in range(3):
                dfilter[i, j] = (dz * x[:, i:i + 4, j:j + 4]).sum()
        w -= 0.2 * (d[:, None, None] * r).sum(axis=0)
        c -= 0.2 * d.sum()
        filter -= 0.2 * dfilter
"""


def _mistakes(text, *edits):
    text = textwrap.dedent(text)
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    result = check_text(text, "script.py")
    assert "training" in result.get("checked", ())
    return [finding["mistake"] for finding in result["findings"]]


@pytest.mark.cases(1)
@pytest.mark.parametrize(
    "text",
    [
        COMPARED,
        IN_TUPLES,
        SCHEDULE,
        IN_PLACE,
        STANDARDIZED,
        NESTED_STATE,
        BY_NAME,
        IMAGES,
    ],
)
def test_right_updates_are_understood(text):
    assert _mistakes(text) == []


@pytest.mark.parametrize("name", ["b", "c"])
def test_a_bias_that_begins_at_0_and_stays_there_is_missing(name):
    text = re.sub(r"\bb\b", name, COMPARED)
    update = f"{name} += 0.2 * ziel[k]"
    assert _mistakes(text, (update, "pass")) == ["bias-gradient-missing"]
    # Another number may be meant to stay.
    assert _mistakes(text, (update, "pass"), (f"{name} = 0.0", f"{name} = 0.1")) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        (COMPARED, "b += 0.2", "b -= 0.2"),
        (COMPARED, "v += 0.2", "v -= 0.2"),
        (IN_TUPLES, "(1 - x * x)", "(1 - x)"),
        (IN_TUPLES, "x.T @ d,", "-x.T @ d,"),
        (SCHEDULE, "A -= step * vel_A", "A += step * vel_A"),
        (IN_PLACE, "achse + 0.5 * delta", "achse + 0.5 * delta * p[0]"),
        (STANDARDIZED, "np.mean(rest)", "np.mean(rest * x)"),
        (NESTED_STATE, "(1 - h * h)", "(1 - h)"),
        (BY_NAME, "(1 - h ** 2)", "1"),
        (IMAGES, "* (z > 0)", "* 1"),
    ],
)
def test_a_mistake_is_found(text, old, new):
    assert _mistakes(text, (old, new))


PENALIZED = """
import numpy as np
rng = np.random.default_rng(3)
X, y = rng.normal(size=(12, 3)), rng.normal(size=(12, 1))
W1, b1 = rng.normal(size=(3, 4)), np.zeros((1, 4))
W2, b2 = rng.normal(size=(4, 1)), np.zeros((1, 1))
lam = 0.05
for i in range(30):
    h = np.tanh(X @ W1 + b1)
    d = (h @ W2 + b2 - y) / 12
    dh = d @ W2.T * (1 - h ** 2)
    W2 -= 0.1 * (h.T @ d SIGN lam * W2)
    b2 -= 0.1 * d.sum(axis=0, keepdims=True)
    W1 -= 0.1 * (X.T @ dh SIGN lam * W1)
    b1 -= 0.1 * dh.sum(axis=0, keepdims=True)
"""


@pytest.mark.parametrize(("sign", "expected"), [("+", []), ("-", ["sign"])])
def test_a_penalty_that_makes_weights_larger(sign, expected):
    result = check_text(PENALIZED.replace("SIGN", sign), "script.py")
    assert [finding["mistake"] for finding in result["findings"]] == expected
    assert result["reason"] is None


ONLINE = """
import math
samples = [([0.2, 0.9], 1.0), ([0.8, 0.1], 1.0), ([0.4, 0.3], 0.0), ([0.6, 0.5], 1.0)] * 9
w, b = [0.1, -0.2], 0.0
for x, y in samples:
    p = 1 / (1 + math.exp(-(w[0] * x[0] + w[1] * x[1] + b)))
    e = p - y
    w = [w[0] - 0.5 * e * x[0], w[1] - 0.5 * e * x[1]]
    b = b - 0.5 * e
"""


@pytest.mark.cases(1)
@pytest.mark.parametrize(("right", "wrong"), [("", ""), ("b - 0.5", "b + 0.5")])
def test_one_sample_at_a_time_with_labels_0_and_1(right, wrong):
    result = check_text(ONLINE.replace(right, wrong) if right else ONLINE, "script.py")
    assert bool(result["findings"]) == bool(right)
    assert result["reason"] is None


NORMALIZED = """
import numpy as np
rng = np.random.default_rng(5)
X, y = rng.normal(size=(12, 3)), rng.normal(size=(12, 1))
V = rng.normal(size=(3, 1))
gamma, beta = np.ones(3), np.zeros(3)
for k in range(9):
    mean, std = X.mean(axis=0), X.std(axis=0)
    hat = (X - mean) / std
    h = gamma * hat + beta
    e = (h @ V - y) / 12
    dh = e @ V.T
    dgamma, dbeta = (dh * hat).sum(axis=0), dh.sum(axis=0)
    V = V - 0.1 * h.T @ e
    beta = beta - 0.1 * dbeta
    LINE
"""


@pytest.mark.parametrize(
    ("line", "expected"),
    [("gamma = gamma - 0.1 * dgamma", []), ("print(dgamma)", ["gradient-missing"])],
)
def test_a_parameter_whose_gradient_is_computed_for_nothing(line, expected):
    result = check_text(NORMALIZED.replace("LINE", line), "script.py")
    assert [finding["mistake"] for finding in result["findings"]] == expected
    assert result["reason"] is None


def test_a_parameter_without_a_gradient_may_stay():
    text = NORMALIZED.replace("dgamma, dbeta = (dh * hat).sum(axis=0), ", "dbeta = ")
    assert check_text(text.replace("LINE", ""), "script.py")["findings"] == []


def test_inputs_whose_gradient_is_computed_are_no_parameters():
    text = NORMALIZED.replace("LINE", "gamma = gamma - 0.1 * dgamma")
    text = text.replace("dh = e @ V.T", "dh = e @ V.T\n    dX = dh * gamma / std")
    assert check_text(text, "script.py")["findings"] == []


THRESHOLD = """
import random
random.seed(5)
rows = [([random.random() * 4, random.random() * 4], k % 2) for k in range(30)]
rows = [([x[0] + 3 * d, x[1]], d) for x, d in rows]
def answer(w, b, x):
    s = b
    for wi, xi in zip(w, x):
        s += wi * xi
    return 1 if s >= 0 else 0
w, b = [0.3, -0.2], 0.0
for k in range(12):
    for x, d in rows:
        e = d - answer(w, b, x)
        if e != 0:
            for i in range(2):
                w[i] += 0.1 * e * x[i]
            b += 0.1 * e
"""


@pytest.mark.cases(1)
@pytest.mark.parametrize(
    ("right", "wrong", "expected"),
    [("", "", []), ("d - answer(w, b, x)", "answer(w, b, x) - d", ["sign"])],
)
def test_a_perceptron_whose_passes_have_other_lengths(right, wrong, expected):
    result = check_text(THRESHOLD.replace(right, wrong) if right else THRESHOLD, "script.py")
    assert [finding["mistake"] for finding in result["findings"]] == expected
    assert result["reason"] is None


LISTS_OF_GRADIENTS = """import numpy as np

np.random.seed(0)
X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
Y = np.array([[0], [1], [1], [0]])
W = [np.random.randn(2, 4) * 0.01, np.random.randn(4, 1) * 0.01]
B = [np.zeros((1, 4)), np.zeros((1, 1))]
for epoch in range(200):
    A, Z = [X], []
    for i in range(2):
        Z.append(A[-1] @ W[i] + B[i])
        A.append(np.maximum(0, Z[i]) if i == 0 else 1 / (1 + np.exp(-Z[i])))
    dW, dB = [0, 0], [0, 0]
    dA = A[-1] - Y
    for i in (1, 0):
        dZ = dA * (Z[i] > 0) if i == 0 else dA * A[2] * (1 - A[2])
        dW[i] = A[i].T @ dZ / 4
        dB[i] = dZ.sum(axis=0, keepdims=True) / 4
        dA = dZ @ W[i].T
    for i in range(2):
        W[i] -= dW[i]
        B[i] -= dB[i]
    if epoch % 100 == 0:
        print(epoch, np.mean((Y - A[-1]) ** 2))
"""


@pytest.mark.slow
def test_an_entry_of_a_list_of_gradients_is_no_loss():
    # Near 0, wrong updates may follow the gradient of dB[1] and a velocity.
    wrong = LISTS_OF_GRADIENTS.replace("dA * A[2] * (1 - A[2])", "dA * Z[1] * (1 - Z[1])")
    assert check_text(wrong)["findings"]


@pytest.mark.slow
def test_the_squared_error_of_outputs_near_a_half_is_no_cross_entropy():
    # The error is computed once in 100 passes, so that it is not among the numbers of an update.
    assert check_text(LISTS_OF_GRADIENTS)["findings"] == []
    wrong = LISTS_OF_GRADIENTS.replace("dA * A[2] * (1 - A[2])", "dA").replace(" * 0.01", "")
    assert check_text(wrong)["findings"][0]["mistake"] == "activation-derivative-missing"
