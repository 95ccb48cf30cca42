"""Exercises of a class: a folder for each student, and a table of the answers for the teacher."""

import csv
import hashlib
import io
import re
from collections.abc import Sequence
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
    students: Sequence[str], folder: Path, answers: Path, difficulty: int | None = None
) -> None:
    """Write a folder for each student into ``folder``, and the answers as a CSV file.

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
    for student in students:
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
    with atomic_write(answers) as file:
        file.write(text.getvalue().encode())
