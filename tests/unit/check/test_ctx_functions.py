"""Classes with forward(ctx, …) and backward(ctx, …) in NumPy, which need no PyTorch."""

import textwrap
from pathlib import Path

import pytest

import rosenblatt as rb
from rosenblatt.check import files
from rosenblatt.check.files import check_source

LINEAR = """
import numpy as np

class Linear:
    @staticmethod
    def forward(ctx, x, weight, bias):
        ctx.save_for_backward(x, weight)
        return x @ weight + bias

    @staticmethod
    def backward(ctx, grad_output):
        x, weight = ctx.saved_tensors
        dx = grad_output @ weight.T
        dw = x.T @ grad_output
        db = grad_output.sum(axis=0)
        return dx, dw, db
"""

MULTIPLY = """
class Context:
    def keep(self, *values):
        self.values = values

class Multiply:
    def forward(ctx, x, y):
        ctx.keep(x, y)
        return x * y

    def backward(ctx, g):
        x, y = ctx.values
        return g * y, g * x
"""

RELU = """
import numpy as np

class ReLU:
    @classmethod
    def forward(cls, ctx, x):
        ctx.x = x
        return np.maximum(x, 0)

    @classmethod
    def backward(cls, ctx, g):
        return g * (ctx.x > 0)
"""


def findings_of(text):
    return check_source(textwrap.dedent(text).encode(), Path("ops.py"))


@pytest.mark.parametrize("text", [LINEAR, MULTIPLY, RELU])
def test_right_operations_are_right(text):
    result = findings_of(text)
    assert result["findings"] == []
    assert result["checked"]


@pytest.mark.parametrize(
    ("text", "right", "wrong", "mistake", "parameter"),
    [
        (LINEAR, "db = grad_output.sum(axis=0)", "db = grad_output", "bias-gradient-not-summed", 2),
        (LINEAR, "x.T @ grad_output", "grad_output.T @ x", "transposed", 1),
        (LINEAR, "x.T @ grad_output", "x.T @ grad_output / len(x)", "batch-factor", 1),
        (LINEAR, "x.T @ grad_output", "-x.T @ grad_output", "sign", 1),
        (LINEAR, "x.T @ grad_output", "2 * x.T @ grad_output", "constant-factor", 1),
        (LINEAR, "dx, dw, db", "dw, dx, db", "gradient-order", 0),
        (LINEAR, "dx, dw, db", "dx, dw, None", "bias-gradient-missing", 2),
        (MULTIPLY, "g * y, g * x", "g * x, g * y", "gradient-order", 0),
        (MULTIPLY, "g * y, g * x", "y, x", "upstream-gradient-missing", 0),
        (RELU, "ctx.x > 0", "g > 0", "relu-mask-of-gradient", 0),
        (RELU, "ctx.x > 0", "ctx.x < 0", "relu-wrong-side", 0),
    ],
)
def test_wrong_gradients_are_named(text, right, wrong, mistake, parameter):
    changed = text.replace(right, wrong)
    (finding,) = findings_of(changed)["findings"]
    names = ("x", "weight", "bias")
    assert (finding["mistake"], finding["parameter"]) == (mistake, names[parameter])


def test_the_line_is_where_the_wrong_gradient_is_computed():
    text = LINEAR.replace("dw = x.T", "dw = -x.T")
    (finding,) = findings_of(text)["findings"]
    assert "dw = -x.T" in text.splitlines()[finding["line"] - 1]


def test_an_error_of_the_backward_pass_is_a_finding():
    (finding,) = findings_of(LINEAR.replace("ctx.saved_tensors", "ctx.saved_things"))["findings"]
    assert finding["mistake"] == "backward-fails"
    assert "saved_things" in finding["text"]


class Square:
    @staticmethod
    def forward(ctx, x):
        ctx.x = x
        return x**2

    @staticmethod
    def backward(ctx, g):
        return g * ctx.x


def test_a_class_of_this_process_is_checked():
    (finding,) = rb.check(Square).findings
    assert finding.mistake == "constant-factor"
    assert finding.analytic == pytest.approx(finding.numeric / 2)


def test_a_file_that_imports_torch_without_it_is_not_checked(monkeypatch):
    monkeypatch.setattr(files, "torch_is_installed", lambda: False)
    result = findings_of("import torch.nn as nn\n" + LINEAR)
    assert "torch" in result["reason"]
    assert result["findings"] == []
    assert "checked" not in result
