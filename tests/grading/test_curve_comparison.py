"""The comparison of loss curves says where they part."""

import sys

import numpy as np
import pytest

from grading.mutation import SOLUTION
from rosenblatt.errors import ConfigurationError
from rosenblatt.grading.curve_comparison import compare_with_reference

X = np.random.default_rng(0).normal(size=(20, 2))
Y = np.eye(2)[(X[:, 0] * X[:, 1] > 0).astype(int)]


@pytest.fixture
def student(monkeypatch):
    """The modules of the solution, as their own scripts import them."""
    monkeypatch.syspath_prepend(str(SOLUTION / "part2"))
    names = ("modules", "mlp_numpy", "train_mlp_numpy")
    for name in names:
        monkeypatch.delitem(sys.modules, name, raising=False)
    import mlp_numpy
    import modules
    import train_mlp_numpy

    yield modules, mlp_numpy.MLP, train_mlp_numpy.train_epoch
    for name in names:
        sys.modules.pop(name, None)


def compare(student, **settings):
    _, network, train_epoch = student
    mlp = network(2, [5], 2, 3)
    return compare_with_reference(
        mlp, train_epoch, X, Y, **{"learning_rate": 0.5, "updates": 12} | settings
    )


def test_right_modules_have_the_same_curve(student, tmp_path):
    comparison = compare(student)
    assert comparison.first_difference is None
    assert comparison.verdict.startswith("the same curve: over 12 updates")
    assert len(set(comparison.losses)) == 12
    comparison.draw(tmp_path / "comparison.png")
    assert (tmp_path / "comparison.png").read_bytes().startswith(b"\x89PNG")


def test_a_wrong_loss_differs_before_the_first_update(student, monkeypatch):
    modules = student[0]
    forward = modules.CrossEntropy.forward
    monkeypatch.setattr(modules.CrossEntropy, "forward", lambda s, x, y: 2 * forward(s, x, y))
    comparison = compare(student)
    assert comparison.first_difference == 0
    assert "before the first update: look at the forward pass" in comparison.verdict


def test_a_wrong_gradient_differs_after_the_first_update(student, monkeypatch):
    modules = student[0]
    monkeypatch.setattr(modules.ReLU, "backward", lambda self, dout: dout)
    comparison = compare(student)
    assert comparison.first_difference == 1
    assert "after 1 update: look at the gradients" in comparison.verdict


def test_a_curve_that_becomes_nan_differs(student, monkeypatch):
    modules = student[0]
    monkeypatch.setattr(modules.ReLU, "backward", lambda self, dout: dout * np.nan)
    comparison = compare(student)
    assert comparison.first_difference == 1
    assert comparison.differences[-1] == np.inf


def test_no_updates_and_other_modules_are_refused(student):
    with pytest.raises(ConfigurationError, match="at least 1"):
        compare(student, updates=0)
    modules, network, train_epoch = student
    mlp = network(2, [5], 2)
    mlp.modules[0] = modules.ReLU()
    with pytest.raises(ConfigurationError, match="module 0 should be a Linear"):
        compare_with_reference(mlp, train_epoch, X, Y, learning_rate=0.1, updates=2)
