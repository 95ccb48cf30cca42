"""Runs with another of the file's settings first, and with all of its reports."""

import textwrap

import numpy as np
import pytest

from check_corpus.corpus import check_text
from rosenblatt.check.record.recording import Event
from rosenblatt.check.reports import with_all_reports
from rosenblatt.check.settings import with_other_settings
from rosenblatt.check.source.text import Source

RIDGE = """
    import numpy as np
    rng = np.random.default_rng(2)
    X = rng.normal(size=(20, 3))
    y = X @ np.array([1.0, -2.0, 0.5]) + 0.1 * rng.normal(size=20)


    def train(lam):
        w = np.zeros(3)
        for epoch in range(2000):
            error = X @ w - y
            loss = 0.5 * np.mean(error ** 2) + 0.5 * lam * np.sum(w ** 2)
            w = w - 0.01 * (X.T @ error / len(X) + lam * w)
        return w


    for lam in (0.0,  # plain
                0.3):
        print(lam, train(lam))
"""

REPORT = """
    import numpy as np
    rng = np.random.default_rng(2)
    X = rng.normal(size=(8, 3))
    y = X[:, 0] * 2


    def loss(out, y):
        return np.mean((out - y) ** 2)


    w = np.zeros((3, 1))
    for epoch in range(30000):
        out = X @ w
        w = w - 0.001 * X.T @ (out - y[:, None])
        if (epoch + 1) % 30000 == 0:
            print(loss(out, y[:, None]))
"""


def _mistakes(text, *edits):
    text = textwrap.dedent(text)
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    return [finding["mistake"] for finding in check_text(text, "script.py")["findings"]]


@pytest.mark.slow
def test_a_mistake_of_a_later_setting_is_found():
    assert _mistakes(RIDGE) == []
    assert _mistakes(RIDGE, ("+ lam * w)", "- lam * w)"))


@pytest.mark.slow
def test_shapes_of_a_late_report_are_compared():
    assert _mistakes(REPORT) == []
    assert _mistakes(REPORT, ("loss(out, y[:, None])", "loss(out, y)")) == ["broadcast"]


def _event(line):
    return Event(line, "x", "train", np.zeros(1), None, "f", 1, updates=True)


LOOPS = {
    "(1, 2)": ["(2, 1)"],
    "[('a', f(1)), ('b', f(2))]": ["[('b', f(2)), ('a', f(1))]"],
    "{'a': 1, 'b': 2}.items()": ["{'b': 2, 'a': 1}.items()"],
    "1, 2, 3": ["(2, 1, 3)", "(3, 1, 2)"],
    "range(3)": [],
    "(1,)": [],
}


@pytest.mark.parametrize(("literal", "others"), LOOPS.items(), ids=LOOPS)
def test_each_setting_is_first_once(literal, others):
    text = "def train(w):\n    for i in w:\n        if i:\n            w = w * 2\n        w -= i\n"
    text += f"for w in {literal}:\n    train(w)\n"
    found = list(with_other_settings(Source(text), [_event(5)]))
    assert found == [text.replace(literal, other) for other in others]
    # All lines of the training were recorded.
    assert not list(with_other_settings(Source(text), [_event(n) for n in range(6)]))


def test_lines_stay_where_they_are():
    text = textwrap.dedent(RIDGE)
    (other,) = with_other_settings(Source(text), [_event(13)])
    assert len(other.splitlines()) == len(text.splitlines())
    assert "for lam in (0.3, 0.0\n):\n    print" in other


def test_only_branches_that_change_nothing_are_reports():
    text = "def cost(): return 1.0\nif i % 5 == 0:\n    {}\n"
    for branch, is_report in (
        ("print(cost())", True),
        ("c = cost()", True),
        ("lr = cost()", False),
        ("net.c = cost()", False),
        ("w -= cost()", False),
        ("print(1)", False),
    ):
        source = Source(text.format(branch))
        assert (with_all_reports(source, []) is not None) == is_report
