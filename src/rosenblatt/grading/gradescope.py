"""Grades in the format of Gradescope's ``results.json``."""

from typing import Any

from rosenblatt.grading.grade import Grade


def gradescope_results(grade: Grade, hints: int = 1) -> dict[str, Any]:
    """Return the grade as plain values of ``results.json``.

    The format is that of "Autograder Specifications" in Gradescope's documentation
    (gradescope-autograders.readthedocs.io). Each task is a test that the student sees, with the
    feedback of the hint level. One more test, worth no points and hidden from students, has the
    numbers.

    Args:
        grade: of one submission.
        hints: 1 to 3, how much the student is told.
    """
    tests: list[dict[str, Any]] = []
    for number, entry in enumerate(grade.tasks, start=1):
        tests.append(
            {
                "name": entry.task.title,
                "number": str(number),
                "score": round(entry.points, 4),
                "max_score": entry.task.points,
                "status": "passed" if entry.full else "failed",
                "output": "\n".join(entry.feedback(hints)),
                "output_format": "text",
                "visibility": "visible",
            }
        )
    tests.append(
        {
            "name": "All numbers, for the teacher",
            "score": 0,
            "max_score": 0,
            "status": "passed",
            "output": "\n".join(grade.lines(3)),
            "output_format": "text",
            "visibility": "hidden",
        }
    )
    summary = f"{grade.points:g} of {grade.rubric.points:g} points"
    return {
        "score": grade.points,
        "execution_time": round(grade.seconds, 2),
        "output": f"{summary}\n{grade.problem}" if grade.problem else summary,
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": tests,
    }
