"""Steps of recurrent networks with gates: a forward and a backward function."""

import pytest

from check_corpus.corpus import check_text

JOINED = """
import numpy as np

def sig(z):
    return 1 / (1 + np.exp(-z))

def cell_forward(x, h_prev, c_prev, W, b):
    H = len(h_prev)
    v = np.vstack([h_prev, x])
    z = W @ v + b
    i, f, o = sig(z[:H]), sig(z[H:2 * H]), sig(z[2 * H:3 * H])
    g = np.tanh(z[3 * H:])
    c = f * c_prev + i * g
    h = o * np.tanh(c)
    return h, c, (v, c_prev, W, i, f, o, g, c)

def cell_backward(dh, dc, cache):
    v, c_prev, W, i, f, o, g, c = cache
    H = len(c)
    do = dh * np.tanh(c)
    dc = dc + dh * o * (1 - np.tanh(c) ** 2)
    dz = np.vstack([dc * g * i * (1 - i), dc * c_prev * f * (1 - f), do * o * (1 - o),
                    dc * i * (1 - g ** 2)])
    dv = W.T @ dz
    return dv[H:], dv[:H], dc * f, dz @ v.T, dz.sum(axis=1, keepdims=True)
"""


@pytest.mark.parametrize(
    ("right", "wrong", "expected"),
    [
        ("", "", []),
        ("dc * f, dz @ v.T", "dc * i, dz @ v.T", ["wrong-input-cached", "unexplained"]),
        ("dc = dc + dh", "dc = dc - dh", ["sign"]),
        ("(1 - g ** 2)", "(1 - g)", ["unexplained", "activation-derivative-at-output"]),
    ],
)
def test_cell_in_columns(right: str, wrong: str, expected: list[str]) -> None:
    """The weights take the state and the input as one array."""
    values = check_text(JOINED.replace(right, wrong))
    found = [finding["mistake"] for finding in values["findings"]]
    assert (found[:1] == [] and not expected) or found[0] in expected
    assert "cell_backward" in values["checked"]
