"""Findings that follow from others, and their order."""

import pytest

from rosenblatt.check.network.findings import gradient_line
from rosenblatt.check.report.consequences import ranked
from rosenblatt.check.source.text import Source

FILE = """
class ReLU:
    pass

class Loss:
    pass

class Network:
    def __init__(self):
        self.layers = layers()

def layers():
    return [ReLU()]
"""


def _ranked(*findings):
    found = [{"mistake": mistake, "where": where} for mistake, where in findings]
    return [(f["mistake"], f["where"]) for f in ranked(found, Source(FILE))]


@pytest.mark.parametrize("where", ["Network.backward", "layers", "training"])
def test_an_unexplained_gradient_of_what_uses_a_wrong_part_is_left_out(where):
    sign = ("sign", "ReLU.backward")
    assert _ranked(("unexplained", where), sign) == [sign]


@pytest.mark.parametrize(
    "other", [("sign", "Loss"), ("unexplained", "ReLU.backward"), ("log-of-zero", "ReLU")]
)
def test_an_unexplained_gradient_of_its_own_is_kept(other):
    unexplained = ("unexplained", "Network.backward")
    assert set(_ranked(unexplained, other)) == {unexplained, other}


def test_what_a_training_that_diverges_meets_comes_after_its_mistake():
    sign = ("sign", "training")
    assert _ranked(("log-of-zero", "Loss"), sign) == [sign, ("log-of-zero", "Loss")]


def test_a_gradient_of_another_loss_comes_after_what_makes_it_one():
    vague = ("loss-gradient-mismatch", "Loss")
    axis = ("softmax-wrong-axis", "Loss")
    assert _ranked(vague, axis) == [axis, vague]
    other = ("sign", "ReLU")
    assert _ranked(vague, other) == [vague, other]


def test_what_follows_from_a_part_that_is_used_comes_after_it():
    vague, axis = ("loss-gradient-mismatch", "Network"), ("softmax-wrong-axis", "ReLU")
    assert _ranked(vague, axis) == [axis, vague]
    whole, part = ("unexplained", "Network.backward"), ("unexplained", "ReLU.backward")
    assert _ranked(whole, part) == [part, whole]


@pytest.mark.parametrize(
    ("code", "name", "line"),
    [
        ("g[f'dW{l}'] = 1\ng[f'db{l}'] = 2\n", "params['b1']", 2),
        ("g['dW' + str(l)] = 1\ng['db' + str(l)] = 2\n", "params['b1']", 2),
        ("db1 = 1\ndb = 2\n", "b1", 1),
        ("dW = 1\ndb = 2\n", "b[0]", 2),
        ("db2 = 1\ndb2 = 2\n", "b1", None),
    ],
)
def test_the_gradient_of_a_numbered_layer_is_found(code, name, line):
    assert gradient_line(Source(code), name) == line
