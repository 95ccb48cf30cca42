"""Updates of a run against derivatives of its own values, in styles without layers."""

import textwrap

import pytest

from check_corpus.corpus import check_text

PERCEPTRON = """
    points = [([1.0, 0.2], 1), ([-0.8, 0.4], 0), ([0.3, -1.1], 1), ([-0.5, -0.9], 0)]
    gewichte, schwelle = [0.1, -0.2], 0.05
    for runde in range(5):
        for p, soll in points:
            summe = sum(g * e for g, e in zip(gewichte, p)) + schwelle
            fehler = soll - (1 if summe > 0 else 0)
            for j in range(2):
                gewichte[j] += 0.3 * fehler * p[j]
            schwelle += 0.3 * fehler
"""

TIED = """
    import numpy as np
    rng = np.random.default_rng(2)
    X = rng.normal(size=(9, 4))
    K, b, q = rng.normal(size=(4, 3)) * 0.3, np.zeros(3), np.zeros(4)
    for i in range(6):
        code = np.tanh(X @ K + b)
        back = code @ K.T + q
        error = back - X
        loss = 0.5 * np.sum(error ** 2)
        up = (error @ K) * (1 - code ** 2)
        K = K - 0.01 * (X.T @ up + error.T @ code)
        b, q = b - 0.01 * up.sum(0), q - 0.01 * error.sum(0)
"""

VALUES = """
    class Knoten:
        def __init__(self, zahl, eltern=(), regel=lambda g: ()):
            self.zahl, self.eltern, self.regel, self.steigung = zahl, eltern, regel, 0.0

        def __add__(self, o):
            return Knoten(self.zahl + o.zahl, (self, o), lambda g: (g, g))

        def __mul__(self, o):
            return Knoten(self.zahl * o.zahl, (self, o), lambda g: (g * o.zahl, g * self.zahl))

        def zurueck(self, g=1.0):
            self.steigung += g
            for e, s in zip(self.eltern, self.regel(g)):
                e.zurueck(s)

    w, v = Knoten(0.4), Knoten(-0.3)
    for i in range(8):
        for x, y in [(1.0, 0.5), (-0.5, 1.0), (0.7, -0.2)]:
            fehler = w * Knoten(x) + v + Knoten(-y)
            loss = fehler * fehler
            w.steigung = 0.0
            v.steigung = 0.0
            loss.zurueck()
            for p in (w, v):
                p.zahl -= 0.05 * p.steigung
"""


def _mistakes(text, *edits):
    text = textwrap.dedent(text)
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    result = check_text(text, "script.py")
    assert "training" in result.get("checked", ())
    return [finding["mistake"] for finding in result["findings"]]


@pytest.mark.parametrize("text", [PERCEPTRON, TIED, VALUES])
def test_right_updates_follow_a_gradient_of_the_run_itself(text):
    assert _mistakes(text) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "old", "new", "mistake"),
    [
        (TIED, "+ error.T @ code", "- error.T @ code", "sign"),
        (TIED, "up.sum(0)", "0 * up.sum(0)", "bias-gradient-missing"),
        (TIED, "* (1 - code ** 2)", "", "activation-derivative-missing"),
        (
            PERCEPTRON,
            "= soll - (1 if summe > 0 else 0)",
            "= (1 if summe > 0 else 0) - soll",
            "sign",
        ),
        (VALUES, "w.steigung = 0.0\n        v.steigung = 0.0", "pass", "gradients-accumulate"),
    ],
)
def test_a_mistake_is_named(text, old, new, mistake):
    assert _mistakes(text, (old, new))[:1] == [mistake]


UNITS = """
    import math

    a1, a2, a3, a4 = 0.2, -0.4, 0.5, 0.1
    c1, c2 = 0.7, -0.3
    p, q, soll = 0.6, -0.9, 0.8
    for runde in range(12):
        h1 = math.tanh(a1 * p + a2 * q)
        h2 = math.tanh(a3 * p + a4 * q)
        aus = c1 * h1 + c2 * h2
        loss = 0.5 * (aus - soll) ** 2
        e = aus - soll
        d1 = e * c1 * (1 - h1 ** 2)
        d2 = e * c2 * (1 - h2 ** 2)
        c1 -= 0.3 * e * h1
        c2 -= 0.3 * e * h2
        a1 -= 0.3 * d1 * p
        a2 -= 0.3 * d1 * q
        a3 -= 0.3 * d2 * p
        a4 -= 0.3 * d2 * q
"""

LINE = """
    points = [(0.5, 1.2), (-1.0, 0.1), (0.3, 0.9), (1.4, 2.2)]
    m, c = 0.0, 0.0
    for runde in range(6):
        for x, y in points:
            fehler = m * x + c - y
            m = m - 0.1 * 2 * fehler * x
            c = c - 0.1 * 2 * fehler
"""

NEURONS = """
    import math

    netz = [[{"w": [0.2, -0.3, 0.1]}, {"w": [-0.1, 0.4, 0.3]}], [{"w": [0.5, -0.2, 0.1]}]]
    for runde in range(4):
        for p, q, soll in [(0.2, -0.7, 1.0), (0.9, 0.4, 0.0), (-0.6, 0.8, 1.0)]:
            ein = [p, q]
            for schicht in netz:
                aus = []
                for n in schicht:
                    s = n["w"][-1]
                    for j in range(len(ein)):
                        s += n["w"][j] * ein[j]
                    n["ein"], n["aus"] = ein, 1 / (1 + math.exp(-s))
                    aus.append(n["aus"])
                ein = aus
            n = netz[1][0]
            loss = (n["aus"] - soll) ** 2
            n["d"] = 2 * (n["aus"] - soll) * n["aus"] * (1 - n["aus"])
            for j in range(2):
                h = netz[0][j]
                h["d"] = n["d"] * n["w"][j] * h["aus"] * (1 - h["aus"])
            for schicht in netz:
                for k in schicht:
                    for j in range(len(k["ein"])):
                        k["w"][j] -= 0.5 * k["d"] * k["ein"][j]
                    k["w"][-1] -= 0.5 * k["d"]
"""

CLASSES = """
    import numpy as np

    rng = np.random.default_rng(4)
    X = np.concatenate([rng.normal(size=(6, 2)) + c for c in ([0, 1], [1, 0], [-1, -1])])
    y = np.repeat([0, 1, 2], 6)
    W = np.zeros((3, 3))
    for runde in range(5):
        for x, t in zip(X, y):
            x1 = np.append(x, 1.0)
            best = int(np.argmax(W @ x1))
            if best != t:
                W[t] += x1
                W[best] -= x1
"""


@pytest.mark.slow
@pytest.mark.parametrize("text", [UNITS, LINE, NEURONS, CLASSES])
def test_numbers_lists_and_rows_are_parameters_too(text):
    assert _mistakes(text) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "edits", "mistake"),
    [
        # A mistake in the lines of both units is undone in both.
        (
            UNITS,
            [("c1 * (1 - h1 ** 2)", "c1"), ("c2 * (1 - h2 ** 2)", "c2")],
            "activation-derivative-missing",
        ),
        (UNITS, [("e * c2 *", "e * c1 *")], "wrong-input-cached"),
        (UNITS, [("a3 -= 0.3 * d2", "a3 += 0.3 * d2")], "sign"),
        (LINE, [("c = c - 0.1 * 2 * fehler", "c = c - 0.1 * 2 * fehler * x")], None),
        # The second update sees what the first has changed.
        (
            LINE,
            [("c = c - 0.1 * 2 * fehler", "c = c - 0.1 * 2 * (m * x + c - y)")],
            "update-before-use",
        ),
        (NEURONS, [('k["w"][-1] -= 0.5 * k["d"]', 'k["w"][-1] -= 0.5 * k["d"] * ein[0]')], None),
        (NEURONS, [('h["aus"] * (1 - h["aus"])', 'h["aus"]')], None),
        (CLASSES, [("W[best] -= x1", "W[best] += x1")], "sign"),
        (CLASSES, [("zip(X, y)", "zip(np.roll(X, 3, axis=0), y)")], "labels-misaligned"),
    ],
)
def test_a_mistake_in_numbers_lists_and_rows_is_found(text, edits, mistake):
    found = _mistakes(text, *edits)
    assert found
    assert mistake in (None, found[0])


BALANCED = """
    import numpy as np

    X = np.array([[1.0, -1.0], [-1.0, 1.0], [0.5, 0.7], [-0.5, -0.69]])
    y = np.array([0, 1, 0, 1])
    W, b = np.array([[0.1, -0.1], [0.2, -0.2]]), np.zeros(2)
    for i in range(5):
        s = X @ W + b
        e = np.exp(s - s.max(axis=1, keepdims=True))
        p = e / e.sum(axis=1, keepdims=True)
        loss = -np.log(p[range(4), y]).mean() + 0.01 * (W ** 2).sum()
        d = p.copy()
        d[range(4), y] -= 1
        d /= 4
        W = W - 0.5 * (X.T @ d + 0.02 * W)
        b = b - 0.5 * d.sum(axis=0)
"""


def test_moving_up_a_loss_is_wrong_also_where_it_lies_below_another_number():
    text = """
    import numpy as np

    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(9, 2)), rng.normal(size=9)
    w = np.zeros(2)
    for i in range(5):
        n = 9
        loss = np.mean((X @ w - y) ** 2)
        w = w - 0.1 * 2 * X.T @ (X @ w - y) / n
    """
    assert _mistakes(text) == []
    assert _mistakes(text, ("w - 0.1", "w + 0.1")) == ["sign"]


def test_a_softmax_without_the_maximum_overflows_wherever_it_is_computed():
    text = "def probabilities(s):\n    e = np.exp(s)\n    return e / e.sum(axis=1, keepdims=True)\n"
    script = textwrap.dedent(BALANCED).replace(
        "    e = np.exp(s - s.max(axis=1, keepdims=True))\n"
        "    p = e / e.sum(axis=1, keepdims=True)\n",
        "    p = probabilities(s)\n",
    )
    result = check_text(f"import numpy as np\n\n{text}\n{script}")
    assert "softmax-overflow" in {finding["mistake"] for finding in result["remarks"]}
    named = f"import numpy as np\n\n{text}\n{script}".replace("probabilities", "softmax")
    assert "softmax-overflow" in {finding["mistake"] for finding in check_text(named)["findings"]}


def test_equal_weights_are_known_by_any_suffix():
    text = """
import numpy as np

x = np.array([[0.0, 1.0], [1.0, 0.5], [0.3, -1.0]])
y = np.array([[1.0], [0.0], [1.0]])
w_hidden, w_out = np.full((2, 4), 0.3), np.linspace(-1, 1, 4)[:, None]
for _ in range(4):
    h = np.tanh(x @ w_hidden)
    d = (h @ w_out - y) / 3
    step_out, step_hidden = h.T @ d, x.T @ (d @ w_out.T * (1 - h**2))
    w_out -= 0.1 * step_out
    w_hidden -= 0.1 * step_hidden
"""
    assert "symmetric-init" in {f["mistake"] for f in check_text(text)["findings"]}


HUBER = """
    import numpy as np
    def quadratic():
        return lambda r: np.mean(r ** 2) / 2, lambda r: r / len(r)

    def robust(limit):
        def value(r):
            a = np.abs(r)
            return np.mean(np.where(a < limit, a ** 2 / 2, limit * a - limit ** 2 / 2))
        def slope(r):
            return np.where(np.abs(r) < limit, r, limit * np.sign(r)) / len(r)
        return value, slope

    rng = np.random.default_rng(4)
    X = rng.normal(size=(30, 2))
    y = X @ np.array([[2.0], [-1.0]]) + 0.5
    y[::6] += 12
    value, slope = robust(0.7)
    w, b = np.zeros((2, 1)), np.zeros((1, 1))
    for step in range(40):
        r = X @ w + b - y
        g = slope(r)
        w = w - 0.3 * X.T @ g
        b = b - 0.3 * g.sum(keepdims=True)
        if step % 10 == 0:
            print(value(r))
"""

REWARDS = """
    import numpy as np
    rng = np.random.default_rng(77)
    rewards = rng.normal(size=(3, 4))
    W, base = np.zeros((3, 4)), 0.0
    for t in range(300):
        s = np.eye(3)[rng.integers(3)]
        u = s @ W
        e = np.exp(u - u.max())
        p = e / e.sum()
        a = rng.choice(4, p=p)
        r = s @ rewards[:, a] + 0.3 * rng.normal()
        d = -p
        d[a] += 1.0
        W += 0.1 * (r - base) * np.outer(s, d)
        base += 0.05 * (r - base)
"""


def test_a_huber_loss_is_known_by_its_slopes():
    values = check_text(textwrap.dedent(HUBER))
    assert values["findings"] == []
    assert "training" in values["checked"]


@pytest.mark.slow
def test_rewards_of_either_sign_are_no_wrong_sign():
    assert not check_text(textwrap.dedent(REWARDS)).get("findings")
