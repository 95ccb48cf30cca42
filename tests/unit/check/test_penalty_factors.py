"""The factor of a penalty in the updates, compared with that in the loss that a file computes."""

import textwrap

import pytest

from check_corpus.corpus import replay_of
from rosenblatt.check.descent.descent import descent_of

RIDGE = """
    import numpy as np
    rng = np.random.default_rng(4)
    m = 30
    A = rng.normal(size=(m, 3))
    ziel = A @ np.array([1.0, -2.0, 0.5]) + 3 + 0.1 * rng.normal(size=m)
    lam, schritt = 0.2, 0.1
    w, b = np.zeros(3), 0.0

    def kosten(w, b):
        return MEAN + PENALTY

    for runde in range(40):
        rest = A @ w + b - ziel
        PRINTED
        w, b = w - schritt * (2 * A.T @ rest / m + SLOPE * w), b - schritt * 2 * rest.mean()
"""

MEAN = "np.mean((A @ w + b - ziel) ** 2)"
EVERY = "verlauf = kosten(w, b)"
SOMETIMES = "if runde % 10 == 0: print(runde, kosten(w, b))"


@pytest.mark.parametrize(
    ("mean", "penalty", "printed", "slope", "is_wrong"),
    [
        (MEAN, "lam * w @ w", EVERY, "2 * lam", False),
        (MEAN, "lam * w @ w", EVERY, "lam", True),
        (MEAN, "lam * w @ w", SOMETIMES, "2 * lam", False),
        (MEAN, "lam * w @ w", SOMETIMES, "lam", True),
        (MEAN, "lam / 2 * w @ w", EVERY, "2 * lam", True),
        (MEAN, "lam / m * w @ w", EVERY, "2 * lam", True),
        (f"0.5 * {MEAN}", "lam / 2 * w @ w", EVERY, "2 * lam", False),
        # A loss without its penalty, and a penalty of another strength, say nothing.
        (MEAN, "0", EVERY, "lam", False),
        (MEAN, "0.07 * w @ w", EVERY, "2 * lam", False),
    ],
)
def test_a_penalty_has_the_factor_of_the_loss(mean, penalty, printed, slope, is_wrong):
    text = textwrap.dedent(RIDGE).replace("MEAN", mean).replace("PENALTY", penalty)
    text = text.replace("PRINTED", printed).replace("SLOPE", slope)
    assert _mistakes(text) == ["constant-factor"] * is_wrong


def test_a_loss_with_the_right_penalty_is_enough():
    text = textwrap.dedent(RIDGE).replace("MEAN", MEAN).replace("PENALTY", "lam * w @ w")
    text = text.replace("SLOPE", "2 * lam")
    both = f"halb = 2 * {MEAN} + lam * w @ w; ganz = kosten(w, b)"
    assert _mistakes(text.replace("PRINTED", both)) == []
    assert _mistakes(text.replace("PRINTED", both.split(";")[0])) == ["constant-factor"]


MARGINS = """
    import numpy as np
    rng = np.random.default_rng(2)
    X = rng.normal(size=(40, 2))
    y = np.sign(X[:, 0] - 0.4 * X[:, 1] + 0.3 * rng.normal(size=40))
    reg, w, b = 0.3, np.array([0.4, 0.3]), 0.0
    for t in range(1, 60):
        marge = y * (X @ w + b)
        verlies = 0.5 * reg * w @ w + LOSS.mean()
        g = -y * SLOPE / 40
        w = w - 0.3 / np.sqrt(t) * (FACTOR * w + X.T @ g)
        b = b - 0.3 / np.sqrt(t) * g.sum()
"""


@pytest.mark.parametrize(
    ("loss", "slope"),
    [
        ("np.maximum(0, 1 - marge)", "(marge < 1)"),
        ("np.log(1 + np.exp(-marge))", "/ (1 + np.exp(marge))"),
    ],
)
@pytest.mark.parametrize(("factor", "is_wrong"), [("reg", False), ("2 * reg", True)])
def test_the_penalty_of_a_loss_of_margins(loss, slope, factor, is_wrong):
    text = textwrap.dedent(MARGINS).replace("LOSS", loss).replace("FACTOR", factor)
    text = text.replace("* SLOPE", slope if slope.startswith("/") else f"* {slope}")
    assert _mistakes(text) == ["constant-factor"] * is_wrong


ONES = """
    import numpy as np
    rng = np.random.default_rng(5)
    X = np.hstack([np.ones((20, 1)), rng.normal(size=(20, 4))])
    y = (X @ rng.normal(size=(5, 1)) > 0.3) * 1.0
    theta, lam, m = np.zeros((5, 1)), 2.0, 20
    verlauf = []
    for schritt in range(30):
        h = 1 / (1 + np.exp(-X @ theta))
        J = -np.mean(y * np.log(h) + (1 - y) * np.log(1 - h))
        verlauf.append(J + lam / (2 * m) * np.sum(theta[1:] ** 2))
        grad = X.T @ (h - y) / m
        grad[1:] += FACTOR * theta[1:]
        theta = theta - 0.5 * grad
"""


@pytest.mark.parametrize(("factor", "is_wrong"), [("lam / m", False), ("lam / (2 * m)", True)])
def test_a_penalty_that_leaves_out_the_bias_of_a_column(factor, is_wrong):
    text = textwrap.dedent(ONES).replace("FACTOR", factor)
    assert _mistakes(text) == ["constant-factor"] * is_wrong


def _mistakes(text):
    descent = descent_of(replay_of(text))
    assert descent is not None
    assert descent.right
    return [finding["mistake"] for finding in descent.findings]
