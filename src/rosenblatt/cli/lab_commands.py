"""The commands of the bug lab, such as ``rosenblatt lab new`` and ``rosenblatt lab check``."""

import secrets
from dataclasses import KW_ONLY, dataclass
from pathlib import Path

from cyclopts import Parameter

from rosenblatt.cli.printing import emit
from rosenblatt.errors import ConfigurationError, FileError
from rosenblatt.progress_bar import Bar
from rosenblatt.settings.params import OptionalWhole, Whole

_MOST_BYTES = 1_000_000
"""The largest list of students, in bytes, that is read."""


@Parameter(name="*")
@dataclass(frozen=True)
class LabNewOptions:
    """The options of ``lab new``."""

    _: KW_ONLY

    seed: OptionalWhole = None
    """Which exercise: the same seed and difficulty give the same bug. [default: drawn]"""

    difficulty: OptionalWhole = None
    """1, the symptoms name the place; 2; 3, the network still learns. [default: any]"""

    out: Path | None = None
    """The folder to write. [default: lab-SEED]"""

    json: bool = False
    """Print one JSON object."""


@Parameter(name="*")
@dataclass(frozen=True)
class LabFolderOptions:
    """The options of commands about an exercise."""

    folder: Path
    """The folder of an exercise."""

    _: KW_ONLY

    json: bool = False
    """Print one JSON object."""


@Parameter(name="*")
@dataclass(frozen=True)
class LabHintOptions(LabFolderOptions):
    """The options of ``lab hint``."""

    _: KW_ONLY

    level: Whole = 1
    """1 the class or function, 2 a question, 3 the line and the formula."""


@Parameter(name="*")
@dataclass(frozen=True)
class LabListOptions:
    """The options of ``lab list``."""

    _: KW_ONLY

    json: bool = False
    """Print one JSON object."""


@Parameter(name="*")
@dataclass(frozen=True)
class LabSheetOptions:
    """The options of ``lab sheet``."""

    students: Path
    """A text file with the name of a student in each line."""

    _: KW_ONLY

    out: Path
    """The folder for the exercises, one folder for each student."""

    answers: Path
    """The table of answers, a CSV file outside that folder."""

    difficulty: OptionalWhole = None
    """1, 2 or 3. [default: any]"""

    json: bool = False
    """Print one JSON object."""


def lab_new(options: LabNewOptions = LabNewOptions()) -> int:
    """Write the folder of an exercise."""
    from rosenblatt.lab.exercise import PICTURE, PROGRAM, new_exercise

    seed = secrets.randbelow(1_000_000) if options.seed is None else options.seed
    folder = options.out if options.out is not None else Path(f"lab-{seed}")
    new_exercise(folder, seed, options.difficulty)
    lines = [
        f"{folder / PROGRAM} has a bug; {folder / PICTURE} shows what it does",
        f"when it is repaired: rosenblatt lab check {folder}",
    ]
    emit({"folder": str(folder), "seed": seed}, lines, as_json=options.json)
    return 0


def lab_symptoms(options: LabFolderOptions) -> int:
    """Draw and describe how the program behaves now."""
    from rosenblatt.lab.exercise import PICTURE, read_exercise
    from rosenblatt.lab.symptoms import describe_symptoms, draw_symptoms, measure_file

    exercise = read_exercise(options.folder)
    measured = measure_file(exercise.program)
    picture = exercise.folder / PICTURE
    draw_symptoms(measured, exercise.bug.program, picture)
    symptoms = describe_symptoms(measured, exercise.bug.program)
    result = {"symptoms": symptoms, "picture": str(picture)}
    emit(result, [*symptoms, f"drawn in {picture}"], as_json=options.json)
    return 0


def lab_hint(options: LabHintOptions) -> int:
    """Print a hint."""
    from rosenblatt.lab.exercise import read_exercise

    hint = read_exercise(options.folder).bug.hint(options.level)
    emit({"level": options.level, "hint": hint}, [hint], as_json=options.json)
    return 0


def lab_check(options: LabFolderOptions) -> int:
    """Check a repair; the exit status is 0 if it is right and 1 if not."""
    from rosenblatt.lab.exercise import read_exercise
    from rosenblatt.lab.verdict import check_repair

    exercise = read_exercise(options.folder)
    verdict = check_repair(exercise)
    explanation = exercise.bug.explanation if verdict.repaired else None
    lines = [*verdict.lines(), *([explanation] if explanation else [])]
    emit({**verdict.to_json(), "explanation": explanation}, lines, as_json=options.json)
    return 0 if verdict.repaired else 1


def lab_give_up(options: LabFolderOptions) -> int:
    """Print the answer."""
    from rosenblatt.lab.exercise import read_exercise

    bug = read_exercise(options.folder).bug
    result = {
        "line": bug.line,
        "where": bug.place,
        "mistake": bug.mistake,
        "wrong": bug.new,
        "right": bug.old,
        "explanation": bug.explanation,
    }
    emit(result, bug.answer(), as_json=options.json)
    return 0


def lab_list(options: LabListOptions = LabListOptions()) -> int:
    """Print how many bugs there are of each difficulty."""
    from rosenblatt.lab.bugs import DIFFICULTIES, all_bugs

    difficulties = [bug.difficulty for bug in all_bugs()]
    counts = {str(level): difficulties.count(level) for level in DIFFICULTIES}
    lines = [f"difficulty {level}: {count} bugs" for level, count in counts.items()]
    emit({"bugs": counts}, lines, as_json=options.json)
    return 0


def lab_sheet(options: LabSheetOptions) -> int:
    """Write the exercises of a class and the answers."""
    from rosenblatt.lab.sheet import write_sheet

    try:
        with options.students.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise FileError(f"cannot read {options.students}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise FileError(f"{options.students} is not UTF-8 text") from error
    if len(content) > _MOST_BYTES:
        raise FileError(f"{options.students} is larger than {_MOST_BYTES} bytes")
    students = [line.strip() for line in text.splitlines() if line.strip()]
    if not students:
        raise ConfigurationError(f"{options.students} has no names; give one in each line")
    with Bar(len(students), lambda done: f"{done:.0f}/{len(students)} exercises") as bar:
        write_sheet(students, options.out, options.answers, options.difficulty, bar.show)
    lines = [f"{len(students)} exercises in {options.out}, their answers in {options.answers}"]
    result = {"students": len(students), "out": str(options.out), "answers": str(options.answers)}
    emit(result, lines, as_json=options.json)
    return 0
