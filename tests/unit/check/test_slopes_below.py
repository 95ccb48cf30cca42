"""The error, and not the delta, is handed to the layer below: the output's slope is missing."""

import textwrap

import pytest

from check_corpus.corpus import check_text

TWO_LAYERS = """
    import numpy as np
    rng = np.random.default_rng(1)
    X = rng.uniform(-1, 1, (12, 3))
    y = (X.sum(axis=1, keepdims=True) > 0) * 1.0
    V, U = rng.normal(size=(3, 4)), rng.normal(size=(4, 1))
    for runde in range(50):
        h = 1 / (1 + np.exp(-X @ V))
        p = 1 / (1 + np.exp(-h @ U))
        fehler = y - p
        delta = fehler * p * (1 - p)
        unten = delta.dot(U.T)
        U += 0.5 * h.T @ delta
        V += 0.5 * X.T @ (unten * h * (1 - h))
"""

IN_ONE_LINE = TWO_LAYERS.replace("delta = fehler * p * (1 - p)", "pass").replace(
    "delta", "(fehler * p * (1 - p))"
)


@pytest.mark.parametrize("text", [TWO_LAYERS, IN_ONE_LINE])
@pytest.mark.parametrize("is_wrong", [False, True])
def test_the_error_is_not_what_the_layer_below_needs(text, is_wrong):
    text = textwrap.dedent(text)
    line = 1 + text[: text.index("unten =")].count("\n")
    if is_wrong:
        text = text.replace("unten = delta", "unten = fehler")
        text = text.replace("unten = (fehler * p * (1 - p))", "unten = fehler")
    result = check_text(text)
    assert "training" in result["checked"]
    found = [(f["mistake"], f["line"], f["parameter"]) for f in result["findings"]]
    assert found == [("activation-derivative-missing", line, "V")] * is_wrong
