"""The handout grades 0, and full marks when it is filled in: in plain NumPy, or by assignment1/."""

import json
import os
import subprocess
import sys

import pytest

from grading.mutation import HANDOUT, without_numbers
from rosenblatt.grading.grade import grade_submission
from rosenblatt.grading.rubric import Rubric, read_rubric
from rosenblatt.grading.students import NUMBERS, right_numbers, write_student_data
from rosenblatt.grading.submissions import Submission, read_submission

ASSIGNMENT = HANDOUT.parent


def test_the_bare_handout_has_no_points(handout):
    grade = grade_submission(Submission("ada", handout), read_rubric("part2"), "ada")
    assert grade.points == 0
    assert "NotImplementedError: task 2.1" in "\n".join(grade.lines(2))


@pytest.mark.parametrize("part", ["part1", "part2", "part3"])
def test_filled_in_it_has_all_points(part, filled_in):
    answers = {f"{part}/answers.json": json.dumps(right_numbers(part, "ada")).encode()}
    grade = grade_submission(Submission("ada", filled_in | answers), read_rubric(part), "Ada")
    assert grade.points == grade.rubric.points, grade.lines(3)


@pytest.mark.slow
def test_assignment1_is_its_solution(handout):
    # part2 has everything that part 3 is made of. It is thin over the library, which students may
    # not import.
    files = read_submission(ASSIGNMENT).files
    solved = {name: content for name, content in files.items() if not name.startswith("handout")}
    libraries = ("numpy", "rosenblatt", "matplotlib", "scipy", "cyclopts", "rich", "llvmlite")
    for part in ("part1", "part2"):
        rubric = without_numbers(read_rubric(part))
        rubric = Rubric(**{**vars(rubric), "imports": libraries})
        grade = grade_submission(Submission("ada", handout | solved), rubric)
        assert grade.points == rubric.points, grade.lines(3)


def test_answers_json_asks_for_the_numbers_that_are_graded(handout):
    for part, names in NUMBERS.items():
        assert set(json.loads(handout[f"{part}/answers.json"])) == set(names)


@pytest.mark.slow
def test_the_scripts_of_the_handout_find_the_right_numbers(folder):
    write_student_data(folder, "ada")
    for part, script in (("part1", "train.py"), ("part3", "train_mlp_numpy.py")):
        done = subprocess.run(
            [sys.executable, script],
            cwd=folder / part,
            env={**os.environ, "MPLBACKEND": "Agg"},
            capture_output=True,
            text=True,
            check=True,
        )
        printed = dict(line.split() for line in done.stdout.splitlines())
        right = right_numbers(part, "ada")
        assert {name: float(printed[name]) for name in right} == pytest.approx(right, rel=1e-9)
