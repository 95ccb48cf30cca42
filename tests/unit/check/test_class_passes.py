"""Classes with passes of any names, whose backward pass may also move the weights."""

import textwrap

import pytest

from rosenblatt.check.functions.classes import class_subject
from rosenblatt.check.layers.layers import check_layer
from rosenblatt.check.source.subjects import Facts
from rosenblatt.check.source.text import Source

LAYERS = """
    import numpy as np
    rng = np.random.default_rng(0)

    class Schicht:
        def __init__(self, ein, aus):
            self.W, self.b = rng.normal(size=(ein, aus)), np.zeros(aus)
        def hin(self, x):
            self.x = x
            return x @ self.W + self.b
        def her(self, g, tempo_rate):
            dx = g @ self.W.T
            self.W -= tempo_rate * self.x.T @ g
            self.b -= tempo_rate * g.sum(axis=0)
            return dx

    class Knick:
        def hin(self, x):
            self.x = x
            return np.maximum(x, 0)
        def her(self, g, tempo_rate):
            return g * (self.x > 0)

    class Daten:
        def hin(self, x):
            return x - x.mean()
"""

SCALERS = """
    import numpy as np

    class NachMittel:
        def beides(self, x):
            self.m, self.s = x.mean(axis=0), x.std(axis=0)
            return (x - self.m) / self.s
        def anwenden(self, x):
            return (x - self.m) / self.s

    class NachGroesse:
        def beides(self, x):
            self.g = np.abs(x).max(axis=0)
            return x / self.g
        def anwenden(self, x):
            return x / self.g

    class Hinaus:
        def beides(self, x):
            self.g = np.abs(x).max(axis=0)
            return x / self.g
        def heraus(self, z):
            return z * self.g

    class Achsen:
        def beides(self, x):
            self.v = np.linalg.svd(x, full_matrices=False)[2]
            return x @ self.v.T
        def anwenden(self, x):
            return x @ self.v.T

    class Quadrat:
        def hin(self, x):
            self.x = x
            return x ** 2
        def her(self, g):
            return 2 * g * self.x
"""

WITHOUT_RATE = LAYERS.replace(", tempo_rate):", "):")
WITHOUT_RATE = WITHOUT_RATE.replace("W -= tempo_rate *", "gW =").replace(
    "b -= tempo_rate *", "gb ="
)


def _mistakes(text, name):
    text = textwrap.dedent(text)
    module = {"__name__": "student"}
    exec(compile(text, "student.py", "exec"), module)
    subject = class_subject(module[name], module, Source(text))
    found = subject and check_layer(subject, Facts())
    return None if found is None else [finding["mistake"] for finding in found]


@pytest.mark.parametrize(
    ("text", "name", "mistakes"),
    [
        (LAYERS, "Schicht", []),
        (LAYERS, "Knick", []),
        (LAYERS, "Daten", None),
        (WITHOUT_RATE, "Schicht", []),
        (SCALERS, "NachMittel", None),
        (SCALERS, "NachGroesse", None),
        (SCALERS, "Hinaus", None),
        (SCALERS, "Achsen", None),
        (SCALERS, "Quadrat", []),
    ],
)
def test_right_layers_are_right(text, name, mistakes):
    assert _mistakes(text, name) == mistakes


@pytest.mark.parametrize(
    ("text", "name", "old", "new", "mistake"),
    [
        (LAYERS, "Schicht", "* g.sum(axis=0)", "* g[0]", "bias-gradient-not-summed"),
        (LAYERS, "Knick", "self.x > 0", "g > 0", "relu-mask-of-gradient"),
        (WITHOUT_RATE, "Knick", "self.x > 0", "g > 0", "relu-mask-of-gradient"),
        (SCALERS, "Quadrat", "2 * g *", "-2 * g *", "sign"),
        (SCALERS, "Quadrat", "2 * g *", "g *", "constant-factor"),
    ],
)
def test_a_wrong_backward_pass_is_named(text, name, old, new, mistake):
    assert old in text
    assert _mistakes(text.replace(old, new), name) == [mistake]


TARGETS = """
    import numpy as np
    rng = np.random.default_rng(1)

    class Modell:
        def __init__(self, n_ein, n_innen):
            self.U = rng.normal(size=(n_ein, n_innen))
            self.V = rng.normal(size=(n_innen, 1))
        def vorwaerts(self, X):
            self.X, self.h = X, np.tanh(X @ self.U)
            return 1 / (1 + np.exp(-self.h @ self.V))
        def rueckwaerts(self, p, y):
            d = (p - y) / len(y)
            return [self.X.T @ (d @ self.V.T * (1 - self.h ** 2)), self.h.T @ d]

    class Gerade:
        def __init__(self, ein, aus):
            self.W = rng.normal(size=(ein, aus))
        def vorwaerts(self, X):
            self.X = X
            return X @ self.W
        def rueckwaerts(self, dy):
            self.dW = self.X.T @ dy
            return dy @ self.W.T
"""


def test_passes_with_words_of_another_language_are_those_of_a_layer():
    assert _mistakes(TARGETS, "Gerade") == []
    assert _mistakes(TARGETS.replace("self.X.T @ dy", "2 * self.X.T @ dy"), "Gerade") == [
        "constant-factor"
    ]


def test_a_backward_pass_that_takes_outputs_and_targets_is_no_layer():
    assert _mistakes(TARGETS, "Modell") is None
