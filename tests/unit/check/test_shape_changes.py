"""Parameters that an update makes larger."""

import textwrap

import pytest

from check_corpus.corpus import FOLDER
from rosenblatt.check.recording import record
from rosenblatt.check.shape_changes import grown
from rosenblatt.check.source import Source

SCRIPT = """
import numpy as np
rng = np.random.default_rng(1)
X, y = rng.normal(size=(7, 3)), rng.normal(size=(7, 1))
w, b = np.zeros((3, 1)), np.zeros((1, 1))
for i in range(3):
    error = X @ w + b - y
    w = w - 0.1 * X.T @ error / 7
    b = b - 0.1 * error.mean(axis=0, keepdims=True)
"""


def _found(text):
    source = Source(textwrap.dedent(text))
    recorder, _, _ = record(source, FOLDER / "script.py", "__main__")
    return [finding["mistake"] for finding in grown(recorder.events)]


def test_parameters_that_keep_their_shape_are_right():
    assert _found(SCRIPT) == []


@pytest.mark.parametrize(
    ("old", "new", "mistake"),
    [
        ("size=(7, 1))\n", "size=7)\n", "broadcast"),
        (".mean(axis=0, keepdims=True)", "", "bias-gradient-not-summed"),
    ],
)
def test_a_parameter_that_grows_is_named(old, new, mistake):
    assert old in SCRIPT
    assert _found(SCRIPT.replace(old, new)) == [mistake]


def test_a_column_put_next_to_others_is_no_growth():
    text = "import numpy as np\nX = np.array([[1.0], [2.0]])\nX = np.c_[X, np.ones(2)]\n"
    assert _found(text) == []


def test_a_sum_that_begins_with_a_number_is_no_growth():
    text = "import numpy as np\ns = 0.0\nfor i in range(3):\n    s = s + np.arange(3.0)\n"
    assert _found(text) == []
