"""Outputs and errors inside of expressions, which get names where they are needed."""

import textwrap

import pytest

from check_corpus.corpus import check_text
from rosenblatt.check.named_terms import with_named_terms

LINE = """
    import numpy as np
    rng = np.random.default_rng(4)
    x = rng.uniform(0, 2, 20)
    y = 3 * x - 1 + 0.1 * rng.normal(size=20)
    preis = 2 - x
    X = np.c_[np.ones(20), x, rng.normal(size=20)]
    klasse = (x > 1) * 1.0
    klasse[3] = 1 - klasse[3]
    theta, a, b = np.zeros(3), 0.0, 0.0
    for durchgang in range(60):
        STEP
"""

MATRIX = "theta = theta - 0.1 / 20 * X.T @ (X @ theta - y)"
LOGISTIC = "theta -= 0.1 * X.T @ (1 / (1 + np.exp(-X @ theta)) - klasse) / 20"
SLOPE = """da = -2 / 20 * np.sum(x * (y - (a * x + b)))
        db = -2 / 20 * sum(y - (a * x + b))
        a, b = a - 0.1 * da, b - 0.1 * db"""
EACH = """da = sum([(a * p + b - q) * p for p, q in zip(x, y)]) / 20
        db = sum(a * p + b - q for p, q in zip(x, y)) / 20
        a -= 0.1 * da
        b -= 0.1 * db"""


ERROR = """rest = klasse - 1 / (1 + np.exp(-(X @ theta)))
        theta += 0.1 / 20 * X.T @ rest"""


GUESS = """guess = a * x + b
        a -= 0.1 * ((guess - preis) * x).mean()
        b -= 0.1 * (guess - preis).mean()"""


@pytest.mark.parametrize("step", [MATRIX, LOGISTIC, SLOPE, EACH, ERROR, GUESS])
def test_a_right_update_in_one_expression(step):
    assert _checked(step) == ([], None)


@pytest.mark.parametrize(
    ("step", "right", "wrong", "mistake"),
    [
        (MATRIX, "theta - 0.1", "theta + 0.1", "sign"),
        (LOGISTIC, "-= 0.1", "+= 0.1", "sign"),
        (SLOPE, "sum(y - (a * x + b))", "sum(x * (y - (a * x + b)))", "bias-gradient-times-input"),
        (SLOPE, "db = -2", "db = 2", "sign"),
        (GUESS, "(guess - preis).mean()", "(preis - guess).mean()", "sign"),
        (ERROR, "theta +=", "theta -=", "sign"),
        (EACH, "(a * p + b - q) * p", "(q - a * p - b) * p", "sign"),
    ],
)
def test_a_wrong_update_in_one_expression(step, right, wrong, mistake):
    assert _checked(step.replace(right, wrong)) == ([mistake], None)


def test_names_are_on_the_same_lines():
    text = textwrap.dedent("""\
        if ready: w = w - 0.1 * (w * x - y) * x  # one line
        w -= np.dot(
            X.T, X @ w - y)
        v[0] = f(x - y, 2 * x - y) - g()
        loss = sum((t - p) ** 2 for p, t in pairs)
        err = 1 / (1 + np.exp(-X @ w)) - y
    """)
    named = with_named_terms(text)
    assert named is not None
    assert named.split("\n") == [
        "if ready: output_6 = w * x; difference_7 = output_6 - y; "
        "w = w - 0.1 * difference_7 * x  # one line",
        "output_4 = X @ w; difference_5 = output_4 - y; w -= np.dot(X.T, difference_5)",
        "",
        "output_2 = 2 * x; difference_3 = output_2 - y; v[0] = f(x - y, difference_3) - g()",
        "difference_1 = [t - p for p, t in pairs]; loss = sum(((t - p) ** 2 for p, t in pairs))",
        "output_0 = 1 / (1 + np.exp(-X @ w)); err = output_0 - y",
        "",
    ]


def test_an_iterator_is_taken_from_once():
    text = "pairs = zip(x, y)\nloss = sum((t - p) ** 2 for p, t in pairs)\n"
    assert with_named_terms(text) is None


def _checked(step):
    result = check_text(textwrap.dedent(LINE.replace("STEP", step)))
    return [finding["mistake"] for finding in result["findings"]], result["reason"]
