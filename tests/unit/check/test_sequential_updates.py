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
