"""Automatic differentiation of single numbers: operations, graphs, and trainings."""

import textwrap

import pytest

from check_corpus.corpus import check_text
from rosenblatt.check.autodiff.autodiff import check_autodiff
from rosenblatt.check.source.text import Source

CLOSURES = """
    import math

    class Liczba:
        def __init__(self, wart, rodzice=()):
            self.wart = wart
            self.poch = 0.0
            self.rodzice = rodzice
            self.cofnij = lambda: None

        def __add__(self, inna):
            inna = inna if isinstance(inna, Liczba) else Liczba(inna)
            wynik = Liczba(self.wart + inna.wart, (self, inna))
            def cofnij():
                self.poch += wynik.poch
                inna.poch += wynik.poch
            wynik.cofnij = cofnij
            return wynik

        def __mul__(self, inna):
            inna = inna if isinstance(inna, Liczba) else Liczba(inna)
            wynik = Liczba(self.wart * inna.wart, (self, inna))
            def cofnij():
                self.poch += inna.wart * wynik.poch
                inna.poch += self.wart * wynik.poch
            wynik.cofnij = cofnij
            return wynik

        def __pow__(self, k):
            wynik = Liczba(self.wart ** k, (self,))
            def cofnij():
                self.poch += k * self.wart ** (k - 1) * wynik.poch
            wynik.cofnij = cofnij
            return wynik

        def relu(self):
            wynik = Liczba(max(self.wart, 0.0), (self,))
            def cofnij():
                self.poch += wynik.poch if self.wart > 0 else 0.0
            wynik.cofnij = cofnij
            return wynik

        def tanh(self):
            t = math.tanh(self.wart)
            wynik = Liczba(t, (self,))
            def cofnij():
                self.poch += (1 - t * t) * wynik.poch
            wynik.cofnij = cofnij
            return wynik

        __radd__, __rmul__ = __add__, __mul__

        def __sub__(self, inna):
            return self + inna * -1

        def wstecz(self):
            kolejnosc, byly = [], set()
            def odwiedz(v):
                if v not in byly:
                    byly.add(v)
                    for r in v.rodzice:
                        odwiedz(r)
                    kolejnosc.append(v)
            odwiedz(self)
            self.poch = 1.0
            for v in reversed(kolejnosc):
                v.cofnij()
"""

SLOPES = """
    import math

    class Var:
        __slots__ = ("x", "g", "parents")

        def __init__(self, x, parents=()):
            self.x, self.g, self.parents = x, None, parents

        def __add__(self, other):
            return Var(self.x + other.x, ((self, 1.0), (other, 1.0)))

        def __sub__(self, other):
            return Var(self.x - other.x, ((self, 1.0), (other, -1.0)))

        def __mul__(self, other):
            return Var(self.x * other.x, ((self, other.x), (other, self.x)))

    def tanh(a):
        t = math.tanh(a.x)
        return Var(t, ((a, 1 - t ** 2),))

    def sigmoid(a):
        s = 1 / (1 + math.exp(-a.x))
        return Var(s, ((a, s * (1 - s)),))

    def differentiate(root):
        order = []
        def visit(node):
            if node not in order:
                for parent, slope in node.parents:
                    visit(parent)
                order.append(node)
        visit(root)
        for node in order:
            node.g = 0.0
        root.g = 1.0
        for node in reversed(order):
            for parent, slope in node.parents:
                parent.g += slope * node.g
"""

TRAINING = """
    import random
    random.seed(4)
    wagi = [Liczba(random.uniform(-1, 1)) for _ in range(6)]
    progi = [Liczba(0.0) for _ in range(3)]
    koniec = [Liczba(random.uniform(-1, 1)) for _ in range(3)]
    parametry = wagi + progi + koniec
    punkty = [(random.random(), random.random()) for _ in range(12)]
    pamiec = [0.0] * len(parametry)
    for krok in range(30):
        strata = Liczba(0.0)
        for a, b in punkty:
            h = [(wagi[j] * a + wagi[j + 3] * b + progi[j]).tanh() for j in range(3)]
            blad = sum((k * u for k, u in zip(koniec, h)), Liczba(0.0)) - a * b
            strata = strata + blad * blad
        for p in parametry:
            p.poch = 0.0
        strata.wstecz()
        for i, p in enumerate(parametry):
            p.wart -= 0.02 * p.poch
"""


def engine(text, cls):
    text = textwrap.dedent(text)
    module = {}
    exec(compile(text, "engine.py", "exec"), module)
    return check_autodiff(module[cls], module, Source(text))


ARRAYS = """
    import numpy as np

    class Tabela:
        def __init__(self, val, deps=()):
            self.val = np.asarray(val, dtype=float)
            self.grad = np.zeros_like(self.val)
            self.deps = deps

        def __add__(self, o):
            return Tabela(self.val + o.val, [(self, lambda g: g), (o, lambda g: g)])

        def __sub__(self, o):
            return Tabela(self.val - o.val, [(self, lambda g: g), (o, lambda g: -g)])

        def __mul__(self, o):
            parts = [(self, lambda g: g * o.val), (o, lambda g: g * self.val)]
            return Tabela(self.val * o.val, parts)

        def __matmul__(self, o):
            parts = [(self, lambda g: g @ o.val.T), (o, lambda g: self.val.T @ g)]
            return Tabela(self.val @ o.val, parts)

        def tanh(self):
            t = np.tanh(self.val)
            return Tabela(t, [(self, lambda g: g * (1 - t * t))])

        def backward(self):
            order, seen = [], set()
            def walk(node):
                if id(node) not in seen:
                    seen.add(id(node))
                    for other, _ in node.deps:
                        walk(other)
                    order.append(node)
            walk(self)
            self.grad = np.ones_like(self.val)
            for node in reversed(order):
                for other, slope in node.deps:
                    other.grad = other.grad + slope(node.grad)
"""

WITHOUT_GRADIENT = """
    import random

    def frozen(a):
        return Var(a.x)

    def stepped(a, g):
        return Var(a.x - 0.1 * g.x)

    def noisy(a):
        return a * Var(1 + random.gauss(0, 0.1))
"""


@pytest.mark.parametrize(
    ("text", "cls"),
    [(CLOSURES, "Liczba"), (SLOPES, "Var"), (ARRAYS, "Tabela"), (SLOPES + WITHOUT_GRADIENT, "Var")],
)
def test_right_engines_are_right(text, cls):
    assert engine(text, cls) == []


@pytest.mark.cases(7)
@pytest.mark.parametrize(
    ("right", "wrong", "mistake", "where"),
    [
        (
            "self.poch += inna.wart * wynik.poch",
            "self.poch = inna.wart * wynik.poch",
            "gradients-accumulate",
            "Liczba.__mul__",
        ),
        (
            "inna.poch += wynik.poch",
            "inna.poch = wynik.poch",
            "gradients-accumulate",
            "Liczba.__add__",
        ),
        (
            "inna.poch += self.wart * wynik.poch",
            "inna.poch += self.wart",
            "upstream-gradient-missing",
            "Liczba.__mul__",
        ),
        (
            "self.poch += inna.wart * wynik.poch",
            "self.poch += self.wart * wynik.poch",
            "wrong-input-cached",
            "Liczba.__mul__",
        ),
        ("inna.poch += wynik.poch", "inna.poch -= wynik.poch", "sign", "Liczba.__add__"),
        ("inna.poch += wynik.poch", "pass", "gradient-missing", "Liczba.__add__"),
        ("(1 - t * t) * wynik.poch", "(1 - t * t)", "upstream-gradient-missing", "Liczba.tanh"),
        ("(1 - t * t) * wynik.poch", "wynik.poch", "activation-derivative-missing", "Liczba.tanh"),
        (
            "(1 - t * t) * wynik.poch",
            "(1 - self.wart ** 2) * wynik.poch",
            "activation-derivative-at-output",
            "Liczba.tanh",
        ),
        ("if self.wart > 0", "if wynik.poch > 0", "relu-mask-of-gradient", "Liczba.relu"),
        ("if self.wart > 0", "if self.wart < 0", "relu-wrong-side", "Liczba.relu"),
        ("k * self.wart ** (k - 1)", "self.wart ** (k - 1)", "constant-factor", "Liczba.__pow__"),
        ("k * self.wart ** (k - 1)", "k * self.wart ** k", "unexplained", "Liczba.__pow__"),
        ("in reversed(kolejnosc)", "in kolejnosc", "unexplained", "Liczba.wstecz"),
        ("byly.add(v)", "pass", "unexplained", "Liczba.wstecz"),
        ("self.poch = 1.0", "self.poch = 2.0", "constant-factor", "Liczba.__mul__"),
    ],
)
def test_wrong_operations_are_named(right, wrong, mistake, where):
    assert right in CLOSURES
    (finding,) = engine(CLOSURES.replace(right, wrong), "Liczba")
    assert (finding["mistake"], finding["where"]) == (mistake, where)


@pytest.mark.parametrize(
    ("right", "wrong", "mistake"),
    [
        ("(o, lambda g: -g)", "(o, lambda g: g)", "sign"),
        ("g * (1 - t * t)", "g", "activation-derivative-missing"),
        ("g * (1 - t * t)", "0.5 * g * (1 - t * t)", "constant-factor"),
    ],
)
def test_wrong_operations_of_arrays_are_named(right, wrong, mistake):
    assert right in ARRAYS
    (finding,) = engine(ARRAYS.replace(right, wrong), "Tabela")
    assert finding["mistake"] == mistake


@pytest.mark.parametrize(
    ("right", "wrong", "mistake", "where"),
    [
        ("s * (1 - s)", "s", "unexplained", "sigmoid"),
        ("(other, -1.0)", "(other, 1.0)", "sign", "Var.__sub__"),
        ("slope * node.g", "slope", "unexplained", "differentiate"),
        ("((self, 1.0), (other, -1.0))", "()", "gradient-missing", "Var.__sub__"),
        ("parent.g += slope", "parent.g = slope", "gradients-accumulate", "Var.__mul__"),
    ],
)
def test_wrong_functions_of_nodes_are_named(right, wrong, mistake, where):
    assert right in SLOPES
    (finding,) = engine(SLOPES.replace(right, wrong), "Var")
    assert (finding["mistake"], finding["where"]) == (mistake, where)


VELOCITY = "pamiec[i] = 0.9 * pamiec[i] + p.poch; p.wart -= 0.02 * pamiec[i]"


@pytest.mark.cases(2)
@pytest.mark.parametrize(
    "update",
    [
        "p.wart -= 0.02 * p.poch",
        "p.wart -= 0.02 / (1 + krok) * p.poch",
        "p.wart -= 0.02 * (p.poch + 0.01 * p.wart)",
        "p.wart -= 0.02 * max(-0.3, min(0.3, p.poch))",
        VELOCITY,
    ],
)
def test_a_right_training_is_right(update):
    text = CLOSURES + TRAINING.replace("p.wart -= 0.02 * p.poch", update)
    result = check_text(textwrap.dedent(text))
    assert (result["findings"], result["reason"]) == ([], None)


@pytest.mark.cases(2)
@pytest.mark.parametrize(
    ("right", "wrong", "mistake"),
    [
        ("        for p in parametry:\n            p.poch = 0.0\n", "", "gradients-accumulate"),
        ("for p in parametry:", "for p in wagi:", "gradients-accumulate"),
        ("p.wart -= 0.02", "p.wart += 0.02", "sign"),
        ("p.wart -= 0.02 * p.poch", "p = Liczba(p.wart - 0.02 * p.poch)", "unexplained"),
        ("p.wart -= 0.02 * p.poch", VELOCITY.replace("+ p.poch", "- p.poch"), "momentum-sign"),
    ],
)
def test_a_wrong_training_is_named(right, wrong, mistake):
    assert right in TRAINING
    result = check_text(textwrap.dedent(CLOSURES + TRAINING.replace(right, wrong)))
    assert [finding["mistake"] for finding in result["findings"]] == [mistake]


def test_gradients_of_several_passes_may_be_added_up_before_an_update():
    text = TRAINING.replace("strata.wstecz()", "strata.wstecz(); (strata * 0.5).wstecz()")
    result = check_text(textwrap.dedent(CLOSURES + text))
    assert (result["findings"], result["reason"]) == ([], None)


ROOTS = """
        def __pow__(self, k):
            return Tabela(self.val ** k, [(self, lambda g: g * k * self.val ** (k - 1))])

        def log(self):
            return Tabela(np.log(self.val), [(self, lambda g: g / self.val)])

        def sqrt(self):
            return Tabela(np.sqrt(self.val), [(self, lambda g: g / (2 * np.sqrt(self.val)))])
"""


@pytest.mark.parametrize(
    ("right", "wrong", "where"),
    [
        ("", "", None),
        ("** (k - 1)", "** k", "Tabela.__pow__"),
        ("g / self.val", "g * self.val", "Tabela.log"),
        ("g / (2 * np.sqrt", "g * (2 * np.sqrt", "Tabela.sqrt"),
    ],
)
def test_roots_and_logarithms_are_given_positive_numbers(right, wrong, where):
    found = check_text(textwrap.dedent(ARRAYS + ROOTS.replace(right, wrong)))["findings"]
    assert [finding["where"] for finding in found] == ([where] if where else [])
