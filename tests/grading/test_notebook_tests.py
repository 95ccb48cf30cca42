"""Tests for otter-grader and nbgrader, run as those programs run them."""

import doctest
import json
import runpy
import shutil

import pytest

from grading.mutation import SOLUTION
from rosenblatt.cli import main
from rosenblatt.errors import ConfigurationError
from rosenblatt.grading.notebook_tests import criterion_is_right, task_points


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder as of a notebook: the tests, and the student's files with one mistake."""
    folder = tmp_path_factory.mktemp("notebook")
    assert main(["check", "--assignment", "part2", "--otter", str(folder)]) == 0
    for path in (SOLUTION / "part2").glob("*.py"):
        shutil.copy(path, folder)
    modules = folder / "modules.py"
    modules.write_text(modules.read_text().replace("self.x > 0", "self.x >= 0"))
    return folder


def test_otter_tests_give_the_points_of_the_criteria(folder, monkeypatch):
    # The OK format: a dict named test, whose cases are doctests, run one by one.
    monkeypatch.chdir(folder)
    points = {}
    for path in sorted((folder / "tests").glob("*.py")):
        values = runpy.run_path(str(path))
        assert values["OK_FORMAT"] is True
        (suite,) = values["test"]["suites"]
        assert suite["type"] == "doctest"
        cases = [(case["points"], _passes(case["code"])) for case in suite["cases"]]
        assert sum(worth for worth, _ in cases) == pytest.approx(values["test"]["points"])
        points[values["test"]["name"]] = sum(worth for worth, passed in cases if passed)
    assert points == pytest.approx(
        {
            **{"linear_start": 2, "linear_forward": 3, "linear_backward": 8, "relu": 3},
            **{"softmax": 8, "cross_entropy": 5, "mlp_forward": 4, "mlp_backward": 5},
            **{"mlp_update": 3, "accuracy": 2, "train_epoch": 6},
        }
    )


def _passes(code):
    runner = doctest.DocTestRunner(verbose=False)
    test = doctest.DocTestParser().get_doctest(code, {}, "case", None, None)
    return runner.run(test, out=lambda _: None).failed == 0


def test_cells_of_nbgrader_end_with_the_points(folder, monkeypatch):
    monkeypatch.chdir(folder)
    notebook = json.loads((folder / "nbgrader_part2.ipynb").read_text())
    cells = {cell["metadata"]["nbgrader"]["grade_id"]: cell for cell in notebook["cells"]}
    assert len(cells) == 11
    for name, points in (("relu", 3), ("softmax", 8)):
        *lines, last = cells[name]["source"].splitlines()
        space = {}
        exec("\n".join(lines), space)
        assert eval(last, space) == points
        assert cells[name]["metadata"]["nbgrader"]["grade"] is True


def test_unknown_names_are_told(folder):
    with pytest.raises(ConfigurationError, match='no question "loss"; the rubric has linear-start'):
        task_points("part2", "loss", str(folder))
    with pytest.raises(ConfigurationError, match='no criterion "speed"; it has forward'):
        criterion_is_right("part2", "relu", "speed", str(folder))
