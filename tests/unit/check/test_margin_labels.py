"""Labels 0 and 1 in the margin of a hinge loss."""

import textwrap

import pytest

from check_corpus.corpus import replay_of
from rosenblatt.check.values.margin_labels import labels_of_other_steps, labels_without_sign

WHOLE = """
    import numpy as np
    rng = np.random.default_rng(0)
    X = rng.normal(size=(20, 2))
    y = LABELS
    w, b = np.zeros(2), 0.0
    for t in range(6):
        rand = y * (X @ w + b)
        verlust = np.maximum(0, 1 - rand).mean()
        w += 0.1 * (y * (rand < 1)) @ X / 20
        b += 0.1 * (y * (rand < 1)).mean()
"""

EACH = """
    import numpy as np
    rng = np.random.default_rng(0)
    X = rng.normal(size=(20, 2))
    klasse = (X[:, 0] > 0) * 1
    y_train = LABELS
    w, b = np.zeros(2), 0.0
    # a linear SVM
    for t in range(6):
        for i in range(20):
            if y_train[i] * (X[i] @ w + b) >= 1:
                w -= 0.001 * w
            else:
                w += 0.1 * (y_train[i] * X[i] - 0.01 * w)
"""

NO_MARGIN = """
    import numpy as np
    y = np.array([0, 1, 1, 0, 1])
    p = np.array([0.2, 0.8, 1.0, 0.1, 0.6])
    hits = np.sum(y * p >= 0.5)
    loss = np.maximum(0, 1 - (2 * y - 1) * p)
    rest = np.maximum(0, (1 - y) * p)
"""


@pytest.mark.parametrize(
    ("text", "right", "wrong"),
    [
        (WHOLE, "np.sign(X[:, 0])", "(X[:, 0] > 0) * 1.0"),
        (EACH, "2 * klasse - 1", "klasse"),
        (EACH, "np.where(klasse == 0, -1, 1)", "klasse.copy()"),
    ],
)
def test_the_labels_of_a_hinge_loss_have_a_sign(text, right, wrong):
    assert _found(text.replace("LABELS", right)) == []
    assert _found(text.replace("LABELS", wrong)) == ["unexplained"]


RULE = """
    import numpy as np
    rng = np.random.default_rng(0)
    X = rng.normal(size=(20, 2))
    klasse = (X[:, 0] > 0.3) * 1
    y_train = LABELS
    w, b = np.zeros(2), 0.0

    def decide(x):
        return np.where(x @ w + b >= 0, 1, LOW)

    for t in range(6):
        for x, target in zip(X, y_train):
            error = target - decide(x)
            w = w + 0.1 * error * x
            b += 0.1 * error
"""

NAMED = """
    import numpy as np
    rng = np.random.default_rng(0)
    X = np.c_[np.ones(20), rng.normal(size=(20, 2))]
    klasse = (X[:, 1] > 0.3) * 1
    y = LABELS
    w = np.zeros(3)
    for t in range(6):
        for i in range(20):
            out = 1 if X[i] @ w > 0 else LOW
            w += 0.1 * (y[i] - out) * X[i]
"""


@pytest.mark.parametrize("text", [RULE, NAMED])
@pytest.mark.parametrize(
    ("labels", "low", "is_wrong"),
    [
        ("klasse", "0", False),
        ("2 * klasse - 1", "-1", False),
        ("klasse.copy()", "-1", True),
        ("np.where(klasse == 1, 1, -1)", "0", True),
    ],
)
def test_labels_are_the_decisions_of_a_perceptron(text, labels, low, is_wrong):
    text = text.replace("LABELS", labels).replace("LOW", low)
    replay = replay_of(textwrap.dedent(text))
    findings = labels_of_other_steps(replay.events, replay.source)
    assert [finding["mistake"] for finding in findings] == ["unexplained"] * is_wrong


def test_products_with_labels_that_are_no_margins():
    assert _found(NO_MARGIN) == []


def _found(text):
    replay = replay_of(textwrap.dedent(text))
    findings = labels_without_sign(replay.events, replay.source)
    return [finding["mistake"] for finding in findings]
