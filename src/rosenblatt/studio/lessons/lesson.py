"""A lesson as its file describes it, checked when it is read."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from rosenblatt import limits
from rosenblatt.errors import ConfigurationError, FileError, given, nearest
from rosenblatt.studio.lessons.markdown import html_of
from rosenblatt.studio.lessons.quantities import QUANTITIES

FENCE = "+++"
"""The line before and after the settings."""
MOST_SEEDS = 256
MOST_EPOCHS = 100_000
TEXTS = Path(__file__).parent / "texts"
PANELS = ("surface", "network", "curves", "seeds", "microscope", "checkup", "landscape")

Value = float | int | bool | str | list[Any]
Settings = dict[str, Value]


class _Table(BaseModel):
    """A table of the file: it has these keys and no others."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Measure(_Table):
    """A number that is computed by training: a quantity of a run, over seeds.

    Attributes:
        value: the name of a quantity, see :data:`QUANTITIES`.
        over: the mean, the lowest or the highest of the seeds; or the "share" of the seeds that
            reach ``at_least`` or stay ``at_most``.
        at_least: for a share, the bound that counts.
        at_most: for a share, the bound that counts.
        seeds: how many seeds, from 0 on.
        epochs: how long each trains.
        settings: settings that differ from the lesson's.
        minus: settings in which other runs differ from these, "epochs" among them; their number is
            subtracted.
    """

    value: str
    over: Literal["mean", "lowest", "highest", "share"] = "mean"
    at_least: float | None = None
    at_most: float | None = None
    seeds: Annotated[int, Field(ge=1, le=MOST_SEEDS)] = 1
    epochs: Annotated[int, Field(ge=1, le=MOST_EPOCHS)] = 100
    settings: Settings = {}
    minus: Settings | None = None

    @model_validator(mode="after")
    def _check(self) -> "Measure":
        _require_quantity(self.value)
        bounds = sum(bound is not None for bound in (self.at_least, self.at_most))
        if bounds != (self.over == "share"):
            raise ValueError('a "share" needs either at_least or at_most, and nothing else has one')
        return self


class Condition(_Table):
    """A bound that a quantity of the pupil's own run has to keep."""

    value: str
    at_least: float | None = None
    at_most: float | None = None

    @model_validator(mode="after")
    def _check(self) -> "Condition":
        _require_quantity(self.value)
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError("a condition needs either at_least or at_most")
        return self

    def holds(self, number: float) -> bool:
        """Return whether a value keeps the bound; NaN keeps none."""
        if self.at_least is not None:
            return number >= self.at_least
        return self.at_most is not None and number <= self.at_most

    def __str__(self) -> str:
        sign, bound = ("≥", self.at_least) if self.at_most is None else ("≤", self.at_most)
        return f"{QUANTITIES[self.value].label} {sign} {bound:g}"


class Choice(_Table):
    """One of the answers to choose from; right if the measured number lies in its range."""

    text: str
    at_least: float | None = None
    below: float | None = None

    def is_right(self, number: float) -> bool:
        """Return whether the measured number lies in the range of this answer."""
        over = self.at_least is None or number >= self.at_least
        return over and (self.below is None or number < self.below)


class Question(_Table):
    """A question of a lesson.

    Attributes:
        id: its name, by which the text places it.
        text: the question, in Markdown.
        kind: "choice" of one of ``choices``; "number", which may be ``tolerance`` off; "reach",
            where the run in the page has to fulfil ``conditions``.
        because: what is said after a right answer, in Markdown. ``{measured}`` is the number.
        hint: what is said after a wrong one.
        solution: for "reach": settings that fulfil it, with ``epochs``. Pupils are not shown them;
            ``check_lesson`` trains with them.
    """

    id: str
    text: str
    kind: Literal["choice", "number", "reach"]
    measure: Measure | None = None
    choices: list[Choice] = []
    tolerance: float = 0.0
    unit: str = ""
    conditions: list[Condition] = []
    because: str = ""
    hint: str = ""
    solution: Settings = {}

    @model_validator(mode="after")
    def _check(self) -> "Question":
        if self.kind == "reach":
            if not self.conditions or not self.solution:
                raise ValueError(f"question {self.id}: to reach needs conditions and a solution")
        elif self.measure is None:
            raise ValueError(f"question {self.id}: a {self.kind} needs a measure")
        if self.kind == "choice" and len(self.choices) < 2:
            raise ValueError(f"question {self.id}: a choice needs at least two choices")
        if self.kind == "number" and self.tolerance <= 0:
            raise ValueError(f"question {self.id}: a number needs a tolerance above 0")
        return self


class Page(_Table):
    """What the page shows: settings that are hidden, settings that cannot be changed, panels."""

    hidden: list[str] = []
    only: list[str] | None = None
    locked: list[str] = []
    panels: list[str] = ["surface", "network", "curves"]
    seeds: Annotated[int, Field(ge=2, le=MOST_SEEDS)] | None = None

    @model_validator(mode="after")
    def _check(self) -> "Page":
        for panel in self.panels:
            if panel not in PANELS:
                hint = nearest(panel, PANELS)
                raise ValueError(
                    f"there is no panel {given(panel)}; known: {', '.join(PANELS)}{hint}"
                )
        return self


class _Front(_Table):
    """The settings between the fences."""

    title: str
    about: str = ""
    minutes: Annotated[int, Field(ge=1, le=600)] = 10
    settings: Settings
    page: Page = Page()
    questions: list[Question] = []


@dataclass(frozen=True)
class Lesson:
    """A lesson: text with settings, and questions.

    Attributes:
        name: the name of its file, without its ending.
        title: its title.
        about: one sentence for the index.
        minutes: how long it takes.
        settings: the settings of the run that it starts with, as plain values.
        page: what the page shows.
        questions: the questions, in the order of the text.
        body: the text, in Markdown; a line ``{name}`` stands where that question is asked.
    """

    name: str
    title: str
    about: str
    minutes: int
    settings: Mapping[str, Value]
    page: Page
    questions: tuple[Question, ...]
    body: str

    def question(self, name: str) -> Question:
        """Return a question by its name.

        Raises:
            ConfigurationError: the lesson has none of that name.
        """
        for question in self.questions:
            if question.id == name:
                return question
        names = [question.id for question in self.questions]
        raise ConfigurationError(
            f"the lesson has no question {given(name)}; it has {', '.join(names)}"
            f"{nearest(str(name), names)}"
        )

    @cached_property
    def parts(self) -> list[dict[str, Any]]:
        """The text as HTML and the questions, in order, as plain values for the page."""
        return [
            {"html": html_of(part)} if isinstance(part, str) else _asked(part)
            for part in self._split()
        ]

    def to_json(self) -> dict[str, Any]:
        """Return what the page needs, as plain values; no answer is among them."""
        return {
            "name": self.name,
            "title": self.title,
            "about": self.about,
            "minutes": self.minutes,
            "parts": self.parts,
            **self.page.model_dump(),
        }

    def _split(self) -> Iterator[str | Question]:
        """Yield the pieces of the text, and the questions at their lines."""
        by_line = {f"{{{question.id}}}": question for question in self.questions}
        text: list[str] = []
        for line in self.body.splitlines():
            if line.strip() in by_line:
                if any(text):
                    yield "\n".join(text)
                yield by_line[line.strip()]
                text = []
            else:
                text.append(line)
        if any(text):
            yield "\n".join(text)


def _asked(question: Question) -> dict[str, Any]:
    """Return a question as plain values, without its answer."""
    return {
        "question": question.id,
        "html": html_of(question.text),
        "kind": question.kind,
        "choices": [html_of(choice.text, inline=True) for choice in question.choices],
        "unit": question.unit,
        "conditions": [str(condition) for condition in question.conditions],
    }


def read_lesson(path: str | Path) -> Lesson:
    """Return the lesson of a file.

    Raises:
        FileError: the file cannot be read, or is no lesson; the message names the line or the key.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            content = file.read(limits.LARGEST_SETTINGS + 1)
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}") from error
    if len(content) > limits.LARGEST_SETTINGS:
        raise FileError(f"{path} is larger than {limits.LARGEST_SETTINGS} bytes: no lesson is")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileError(
            f"{path} is not UTF-8 text: {error.reason} at byte {error.start}"
        ) from error
    return lesson_of(path.stem, text, str(path))


def lesson_of(name: str, text: str, where: str) -> Lesson:
    """Return the lesson that a text describes; ``where`` names it in messages.

    Raises:
        FileError: it is no lesson.
    """
    lines = text.splitlines()
    fences = [number for number, line in enumerate(lines) if line.strip() == FENCE]
    if not lines or fences[:1] != [0] or len(fences) < 2:
        raise FileError(
            f"{where}: a lesson begins with a line {FENCE}, settings in TOML, and a line {FENCE}"
        )
    try:
        front = _Front.model_validate(tomllib.loads("\n".join(lines[1 : fences[1]])))
    except tomllib.TOMLDecodeError as error:
        # The settings begin at the second line of the file.
        raise FileError(f"{where}: after line 1: {error}") from error
    except RecursionError:
        raise FileError(f"{where}: the settings are nested too deeply") from None
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(step) for step in first["loc"])
        raise FileError(f"{where}: {key + ': ' if key else ''}{first['msg']}") from error
    body = "\n".join(lines[fences[1] + 1 :]).strip()
    names = [question.id for question in front.questions]
    lines = [line.strip() for line in body.splitlines()]
    for question in names:
        if names.count(question) > 1:
            raise FileError(f"{where}: two questions are called {given(question)}")
        if lines.count(f"{{{question}}}") != 1:
            raise FileError(f"{where}: the text needs one line {{{question}}}, where it is asked")
    questions = sorted(front.questions, key=lambda one: lines.index(f"{{{one.id}}}"))
    return Lesson(
        name,
        front.title,
        front.about,
        front.minutes,
        front.settings,
        front.page,
        tuple(questions),
        body,
    )


def shipped_lessons() -> list[Lesson]:
    """Return the lessons that come with the package, in the order in which they are taught.

    >>> [lesson.name for lesson in shipped_lessons()][0]
    'overlap'
    """
    lessons = [read_lesson(path) for path in sorted(TEXTS.glob("*.md"))]
    # The number of a file is its place in the order, not a part of its name.
    return [replace(lesson, name=lesson.name.partition("_")[2]) for lesson in lessons]


def _require_quantity(name: str) -> None:
    if name not in QUANTITIES:
        hint = nearest(name, QUANTITIES)
        raise ValueError(
            f"there is no quantity {given(name)}; known: {', '.join(QUANTITIES)}{hint}"
        )
