"""Folder of an exercise: a program with a bug, the task, the symptoms; the answer is not in it."""

import json
from dataclasses import dataclass
from pathlib import Path

from rosenblatt.errors import ConfigurationError, FileError
from rosenblatt.files import atomic_write
from rosenblatt.lab.bugs import Bug, choose
from rosenblatt.lab.symptoms import draw_symptoms, measure_file

PROGRAM = "program.py"
PICTURE = "symptoms.png"
_NUMBERS = "lab.json"
_MOST_BYTES = 1000
"""The largest lab.json, in bytes, that is read."""

_README = """# Find the bug

`program.py` is a small network in NumPy with one bug. `python program.py` trains it.

1. Look at `symptoms.png`. Lines are this program's, for three seeds; bands are those of the program
   without the bug. The lower half compares the gradients of the backward pass (analytic) with
   differences of the program's own loss (numeric).
2. Say in one sentence what could look like that, before you read the code.
3. Repair `program.py`. Keep the names of classes and functions, and the order in which random
   numbers are drawn.

```
rosenblatt lab symptoms .     # draw and describe the symptoms of what the code is now
rosenblatt lab hint .         # --level 1: the place, 2: a question, 3: the line and the formula
rosenblatt lab check .        # is it repaired? If not, which numbers still differ
rosenblatt lab give-up .      # the answer
```
"""


@dataclass(frozen=True)
class Exercise:
    """An exercise in a folder.

    Attributes:
        folder: where it is.
        seed: the seed that chose the bug.
        difficulty: the difficulty that was asked for; None for any.
    """

    folder: Path
    seed: int
    difficulty: int | None

    @property
    def bug(self) -> Bug:
        """The bug, recomputed from the seed."""
        return choose(self.seed, self.difficulty)

    @property
    def program(self) -> Path:
        """The student's file."""
        return self.folder / PROGRAM


def new_exercise(folder: str | Path, seed: int, difficulty: int | None = None) -> Exercise:
    """Write the folder of an exercise.

    Raises:
        ConfigurationError: the folder has files in it, or seed or difficulty is out of range.
        FileError: the folder cannot be written.
    """
    exercise = Exercise(Path(folder), seed, difficulty)
    bug = exercise.bug
    if exercise.folder.exists() and (
        not exercise.folder.is_dir() or any(exercise.folder.iterdir())
    ):
        raise ConfigurationError(f"{folder} exists and is not an empty folder; give another --out")
    try:
        exercise.folder.mkdir(parents=True, exist_ok=True)
        _write(exercise.program, bug.source)
        _write(exercise.folder / "README.md", _README)
        _write(
            exercise.folder / _NUMBERS, json.dumps({"seed": seed, "difficulty": difficulty}) + "\n"
        )
    except OSError as error:
        raise FileError(f"cannot write {folder}: {error.strerror}") from error
    draw_symptoms(measure_file(exercise.program), bug.program, exercise.folder / PICTURE)
    return exercise


def read_exercise(folder: str | Path) -> Exercise:
    """Return the exercise of a folder.

    Raises:
        FileError: the folder is no exercise.
    """
    folder = Path(folder)
    try:
        with (folder / _NUMBERS).open("rb") as file:
            values = json.loads(file.read(_MOST_BYTES))
        exercise = Exercise(folder, values["seed"], values["difficulty"])
        # A seed or a difficulty that is no number raises an error here.
        choose(exercise.seed, exercise.difficulty)
    except OSError as error:
        raise FileError(
            f"{folder} is no exercise: {_NUMBERS}: {error.strerror}; "
            "rosenblatt lab new writes such a folder"
        ) from error
    except (ValueError, TypeError, KeyError, RecursionError, ConfigurationError) as error:
        raise FileError(
            f'{folder / _NUMBERS} is not {{"seed": a number, "difficulty": 1, 2, 3 or null}}'
        ) from error
    return exercise


def _write(path: Path, text: str) -> None:
    with atomic_write(path) as file:
        file.write(text.encode())
