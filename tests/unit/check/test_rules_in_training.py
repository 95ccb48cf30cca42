"""Rules with a state that a training applies itself: Adam in dicts, RMSProp by names."""

import textwrap

import pytest

from check_corpus.corpus import check_text

DICTS = """
    import numpy as np
    rng = np.random.default_rng(4)
    X = rng.uniform(-1, 1, (40, 2))
    Y = np.sin(X[:, :1] * 2) - X[:, 1:]
    net = {"W1": rng.normal(0, 1, (2, 6)), "b1": np.zeros(6),
           "W2": rng.normal(0, 1, (6, 1)), "b2": np.zeros(1)}
    state = {"n": 0, "one": {k: np.zeros_like(a) for k, a in net.items()},
             "two": {k: np.zeros_like(a) for k, a in net.items()}}

    def slopes(net, x, y):
        h = np.tanh(x @ net["W1"] + net["b1"])
        d = 2 * (h @ net["W2"] + net["b2"] - y) / len(x)
        e = d @ net["W2"].T * (1 - h * h)
        return {"W1": x.T @ e, "b1": e.sum(0), "W2": h.T @ d, "b2": d.sum(0)}

    def change(net, found, s, rate=0.01, a=0.9, b=0.999):
        s["n"] += 1
        for k in net:
            s["one"][k] = a * s["one"][k] + (1 - a) * found[k]
            s["two"][k] = b * s["two"][k] + (1 - b) * found[k] ** 2
            top, below = s["one"][k] / (1 - a ** s["n"]), s["two"][k] / (1 - b ** s["n"])
            net[k] = net[k] - rate * top / (np.sqrt(below) + 1e-8)

    for turn in range(30):
        change(net, slopes(net, X, Y), state)
"""

NAMES = """
    import numpy as np
    rng = np.random.default_rng(7)

    class Net:
        def __init__(self):
            self.W1, self.b1 = rng.normal(0, 0.7, (2, 7)), np.zeros(7)
            self.W2, self.b2 = rng.normal(0, 0.7, (7, 3)), np.zeros(3)
            self.squares = {n: np.zeros_like(getattr(self, n)) for n in ("W1", "b1", "W2", "b2")}

        def change(self, name, slope):
            self.squares[name] = 0.9 * self.squares[name] + 0.1 * slope ** 2
            after = getattr(self, name) - 0.01 * slope / (np.sqrt(self.squares[name]) + 1e-8)
            setattr(self, name, after)

        def fit(self, X, Y):
            for epoch in range(12):
                order = rng.permutation(len(X))
                for begin in range(0, len(X), 12):
                    rows = order[begin:begin + 12]
                    h = np.tanh(X[rows] @ self.W1 + self.b1)
                    z = h @ self.W2 + self.b2
                    e = np.exp(z - z.max(axis=1, keepdims=True))
                    d = (e / e.sum(axis=1, keepdims=True) - Y[rows]) / len(rows)
                    back = d @ self.W2.T * (1 - h ** 2)
                    for name, slope in (("W1", X[rows].T @ back), ("b1", back.sum(0)),
                                        ("W2", h.T @ d), ("b2", d.sum(0))):
                        self.change(name, slope)

    X = rng.normal(size=(48, 2))
    Net().fit(X, np.eye(3)[(X[:, 0] > 0) + (X[:, 1] > 0) * 1])
"""


NUMBERS = """
    import numpy as np
    rng = np.random.default_rng(3)
    x = rng.uniform(1, 4, 12)
    y = 2 * x + 3
    w = b = m_w = m_b = v_w = v_b = 0.0
    for t in range(1, 31):
        rest = w * x + b - y
        dw = 2 * np.mean(rest * x)
        db = 2 * np.mean(rest)
        m_w = 0.9 * m_w + 0.1 * dw
        m_b = 0.9 * m_b + 0.1 * db
        v_w = 0.999 * v_w + 0.001 * dw**2
        v_b = 0.999 * v_b + 0.001 * db**2
        top_w, top_b = m_w / (1 - 0.9**t), m_b / (1 - 0.9**t)
        w = w - 0.01 * top_w / (np.sqrt(v_w / (1 - 0.999**t)) + 1e-8)
        b = b - 0.01 * top_b / (np.sqrt(v_b / (1 - 0.999**t)) + 1e-8)
"""


ONE_OUTPUT = """
    import numpy as np
    rng = np.random.default_rng(5)
    X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    y = np.array([[0], [1], [1], [1]])
    sigma = lambda z: 1 / (1 + np.exp(-z))
    W1, b1 = rng.normal(size=(2, 3)), np.zeros((1, 3))
    W2, b2 = rng.normal(size=(3, 1)), np.zeros((1, 1))
    m_W1, v_W1, m_b1, v_b1 = 0 * W1, 0 * W1, 0 * b1, 0 * b1
    m_W2, v_W2, m_b2, v_b2 = 0 * W2, 0 * W2, 0 * b2, 0 * b2
    for t in range(1, 41):
        a1 = sigma(X @ W1 + b1)
        a2 = sigma(a1 @ W2 + b2)
        loss = np.mean((a2 - y) ** 2)
        d2 = (a2 - y) * a2 * (1 - a2)
        dW2, db2 = a1.T @ d2, d2.sum(axis=0, keepdims=True)
        d1 = d2 @ W2.T * a1 * (1 - a1)
        dW1, db1 = X.T @ d1, d1.sum(axis=0, keepdims=True)
        first, second = 1 - 0.9 ** t, 1 - 0.999 ** t
        m_W1 = 0.9 * m_W1 + 0.1 * dW1
        v_W1 = 0.999 * v_W1 + 0.001 * dW1 ** 2
        W1 = W1 - 0.05 * (m_W1 / first) / (np.sqrt(v_W1 / second) + 1e-8)
        m_b1 = 0.9 * m_b1 + 0.1 * db1
        v_b1 = 0.999 * v_b1 + 0.001 * db1 ** 2
        b1 = b1 - 0.05 * (m_b1 / first) / (np.sqrt(v_b1 / second) + 1e-8)
        m_W2 = 0.9 * m_W2 + 0.1 * dW2
        v_W2 = 0.999 * v_W2 + 0.001 * dW2 ** 2
        W2 = W2 - 0.05 * (m_W2 / first) / (np.sqrt(v_W2 / second) + 1e-8)
        m_b2 = 0.9 * m_b2 + 0.1 * db2
        v_b2 = 0.999 * v_b2 + 0.001 * db2 ** 2
        m_hat, v_hat = m_b2 / first, v_b2 / second
        b2 = b2 - 0.05 * m_hat / (np.sqrt(v_hat) + 1e-8)
"""

ENTROPY = "np.mean((a2 - y) ** 2)", "-np.mean(y * np.log(a2) + (1 - y) * np.log(1 - a2))"
SLOPE_OF_OUTPUT = "* sigma(a1) * (1 - sigma(a1))"


COUNTED = 's["n"] += 1\n        for k in net:', 'for k in net:\n            s["n"] += 1'
"""The counter of updates, and one that counts every parameter."""


def _result(text):
    return check_text(textwrap.dedent(text))


@pytest.mark.cases(1)
@pytest.mark.parametrize("text", [DICTS, NAMES, NUMBERS, ONE_OUTPUT])
def test_right_rules_are_right(text):
    result = _result(text)
    assert not result["findings"]
    assert "training" in result["checked"]


@pytest.mark.slow
@pytest.mark.cases(1)
@pytest.mark.parametrize(
    ("text", "old", "new", "mistake"),
    [
        (DICTS, "(1 - h * h)", "(1 - h)", "activation-derivative-at-output"),
        (DICTS, '(1 - a ** s["n"])', "(1 - a)", "adam-bias-correction"),
        (DICTS, *COUNTED, "adam-bias-correction"),
        (DICTS, '"b1": e.sum(0)', '"b1": e.sum()', "bias-gradient-not-summed"),
        (DICTS, '"b1": e.sum(0)', '"b1": e.sum(keepdims=True)[0]', "bias-gradient-not-summed"),
        (NUMBERS, "m_b / (1 - 0.9**t)", "m_b", "adam-bias-correction"),
        (NUMBERS, "np.mean(rest)", "np.mean(rest * x)", "bias-gradient-times-input"),
        (ONE_OUTPUT, "(a2 - y) * a2 * (1 - a2)", "a2 - y", "activation-derivative-missing"),
        (ONE_OUTPUT, *ENTROPY, "loss-gradient-mismatch"),
        (ONE_OUTPUT, "* a1 * (1 - a1)", SLOPE_OF_OUTPUT, "activation-derivative-at-output"),
        (ONE_OUTPUT, "m_W1 / first", "m_W1", "adam-bias-correction"),
        (NAMES, "* (1 - h ** 2)", "* h", "unexplained"),
        (NAMES, "0.1 * slope ** 2", "0.9 * slope ** 2", "constant-factor"),
    ],
)
def test_a_mistake_behind_a_rule_is_found(text, old, new, mistake):
    assert old in text
    assert [f["mistake"] for f in _result(text.replace(old, new))["findings"]] == [mistake]
