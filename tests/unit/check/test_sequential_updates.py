"""A line that is fitted in two statements, of which the second uses what the first has made."""

import textwrap

import pytest

from check_corpus.corpus import replay_of
from rosenblatt.check.values.sequential_updates import updated_before_use

LINE = """
    import numpy as np
    rng = np.random.default_rng(2)
    x = rng.uniform(0, 2, 20)
    y = 3 * x - 1 + 0.1 * rng.normal(size=20)
    m, c, n = 0.0, 0.0, 20
    for runde in range(30):
        STEP
"""

AT_ONCE = "m, c = m - 0.1 * np.mean((m * x + c - y) * x), c - 0.1 * np.mean(m * x + c - y)"
APART = """m_neu = m - 0.1 * np.mean((m * x + c - y) * x)
        c = c - 0.1 * np.mean(m * x + c - y)
        m = m_neu"""
FIRST_SLOPE = """m = m - 0.1 * np.mean((m * x + c - y) * x)
        c = c - 0.1 * np.mean(m * x + c - y)"""
FIRST_INTERCEPT = """c -= 0.1 * 2 / n * np.sum(m * x + c - y)
        m -= 0.1 * 2 / n * np.sum((m * x + c - y) * x)"""
EACH = """for a, b in zip(x, y):
            m -= 0.1 * (m * a + c - b) * a
            c -= 0.1 * (m * a + c - b)"""
KEPT = """rest = m * x + c - y
        c -= 0.1 * rest.mean()
        m -= 0.1 * (rest * x).mean()"""

PLANE = """
    import numpy as np
    rng = np.random.default_rng(2)
    X = rng.normal(size=(20, 3))
    y = X @ np.array([1.0, -2.0, 0.5]) + 0.3
    w, b = np.zeros(3), 0.0
    for runde in range(30):
        w = w - 0.1 * X.T @ (X @ w + b - y) / 20
        b = b - 0.1 * (X @ OLD + b - y).mean()
"""


ENTRIES = """
    import numpy as np
    rng = np.random.default_rng(2)
    x = rng.uniform(0, 2, 20)
    X = np.c_[np.ones(20), x]
    y = 3 * x - 1 + 0.1 * rng.normal(size=20)
    klasse = (x > 1) * 1.0
    theta, alpha = BEGIN, 0.1
    for runde in range(30):
        alt = theta * 1
        STEP
"""

TWO_LINES = """theta[0] = theta[0] - alpha / 20 * np.sum(X @ OLD - y)
        theta[1] = theta[1] - alpha / 20 * np.sum((X @ OLD - y) * x)"""
LOOP = """for j in range(2):
            rest = 1 / (1 + np.exp(-(X @ OLD))) - klasse
            theta[j] -= alpha * X[:, j].dot(rest) / 20"""
OF_A_LIST = """theta[0] -= alpha * np.mean(OLD[0] + OLD[1] * x - y)
        theta[1] -= alpha * np.mean((OLD[0] + OLD[1] * x - y) * x)"""
COLUMN = """for j in range(2):
            slope = ((X @ OLD).ravel() - y) @ X[:, j]
            theta[j, 0] = theta[j, 0] - alpha * slope / 20"""
MINIMUM = """for j in range(2):
            rest = y - X @ OLD
            theta[j] += X[:, j] @ rest / (X[:, j] @ X[:, j])"""


@pytest.mark.parametrize(
    ("begin", "step"),
    [
        ("np.zeros(2)", TWO_LINES),
        ("np.zeros(2)", LOOP),
        ("[0.0, 0.0]", OF_A_LIST),
        ("np.zeros((2, 1))", COLUMN),
    ],
)
def test_entries_that_are_updated_one_after_the_other(begin, step):
    text = ENTRIES.replace("BEGIN", begin).replace("STEP", step)
    assert _found(text.replace("OLD", "theta")) == [("update-before-use", "theta")]
    assert _found(text.replace("OLD", "alt")) == []


def test_the_minimum_by_each_entry_in_turn():
    text = ENTRIES.replace("BEGIN", "np.zeros(2)").replace("STEP", MINIMUM)
    assert _found(text.replace("OLD", "theta")) == []


@pytest.mark.parametrize("step", [AT_ONCE, APART, KEPT])
def test_updates_that_use_old_values(step):
    assert _found(LINE.replace("STEP", step)) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (LINE.replace("STEP", FIRST_SLOPE), "c"),
        (LINE.replace("STEP", FIRST_INTERCEPT), "m"),
        (LINE.replace("STEP", EACH), "c"),
        (PLANE.replace("OLD", "w"), "b"),
    ],
)
def test_an_update_that_uses_a_new_value(text, name):
    assert _found(text) == [("update-before-use", name)]


def test_updates_of_a_plane_with_the_old_slopes():
    text = PLANE.replace("w = w -", "w, alt = w -").replace(") / 20", ") / 20, w")
    assert _found(text.replace("OLD", "alt")) == []


def _found(text):
    replay = replay_of(textwrap.dedent(text))
    findings = updated_before_use(replay.events, replay.source)
    return [(finding["mistake"], finding["parameter"]) for finding in findings]
