"""Exercises of a class: a folder for each student, and a table of the answers for the teacher."""

import csv
import hashlib
import io
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from rosenblatt.errors import ConfigurationError
from rosenblatt.files import atomic_write
from rosenblatt.lab.exercise import new_exercise

COLUMNS = ("student", "seed", "difficulty", "program", "line", "mistake", "explanation")


def seed_of(student: str) -> int:
    """Return the seed of a student's exercise, a function of the name without its case.

    >>> seed_of("Ada") == seed_of("ada")
    True
    """
    return int.from_bytes(hashlib.sha256(student.strip().lower().encode()).digest()[:4])


def write_sheet(
    students: Sequence[str],
    folder: Path,
    answers: Path,
    difficulty: int | None = None,
    show: Callable[[int, str], None] = lambda done, student: None,
) -> None:
    """Write a folder for each student into ``folder``, and the answers as a CSV file.

    Args:
        students: their names.
        folder: for the exercises.
        answers: the table, outside of ``folder``.
        difficulty: 1 to 3; None for any.
        show: is called after each exercise with the number of exercises so far and the name.

    Raises:
        ConfigurationError: a name is no name of a folder or occurs twice, or the table of answers
            would be in the students' folder.
    """
    names = [student.strip().lower() for student in students]
    for student in students:
        if not re.fullmatch(r"\w[\w .-]*", student):
            raise ConfigurationError(
                f"{student!r} cannot be the name of a folder; use letters, digits, spaces, - and _"
            )
        if names.count(student.strip().lower()) > 1:
            raise ConfigurationError(f"the student {student!r} is named twice")
    if folder.resolve() in answers.resolve().parents:
        raise ConfigurationError(f"{answers} is among the exercises; write the answers elsewhere")
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(COLUMNS)
    for done, student in enumerate(students, start=1):
        exercise = new_exercise(folder / student, seed_of(student), difficulty)
        bug = exercise.bug
        table.writerow(
            [
                student,
                exercise.seed,
                bug.difficulty,
                bug.program,
                bug.line,
                bug.mistake,
                bug.explanation,
            ]
        )
        show(done, student)
    with atomic_write(answers) as file:
        file.write(text.getvalue().encode())
