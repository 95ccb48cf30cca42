"""Gradients that are added up over several updates."""

from pathlib import Path

import pytest

from rosenblatt.check.record.recording import record
from rosenblatt.check.source.text import Source
from rosenblatt.check.values.accumulated_gradients import never_reset

LAYER = """
import numpy as np
rng = np.random.default_rng(3)
X, y = rng.normal(size=(9, 2)), rng.normal(size=(9, 1))
class Layer:
    def __init__(self):
        self.w, self.dw = rng.normal(size=(2, 1)), np.zeros((2, 1))
    def backward(self, g):
        self.dw += X.T @ g
layer = Layer()
squares = np.zeros((2, 1))
for k in range(8):
    RESET
    for part in (0, 1):
        layer.backward((X @ layer.w - y) / 9)
    squares += layer.dw ** 2
    UPDATE
"""

PLAIN = """
data = [(0.5, 1.0), (-1.0, 0.3), (0.2, -0.4)]
w, grad = 0.1, 0.0
for k in range(8):
    RESET
    for x, y in data:
        grad = grad + (w * x - y) * x
    UPDATE
"""


@pytest.mark.parametrize(
    ("text", "reset", "update", "is_wrong"),
    [
        (LAYER, "layer.dw = np.zeros((2, 1))", "layer.w -= 0.1 * layer.dw", False),
        (LAYER, "layer.dw[...] = 0", "layer.w -= 0.1 * layer.dw", False),
        (LAYER, "layer.dw *= 0.9", "layer.w -= 0.1 * layer.dw", False),
        (LAYER, "pass", "layer.w -= 0.1 * layer.dw", True),
        # The gradient of several batches makes one update.
        (LAYER, "pass", "layer.w = layer.w - 0.1 * layer.dw if k == 7 else layer.w", False),
        (PLAIN, "grad = 0.0", "w -= 0.3 * grad", False),
        (PLAIN, "pass", "w -= 0.3 * grad", True),
        (PLAIN, "pass", "grad /= 3; w -= 0.3 * grad", True),
    ],
)
def test_a_gradient_is_set_to_zero_between_updates(text, reset, update, is_wrong):
    source = Source(text.replace("RESET", reset).replace("UPDATE", update))
    recorder, _, ended = record(source, Path("m.py"), "__main__")
    assert ended is None
    found = never_reset(recorder.events, source)
    assert [f["mistake"] for f in found] == ["gradients-accumulate"] * is_wrong


def test_sums_of_other_parameters_are_no_parameters():
    text = """
import numpy as np
rng = np.random.default_rng(1)
W, b = rng.normal(size=(3, 1)), np.zeros((3, 1))
for k in range(4):
    dW, dbh = np.zeros((3, 1)), np.zeros((3, 1))
    for t in range(5):
        dW += rng.normal(size=(3, 1))
        dbh += rng.normal(size=(3, 1))
    W -= 0.1 * dW
    b -= 0.1 * dbh
"""
    source = Source(text)
    recorder, _, _ = record(source, Path("student.py"), "__main__")
    assert never_reset(recorder.events, source) == []
