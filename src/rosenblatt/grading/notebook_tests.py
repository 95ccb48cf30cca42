"""Tests for otter-grader and nbgrader, and the calls that they make."""

import json
from pathlib import Path
from typing import Any

from rosenblatt.errors import ConfigurationError
from rosenblatt.files import atomic_write
from rosenblatt.grading.grade import FILES, Grade, TaskGrade, grade_submission
from rosenblatt.grading.rubric import Rubric, read_rubric
from rosenblatt.grading.submissions import Submission, read_files

_TEST = """OK_FORMAT = True

test = {{
    "name": {name!r},
    "points": {points!r},
    "suites": [
        {{
            "cases": [
{cases}
            ],
            "scored": True,
            "setup": "",
            "teardown": "",
            "type": "doctest",
        }}
    ],
}}
"""

_CASE = """                {{
                    "code": {code!r},
                    "hidden": False,
                    "locked": False,
                    "points": {points!r},
                }},"""

_grades: dict[tuple[str, str, str | None], Grade] = {}


def task_points(
    assignment: str,
    question: str,
    folder: str = ".",
    student: str | None = None,
    rubric: str | None = None,
) -> float:
    """Return the points of one task for the files of a folder: what a cell of nbgrader calls.

    The files run in a process of their own, once for all tasks.

    Args:
        assignment: "part1", "part2" or "part3".
        question: the task's question in the rubric.
        folder: where ``modules.py`` and the other files are.
        student: whose numbers ``answers.json`` should have.
        rubric: a file; by default the rubric of the package.

    Raises:
        ConfigurationError: the rubric has no such question.
        FileError: a file cannot be read.
    """
    return round(_task(assignment, question, folder, student, rubric).points, 4)


def criterion_is_right(
    assignment: str,
    question: str,
    criterion: str,
    folder: str = ".",
    student: str | None = None,
    rubric: str | None = None,
) -> bool:
    """Return whether one criterion of a task is right: what a test of otter-grader calls.

    The other arguments and the errors are those of :func:`task_points`.
    """
    outcomes = _task(assignment, question, folder, student, rubric).outcomes
    if criterion not in outcomes:
        names = ", ".join(outcomes)
        raise ConfigurationError(f'"{question}" has no criterion "{criterion}"; it has {names}')
    return outcomes[criterion].right


def write_notebook_tests(folder: Path, rubric: Rubric) -> list[Path]:
    """Write the tests of a rubric for otter-grader and nbgrader; return the files.

    ``tests/NAME.py`` is a test of otter-grader's OK format for each task; its cases are the
    criteria with their share of the points. ``nbgrader_PART.ipynb`` has a test cell for each task,
    which gives partial credit. The numbers that students report are left out: they need the
    student's name.

    Raises:
        FileError: they cannot be written.
    """
    written, cells = [], []
    for task in rubric.tasks:
        if task.question == "numbers":
            continue
        name = task.question.replace("-", "_")
        total = sum(task.criteria.values())
        cases = []
        for criterion, weight in task.criteria.items():
            call = f'criterion_is_right("{rubric.part}", "{task.question}", "{criterion}")'
            code = (
                ">>> from rosenblatt.grading.notebook_tests import criterion_is_right\n"
                f">>> {call}\nTrue\n"
            )
            cases.append(_CASE.format(code=code, points=task.points * weight / total))
        text = _TEST.format(name=name, points=task.points, cases="\n".join(cases))
        written.append(_write(folder / "tests" / f"{name}.py", text))
        cells.append(_cell(name, rubric.part, task.question, task.points))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = {
        "cells": cells,
        "metadata": {"kernelspec": kernel},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path = folder / f"nbgrader_{rubric.part}.ipynb"
    return [*written, _write(path, json.dumps(notebook, indent=1) + "\n")]


def _cell(name: str, part: str, question: str, points: float) -> dict[str, Any]:
    """Return a cell of nbgrader's autograder tests. Its last value is the points that it gives."""
    return {
        "cell_type": "code",
        "id": name,
        "execution_count": None,
        "outputs": [],
        "metadata": {
            "nbgrader": {
                "grade": True,
                "grade_id": name,
                "locked": True,
                "points": points,
                "schema_version": 3,
                "solution": False,
                "task": False,
                "cell_type": "code",
            }
        },
        "source": "from rosenblatt.grading.notebook_tests import task_points\n\n"
        f'task_points("{part}", "{question}")',
    }


def _task(
    assignment: str, question: str, folder: str, student: str | None, rubric: str | None
) -> TaskGrade:
    chosen = read_rubric(assignment, None if rubric is None else Path(rubric))
    for entry in _grade(chosen, folder, student).tasks:
        if entry.task.question == question:
            return entry
    questions = ", ".join(task.question for task in chosen.tasks)
    raise ConfigurationError(f'there is no question "{question}"; the rubric has {questions}')


def _grade(rubric: Rubric, folder: str, student: str | None) -> Grade:
    submission = Submission(student or "", read_files(Path(folder), FILES[rubric.part]))
    key = submission.digest, rubric.digest, student
    if key not in _grades:
        _grades[key] = grade_submission(submission, rubric, student)
    return _grades[key]


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(path) as file:
        file.write(text.encode())
    return path
