"""Gradients that are divided by the number of parameters, or not at all."""

import textwrap

import pytest

from check_corpus.corpus import replay_of
from rosenblatt.check.descent.descent import descent_of

LINEAR = """
    import numpy as np
    rng = np.random.default_rng(3)
    X = rng.normal(size=(30, 4))
    y = X @ np.array([1.0, 0.5, -1.0, 2.0]) + 0.2 * rng.normal(size=30)
    theta = np.zeros(4)

    def cost(theta):
        return LOSS

    for k in range(20):
        m = COUNT
        J = cost(theta)
        theta = theta - 0.02 * X.T @ (X @ theta - y) / m
"""

MEAN = "np.mean((X @ theta - y) ** 2) / 2"


@pytest.mark.parametrize(
    ("loss", "count", "is_wrong"),
    [
        (MEAN, "len(y)", False),
        (MEAN, "1", False),
        (MEAN.replace(" / 2", ""), "X.shape[0]", False),
        (MEAN, "X.shape[1]", True),
        (MEAN.replace(" / 2", ""), "len(theta)", True),
        # A loss that is divided in the same way is consistent.
        ("np.sum((X @ theta - y) ** 2) / 2 / X.shape[1]", "X.shape[1]", False),
    ],
)
def test_a_mean_over_samples_is_divided_by_their_number(loss, count, is_wrong):
    text = textwrap.dedent(LINEAR).replace("LOSS", loss).replace("COUNT", count)
    descent = descent_of(replay_of(text))
    assert descent is not None
    assert descent.right
    assert [f["mistake"] for f in descent.findings] == ["batch-factor"] * is_wrong


def _diverging(*edits):
    text = textwrap.dedent(LINEAR).replace("LOSS", MEAN).replace("COUNT", "1")
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    return descent_of(replay_of(text)).findings


LARGE = ("+ 0.2 *", "* 4e6 + 0.2 *")
SEVERAL = ("for k in", "for rate in (0.001, 0.2):\n  theta = np.zeros(4)\n  for k in")


@pytest.mark.parametrize("edits", [[LARGE], [("0.02 *", "3 *")], [SEVERAL, ("0.02 *", "rate *")]])
def test_large_parameters_and_too_large_rates_are_no_mistake_of_a_sum(edits):
    assert _diverging(*edits) == []


@pytest.mark.parametrize(
    ("rate", "count", "is_wrong"), [("0.2", "1", True), ("0.02", "1", False), ("0.2", "30", False)]
)
def test_a_sum_over_samples_is_wrong_where_the_training_diverges(rate, count, is_wrong):
    text = textwrap.dedent(LINEAR).replace("LOSS", MEAN).replace("COUNT", count)
    descent = descent_of(replay_of(text.replace("0.02 *", f"{rate} *")))
    assert descent is not None
    assert [f["mistake"] for f in descent.findings] == ["batch-factor"] * is_wrong
