"""A file is right only where a check has reached everything that trains in it."""

import textwrap

import pytest

from check_corpus.corpus import check_text
from rosenblatt.check.checking import report_of
from rosenblatt.check.source.coverage import SCRIPT, parts_that_train
from rosenblatt.check.source.text import Source

ACTIVATION = """
import numpy as np

def tanh(z):
    return np.tanh(z)

def tanh_prime(z):
    return 1 - np.tanh(z) ** 2
"""

UNREACHED = """
class Reservoir:
    def __init__(self, wiring, taps):
        self.wiring, self.taps = wiring, taps

    def adapt(self, pulse, wanted, schedule):
        error = self.taps[wanted](pulse) - schedule.now()
        self.readout -= schedule.eta * error
"""


def report(text):
    return report_of(check_text(text), "modules.py", text)


def test_a_right_activation_alone_is_right():
    assert report(ACTIVATION).exit_status == 0


def test_a_part_that_trains_and_was_not_reached_makes_the_file_unchecked():
    result = report(ACTIVATION + UNREACHED)
    assert result.exit_status == 2
    assert not result.ok
    assert "tanh_prime" in result.checked
    assert result.not_checked[0] == "Reservoir.adapt"
    # The reason tells the part, its line and what to do.
    line = (ACTIVATION + UNREACHED).splitlines().index(
        "    def adapt(self, pulse, wanted, schedule):"
    ) + 1
    assert f"Reservoir.adapt (line {line})" in result.reason
    assert "add a training" in result.reason
    assert "right: tanh_prime" in str(result)


def test_a_wrong_part_is_said_wrong_whatever_was_not_reached():
    result = report(ACTIVATION.replace("1 - np.tanh(z) ** 2", "np.tanh(z) ** 2 - 1") + UNREACHED)
    assert result.exit_status == 1
    assert "Reservoir.adapt" in result.not_checked


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("w = w - eta * g", [SCRIPT]),
        ("self.W[i] -= k * g", [SCRIPT]),
        ("p = [w - lr / n * g for w, g in zip(p, gs)]", [SCRIPT]),
        ("w -= config['learning_rate'] * dw", [SCRIPT]),
        ("dW = x.T @ delta", [SCRIPT]),
        ("def relu_backward(d, x):\n    return d * (x > 0)", ["relu_backward"]),
        ("class A:\n    def step(self, g):\n        self.w -= self.lr * g", ["A.step"]),
        # These train nothing.
        ("total += loss * n", []),
        ("mean = x.sum() - shift * n", []),
        ("class A:\n    def backward(self, d):\n        raise NotImplementedError", []),
        ("def zero_grad(self):\n    self.grad = 0 * self.grad", []),
        ("def numerical_gradient(f, x):\n    return (f(x + h) - f(x - h)) / (2 * h)", []),
        ("grads = {}", []),
    ],
)
def test_parts_that_train_are_known_by_their_code(text, names):
    assert [part.name for part in parts_that_train(Source(textwrap.dedent(text)))] == names
