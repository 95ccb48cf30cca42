import sys
import textwrap
from pathlib import Path

import pytest

import rosenblatt as rb
from check_corpus.corpus import check_text
from rosenblatt.check.checking import check_file
from rosenblatt.layers import LAYERS, Linear, ReLU

LINEAR = """
import numpy as np

class Linear:
    def __init__(self, n_in, n_out):
        self.W = np.random.randn(n_in, n_out)
        self.b = np.zeros(n_out)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.dW = self.x.T @ dout
        self.db = dout.sum(axis=0)
        return dout @ self.W.T
"""


@pytest.fixture
def checked(tmp_path):
    def check(text):
        path = tmp_path / "modules.py"
        path.write_text(textwrap.dedent(text))
        return check_file(path)

    return check


def test_right_code_is_right(checked):
    report = checked(LINEAR)
    assert report.ok
    assert report.exit_status == 0
    assert report.checked == ("Linear",)


def test_a_mistake_has_its_place_and_its_numbers(checked):
    report = checked(LINEAR.replace("self.x.T @ dout", "-self.x.T @ dout"))
    assert report.exit_status == 1
    (finding,) = report.findings
    assert finding.mistake == "sign"
    assert finding.where == "Linear.backward"
    assert finding.parameter == "W"
    assert finding.line == 14
    assert finding.analytic == pytest.approx(-finding.numeric)


def test_hints_tell_more_and_more(checked):
    report = checked(LINEAR.replace("self.x.T @ dout", "-self.x.T @ dout"))
    texts = ["\n".join(report.lines(hints)) for hints in (1, 2, 3)]
    assert ["(sign)" in text for text in texts] == [False, False, True]
    assert ["should be" in text for text in texts] == [False, True, True]


@pytest.mark.slow
@pytest.mark.parametrize(
    "hostile",
    [
        "while True: pass",
        "exit()",
        "import os; os._exit(0)",
        "import sys; sys.exit(3)",
        "print('x' * 10**6)",
        "np.sum = lambda *a, **k: 0; np.exp = None",
        "np.random.seed(123)",
        "raise KeyboardInterrupt",
        "input()",
        "import socket; socket.create_connection(('127.0.0.1', 9))",
        "big = [0] * 10**12",
        "import os; os.remove(__file__)",
        "def f(): return f()\nf()",
        "class Silent(Exception):\n    def __str__(self):\n        while True: pass\nraise Silent",
    ],
)
def test_hostile_code_is_survived_and_changes_nothing(checked, hostile):
    report = checked(LINEAR + hostile + "\n")
    assert report.findings == ()
    assert report.exit_status in (0, 2)


def test_files_are_not_written(checked, tmp_path):
    victim = tmp_path / "victim.txt"
    victim.write_text("kept")
    checked(LINEAR + f"x = open({str(victim)!r}, 'w')\nx.write('gone')\n")
    assert victim.read_text() == "kept"


@pytest.mark.skipif(sys.platform != "linux", reason="the rules are those of Linux")
@pytest.mark.parametrize(
    "call", ["unlink({victim!r}.encode())", "system(b'rm ' + {victim!r}.encode())"]
)
def test_what_gets_around_python_is_refused_by_the_kernel(checked, tmp_path, call):
    victim = tmp_path / "victim.txt"
    victim.write_text("kept")
    call = call.format(victim=str(victim))
    report = checked(LINEAR + f"import ctypes\nx = ctypes.CDLL(None).{call}\n")
    assert victim.read_text() == "kept"
    assert report.ok


@pytest.mark.slow
def test_the_report_of_a_file_is_always_the_same(checked):
    wrong = LINEAR.replace("sum(axis=0)", "mean(axis=0)")
    assert checked(wrong).to_json() == checked(wrong).to_json()


@pytest.mark.slow
def test_what_is_no_code_cannot_be_checked(checked):
    assert checked("def f(:\n").exit_status == 2
    assert checked("").exit_status == 2
    assert checked("x = 1\n").exit_status == 2


def test_missing_files_are_named():
    with pytest.raises(rb.RosenblattError, match="cannot read"):
        check_file("nowhere.py")


@pytest.mark.parametrize("layer", LAYERS.values())
def test_our_own_layers_are_right(layer):
    assert rb.check(layer).findings == ()


def test_objects_are_checked():
    assert rb.check(Linear(4, 3)).ok
    assert rb.check(ReLU()).ok


class Doubled:
    """ReLU with a factor in its backward pass."""

    def forward(self, x):
        self.mask = x > 0
        return x * self.mask

    def backward(self, dout):
        return 2 * dout * self.mask


def test_classes_are_checked():
    assert [f.mistake for f in rb.check(Doubled).findings] == ["constant-factor"]


def test_the_example_of_the_page_on_checks_runs():
    text = (Path(__file__).parents[3] / "docs" / "check.md").read_text()
    for block in text.split("```python\n")[1:]:
        exec(block.split("```")[0], {"__name__": "example"})


WINDOW = """
import numpy as np

class Window:
    def __init__(self, kernel_size):
        self.weight = np.random.randn(kernel_size)
        self.bias = np.zeros(1)

    def forward(self, x):
        self.parts = np.stack([x[:, i : i + len(self.weight)] for i in range(
            x.shape[1] - len(self.weight) + 1)], axis=1)
        self.shape = x.shape
        return self.parts @ self.weight + self.bias

    def backward(self, dout):
        dx = np.zeros(self.shape)
        for i in range(dout.shape[1]):
            dx[:, i : i + len(self.weight)] += dout[:, i : i + 1] * self.weight
        self.d_weight = np.einsum("npk,np->k", self.parts, dout)
        self.d_bias = np.array([dout.sum()])
        return dx
"""


def test_a_convolution_is_checked_at_several_positions():
    assert check_text(WINDOW)["findings"] == []
    first_only = WINDOW.replace("[dout.sum()]", "[dout[:, 0].sum()]")
    assert check_text(first_only)["findings"]
