"""What a report says of runs that did not come to their end, and of input they were given."""

import sys
import textwrap
from pathlib import Path

import pytest

from check_corpus.corpus import check_text
from rosenblatt.check import definitions as definitions_module
from rosenblatt.check.checking import check_file
from rosenblatt.check.definitions import definitions
from rosenblatt.check.limits.answers import answer
from rosenblatt.check.limits.sandbox import OutOfTimeError
from rosenblatt.check.record.recording import EnoughError, record
from rosenblatt.check.run_ends import stop, unwritten
from rosenblatt.check.source.coverage import Coverage
from rosenblatt.check.source.text import Source

TRAINING = """
import numpy as np
{start}
rng = np.random.default_rng(1)
X, y = rng.normal(size=(7, 3)), rng.normal(size=(7, 1))
w = rng.normal(size=(3, 1))
for i in range(epochs):
    error = X @ w - y
    w = w - rate * X.T @ error / 7
"""


@pytest.fixture
def checked(tmp_path):
    def check(text):
        path = tmp_path / "mine.py"
        path.write_text(textwrap.dedent(text))
        return check_file(path)

    return check


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("Learning rate? ", "0.1"),
        ("Lernrate: ", "0.1"),
        ("learning_rate=", "0.1"),
        ("How many epochs? ", "5"),
        ("Samples to generate: ", "5"),
        ("No. of hidden units: ", "5"),
        ("Another run (y/n)? ", "n"),
        ("Plot it (yes / no)? ", "n"),
    ],
)
def test_questions_get_answers_of_their_kind(prompt, expected):
    assert answer(prompt) == expected


def test_a_question_without_a_prompt_is_told_by_the_line_it_is_in():
    learning_rate = answer()
    assert learning_rate == "0.1"


@pytest.mark.parametrize(("sign", "ok"), [("-", True), ("+", False)])
def test_a_training_whose_settings_are_asked_for_is_checked(checked, sign, ok):
    start = 'epochs = int(input("Epochs? "))\nrate = float(input("Rate? "))'
    text = TRAINING.format(start=start).replace("w - rate", f"w {sign} rate")
    report = checked(text)
    assert report.ok is ok
    assert "line 3 was answered '5', input() in line 4 was answered '0.1'" in str(report)


def test_a_missing_argument_of_the_command_line_is_named(checked):
    start = (
        "import argparse\np = argparse.ArgumentParser()\n"
        "p.add_argument('--lr', type=float, required=True)\nrate, epochs = p.parse_args().lr, 5"
    )
    report = checked(TRAINING.format(start=start))
    assert report.exit_status == 2
    assert "line 6: the following arguments are required: --lr; give each a" in report.reason


def test_a_missing_file_belongs_next_to_the_program(checked):
    report = checked(TRAINING.format(start="data = open('points.csv')\nepochs, rate = 3, 0.1"))
    assert report.reason.endswith("'points.csv'; put the file next to the program")


def test_lines_for_a_notebook_are_comments(checked):
    start = "!pip install numpy\n%matplotlib inline\nepochs, rate = 3, 0.1"
    assert checked(TRAINING.format(start=start)).ok


@pytest.mark.slow
def test_an_endless_loop_has_its_line(checked):
    start = "epochs, rate = 3, 0.1\nwhile True:\n    pass"
    report = checked(TRAINING.format(start=start))
    assert report.exit_status == 2
    ended = "after 4 s of processor time; the loop of line 4 had not ended"
    (remark,) = report.remarks
    assert ended in report.reason
    assert ended in remark.text


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (EnoughError(), "because it had computed more values than the check records"),
        (OutOfTimeError("stopped after 4 s of processor time"), "after 4 s of processor time"),
        (OutOfTimeError("stopped because it waited"), "because it waited"),
    ],
)
def test_a_stopped_run_has_its_reason(error, why):
    assert stop(error, [], Source(""), Path("mine.py")) == f"the check stopped the run {why}"


@pytest.mark.parametrize(("epochs", "is_told"), [(3, False), (1, True)])
def test_a_stopped_run_with_enough_updates_needs_no_word(epochs, is_told):
    source = Source(TRAINING.format(start=f"epochs, rate = {epochs}, 0.1"))
    recorder, _, _ = record(source, Path("mine.py"), "__main__")
    ended = stop(EnoughError(), recorder.events, source, Path("mine.py"))
    assert bool(ended) is is_told


def test_a_skeleton_quotes_what_is_not_written(checked):
    report = checked(
        "class ReLU:\n    def forward(self, x):\n        raise NotImplementedError('2')"
    )
    assert report.reason == "line 3: NotImplementedError: 2; this part is not written yet"


def test_a_base_class_need_not_be_written():
    text = "class A:\n    def f(self):\n        raise NotImplementedError\nclass B(A):\n    pass\n"
    assert unwritten(Source(text)) == ""
    assert unwritten(Source(text.replace("(A)", ""))) != ""


@pytest.mark.parametrize("name", ["package_a", "module_b"])
def test_imports_of_packages_have_more_time(monkeypatch, tmp_path, name):
    monkeypatch.setattr(definitions_module, "STATEMENT_SECONDS", 0.05)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / f"{name}.py").write_text("for i in range(5_000_000):\n    pass\n")
    folder = tmp_path / "students" if name == "package_a" else tmp_path
    _, problem = definitions(Source(f"import {name}"), folder / "mine.py", Coverage())
    sys.modules.pop(name, None)
    words = "line 1: OutOfTimeError: stopped after 0.05 s of processor time"
    assert problem == (None if name == "package_a" else words)


def test_a_statement_that_needs_a_loop_is_no_reason():
    text = """
import numpy as np
rows = []
for k in range(6):
    rows.append((float(k), float(k % 2)))
table = np.array(rows)
x, y = table[:, 0], table[:, 1]
w, rate = 0.3, 0.1
for k in range(6):
    w = w - rate * np.mean(np.sign(np.sin(w * x) - y) * x ** 3)
"""
    result = check_text(text, "script.py")
    assert "IndexError" not in (result["reason"] or "")
