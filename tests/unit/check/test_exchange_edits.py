"""Gradients that are handed to other parameters than their own."""

import textwrap

import pytest

from check_corpus.corpus import check_text

RETURNED = """
    import numpy as np
    rng = np.random.default_rng(3)
    X = rng.normal(size=(30, 2))
    T = np.sin(X[:, :1]) * X[:, 1:]
    net = [rng.normal(size=(2, 6)), np.zeros(6), rng.normal(size=(6, 6)) / 2, np.zeros(6)]
    net += [rng.normal(size=(6, 1)), np.zeros(1)]

    def taaksepain(net, x, t):
        W1, b1, W2, b2, W3, b3 = net
        h = np.tanh(x @ W1 + b1)
        k = np.tanh(h @ W2 + b2)
        d3 = (k @ W3 + b3 - t) / len(x)
        d2 = d3 @ W3.T * (1 - k ** 2)
        d1 = d2 @ W2.T * (1 - h ** 2)
        return [x.T @ d1, d1.sum(0), h.T @ d2, d2.sum(0), k.T @ d3, d3.sum(0)]

    for kierros in range(40):
        for w, g in zip(net, taaksepain(net, X, T)):
            w -= 0.1 * g
"""

UNPACKED = RETURNED.replace(
    "    for w, g in zip",
    "    g1, g2, g3, g4, g5, g6 = taaksepain(net, X, T)\n        for w, g in zip",
)
UNPACKED = UNPACKED.replace("zip(net, taaksepain(net, X, T))", "zip(net, [g1, g2, g3, g4, g5, g6])")

UPDATED = """
    import numpy as np
    rng = np.random.default_rng(5)
    X = rng.normal(size=(20, 3))
    T = np.cos(X[:, :1])
    scale, shift = np.ones(5), np.zeros(5)
    W, V = rng.normal(size=(3, 5)), rng.normal(size=(5, 1))
    for k in range(40):
        z = X @ W
        h = np.tanh(scale * z + shift)
        d = (h @ V - T) / len(X)
        du = d @ V.T * (1 - h ** 2)
        dscale = (du * z).sum(axis=0)
        dshift = du.sum(axis=0)
        dW = X.T @ (du * scale)
        V -= 0.1 * h.T @ d
        W -= 0.1 * dW
        scale -= 0.1 * dscale
        shift -= 0.1 * dshift
"""

VECTOR = """
    import numpy as np
    rng = np.random.default_rng(8)
    H = 4
    x = np.linspace(-2, 2, 15)
    y = np.sin(x)

    def parts(theta):
        return theta[:H], theta[H:2 * H], theta[2 * H:3 * H]

    def cost(theta):
        w, b, v = parts(theta)
        return np.mean((np.tanh(np.outer(x, w) + b) @ v - y) ** 2)

    def grad(theta):
        w, b, v = parts(theta)
        h = np.tanh(np.outer(x, w) + b)
        r = 2 * (h @ v - y) / len(x)
        d = np.outer(r, v) * (1 - h ** 2)
        return np.concatenate([x @ d, d.sum(axis=0), h.T @ r])

    theta = rng.normal(size=3 * H)
    last = 0 * theta
    for k in range(60):
        step = 0.5 * last - 0.05 * grad(theta)
        theta = theta + step
        last = step
        print(cost(theta), np.linalg.norm(last))
"""


def _found(text):
    result = check_text(textwrap.dedent(text), "script.py")
    assert result["checked"]
    return [(finding["mistake"], finding["line"]) for finding in result["findings"]]


@pytest.mark.cases(1)
@pytest.mark.parametrize("text", [RETURNED, UNPACKED, UPDATED, VECTOR])
def test_right_runs_are_right(text):
    assert _found(text) == []


@pytest.mark.cases(1)
@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        (VECTOR, "d.sum(axis=0), h.T @ r", "h.T @ r, d.sum(axis=0)"),
        (RETURNED, "d1.sum(0), h.T @ d2, d2.sum(0)", "d2.sum(0), h.T @ d2, d1.sum(0)"),
        (UNPACKED, "g1, g2, g3, g4, g5, g6 =", "g1, g4, g3, g2, g5, g6 ="),
        (
            UPDATED,
            "scale -= 0.1 * dscale\n    shift -= 0.1 * dshift",
            "scale -= 0.1 * dshift\n    shift -= 0.1 * dscale",
        ),
    ],
)
def test_gradients_of_other_parameters_are_named_with_their_line(text, old, new):
    text = textwrap.dedent(text)
    assert old in text
    line = text[: text.index(old)].count("\n") + 1
    assert _found(text.replace(old, new))[0] == ("gradient-order", line)
