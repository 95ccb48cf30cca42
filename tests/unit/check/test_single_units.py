"""Perceptrons and single layers of units that are trained sample by sample."""

import textwrap

import pytest

from check_corpus.corpus import check_text

SIGNS = """
    import random
    random.seed(8)
    points = [[random.gauss(m, 0.6), random.gauss(-m, 0.6)] for m in (1, -1) for _ in range(25)]
    labels = [1] * 25 + [-1] * 25
    net = {"w": [0.0, 0.0], "b": 0.0}
    for epoch in range(20):
        wrong = 0
        for x, t in zip(points, labels):
            s = net["w"][0] * x[0] + net["w"][1] * x[1] + net["b"]
            if t * s <= 0:
                for j in range(2):
                    net["w"][j] += 0.5 * t * x[j]
                net["b"] += 0.5 * t
                wrong += 1
        print(epoch, wrong)
"""

UNITS = """
    import math, random
    random.seed(9)
    inputs = [[random.uniform(-1, 1) for _ in range(4)] for _ in range(12)]
    goals = [[math.sin(x[0] - x[1]), x[2] * x[3], 0.3] for x in inputs]
    w = [[random.uniform(-0.5, 0.5) for _ in range(4)] for _ in range(3)]
    b = [0.1, -0.1, 0.0]
    for epoch in range(20):
        total = 0.0
        for x, goal in zip(inputs, goals):
            out = [math.tanh(sum(a * v for a, v in zip(w[k], x)) + b[k]) for k in range(3)]
            delta = [(o - g) * (1 - o * o) for o, g in zip(out, goal)]
            for k in range(3):
                for j, v in enumerate(x):
                    w[k][j] -= 0.2 * delta[k] * v
                b[k] -= 0.2 * delta[k]
            total += sum((o - g) ** 2 for o, g in zip(out, goal)) / 2
"""

ZEROS = """
    def answer(row, weights):
        activation = weights[0]
        for i in range(len(row)):
            activation += weights[i + 1] * row[i]
        return 1.0 if activation >= 0.0 else 0.0

    import random
    random.seed(2)
    rows = [[random.uniform(-1, 1) for _ in range(3)] for _ in range(50)]
    labels = [1 if r[0] - 0.7 * r[1] + 0.4 * r[2] > 0.1 else 0 for r in rows]
    weights = [0.0] * 4
    for epoch in range(12):
        sum_error = 0.0
        for row, label in zip(rows, labels):
            error = label - answer(row, weights)
            sum_error += error**2
            weights[0] = weights[0] + 0.1 * error
            for i in range(3):
                weights[i + 1] = weights[i + 1] + 0.1 * error * row[i]
        print(epoch, sum_error)
"""


def _result(text):
    result = check_text(textwrap.dedent(text))
    return [finding["mistake"] for finding in result["findings"]], result["checked"]


@pytest.mark.parametrize("text", [SIGNS, UNITS, ZEROS])
def test_right_units_are_right(text):
    assert _result(text) == ([], ["training"])


@pytest.mark.cases(1)
@pytest.mark.parametrize(
    ("text", "changes"),
    [
        # Where the first half of the samples has one label, an ascent goes one way.
        (SIGNS, [("+= 0.5 * t", "-= 0.5 * t")]),
        # Where only samples of one label are wrong, an ascent never makes others wrong.
        (ZEROS, [("+ 0.1 * error", "- 0.1 * error")]),
    ],
)
def test_a_step_away_from_the_label_has_the_wrong_sign(text, changes):
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    assert _result(text)[0] == ["sign"]


def test_a_bias_in_a_dict_that_no_update_moves_is_missing():
    wrong = SIGNS.replace('net["b"] += 0.5 * t', "pass")
    assert _result(wrong)[0] == ["bias-gradient-missing"]


@pytest.mark.cases(1)
@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        (SIGNS, '    net["b"] += 0.5 * t', '        net["b"] += 0.5 * t * x[j]'),
        (UNITS, "    b[k] -= 0.2 * delta[k]", "        b[k] -= 0.2 * delta[k] * v"),
        (UNITS, "b[k] -= 0.2 * delta[k]", "b[k] -= 0.2 * delta[k] * sum(x)"),
        (ZEROS, "weights[0] + 0.1 * error", "weights[0] + 0.1 * error * row[0]"),
    ],
)
def test_a_bias_that_moves_as_weights_has_the_input_in_its_gradient(text, old, new):
    assert old in text
    assert _result(text.replace(old, new))[0] == ["bias-gradient-times-input"]


def test_a_loop_over_errors_that_were_computed_before_is_one_update():
    text = """
        import random
        random.seed(3)
        xs = [random.uniform(-1, 1) for _ in range(15)]
        ts = [0.8 * x - 0.3 for x in xs]
        w, b = 0.1, 0.0
        for epoch in range(20):
            errors = [w * x + b - t for x, t in zip(xs, ts)]
            loss = sum(e * e for e in errors) / 30
            for x, e in zip(xs, errors):
                w -= 0.3 * e * x / 15
                b -= 0.3 * e / 15
    """
    assert _result(text) == ([], ["training"])
    assert _result(text.replace("0.3 * e / 15", "0.3 * e * x / 15"))[0] == [
        "bias-gradient-times-input"
    ]
