"""Gradients that are added up over several updates."""

from pathlib import Path

import pytest

from check_corpus.corpus import check_text
from rosenblatt.check.layers.memory import OF_SUMS
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


POSITIONS = """
import numpy as np

class Positions:
    def __init__(self, in_channels, out_channels, kernel_size):
        self.size = kernel_size
        shape = (out_channels, in_channels, kernel_size)
        self.W, self.dW = np.random.randn(*shape), np.zeros(shape)

    def forward(self, A):
        self.A = A
        count = A.shape[2] - self.size + 1
        parts = [A[:, :, i:i + self.size] for i in range(count)]
        return np.stack([np.tensordot(p, self.W, ([1, 2], [1, 2])) for p in parts], axis=2)

    def backward(self, dZ):
        dA = np.zeros_like(self.A)
        for i in range(dZ.shape[2]):
            part = slice(i, i + self.size)
            self.dW += np.tensordot(dZ[:, :, i], self.A[:, :, part], (0, 0))
            dA[:, :, part] += np.tensordot(dZ[:, :, i], self.W, (1, 0))
        return dA
"""

STEP = """
    def update(self, lr):
        self.W -= lr * self.dW
"""


@pytest.mark.slow
def test_a_layer_alone_is_told_that_a_training_may_reset_its_gradients():
    (finding,) = check_text(POSITIONS)["findings"]
    assert finding["mistake"] == "gradients-accumulate"
    assert finding["text"].endswith(OF_SUMS)
    wrong = check_text(POSITIONS.replace("(dZ[:, :, i], self.W", "(dZ[:, :, 0], self.W"))
    (found,) = wrong["findings"]
    assert found["mistake"] != "gradients-accumulate"


def test_a_file_with_its_own_steps_has_to_reset_the_gradients():
    (finding,) = check_text(POSITIONS + STEP)["findings"]
    assert finding["mistake"] == "gradients-accumulate"
    assert OF_SUMS not in finding["text"]
    reset = STEP + "        self.dW[...] = 0\n"
    assert check_text(POSITIONS + reset)["findings"] == []
