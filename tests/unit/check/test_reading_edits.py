"""Derivatives of activations at the wrong value, told apart from inputs of the wrong layer."""

import ast
import textwrap

import pytest

from check_corpus.corpus import check_text
from rosenblatt.check.edits.kinds import Code
from rosenblatt.check.edits.reading_kinds import other_lists

ARRAYS = """
    import numpy as np

    def sig(z):
        return 1 / (1 + np.exp(-z))

    def turunan(z):
        return sig(z) * (1 - sig(z))

    def maju(p, X):
        z1 = X @ p["W1"] + p["b1"]
        a1 = sig(z1)
        z2 = a1 @ p["W2"] + p["b2"]
        return z1, a1, z2, sig(z2)

    rng = np.random.default_rng(1)
    X = rng.normal(size=(9, 2))
    T = (X[:, :1] > X[:, 1:]) * 1.0
    p = {"W1": rng.normal(size=(2, 5)), "b1": rng.normal(size=5)}
    p["W2"], p["b2"] = rng.normal(size=(5, 1)), rng.normal(size=1)
    for k in range(60):
        z1, a1, z2, a2 = maju(p, X)
        d2 = (a2 - T) * turunan(z2) / len(X)
        d1 = (d2 @ p["W2"].T) * turunan(z1)
        p["W2"] -= 0.5 * (a1.T @ d2)
        p["b2"] -= 0.5 * d2.sum(axis=0)
        p["W1"] -= 0.5 * (X.T @ d1)
        p["b1"] -= 0.5 * d1.sum(axis=0)
"""

LISTS = """
    import math, random
    random.seed(4)
    rows = [([0.9, 0.1], 0.0), ([0.8, -0.4], 1.0), ([-0.3, 0.7], 1.0), ([-0.6, 0.2], 0.0)]
    W = [[random.uniform(-1, 1) for _ in range(2)] for _ in range(3)]
    c = [random.uniform(-1, 1) for _ in range(3)]
    u = [random.uniform(-1, 1) for _ in range(3)]
    s = 0.1

    def pendiente(z):
        return 1 - math.tanh(z) ** 2

    for k in range(12):
        for x, t in rows:
            z = [sum(w * e for w, e in zip(W[j], x)) + c[j] for j in range(3)]
            h = [math.tanh(q) for q in z]
            o = sum(a * b for a, b in zip(u, h)) + s
            e = o - t
            for j in range(3):
                d = e * u[j] * pendiente(z[j])
                u[j] -= 0.1 * e * h[j]
                c[j] -= 0.1 * d
                for i in range(2):
                    W[j][i] -= 0.1 * d * x[i]
            s -= 0.1 * e
"""

INLINE = ARRAYS.replace("* turunan(z1)", "* a1 * (1 - a1)")


def _mistakes(text, *edits):
    text = textwrap.dedent(text)
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    result = check_text(text, "script.py")
    assert "training" in result.get("checked", ())
    return [finding["mistake"] for finding in result["findings"]]


@pytest.mark.parametrize("text", [ARRAYS, INLINE, LISTS])
def test_right_runs_are_right(text):
    assert _mistakes(text) == []


@pytest.mark.cases(1)
@pytest.mark.parametrize(
    ("text", "old", "new", "mistake"),
    [
        (LISTS, "pendiente(z[j])", "pendiente(h[j])", "activation-derivative-at-output"),
        (ARRAYS, "turunan(z1)", "turunan(a1)", "activation-derivative-at-output"),
        (ARRAYS, "turunan(z2)", "turunan(a2)", "activation-derivative-at-output"),
        (ARRAYS, "a1.T @ d2", "z1.T @ d2", "wrong-input-cached"),
        (INLINE, "a1 * (1 - a1)", "z1 * (1 - z1)", "activation-derivative-at-output"),
        (LISTS, "e * h[j]", "e * z[j]", "wrong-input-cached"),
    ],
)
def test_an_exchange_of_z_and_its_activation_is_named_by_its_place(text, old, new, mistake):
    assert _mistakes(text, (old, new))[0] == mistake


def test_an_update_does_not_read_its_own_target():
    nodes = list(ast.walk(ast.parse("for name in p:\n    p[name] -= 0.1 * g[name]")))
    parents = {id(child): node for node in nodes for child in ast.iter_child_nodes(node)}
    shapes = {f"{holder}['W']": (2, 3) for holder in ("p", "g", "v")}
    read = next(node for node in nodes if isinstance(node, ast.Subscript) and node.value.id == "g")
    found = other_lists(read, Code(nodes, parents, {"": shapes}))
    assert [what for _, what, _ in found] == ["read v[name]"]
