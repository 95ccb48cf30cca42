"""Grades by what is right: partial credit, one mistake paid once, repeatable, told in levels."""

import json

import numpy as np
import pytest

from grading.mutation import without_numbers
from rosenblatt.grading.comparison import compare
from rosenblatt.grading.grade import grade_submission
from rosenblatt.grading.gradescope import gradescope_results
from rosenblatt.grading.questions import QUESTIONS, Drawn
from rosenblatt.grading.rubric import read_rubric
from rosenblatt.grading.students import right_numbers, student_data, student_seed
from rosenblatt.grading.submissions import Submission


@pytest.fixture(scope="module")
def one_mistake(filled_in):
    """The solution with the bias gradient wrong."""
    text = filled_in["part2/modules.py"].decode()
    wrong = text.replace("dout.sum(axis=0)", "dout.mean(axis=0)")
    assert wrong != text
    files = filled_in | {"part2/modules.py": wrong.encode()}
    return Submission("ada", files)


@pytest.fixture(scope="module")
def grade(one_mistake):
    return grade_submission(one_mistake, without_numbers(read_rubric("part2")))


def test_one_mistake_costs_its_criteria_once(grade):
    # "bias" and the second pass, "again", are a quarter of the task's 8 points each.
    lost = {entry.task.question: entry.task.points - entry.points for entry in grade.tasks}
    assert {name: points for name, points in lost.items() if points} == {"linear-backward": 4.0}


def test_the_same_submission_has_the_same_grade(grade, one_mistake):
    again = grade_submission(one_mistake, grade.rubric)
    assert again.lines(3) == grade.lines(3)


def test_hints_tell_more_and_more_and_the_numbers_only_at_3(grade):
    one, two, three = ("\n".join(grade.lines(level)) for level in (1, 2, 3))
    assert "not right: bias" in one
    assert "entry" not in one
    assert "hint: " in two
    assert "entry [0] is wrong" in two
    assert "should be" not in two
    assert "and should be" in three


def test_gradescope_hides_the_numbers_from_students(grade):
    values = json.loads(json.dumps(gradescope_results(grade)))
    assert values["score"] == grade.points == sum(test["score"] for test in values["tests"])
    assert sum(test["max_score"] for test in values["tests"]) == grade.rubric.points
    seen = [test for test in values["tests"] if test["visibility"] == "visible"]
    (hidden,) = [test for test in values["tests"] if test["visibility"] == "hidden"]
    assert not any("should be" in test["output"] for test in seen)
    assert "should be" in hidden["output"]
    assert {test["status"] for test in seen} == {"passed", "failed"}


def test_questions_are_drawn_anew_for_other_files():
    entry = QUESTIONS["cross-entropy"]
    steps = []
    for seed in (1, 1, 2):
        drawn = Drawn()
        entry.draw(drawn, np.random.default_rng(seed))
        assert set(drawn.right) == set(entry.criteria)
        steps.append(drawn.steps)
    assert steps[0] == steps[1] != steps[2]


@pytest.mark.parametrize("name", QUESTIONS)
def test_no_right_number_is_sent_to_the_submission(name):
    drawn = Drawn()
    QUESTIONS[name].draw(drawn, np.random.default_rng(3))
    assert set(drawn.right) == set(QUESTIONS[name].criteria)
    assert {key for step in drawn.steps for key in step} <= {
        *("call", "args", "as", "set", "value", "get", "name")
    }
    assert all(set(step) == {"get", "name"} for step in drawn.steps if "get" in step)


def test_a_comparison_allows_rounding_and_nothing_more():
    right = np.array([[1.0, -2.0], [0.5, 3.0]])
    assert compare(right * (1 + 1e-13), right).right
    for wrong in (right * (1 + 1e-9), right.T, right[0], right * np.nan, right.astype("f4") + 1e-7):
        assert not compare(wrong, right).right


def test_the_numbers_of_a_student_are_nobody_elses(filled_in):
    rubric = read_rubric("part1")
    answers = {"part1/answers.json": json.dumps(right_numbers("part1", "ada")).encode()}
    submission = Submission("ada", filled_in | answers)
    points = {
        name: grade_submission(submission, rubric, name).tasks[-1].points for name in ("ada", "bob")
    }
    assert points["ada"] == 5
    assert points["bob"] < 5
    assert student_seed("ada") != student_seed("bob")
    ada, bob = student_data("part2", "ada")[0], student_data("part2", "bob")[0]
    assert not np.array_equal(ada.X, bob.X)


@pytest.mark.parametrize("hints", [1, 2, 3])
def test_numbers_without_a_name_are_told_to_need_one(filled_in, hints):
    answers = {"part1/answers.json": json.dumps(right_numbers("part1", "ada")).encode()}
    grade = grade_submission(Submission("ada", filled_in | answers), read_rubric("part1"))
    assert grade.tasks[-1].feedback(hints) == [
        "not graded: give the student's name to grade the numbers: --student NAME"
    ]


@pytest.mark.parametrize("text", ["", "[1]", "{", '{"bias": "x"}', '{"bias": 1e999}', "[" * 9999])
def test_answers_of_any_kind_are_graded(filled_in, text):
    files = {"part1/answers.json": text.encode()}
    rubric = read_rubric("part1")
    numbers = tuple(task for task in rubric.tasks if task.question == "numbers")
    rubric = type(rubric)(**{**vars(rubric), "tasks": numbers})
    assert grade_submission(Submission("ada", files), rubric, "ada").points == 0
