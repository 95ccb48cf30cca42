"""Runs with another of the file's settings first, and with all of its reports."""

import textwrap
from pathlib import Path

import numpy as np
import pytest

from check_corpus.corpus import check_text
from rosenblatt.check.later_loops import with_later_loops
from rosenblatt.check.record.recording import Event, record
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


TWO_MODELS = """
    import numpy as np
    rng = np.random.default_rng(3)
    X = rng.normal(size=(60, 2))
    t = np.sin(X[:, :1]) + X[:, 1:] ** 2
    w = np.zeros((2, 1))
    for epoch in range(20000):
        out = X @ w
        err = out - t
        grad = X.T @ err / len(X)
        w = w - 0.01 * grad
    print("linear", np.mean(err ** 2))

    W1 = rng.normal(size=(2, 5))
    W2 = rng.normal(size=(5, 1))
    for epoch in range(6000):
        h = np.tanh(X @ W1)
        out = h @ W2
        err = (out - t) / len(X)
        dW2 = h.T @ err
        dW1 = X.T @ (err @ W2.T * (1 - h ** 2))
        W2 -= 0.1 * dW2
        W1 -= 0.1 * dW1
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


@pytest.mark.slow
def test_a_mistake_in_a_later_loop_is_found():
    assert _mistakes(TWO_MODELS) == []
    wrong = _mistakes(TWO_MODELS, (" * (1 - h ** 2)", ""))
    assert wrong == ["activation-derivative-missing"]


def test_loops_before_a_later_one_have_one_pass_that_is_not_recorded():
    text = textwrap.dedent(TWO_MODELS)
    source = Source(text)
    first, second = (
        number for number, line in enumerate(text.splitlines(), 1) if "epoch in" in line
    )
    (later,) = with_later_loops(source, [_event(first + 1)])
    assert later.splitlines()[first - 1] == "for epoch in range(1):"
    assert later.splitlines()[second - 1] == "for epoch in range(6000):"
    recorder, _, _ = record(Source(later), Path("script.py"), "__main__", 1.0, end=100)
    lines = {event.line for event in recorder.events}
    assert not lines & set(range(first, first + 5))
    assert second + 1 in lines
    assert list(with_later_loops(source, [_event(first + 1), _event(second + 1)])) == []


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


REPEATED = """
    import numpy as np
    rng = np.random.default_rng(4)
    X = rng.normal(size=(2, 30))
    Y = (X[:1] * X[1:] > 0).astype(int)
    m = 30


    def compute_cost(A, Y):
        return -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m


    def cost_with_penalty(A, Y, p, lambd):
        penalty = lambd / (2 * m) * (np.sum(p["W1"] ** 2) + np.sum(p["W2"] ** 2))
        return compute_cost(A, Y) + penalty


    def backward(X, Y, A1, A2, p):
        dZ2 = (A2 - Y) / m
        dZ1 = p["W2"].T @ dZ2 * (1 - A1 ** 2)
        return {"W1": dZ1 @ X.T, "W2": dZ2 @ A1.T}


    def backward_with_penalty(X, Y, A1, A2, p, lambd):
        dZ2 = (A2 - Y) / m
        dZ1 = p["W2"].T @ dZ2 * (1 - A1 ** 2)
        return {"W1": dZ1 @ X.T + lambd / m * p["W1"], "W2": dZ2 @ A1.T + lambd / m * p["W2"]}


    def model(X, Y, lambd=0):
        rng = np.random.default_rng(1)
        p = {"W1": rng.normal(size=(4, 2)), "W2": rng.normal(size=(1, 4))}
        for i in range(5000):
            A1 = np.tanh(p["W1"] @ X)
            A2 = 1 / (1 + np.exp(-(p["W2"] @ A1)))
            if lambd == 0:
                cost = compute_cost(A2, Y)
                grads = backward(X, Y, A1, A2, p)
            else:
                cost = cost_with_penalty(A2, Y, p, lambd)
                grads = backward_with_penalty(X, Y, A1, A2, p, lambd)
            for key in p:
                p[key] = p[key] - 0.3 * grads[key]
        return p


    p = model(X, Y)
    p = model(X, Y, lambd=0.7)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        ((), []),
        ([('+ lambd / m * p["W2"]', '+ lambd * p["W2"]')], ["loss-gradient-mismatch"]),
        ([('+ lambd / m * p["W1"]', '+ 2 * lambd / m * p["W1"]')], ["constant-factor"]),
    ],
)
def test_a_later_call_of_the_training_is_checked_too(edits, expected):
    text = textwrap.dedent(REPEATED)
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    result = check_text(text, "script.py")
    assert [finding["mistake"] for finding in result["findings"]] == expected
    assert expected or "backward_with_penalty" not in result["not_checked"]
