"""Parameters that an update makes larger."""

import textwrap

import pytest

from check_corpus.corpus import FOLDER
from rosenblatt.check.record.recording import record
from rosenblatt.check.source.text import Source
from rosenblatt.check.values.shape_changes import grown

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
    return [finding["mistake"] for finding in grown(recorder.events, source)]


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


FILTERS = """
import numpy as np
rng = np.random.default_rng(1)
parts, y = rng.normal(size=(7, 5, 3)), rng.normal(size=(7, 1))
kern, kb, beta = rng.normal(size=(3, 2)), np.zeros(2), rng.normal(size=(2, 1))
for i in range(3):
    places = parts @ kern + kb
    mid = places.mean(axis=1)
    error = mid @ beta - y
    d = np.repeat((error[:, :1] @ beta.T)[:, None, :], 5, axis=1) / 35
    beta = beta - 0.1 * mid.T @ error / 7
    kb = kb - 0.1 * d.sum(axis=(0, 1))
"""


@pytest.mark.parametrize(
    ("old", "new", "mistakes"),
    [
        ("kb", "kb", []),
        ("d.sum(axis=(0, 1))", "d.sum(axis=0)", ["bias-gradient-not-summed"]),
        ("size=(7, 1)", "size=7", ["broadcast"]),
    ],
)
def test_a_bias_is_added_as_it_is_and_all_pairs_of_samples_are_no_bias(old, new, mistakes):
    assert _found(FILTERS.replace(old, new)) == mistakes


def test_a_column_put_next_to_others_is_no_growth():
    text = "import numpy as np\nX = np.array([[1.0], [2.0]])\nX = np.c_[X, np.ones(2)]\n"
    assert _found(text) == []


def test_a_sum_that_begins_with_a_number_is_no_growth():
    text = "import numpy as np\ns = 0.0\nfor i in range(3):\n    s = s + np.arange(3.0)\n"
    assert _found(text) == []


def test_a_number_that_a_rate_turns_into_an_array_is_named():
    text = SCRIPT.replace("b = np.zeros((3, 1)), np.zeros((1, 1))", "shift = np.zeros((3, 1)), 0.0")
    text = text.replace("@ w + b", "@ w + shift").replace("b = b - 0.1 *", "shift = shift - rate *")
    text = text.replace("import numpy as np", "import numpy as np\nrate = 0.1")
    assert _found(text.replace("error.mean(axis=0, keepdims=True)", "error.mean()")) == []
    text = text.replace(".mean(axis=0, keepdims=True)", "")
    assert _found(text) == ["bias-gradient-not-summed"]


LAYERS = """
import numpy as np
rng = np.random.default_rng(1)
X, y = rng.normal(size=(7, 2)), rng.normal(size=(7, 1))
first, second = rng.normal(size=(2, 4)), rng.normal(size=(4, 1))

class Layer:
    def __init__(self, matrix):
        self.matrix = matrix
    def forward(self, inputs):
        self.inputs = inputs
        return inputs @ self.matrix
    def backward(self, signal):
        self.change = self.inputs.T @ signal
        return signal @ self.matrix.T

layers = [Layer(first), Layer(second)]
for i in range(3):
    value = X
    for layer in layers:
        value = layer.forward(value)
    signal = value - y
    for layer in layers[::-1]:
        signal = layer.backward(signal)
    for layer in layers:
        layer.matrix = layer.matrix - 0.1 * layer.change
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("signal = layer.backward(signal)", "signal = layer.backward(signal)"),
        ("range(3)", "range(1)"),
        ("signal = layer.backward(signal)", "signal = signal @ layer.matrix.T"),
    ],
)
def test_a_signal_that_passes_through_layers_is_no_parameter(old, new):
    assert old in LAYERS
    assert _found(LAYERS.replace(old, new)) == []


@pytest.mark.parametrize(
    ("update", "call"),
    [
        ("def step(a, g):\n    return a - 0.1 * g\n", "w = step(w, X.T @ error / 7)"),
        ("", "w, b = [a - 0.1 * g for a, g in zip([w, b], [X.T @ error / 7, error.mean()])]"),
    ],
)
def test_a_parameter_that_a_function_or_a_list_makes_grow_is_named(update, call):
    text = SCRIPT.replace("size=(7, 1))\n", "size=7)\n").replace("for i", f"{update}for i")
    text = text.replace("w = w - 0.1 * X.T @ error / 7", call)
    assert _found(text) == ["broadcast"]


def test_a_part_of_a_tuple_grows():
    text = """
    import numpy as np
    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(7, 2)), rng.normal(size=(7, 3))
    params = {"only": (rng.normal(size=(2, 3)), rng.normal(size=3))}
    for k in range(3):
        W, b = params["only"]
        error = X @ W + b - y
        params["only"] = (W - 0.1 * X.T @ error, b - 0.1 * error.sum(axis=0))
    """
    assert _found(text) == []
    assert _found(text.replace("error.sum(axis=0)", "error")) == ["bias-gradient-not-summed"]
