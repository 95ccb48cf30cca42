"""Mistakes in networks of single units and plain numbers, which a change of the code names."""

import textwrap

import pytest

from check_corpus.corpus import check_text

UNITS = """
    import math, random
    random.seed(4)
    sizes = [2, 3, 2]
    net = [[[random.uniform(-0.8, 0.8) for _ in range(a + 1)] for _ in range(b)]
           for a, b in zip(sizes, sizes[1:])]
    pairs = [([0.3, -0.7], [0.9, -0.2]), ([-0.5, 0.4], [-0.6, 0.8]), ([0.8, 0.9], [0.1, 0.4])]

    def run(x):
        values = [x]
        for layer in net:
            x = [math.tanh(sum(w * v for w, v in zip(unit, x)) + unit[-1]) for unit in layer]
            values.append(x)
        return values

    def learn(x, goal, rate):
        values = run(x)
        error = 0.5 * sum((o - g) ** 2 for o, g in zip(values[-1], goal))
        last = [(o - g) * (1 - o ** 2) for o, g in zip(values[-1], goal)]
        inner = []
        for j, h in enumerate(values[1]):
            back = sum(unit[j] * d for unit, d in zip(net[1], last))
            inner.append(back * (1 - h ** 2))
        for k, deltas in enumerate([inner, last]):
            inputs = values[k]
            for unit, delta in zip(net[k], deltas):
                for i, v in enumerate(inputs):
                    unit[i] -= rate * delta * v
                unit[-1] -= rate * delta
        return error

    for epoch in range(20):
        for x, goal in pairs:
            learn(x, goal, 0.2)
"""

NUMBERS = """
    import math
    u1, u2, u3, u4 = 0.2, -0.4, 0.5, 0.3
    v1, v2, v3, v4 = 0.7, -0.3, 0.45, 0.6
    a1, a2, t1, t2 = 0.35, 0.9, 0.2, 0.7

    def squash(z):
        return 1 / (1 + math.exp(-z))

    for step in range(30):
        h1 = squash(u1 * a1 + u2 * a2)
        h2 = squash(u3 * a1 + u4 * a2)
        o1 = squash(v1 * h1 + v2 * h2)
        o2 = squash(v3 * h1 + v4 * h2)
        loss = 0.5 * (o1 - t1) ** 2 + 0.5 * (o2 - t2) ** 2
        d1 = (o1 - t1) * o1 * (1 - o1)
        d2 = (o2 - t2) * o2 * (1 - o2)
        e1 = (d1 * v1 + d2 * v3) * h1 * (1 - h1)
        e2 = (d1 * v2 + d2 * v4) * h2 * (1 - h2)
        v1, v2, v3, v4 = v1 - d1 * h1, v2 - d1 * h2, v3 - d2 * h1, v4 - d2 * h2
        u1, u2, u3, u4 = u1 - e1 * a1, u2 - e1 * a2, u3 - e2 * a1, u4 - e2 * a2
"""

LOSS = """
    import numpy as np

    def cost(W, b, X, labels, strength):
        n = len(X)
        dW, db, total = np.zeros_like(W), np.zeros_like(b), 0.0
        for x, label in zip(X, labels):
            s = x @ W + b
            p = np.exp(s - s.max())
            p /= p.sum()
            total -= np.log(p[label])
            p[label] -= 1
            dW += np.outer(x, p)
            db += p
        total /= n
        dW /= n
        db /= n
        return total + strength * np.sum(W ** 2), dW + 2 * strength * W, db

    rng = np.random.default_rng(1)
    X, labels = rng.normal(size=(7, 3)), np.arange(7) % 4
    W, b = rng.normal(size=(3, 4)) * 0.1, np.zeros(4)
    for i in range(5):
        value, dW, db = cost(W, b, X, labels, 0.01)
        W, b = W - 0.1 * dW, b - 0.1 * db
"""

MATRICES = """
    import numpy as np
    rng = np.random.default_rng(3)
    X, Y = rng.normal(size=(8, 3)), rng.normal(size=(8, 2))
    P, p, Q, q = rng.normal(size=(3, 4)), np.zeros(4), rng.normal(size=(4, 2)), np.zeros(2)

    def halfway(x):
        return np.maximum(x @ P + p, 0)

    for i in range(10):
        H = halfway(X)
        diff = H @ Q + q - Y
        value = (diff ** 2).sum() / len(X)
        up = 2 * diff / len(X)
        below = (up @ Q.T) * (H > 0)
        P -= 0.05 * X.T @ below
        p -= 0.05 * below.sum(axis=0)
        Q -= 0.05 * H.T @ up
        q -= 0.05 * up.sum(axis=0)
"""


@pytest.mark.slow
@pytest.mark.parametrize("text", [UNITS, NUMBERS, LOSS, MATRICES])
def test_right_networks_are_right(text):
    result = check_text(textwrap.dedent(text))
    assert result["findings"] == []
    assert "training" in result["checked"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "old", "new", "mistake"),
    [
        (UNITS, "            unit[-1] -= rate * delta\n", "", "bias-gradient-missing"),
        (UNITS, "rate * delta\n", "rate * delta * v\n", "bias-gradient-times-input"),
        (UNITS, "inputs = values[k]", "inputs = values[0]", "wrong-input-cached"),
        (UNITS, "(1 - h ** 2)", "(1 - h)", "activation-derivative-at-output"),
        (UNITS, "random.uniform(-0.8, 0.8)", "0.4", "symmetric-init"),
        (NUMBERS, ("d2 * v3", "d1 * v2"), ("d2 * v2", "d1 * v3"), "transposed"),
        (LOSS, "    dW /= n\n", "", "batch-factor"),
        (MATRICES, "below.sum(axis=0)", "below.sum()", "bias-gradient-not-summed"),
        (MATRICES, "P -= 0.05 * X.T @ below", "P -= 0.05 * X.T @ below * len(X)", "batch-factor"),
    ],
)
def test_a_mistake_in_single_units_is_named(text, old, new, mistake):
    right = textwrap.dedent(text)
    wrong = right
    old, new = (part if isinstance(part, tuple) else (part,) for part in (old, new))
    for before, after in zip(old, new, strict=True):
        wrong = wrong.replace(before, after)
    assert wrong != right
    assert [f["mistake"] for f in check_text(wrong)["findings"]][:1] == [mistake]


LISTS = """
    from math import exp
    rows = [[0.4, -0.7], [-0.2, 0.9], [0.5, 0.3]]
    shifts, outer, last = [0.0] * 3, [0.6, -0.5, 0.8], [0.0]
    data = [((0.1, 0.9), 0.4), ((0.8, -0.3), -0.2), ((-0.5, 0.6), 0.9), ((0.4, 0.4), 0.1)]

    def hidden(x):
        found = []
        for row, shift in zip(rows, shifts):
            found.append(1 / (1 + exp(-shift - sum(a * c for a, c in zip(row, x)))))
        return found

    for epoch in range(8):
        for_rows, for_shifts = [[0.0, 0.0] for _ in rows], [0.0] * 3
        for_outer, for_last, total = [0.0] * 3, 0.0, 0.0
        for x, y in data:
            h = hidden(x)
            f = last[0] + sum(a * c for a, c in zip(outer, h)) - y
            total += f * f
            for_last += 2 * f
            for j in range(3):
                for_outer[j] += 2 * f * h[j]
                d = 2 * f * outer[j] * h[j] * (1 - h[j])
                for_shifts[j] += d
                for i in range(2):
                    for_rows[j][i] += d * x[i]
        for j in range(3):
            outer[j] -= 0.3 * for_outer[j] / len(data)
            shifts[j] -= 0.3 * for_shifts[j] / len(data)
            for i in range(2):
                rows[j][i] -= 0.3 * for_rows[j][i] / len(data)
        last[0] -= 0.3 * for_last / len(data)
"""


@pytest.mark.slow
def test_sums_over_samples_in_lists_are_no_parameters():
    right = textwrap.dedent(LISTS)
    assert check_text(right)["findings"] == []
    wrong = right.replace("for_shifts[j] += d", "for_shifts[j] = d")
    assert [f["mistake"] for f in check_text(wrong)["findings"]] == ["gradients-accumulate"]


FROM_ZERO_INPUTS = """
    import math, random
    random.seed(2)

    class Neuron:
        def __init__(self, n):
            self.weights = [random.gauss(0, 0.7) for _ in range(n)]
            self.bias = random.gauss(0, 0.7)

        def activate(self, inputs):
            self.inputs = inputs
            total = self.bias
            for w, x in zip(self.weights, inputs):
                total += w * x
            self.output = 1 / (1 + math.exp(-total))
            return self.output

    layers = [[Neuron(2), Neuron(2), Neuron(2)], [Neuron(3), Neuron(3)]]
    data = [([0, 0], [0, 1]), ([0, 1], [1, 0]), ([1, 0], [1, 0]), ([1, 1], [0, 1])]
    for epoch in range(6):
        for row, expected in data:
            for layer in layers:
                row = [neuron.activate(row) for neuron in layer]
            for i in (1, 0):
                for j, neuron in enumerate(layers[i]):
                    if i == 1:
                        error = neuron.output - expected[j]
                    else:
                        error = sum(n.weights[j] * n.delta for n in layers[1])
                    neuron.delta = error * neuron.output * (1 - neuron.output)
            for layer in layers:
                for neuron in layer:
                    for j, x in enumerate(neuron.inputs):
                        neuron.weights[j] -= 0.5 * neuron.delta * x
                    neuron.bias -= 0.5 * neuron.delta
"""


@pytest.mark.cases(1)
@pytest.mark.parametrize(
    ("right", "wrong", "expected"),
    [
        ("0.5", "0.5", []),
        (" * neuron.output * (1 - neuron.output)", "", ["activation-derivative-missing"]),
        ("neuron.bias -=", "neuron.bias +=", ["sign"]),
    ],
)
def test_a_first_sample_of_zeros_moves_biases_alone(right, wrong, expected):
    text = textwrap.dedent(FROM_ZERO_INPUTS)
    assert right in text
    result = check_text(text.replace(right, wrong))
    assert [finding["mistake"] for finding in result["findings"]] == expected
    assert "training" in result["checked"]
