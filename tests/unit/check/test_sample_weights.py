"""Losses in which every sample has a weight."""

import textwrap

import pytest

from check_corpus.corpus import check_text

CLASSES = """
    import numpy as np
    rng = np.random.default_rng(4)
    X = rng.normal(size=(40, 3))
    y = (X[:, 0] + 0.5 * rng.normal(size=40) > 0.4) * 1.0
    gewichte = np.where(y == 1, 3.0, 1.0)
    w, b = np.zeros(3), 0.0
    for epoch in range(60):
        p = 1 / (1 + np.exp(-(X @ w + b)))
        d = gewichte * (p - y)
        w -= 0.1 * X.T @ d / 40
        b -= 0.1 * d.mean()
"""

ERRORS = """
    import numpy as np
    rng = np.random.default_rng(4)
    x = rng.uniform(0.1, 1, 40)
    fehler = rng.uniform(0.2, 0.5, 40)
    y = 2 * x - 1 + fehler * rng.normal(size=40)
    a, b = 0.0, 0.0
    for epoch in range(60):
        rest = a * x + b - y
        a -= 0.01 * 2 * np.mean(rest / fehler**2 * x)
        b -= 0.01 * 2 * np.mean(rest / fehler**2)
"""

BATCHES = """
    import numpy as np
    rng = np.random.default_rng(4)
    A = np.c_[np.ones(40), rng.uniform(-1, 1, 40)]
    fehler = rng.uniform(0.2, 0.5, 40)
    y = A @ [2.0, -1.0] + fehler * rng.normal(size=40)
    c = np.zeros(2)
    for epoch in range(20):
        order = rng.permutation(40)
        for start in range(0, 40, 8):
            part = order[start : start + 8]
            rest = A[part] @ c - y[part]
            c -= 0.01 * A[part].T @ (rest / fehler[part] ** 2) / 8
"""


BEGIN = """
    import numpy as np
    rng = np.random.default_rng(3)
    X = rng.normal(size=(60, 2))
    y = (X[:, 0] > 1) * 1
    w, b = np.zeros(2), 0.0
    gewichte = np.where(y == 1, 5.0, 1.0)
    for k in range(100):
        p = 1 / (1 + np.exp(-(X @ w + b)))
        rest = (p - y) * gewichte
        w -= 0.1 * X.T @ rest / gewichte.sum()
        b -= 0.1 * rest.sum() / gewichte.sum()
"""
"""Outputs near 1/2: the errors change with the bias as the weights do."""


@pytest.mark.parametrize("text", [CLASSES, ERRORS, BATCHES, BEGIN])
def test_weights_of_samples_are_no_mistake(text):
    assert _found(text) == []


def test_a_weight_in_one_of_two_gradients():
    text = ERRORS.replace("np.mean(rest / fehler**2)", "np.mean(rest)")
    assert text != ERRORS
    assert _found(text) != []


def _found(text):
    result = check_text(textwrap.dedent(text))
    assert result["reason"] is None
    return [finding["mistake"] for finding in result["findings"]]
