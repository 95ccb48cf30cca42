"""Layers of which the backward pass is divided between two methods with the same arguments."""

import pytest

from check_corpus.corpus import check_text

TEXT = """import numpy as np


class Part:
    def __init__(self):
        self._w = self._gw = None

    def step(self, gradient_step=0.01):
        self._w -= gradient_step * self._gw

    def forward(self, x):
        raise NotImplementedError

    def backward_gradient(self, x, delta):
        pass

    def backward_delta(self, x, delta):
        raise NotImplementedError


class Linear(Part):
    def __init__(self, inputs, outputs):
        self._w = np.random.randn(inputs, outputs)
        self._b = np.zeros((1, outputs))
        self._gw, self._gb = np.zeros_like(self._w), np.zeros_like(self._b)

    def zero(self):
        self._gw[:], self._gb[:] = 0, 0

    def forward(self, x):
        return x @ self._w + self._b

    def backward_gradient(self, x, delta):
        self._gw += x.T @ delta
        self._gb += delta.sum(axis=0, keepdims=True)

    def backward_delta(self, x, delta):
        return delta @ self._w.T

    def step(self, gradient_step=0.01):
        self._w -= gradient_step * self._gw
        self._b -= gradient_step * self._gb


class Tanh(Part):
    def forward(self, x):
        return np.tanh(x)

    def backward_delta(self, x, delta):
        return delta * (1 - np.tanh(x) ** 2)

    def step(self, gradient_step=0.01):
        pass
"""


def test_the_methods_of_one_pass_are_called_together():
    result = check_text(TEXT)
    assert result["findings"] == []
    # The step of the base class is one that every layer replaces.
    assert not result["reason"]


@pytest.mark.parametrize(
    ("old", "new", "mistake"),
    [
        ("self._gw += x.T", "self._gw -= x.T", "sign"),
        ("delta.sum(axis=0", "delta.mean(axis=0", "batch-factor"),
        ("return delta @ self._w.T", "return -delta @ self._w.T", "sign"),
        ("self._b -= gradient_step", "self._b += gradient_step", "sign"),
    ],
)
def test_a_mistake_in_either_method_is_named_at_its_line(old, new, mistake):
    line = TEXT[: TEXT.index(old)].count("\n") + 1
    (finding,) = check_text(TEXT.replace(old, new))["findings"]
    assert finding["mistake"] == mistake
    assert finding["line"] == line
