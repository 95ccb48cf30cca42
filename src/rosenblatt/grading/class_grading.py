"""Many submissions graded at once, into a table that grows as they are done."""

import csv
import io
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from rosenblatt import cores
from rosenblatt.errors import FileError, RosenblattError
from rosenblatt.files import atomic_write
from rosenblatt.grading.grade import Grade, grade_submission, ungraded
from rosenblatt.grading.rubric import Rubric
from rosenblatt.grading.submissions import read_submission
from rosenblatt.progress_bar import Bar

_FIRST = ("file", "student", "points", "of")
_LAST = ("wrong", "problem", "isolation", "submission", "rubric")
_READERS = ("students", "teacher")


@dataclass(frozen=True)
class ClassGrades:
    """What grading a class came to.

    Attributes:
        rows: of the table, by the file name of the submission.
        graded: how many were graded now; the others were in the table already.
    """

    rows: dict[str, dict[str, str]]
    graded: int


def find_submissions(folder: Path) -> list[Path]:
    """Return the folders and zip files in a folder, by name.

    Raises:
        FileError: it cannot be read, or there are none.
    """
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise FileError(f"cannot read {folder}: {error.strerror}") from error
    found = [
        path
        for path in entries
        if not path.name.startswith(".") and (path.is_dir() or path.suffix.lower() == ".zip")
    ]
    if not found:
        raise FileError(f"{folder} has no submissions: a folder or a zip file for each student")
    return found


def grade_class(
    folder: Path,
    rubric: Rubric,
    table: Path,
    *,
    feedback: Path | None = None,
    hints: int = 1,
    quiet: bool = False,
) -> ClassGrades:
    """Grade every submission in a folder, on all cores, and write a table (CSV).

    The table is written again after each submission, whole or not at all. Submissions that it
    already has, with the same files and the same rubric, are not graded again. A student's name is
    that of the folder or the zip file. A submission that cannot be graded has a row that says why.

    Args:
        folder: has a folder or a zip file for each student.
        rubric: the tasks and their points.
        table: the file to write; docs/check.md has its columns.
        feedback: a folder for texts: ``students/NAME.txt`` for each student, and
            ``teacher/NAME.txt`` with all numbers; None writes none.
        hints: 1 to 3, how much the students' texts tell.
        quiet: show no progress.

    Raises:
        FileError: the folder or the table cannot be read, or nothing can be written.
    """
    paths = find_submissions(folder)
    old = _read_table(table)
    rows: dict[str, dict[str, str]] = {}
    graded = 0

    def known(path: Path) -> dict[str, str] | None:
        texts = [] if feedback is None else [_text(feedback, whose, path) for whose in _READERS]
        return old.get(_cell(path.name)) if all(text.is_file() for text in texts) else None

    with (
        Bar(len(paths), lambda n: f"{n:.0f}/{len(paths)} submissions", quiet=quiet) as bar,
        ThreadPoolExecutor(cores.available()) as pool,
    ):
        futures = {pool.submit(_grade, path, rubric, known(path)): path for path in paths}
        try:
            for number, future in enumerate(as_completed(futures), start=1):
                path = futures[future]
                row, grade = future.result()
                rows[path.name] = row
                if grade is not None:
                    graded += 1
                    for whose, level in zip(_READERS, (hints, 3), strict=True):
                        if feedback is not None:
                            _write_text(_text(feedback, whose, path), grade.lines(level))
                    _write_table(table, rows, rubric)
                bar.show(number, path.name)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    _write_table(table, rows, rubric)
    return ClassGrades(dict(sorted(rows.items())), graded)


def _grade(
    path: Path, rubric: Rubric, old: dict[str, str] | None
) -> tuple[dict[str, str], Grade | None]:
    """Return the row of a submission, and its grade if it was not in the table already."""
    student = path.stem if path.suffix.lower() == ".zip" else path.name
    try:
        submission = read_submission(path)
        same = old and (old["submission"], old["rubric"]) == (submission.digest, rubric.digest)
        if old and same:
            return old, None
        grade = grade_submission(submission, rubric, student)
    except RosenblattError as error:
        grade = ungraded(student, rubric, str(error))
    except Exception as error:
        # One submission must not stop the others, whatever is wrong with it.
        grade = ungraded(student, rubric, f"the grader failed: {type(error).__name__}: {error}")
    return _row(path, grade), grade


def _row(path: Path, grade: Grade) -> dict[str, str]:
    wrong = [
        f"{entry.task.question}: {name}"
        for entry in grade.tasks
        for name, outcome in entry.outcomes.items()
        if not outcome.right
    ]
    return {
        "file": path.name,
        "student": grade.student,
        "points": f"{grade.points:g}",
        "of": f"{grade.rubric.points:g}",
        **{entry.task.question: f"{round(entry.points, 2):g}" for entry in grade.tasks},
        "wrong": "" if grade.problem else "; ".join(wrong),
        "problem": grade.problem,
        "isolation": ", ".join(grade.isolation),
        "submission": grade.digest,
        "rubric": grade.rubric.digest,
    }


def _read_table(table: Path) -> dict[str, dict[str, str]]:
    """Return the rows of a table by the submission's file name; none if there is no such table."""
    if not table.exists():
        return {}
    try:
        text = table.read_bytes().decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise FileError(f"cannot read {table}: {error}") from error
    if rows and not {"file", "submission", "rubric"} <= set(rows[0]):
        raise FileError(f"{table} is not a table of grades; give --out another name")
    return {row["file"]: row for row in rows}


def _write_table(table: Path, rows: dict[str, dict[str, str]], rubric: Rubric) -> None:
    columns = [*_FIRST, *(task.question for task in rubric.tasks), *_LAST]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, extrasaction="ignore")
    writer.writeheader()
    for _, row in sorted(rows.items()):
        writer.writerow({name: _cell(row[name]) for name in columns})
    with atomic_write(table) as file:
        file.write(text.getvalue().encode())


def _cell(text: str) -> str:
    """Return text that no spreadsheet takes for a formula, and that UTF-8 can hold."""
    text = text.encode("utf-8", "backslashreplace").decode()
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _text(feedback: Path, whose: str, path: Path) -> Path:
    return feedback / whose / f"{path.name}.txt"


def _write_text(path: Path, lines: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(path) as file:
        file.write("\n".join([*lines, ""]).encode("utf-8", "backslashreplace"))
