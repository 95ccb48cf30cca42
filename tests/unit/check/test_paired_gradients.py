"""Gradients that belong to parameters or outputs of the same shape, and losses of one output."""

from pathlib import Path

import pytest

from rosenblatt.check.files import check_source

NETWORK = """
import numpy as np

class Weight:
    def __init__(self, value):
        self.value = value
        self.slope_grad = None

class Stack:
    def __init__(self):
        rng = np.random.default_rng(0)
        self.parts = [
            {"kernel": Weight(rng.normal(size=(4, 4))), "shift": Weight(np.zeros(4))}
            for _ in range(3)
        ]
        self.kept = []

    def forward(self, x):
        self.kept = []
        for part in self.parts:
            self.kept.append(x)
            x = np.sin(x @ part["kernel"].value + part["shift"].value)
        return x

    def backward(self, d):
        for part, x in zip(self.parts[::-1], self.kept[::-1]):
            d = d * np.cos(x @ part["kernel"].value + part["shift"].value)
            part["kernel"].slope_grad = x.T @ d
            part["shift"].slope_grad = SUM
            d = d @ part["kernel"].value.T
        return d
"""

ORDERED = """
import numpy as np

class Box:
    def __init__(self, value):
        self.value = value

class Chain:
    def __init__(self):
        rng = np.random.default_rng(0)
        self.boxes = [Box(rng.normal(size=(4, 4))) for _ in range(2)]
        self.gradient_list = [None, None]

    def forward(self, x):
        self.x = x
        self.h = np.tanh(x @ self.boxes[0].value)
        return self.h @ self.boxes[1].value

    def backward(self, d):
        dz = (d @ self.boxes[1].value.T) * (1 - self.h ** 2)
        self.gradient_list = [self.h.T @ d, self.x.T @ dz]
        return dz @ self.boxes[0].value.T
"""

LOSS = """
import numpy as np

def LOSS_NAME(z, y):
    VALUE
"""

LOGITS = """loss = np.mean(np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z))))
    return loss, FACTOR * (1 / (1 + np.exp(-z)) - y) / len(y)"""
SQUARES = "return np.mean((z - y) ** 2), FACTOR * 2 * (z - y) / len(y)"


def mistakes(text: str) -> list[str]:
    """Return the names of the mistakes that a check finds."""
    values = check_source(text.encode(), Path("student.py"))
    return [finding["mistake"] for finding in values.get("findings", [])]


@pytest.mark.cases(1)
@pytest.mark.parametrize(
    ("total", "expected"), [("d.sum(axis=0)", []), ("2 * d.sum(axis=0)", ["constant-factor"])]
)
def test_parameters_with_gradients_of_their_own(total: str, expected: list[str]) -> None:
    assert mistakes(NETWORK.replace("SUM", total)) == expected


def test_a_gradient_that_may_be_of_another_parameter_is_no_mistake() -> None:
    assert mistakes(ORDERED) == []


@pytest.mark.parametrize("value", [LOGITS, SQUARES])
@pytest.mark.parametrize(
    ("factor", "expected"), [("1", []), ("2", ["constant-factor"]), ("-1", ["sign"])]
)
def test_mean_over_all_numbers_where_a_sample_has_one_output(
    value: str, factor: str, expected: list[str]
) -> None:
    text = LOSS.replace("VALUE", value.replace("FACTOR", factor))
    assert mistakes(text.replace("LOSS_NAME", "loss_of")) == expected


MEAN_OUTSIDE = """
import numpy as np
rng = np.random.default_rng(2)
A = rng.normal(size=(30, 3))
b = A @ np.array([0.5, -1.0, 2.0])


def cost(r):
    return np.mean(np.sqrt(1 + r * r) - 1)


def cost_grad(r):
    return r / np.sqrt(1 + r * r)


w = np.zeros(3)
for step in range(20):
    w -= 0.5 * A.T @ cost_grad(A @ w - b) / len(b)
"""


def test_the_caller_may_take_the_mean_of_slopes() -> None:
    assert mistakes(MEAN_OUTSIDE) == []
    assert mistakes(MEAN_OUTSIDE.replace(" / len(b)", "")) == ["batch-factor"]
