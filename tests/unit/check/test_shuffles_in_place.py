"""Samples of one number, and samples that a call shuffles in place, with the labels of others."""

import textwrap

import pytest

from check_corpus.corpus import check_text

LINE = """
    import numpy as np
    rng = np.random.default_rng(3)
    x = rng.uniform(0, 4, 30)
    y = 3 * x + 1 + rng.normal(0, 0.1, 30)
    BEFORE
    a, b = 0.0, 0.0
    for turn in range(5):
        EACH
        off = a * x + b - y
        a -= 0.05 * np.mean(off * x)
        b -= 0.05 * np.mean(off)
    off = np.sort(off)
    grid = np.sort(x)
    print(a * grid + b, off)
"""

LISTS = """
    import random
    random.seed(2)
    points = [random.uniform(1, 9) for _ in range(20)]
    targets = [20 - 1.5 * p + random.gauss(0, 0.1) for p in points]
    BEFORE
    a, b = 0.0, 0.0
    for turn in range(9):
        EACH
        for p, t in zip(points, targets):
            e = a * p + b - t
            a -= 0.01 * e * p
            b -= 0.01 * e
"""

ROWS = """
    import numpy as np
    rng = np.random.default_rng(0)
    X = rng.normal(size=(30, 3))
    y = (X @ [1.0, -2.0, 0.5] > 0).astype(float)
    BEFORE
    w, b = np.zeros(3), 0.0
    for turn in range(6):
        EACH
        p = 1 / (1 + np.exp(-(X @ w + b)))
        w -= 0.5 * X.T @ (p - y) / 30
        b -= 0.5 * np.mean(p - y)
"""
RULE = """
    import numpy as np
    rng = np.random.default_rng(4)

    class Neuron:
        def __init__(self, features, targets):
            self.features, self.targets = features, targets
            self.w, self.bias = np.zeros(2), 0.0

        def fires(self, feature):
            return 1 if feature @ self.w + self.bias >= 0 else 0

        def error(self, output, target):
            return output - target

        def update(self, error, feature):
            self.w -= 0.1 * error * feature
            self.bias -= 0.1 * error

        def train(self):
            for turn in range(9):
                EACH
                for k in range(len(self.features)):
                    output = self.fires(self.features[k])
                    error = self.error(output, self.targets[k])
                    self.update(error, self.features[k])

    BEFORE
    features = rng.normal(size=(20, 2))
    targets = (features[:, 0] > features[:, 1]) * 1
    Neuron(features, targets).train()
"""

TABLE = """
    import numpy as np
    np.random.seed(2)
    table = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    labels = np.array([0, 0, 0, 1])
    w = np.zeros(3)
    BEFORE
    for turn in range(12):
        EACH
        for row, label in zip(table, labels):
            x = np.insert(row, 0, 1)
            error = label - (1 if w @ x >= 0 else 0)
            w += 0.1 * error * x
"""
GATES = TABLE.replace("for turn in range(12):", "for turn in range(24):")
OTHER_GATE = "labels = labels if turn < 12 else np.array([0, 1, 1, 1])"
BOTH = "order = np.random.permutation(4); table, labels = table[order], labels[order]"
SEEDED = "np.random.default_rng(turn).shuffle(X); np.random.default_rng(turn).shuffle(y)"


def _checked(text, before, each):
    text = text.replace("BEFORE", before).replace("EACH", each)
    result = check_text(textwrap.dedent(text))
    assert result["checked"]
    return [(finding["mistake"], finding["line"]) for finding in result["findings"]]


@pytest.mark.parametrize(
    ("text", "before", "each", "line"),
    [
        (LINE, "", "x = x[rng.permutation(30)]", 9),
        (LINE, "rng.shuffle(x)", "", 6),
        (LISTS, "random.shuffle(points)", "", 6),
        (LISTS, "points = sorted(points)", "", 6),
        (ROWS, "", "rng.shuffle(X)", 9),
        (RULE, "", "rng.shuffle(self.features)", 22),
        (TABLE, "", "table = np.random.permutation(table)", 9),
    ],
)
def test_samples_without_their_labels_are_found(text, before, each, line):
    assert _checked(text, before, each) == [("labels-misaligned", line)]


@pytest.mark.parametrize(
    ("text", "before", "each"),
    [
        (LINE, "", ""),
        (LINE, "x = np.sort(x); y = 3 * x + 1", ""),
        (LINE, "", "p = rng.permutation(30); x = x[p]; y = y[p]"),
        (
            LISTS,
            "random.seed(1); random.shuffle(points); random.seed(1); random.shuffle(targets)",
            "",
        ),
        (
            LISTS,
            "both = [*zip(points, targets)]; random.shuffle(both); points, targets = zip(*both)",
            "",
        ),
        (ROWS, "", SEEDED),
        (RULE, "", ""),
        (TABLE, "", ""),
        (TABLE, "", BOTH),
        (GATES, "", OTHER_GATE),
        (ROWS, "p = [*range(30)]; rng.shuffle(p); X, y = X[p], y[p]", ""),
    ],
)
def test_samples_that_keep_their_labels_are_right(text, before, each):
    assert _checked(text, before, each) == []


PLOTTED = """
    def show(x, y):
        x = np.sort(x)
        print(a * x + b, len(y))

    show(x, y)
"""

PAIRS = """
    import numpy as np
    rng = np.random.default_rng(5)
    X = rng.normal(size=(20, 2))
    y = (X[:, 0] > 0) * 1.0
    w = np.zeros(2)
    for turn in range(60):
        i, j = rng.integers(20), rng.integers(20)
        first, second = X[i], X[j]
        target = float(y[i] == y[j])
        p = 1 / (1 + np.exp(-(first * second) @ w))
        w = w - 0.1 * (p - target) * first * second
"""

SECOND_GATE = """
    import numpy as np

    def train(X, y):
        w, b = np.zeros(2), 0.0
        for turn in range(8):
            for x, t in zip(X, y):
                e = t - (1 if x @ w + b > 0 else 0)
                w, b = w + 0.3 * e * x, b + 0.3 * e

    train(np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 0, 0, 1]))
    train(np.array([[1, 1], [1, 0], [0, 1], [0, 0]]), np.array([0, 0, 0, 1]))
"""


@pytest.mark.parametrize("text", [LINE + PLOTTED, PAIRS, SECOND_GATE])
def test_rows_in_another_order_that_train_nothing_with_the_labels_are_right(text):
    found = check_text(textwrap.dedent(text.replace("BEFORE", "").replace("EACH", "")))
    assert [f["mistake"] for f in found["findings"] if f["mistake"] == "labels-misaligned"] == []
