"""Layers that take one sample at a time, as a vector, a column or a list."""

import pytest

from check_corpus.corpus import check_text

OUTER = """
import numpy as np

class Dense:
    def __init__(self, n_in, n_out):
        self.W = np.random.randn(n_out, n_in) * 0.1
        self.b = np.zeros((n_out, 1))

    def forward(self, x):
        self.x = x
        return self.W @ x + self.b

    def backward(self, d):
        self.dW = np.outer(d, self.x)
        self.db = d
        return self.W.T @ d
"""

LISTS = """
import random

class Dense:
    def __init__(self, n_in, n_out):
        self.w = [[random.gauss(0, 1) for _ in range(n_in)] for _ in range(n_out)]
        self.b = [random.gauss(0, 1) for _ in range(n_out)]

    def forward(self, x):
        self.x = x
        return [sum(v * u for v, u in zip(x, row)) + b for row, b in zip(self.w, self.b)]

    def backward(self, d):
        self.b_grad = d
        self.w_grad = [[v * g for v in self.x] for g in d]
        return [sum(row[i] * g for row, g in zip(self.w, d)) for i in range(len(self.x))]
"""


@pytest.mark.parametrize("text", [OUTER, LISTS])
def test_a_layer_may_take_one_sample_at_a_time(text):
    report = check_text(text)
    assert report["findings"] == []
    assert report["checked"] == ["Dense"]


@pytest.mark.parametrize(
    ("text", "right", "wrong"),
    [
        (OUTER, "np.outer(d, self.x)", "np.outer(d, d)"),
        (OUTER, "return self.W.T @ d", "return -self.W.T @ d"),
        (LISTS, "v * g for v in self.x", "g for v in self.x"),
        (LISTS, "row[i] * g for", "row[0] * g for"),
    ],
)
def test_a_wrong_layer_of_one_sample_is_found(text, right, wrong):
    assert check_text(text.replace(right, wrong))["findings"]


@pytest.mark.parametrize(("factor", "is_wrong"), [("1.0", False), ("2.0", True)])
def test_lists_of_one_sample_are_taken_where_a_list_of_samples_is_not(factor, is_wrong):
    text = f"""
class Kopie:
    def forward(self, x):
        return [v for v in x]

    def backward(self, d):
        return [{factor} * g for g in d]
"""
    result = check_text(text)
    assert "Kopie" in result["checked"]
    assert bool(result["findings"]) == is_wrong
