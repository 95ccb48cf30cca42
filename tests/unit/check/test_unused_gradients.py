"""Gradients that are computed and never used."""

import textwrap

import pytest

from check_corpus.corpus import replay_of
from rosenblatt.check.values.unused_gradients import never_used

SCRIPT = """
    import numpy as np
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(8, 3)), rng.normal(size=(8, 1))
    kern, kopf, bias = rng.normal(size=(3, 4)), rng.normal(size=(4, 1)), np.zeros(4)
    for k in range(5):
        h = np.tanh(x @ kern + bias)
        dz = h @ kopf - y
        dh = dz @ kopf.T * (1 - h * h)
        gkopf, gkern, gbias = h.T @ dz, x.T @ dh, dh.sum(axis=0)
        gx = dh @ kern.T
        kopf -= 0.01 * gkopf
        KERN
        BIAS
"""

LAYER = """
    import numpy as np
    rng = np.random.default_rng(0)
    class Layer:
        def __init__(self):
            self.W, self.b = rng.normal(size=(3, 1)), np.zeros(1)
        def backward(self, x, d):
            self.dW, self.db = x.T @ d, d.sum(axis=0)
    layer, x, y = Layer(), rng.normal(size=(8, 3)), rng.normal(size=(8, 1))
    for k in range(5):
        layer.backward(x, x @ layer.W + layer.b - y)
        layer.W -= 0.01 * layer.dW
        layer.b -= 0.01 * layer.db
"""


@pytest.mark.parametrize(
    ("kern", "bias", "expected"),
    [
        ("kern -= 0.01 * gkern", "bias -= 0.01 * gbias", []),
        ("pass", "bias -= 0.01 * gbias", [("gradient-missing", "kern")]),
        ("kern -= 0.01 * gkern", "pass", [("bias-gradient-missing", "bias")]),
        ("pass  # kern is frozen", "bias -= 0.01 * gbias", []),
    ],
)
def test_a_gradient_that_is_computed_is_used(kern, bias, expected):
    assert _found(SCRIPT.replace("KERN", kern).replace("BIAS", bias)) == expected


def test_a_gradient_that_is_read_through_another_name_is_used():
    assert _found(LAYER) == []


def _found(text):
    replay = replay_of(textwrap.dedent(text))
    findings = never_used(replay.events, replay.source)
    return [(finding["mistake"], finding["parameter"]) for finding in findings]
