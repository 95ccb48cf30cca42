"""Weights that are updated before they are used, with learning rates that hide it."""

import ast

import pytest

from check_corpus.corpus import check_text
from rosenblatt.check.larger_rates import with_larger_rates
from rosenblatt.check.source.text import Source

SCRIPT = """
import numpy as np
rng = np.random.default_rng(5)
X = rng.normal(size=(30, 2))
y = (X[:, :1] * X[:, 1:] > 0) * 1.0
W1, b1 = rng.normal(size=(2, 4)) * 0.5, np.zeros(4)
W2, b2 = rng.normal(size=(4, 1)) * 0.5, np.zeros(1)
tasa_aprendizaje = 0.00002
for epoca in range(40):
    h = np.tanh(X @ W1 + b1)
    p = 1 / (1 + np.exp(-(h @ W2 + b2)))
    d2 = (p - y) / len(X)
    FIRST
    d1 = d2 @ W2.T * (1 - h ** 2)
    SECOND
    W1 = W1 - tasa_aprendizaje * X.T @ d1
    b1 = b1 - tasa_aprendizaje * d1.sum(axis=0)
"""
STEP = "W2 = W2 - tasa_aprendizaje * h.T @ d2; b2 = b2 - tasa_aprendizaje * d2.sum(axis=0)"

UNITS = """
import random
random.seed(3)
w, v, b, c = random.uniform(0.5, 1), random.uniform(-1, 1), 0.1, -0.1
def treina(dados, taxa=0.00002):
    global w, v, b, c
    for epoca in range(30):
        for x, alvo in dados:
            h = max(0, w * x + b)
            saida = v * h + c
            erro = alvo - saida
            FIRST
            d = erro * v if h > 0 else 0
            SECOND
            w += taxa * d * x
            b += taxa * d
treina([(0.1 * k, 0.02 * k * k) for k in range(1, 12)])
"""
MOVE = "v += taxa * erro * h; c += taxa * erro"


def _mistakes(text, first, second):
    result = check_text(text.replace("FIRST", first).replace("SECOND", second))
    assert result["checked"]
    return [finding["mistake"] for finding in result["findings"]]


@pytest.mark.parametrize(("text", "step"), [(SCRIPT, STEP), (UNITS, MOVE)])
def test_a_small_rate_hides_no_early_update(text, step):
    assert _mistakes(text, step, "pass") == ["update-before-use"]
    assert _mistakes(text, "pass", step) == []


def test_rates_of_all_forms_are_larger():
    text = SCRIPT.replace("FIRST", STEP).replace("SECOND", "pass")
    larger = with_larger_rates(Source(text))
    assert larger == text.replace("0.00002", "0.2")
    update = "for k in range(3):\n    w -= lr * g\n    d = w * e\n"
    for rate in ("def f(g, lr=0.01): pass\n", "f(g, learning_rate=1e-3)\n", "lr: float = 0.01\n"):
        changed = with_larger_rates(Source(rate + update))
        assert changed is not None
        assert "0.2" in changed.splitlines()[0]
        ast.parse(changed)


@pytest.mark.parametrize(
    "text",
    [
        "lr = 0.01\nfor k in range(3):\n    d = w * e\n    w -= lr * g\n",
        "lr = 0.1\nfor k in range(3):\n    w -= lr * g\n    d = w * e\n",
        "lr = 0.01\nfor k in range(3):\n    loss += e\n    d = loss * e\n",
    ],
)
def test_other_files_stay_as_they_are(text):
    assert with_larger_rates(Source(text)) is None
