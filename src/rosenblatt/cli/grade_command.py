"""``rosenblatt check --assignment PART``: one submission, a class, or tests for other graders."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from rosenblatt.cli.printing import emit
from rosenblatt.errors import ConfigurationError
from rosenblatt.files import atomic_write

if TYPE_CHECKING:
    from rosenblatt.cli.check_command import CheckOptions
    from rosenblatt.grading.rubric import Rubric


def grade(options: "CheckOptions", assignment: str) -> int:
    """Grade as the options say; the exit status of one submission is 0 for full points, else 1.

    A class and the writing of tests end with 0. A submission without any file to grade ends with 2.
    """
    from rosenblatt.grading.rubric import read_rubric

    rubric = read_rubric(assignment, options.rubric)
    _check_alternatives(options)
    if options.otter is not None:
        return _write_tests(options.otter, rubric, options)
    if options.all is not None:
        return _grade_class(options.all, rubric, options)
    if options.file is None:
        raise ConfigurationError("give the folder or the zip file of a submission, or --all FOLDER")
    return _grade_one(options.file, rubric, options)


def _grade_one(path: Path, rubric: "Rubric", options: "CheckOptions") -> int:
    from rosenblatt.grading.grade import grade_submission
    from rosenblatt.grading.gradescope import gradescope_results
    from rosenblatt.grading.submissions import read_submission

    result = grade_submission(read_submission(path), rubric, options.student)
    if options.gradescope is not None:
        values = gradescope_results(result, options.hints or 1)
        with atomic_write(options.gradescope) as file:
            file.write(json.dumps(values, indent=1).encode() + b"\n")
    emit(result.to_json(), result.lines(options.hints or 3), as_json=options.json)
    if result.problem:
        return 2
    return 0 if all(entry.full for entry in result.tasks) else 1


def _grade_class(folder: Path, rubric: "Rubric", options: "CheckOptions") -> int:
    from rosenblatt.grading.class_grading import grade_class

    if options.out is None:
        raise ConfigurationError("--all needs --out FILE for the table, such as --out grades.csv")
    result = grade_class(
        folder,
        rubric,
        options.out,
        feedback=options.feedback,
        hints=options.hints or 1,
        quiet=options.json,
    )
    points = sorted(float(row["points"]) for row in result.rows.values())
    problems = sorted(name for name, row in result.rows.items() if row["problem"])
    values = {
        "submissions": len(points),
        "graded_now": result.graded,
        "not_gradable": problems,
        "mean": round(sum(points) / len(points), 2),
        "of": rubric.points,
        "table": str(options.out),
    }
    lines = [
        f"{len(points)} submissions, {result.graded} graded now: {options.out}",
        f"points: {points[0]:g} to {points[-1]:g}, mean {values['mean']:g}, of {rubric.points:g}",
        *(f"not gradable: {name} ({result.rows[name]['problem']})" for name in problems),
    ]
    emit(values, lines, as_json=options.json)
    return 0


def _write_tests(folder: Path, rubric: "Rubric", options: "CheckOptions") -> int:
    from rosenblatt.grading.notebook_tests import write_notebook_tests

    written = [str(path) for path in write_notebook_tests(folder, rubric)]
    emit({"written": written}, written, as_json=options.json)
    return 0


def _check_alternatives(options: "CheckOptions") -> None:
    """Refuse options that would change nothing."""
    if options.otter is not None:
        unused = {"a submission": options.file, "--all": options.all, "--rubric": options.rubric}
        kind = "--otter writes tests and grades nothing"
    elif options.all is not None:
        unused = {"a submission": options.file, "--gradescope": options.gradescope}
        kind = "--all grades a whole folder"
        if options.student is not None:
            raise ConfigurationError(
                "--all takes the names of students from the files: no --student"
            )
    else:
        unused = {"--out": options.out, "--feedback": options.feedback}
        kind = "one submission is graded"
    for name, value in unused.items():
        if value is not None:
            raise ConfigurationError(f"{kind}: leave out {name}")
