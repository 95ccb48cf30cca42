"""Networks of plain numbers: momentum of the last change, slopes that are given outputs."""

import textwrap

import pytest

from check_corpus.corpus import check_text
from rosenblatt.check.source.kept_terms import adds_kept_term
from rosenblatt.check.source.text import Source

NUMBERS = """
    import math, random
    random.seed(2)

    def sigmoid(x):
        return 1.0 / (1.0 + math.exp(-x))

    def sigmoid_derivative(x):
        return x * (1 - x)

    wi = [[random.uniform(-1, 1) for _ in range(3)] for _ in range(3)]
    wo = [random.uniform(1, 2) for _ in range(3)]
    ci, co = [[0.0] * 3 for _ in range(3)], [0.0] * 3

    def teach(case, label, learn, correct):
        x = case + [1.0]
        h = [sigmoid(sum(x[i] * wi[i][j] for i in range(3))) for j in range(3)]
        o = sigmoid(sum(h[j] * wo[j] for j in range(3)))
        delta = sigmoid_derivative(o) * (label - o)
        deltas = [sigmoid_derivative(h[j]) * delta * wo[j] for j in range(3)]
        for j in range(3):
            change = delta * h[j]
            wo[j] += learn * change + correct * co[j]
            co[j] = change
        for i in range(3):
            for j in range(3):
                change = deltas[j] * x[i]
                wi[i][j] += learn * change + correct * ci[i][j]
                ci[i][j] = change
        return 0.5 * (label - o) ** 2

    for epoch in range(8):
        for case, label in [([0.0, 1.0], 1), ([1.0, 0.0], 1), ([1.0, 1.0], 0), ([0.0, 0.0], 0)]:
            error = teach(case, label, 0.3, 0.1)
"""


@pytest.mark.slow
@pytest.mark.parametrize(("slope", "expected"), [("1 - x", []), ("1 + x", ["sign"])])
def test_a_slope_of_outputs_and_the_last_change_are_right(slope, expected):
    result = check_text(textwrap.dedent(NUMBERS).replace("x * (1 - x)", f"x * ({slope})"))
    assert [finding["mistake"] for finding in result["findings"]] == expected


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ("w -= a * d + b * last\nlast = d", True),
        ("w = w - a * d - b * last[i]\nlast[i] = d", True),
        ("w -= a * d + b * w\nlast = d", False),
        ("w -= a * d\nlast = d", False),
        ("w -= a * d + b * last\nlast = 0", False),
    ],
)
def test_a_kept_term_is_known_by_what_is_assigned_after_the_update(block, expected):
    assert adds_kept_term(Source(block), {1}) == expected
