"""Autograd functions and modules of PyTorch, where it is installed."""

import textwrap
from pathlib import Path

import pytest

import rosenblatt as rb
from rosenblatt.check.checking import check_file
from rosenblatt.check.files import check_source

torch = pytest.importorskip("torch")

LINEAR = """
import torch

class Linear(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, weight, bias=None):
        ctx.save_for_backward(x, weight)
        return x @ weight.t() + bias

    @staticmethod
    def backward(ctx, grad_output):
        x, weight = ctx.saved_tensors
        dx = grad_output @ weight
        dw = grad_output.t() @ x
        db = grad_output.sum(0)
        return dx, dw, db
"""

SIGMOID = """
import torch

class Sigmoid(torch.autograd.Function):
    @staticmethod
    def forward(x):
        return torch.sigmoid(x)

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(output)

    @staticmethod
    def backward(ctx, g):
        (a,) = ctx.saved_tensors
        return g * a * (1 - a)
"""

CROSS_ENTROPY = """
import torch

class CrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(ctx, logits, target):
        p = torch.softmax(logits, dim=1)
        ctx.save_for_backward(p, target)
        return -torch.log(p[torch.arange(len(p)), target]).mean()

    @staticmethod
    def backward(ctx, g):
        p, target = ctx.saved_tensors
        d = p.clone()
        d[torch.arange(len(p)), target] -= 1
        return g * d / len(p), None
"""

NETWORK = """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self, n_in, n_hidden, n_out):
        super().__init__()
        self.first = nn.Linear(n_in, n_hidden)
        self.drop = nn.Dropout(0.2)
        self.last = nn.Linear(n_hidden, n_out)

    def forward(self, x):
        h = torch.sigmoid(self.first(x.float()))
        h = self.drop(h)
        return self.last(h)
"""


def result_of(text):
    return check_source(textwrap.dedent(text).encode(), Path("net.py"))


ATTENTION = """
import torch
from torch import nn

class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.query, self.key = nn.Linear(4, 4), nn.Linear(4, 4)

    def forward(self, x):
        # The softmax does not change with the bias of the keys.
        return torch.softmax(self.query(x) @ self.key(x).transpose(-1, -2), dim=-1)
"""


@pytest.mark.parametrize("text", [LINEAR, SIGMOID, CROSS_ENTROPY, NETWORK, ATTENTION])
def test_right_code_is_right(text):
    result = result_of(text)
    assert result["findings"] == []
    assert len(result["checked"]) == 1


def test_autograd_sums_a_bias_gradient_itself():
    assert result_of(LINEAR.replace("grad_output.sum(0)", "grad_output"))["findings"] == []


@pytest.mark.parametrize(
    ("text", "right", "wrong", "mistake"),
    [
        (LINEAR, "grad_output.t() @ x", "x.t() @ grad_output", "transposed"),
        (LINEAR, "grad_output.t() @ x", "grad_output.t() @ x / len(x)", "batch-factor"),
        (LINEAR, "grad_output.t() @ x", "-grad_output.t() @ x", "sign"),
        (LINEAR, "dx, dw, db", "dx, dw, None", "bias-gradient-missing"),
        (LINEAR, "dx, dw, db", "dx, dw", "backward-fails"),
        (SIGMOID, "g * a * (1 - a)", "a * (1 - a)", "upstream-gradient-missing"),
        (SIGMOID, "backward(output)", "backward(*inputs)", "activation-derivative-at-output"),
        (CROSS_ENTROPY, "g * d / len(p)", "g * d", "batch-factor"),
        (NETWORK, "h = self.drop(h)", "h = self.drop(h).detach()", "graph-cut"),
        (NETWORK, "h = self.drop(h)", "h = h * h.data", "graph-cut"),
        (NETWORK, "h = self.drop(h)", "h.mul_(2)", "in-place-change"),
    ],
)
def test_mistakes_are_named(text, right, wrong, mistake):
    changed = text.replace(right, wrong)
    (finding,) = result_of(changed)["findings"]
    assert finding["mistake"] == mistake
    if text is NETWORK:
        assert wrong in changed.splitlines()[finding["line"] - 1]


def test_the_parameters_without_a_gradient_are_named():
    text = NETWORK.replace("h = self.drop(h)", "h = h.detach()")
    (finding,) = result_of(text)["findings"]
    assert finding["parameter"] == "first.weight"
    assert "first.bias" in finding["text"]
    assert finding["analytic"] == 0
    assert finding["numeric"] != 0


def test_an_object_is_checked_and_left_as_it_is():
    model = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.Tanh())
    before = [p.clone() for p in model.parameters()]
    assert rb.check(model).ok
    assert all(torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))
    assert all(p.grad is None and p.dtype == torch.float32 for p in model.parameters())
    assert torch.get_default_dtype() == torch.float32


def test_torch_runs_within_the_limits_of_a_process_of_its_own(tmp_path):
    path = tmp_path / "net.py"
    path.write_text(NETWORK, encoding="utf-8")
    report = check_file(path)
    assert (report.reason, report.checked, report.findings) == (None, ("Net",), ())
