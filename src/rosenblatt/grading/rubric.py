"""Rubrics: TOML files that give the points of an assignment's tasks."""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from rosenblatt.errors import ConfigurationError, FileError
from rosenblatt.grading import questions_part1, questions_part2, questions_part3  # noqa: F401
from rosenblatt.grading.questions import QUESTIONS
from rosenblatt.grading.students import NUMBERS

ASSIGNMENTS = ("part1", "part2", "part3")
"""The parts of the assignment, each with a rubric in ``rubrics/``."""

_TOP = {"title", "part", "seed", "imports", "follow_through", "task"}
_TASK = {"question", "title", "points", "criteria", "hint"}
_MOST_BYTES = 100_000


@dataclass(frozen=True)
class Task:
    """One task of a rubric.

    Attributes:
        question: what is asked: a name of :data:`rosenblatt.grading.questions.QUESTIONS`, or
            "numbers" for those that a student reports.
        title: as the student reads it.
        points: for all criteria together.
        criteria: the weight of each criterion; a criterion earns its share of the points.
        hint: told to a student whose answer is not right, from hint level 2 on.
    """

    question: str
    title: str
    points: float
    criteria: Mapping[str, float]
    hint: str = ""


@dataclass(frozen=True)
class Rubric:
    """The tasks of a part and their points.

    Attributes:
        title: of the part.
        part: "part1", "part2" or "part3": the folder of the files, and of the student's data.
        tasks: in the order of the file.
        seed: enters the random numbers of the questions.
        imports: packages that a submission may import next to the standard library.
        follow_through: whether code that uses ``modules.py`` is asked again with right modules.
        digest: of the file.
    """

    title: str
    part: str
    tasks: tuple[Task, ...]
    seed: int
    imports: tuple[str, ...]
    follow_through: bool
    digest: str

    @property
    def points(self) -> float:
        """The points of all tasks."""
        return sum(task.points for task in self.tasks)


def rubric_text(assignment: str) -> str:
    """Return the text of the rubric that comes with the package.

    Raises:
        ConfigurationError: there is no such assignment.
    """
    if assignment not in ASSIGNMENTS:
        names = ", ".join(ASSIGNMENTS)
        raise ConfigurationError(f'there is no assignment "{assignment}"; choose one of {names}')
    file = resources.files("rosenblatt.grading") / "rubrics" / f"{assignment}.toml"
    return file.read_text(encoding="utf-8")


def read_rubric(assignment: str, path: Path | None = None) -> Rubric:
    """Return a rubric of the package, or the one in a file.

    Raises:
        ConfigurationError: there is no such assignment, or the file does not fit the format.
        FileError: the file cannot be read.
    """
    if path is None:
        return parse_rubric(rubric_text(assignment), f"the rubric of {assignment}")
    rubric_text(assignment)
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES)
    except OSError as error:
        raise FileError(f"cannot read {path}: {error.strerror}") from error
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise ConfigurationError(f"{path} is not text in UTF-8") from None
    rubric = parse_rubric(text, str(path))
    if rubric.part != assignment:
        raise ConfigurationError(f'{path} is a rubric of "{rubric.part}", not of "{assignment}"')
    return rubric


def parse_rubric(text: str, name: str = "the rubric") -> Rubric:
    """Return the rubric that a text describes; ``docs/check.md`` has the format.

    Raises:
        ConfigurationError: the text does not fit the format.
    """
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{name} is no TOML: {error}") from None
    _check_keys(values, _TOP, name)
    part = values.get("part")
    if part not in ASSIGNMENTS:
        raise ConfigurationError(
            f'{name}: part must be one of {", ".join(ASSIGNMENTS)}, got "{part}"'
        )
    tasks = values.get("task")
    if not isinstance(tasks, list) or not tasks:
        raise ConfigurationError(f"{name} has no [[task]]; at least one is needed")
    imports = values.get("imports", ["numpy"])
    if not isinstance(imports, list) or not all(isinstance(entry, str) for entry in imports):
        raise ConfigurationError(f"{name}: imports must be a list of names of packages")
    seed, follow = values.get("seed", 0), values.get("follow_through", True)
    if type(seed) is not int or type(follow) is not bool:
        raise ConfigurationError(
            f"{name}: seed must be a whole number and follow_through true or false"
        )
    result = Rubric(
        title=str(values.get("title", part)),
        part=part,
        tasks=tuple(_task(entry, part, name) for entry in tasks),
        seed=seed,
        imports=tuple(imports),
        follow_through=follow,
        digest=hashlib.sha256(text.encode()).hexdigest(),
    )
    questions = [task.question for task in result.tasks]
    twice = next((entry for entry in questions if questions.count(entry) > 1), None)
    if twice:
        raise ConfigurationError(f'{name}: the question "{twice}" stands in two tasks')
    return result


def _task(values: Any, part: str, name: str) -> Task:
    if not isinstance(values, dict):
        raise ConfigurationError(f"{name}: a task is a table, [[task]]")
    question = values.get("question")
    where = f'{name}, task "{question}"'
    _check_keys(values, _TASK, where)
    known = criteria_of(part)
    if question not in known:
        raise ConfigurationError(f"{where}: the questions of {part} are {', '.join(known)}")
    points: Any = values.get("points")
    if not _is_number(points) or not 0 <= points <= 1000:
        raise ConfigurationError(f"{where}: points must be a number from 0 to 1000, got {points}")
    criteria = values.get("criteria", dict.fromkeys(known[question], 1))
    if not isinstance(criteria, dict) or not set(criteria) <= set(known[question]):
        names = ", ".join(known[question])
        raise ConfigurationError(f"{where}: criteria must be a table of weights of {names}")
    weights = criteria.values()
    if not all(_is_number(weight) and weight >= 0 for weight in weights) or not sum(weights) > 0:
        raise ConfigurationError(f"{where}: weights must be at least 0, and one of them above 0")
    hint, title = values.get("hint", ""), values.get("title", question)
    return Task(str(question), str(title), float(points), criteria, str(hint))


def criteria_of(part: str) -> dict[str, tuple[str, ...]]:
    """Return the criteria of each question that a rubric of a part can have."""
    named = {name: entry.criteria for name, entry in QUESTIONS.items() if entry.part == part}
    return named | {"numbers": NUMBERS[part]}


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and abs(value) < float("inf")


def _check_keys(values: dict[str, Any], known: set[str], where: str) -> None:
    unknown = sorted(set(values) - known)
    if unknown:
        raise ConfigurationError(
            f'{where}: unknown key "{unknown[0]}"; the keys are {", ".join(sorted(known))}'
        )
