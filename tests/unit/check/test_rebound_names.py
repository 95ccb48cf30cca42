"""Updates that give a name a new value, where the parameter has another holder."""

from pathlib import Path

import pytest

from rosenblatt.check.record.recording import record
from rosenblatt.check.source.text import Source
from rosenblatt.check.values.rebound_names import rebound

LOOP = """
import numpy as np
rng = np.random.default_rng(2)
x = rng.normal(size=(9, 2))
y = x @ [[1.0], [2.0]]
held = [np.zeros((2, 1)), np.zeros(1)]
for turn in range(4):
    off = x @ held[0] + held[1] - y
    found = [x.T @ off / 9, off.mean(axis=0)]
    for p, g in zip(held, found):
        UPDATE
"""

FUNCTION = """
import numpy as np
w = np.ones(3)

def step(w, dw, size=0.1):
    w = w - size * dw
    RESULT

for turn in range(4):
    step(w, w - [1.0, 2.0, 3.0])
print(w)
"""


def _found(text):
    source = Source(text)
    recorder, _, _ = record(source, Path("student.py"), "__main__")
    return [(finding["mistake"], finding["line"]) for finding in rebound(recorder.events, source)]


@pytest.mark.parametrize(
    ("update", "is_wrong"),
    [
        ("p = p - 0.1 * g", True),
        ("if turn: p = p - 0.1 * g", True),
        ("p -= 0.1 * g", False),
        ("p = p - 0.1 * g; print(p)", False),
        ("q = p; q -= 0.1 * g; p = p + 1; held[1] = held[1] + p[0]", False),
    ],
)
def test_the_name_of_a_loop_is_no_parameter(update, is_wrong):
    assert _found(LOOP.replace("UPDATE", update)) == [("gradient-missing", 11)] * is_wrong


@pytest.mark.parametrize(
    ("result", "is_wrong"), [("", True), ("return w", False), ("print(w)", False)]
)
def test_the_argument_of_a_function_is_no_parameter(result, is_wrong):
    assert _found(FUNCTION.replace("RESULT", result)) == [("gradient-missing", 6)] * is_wrong
