"""Answers to the questions of a lesson, checked by training and measuring."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from rosenblatt.errors import ConfigurationError, given
from rosenblatt.settings import parse_settings, prepare
from rosenblatt.studio.lessons.lesson import Lesson, Measure, Question
from rosenblatt.studio.lessons.markdown import html_of
from rosenblatt.studio.lessons.quantities import QUANTITIES
from rosenblatt.training.calls import train_many

if TYPE_CHECKING:
    from rosenblatt.training import Run, RunGroup


@dataclass(frozen=True)
class Answer:
    """What is said about an answer.

    Attributes:
        right: whether it is right.
        html: what is said, as HTML.
        measured: the number that decided, if there is one.
    """

    right: bool
    html: str
    measured: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the answer as plain values."""
        measured = self.measured
        finite = measured if measured is not None and math.isfinite(measured) else None
        return {**asdict(self), "measured": finite}


def check_answer(
    lesson: Lesson, question: str, value: object = None, run: "Run | None" = None
) -> Answer:
    """Return whether an answer is right, by computation.

    Args:
        lesson: the lesson.
        question: the name of the question.
        value: the number of the choice, from 0; or the number that was asked for.
        run: where something has to be reached: the run in the page.

    Raises:
        ConfigurationError: there is no such question, or the value is no answer to it.
    """
    asked = lesson.question(question)
    if asked.kind == "reach":
        return _reached(asked, run)
    measured = measure(lesson, asked)
    if asked.kind == "choice":
        if not isinstance(value, int) or not 0 <= value < len(asked.choices):
            raise ConfigurationError(
                f"an answer to {asked.id} is a number from 0 to {len(asked.choices) - 1}, "
                f"got {given(value)}"
            )
        right = asked.choices[value].is_right(measured)
    else:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ConfigurationError(f"an answer to {asked.id} is a number, got {given(value)}")
        right = abs(value - measured) <= asked.tolerance
    return _answer(asked, right, measured)


def measure(lesson: Lesson, question: Question) -> float:
    """Return the number that decides about a question, by training as its measure says."""
    assert question.measure is not None, "checked when the lesson was read"
    return _measured(_Key(lesson.settings, question.measure))


def train_seeds(settings: Mapping[str, Any], seeds: int) -> "RunGroup":
    """Return runs with these settings, one for each seed from 0 on."""
    prepared = prepare(parse_settings(settings))
    keywords = prepared.keywords()
    keywords.pop("seed", None)
    return train_many(prepared.model, prepared.splits.train, seeds=range(seeds), **keywords)


class _Key:
    """What a measured number depends on, as the key of a cache."""

    def __init__(self, settings: Mapping[str, Any], wanted: Measure) -> None:
        self.settings, self.wanted = settings, wanted
        self._text = repr((sorted(settings.items()), wanted))

    def __hash__(self) -> int:
        return hash(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self._text == other._text


@lru_cache(maxsize=64)
def _measured(key: _Key) -> float:
    wanted = key.wanted
    settings = {**key.settings, "epochs": wanted.epochs, **wanted.settings}
    number = _over_seeds(wanted, settings)
    if wanted.minus is None:
        return number
    return number - _over_seeds(wanted, {**settings, **wanted.minus})


def _over_seeds(wanted: Measure, settings: Mapping[str, Any]) -> float:
    runs = train_seeds(settings, wanted.seeds)
    numbers = np.array([QUANTITIES[wanted.value].of(run) for run in runs])
    if wanted.over == "share":
        if wanted.at_least is not None:
            return float(np.mean(numbers >= wanted.at_least))
        return float(np.mean(numbers <= wanted.at_most))
    if wanted.over == "mean":
        return float(numbers.mean())
    return float(numbers.min() if wanted.over == "lowest" else numbers.max())


def _reached(question: Question, run: "Run | None") -> Answer:
    """Return whether a run fulfils all conditions."""
    if run is None:
        raise ConfigurationError(f"{question.id} is about the run in the page, and there is none")
    for condition in question.conditions:
        number = QUANTITIES[condition.value].of(run)
        if not condition.holds(number):
            label = QUANTITIES[condition.value].label
            said = f"Not yet: {label} is {_text_of(number)}, and {condition} is asked for."
            return Answer(False, html_of(f"{said}\n\n{question.hint}"), number)
    return _answer(question, True, None)


def _answer(question: Question, right: bool, measured: float | None) -> Answer:
    text = question.because if right else question.hint
    number = "" if measured is None else _text_of(measured)
    said = ("Right. " if right else "Not so. ") + text.replace("{measured}", number)
    return Answer(right, html_of(said), measured)


def _text_of(number: float) -> str:
    return f"{number:.3g}"


def check_lesson(lesson: Lesson) -> list[str]:
    """Return what is wrong with a lesson, one sentence each, after computing all its answers.

    Of a choice, one answer has to be right and the others wrong. Where something is to be reached,
    the solution has to reach it, and the settings that the lesson begins with must not.
    """
    faults = []
    for question in lesson.questions:
        if question.kind == "reach":
            solution = {**lesson.settings, **question.solution}
            solved = check_answer(lesson, question.id, run=train_seeds(solution, 1)[0])
            if not solved.right:
                faults.append(f"{question.id}: the solution does not reach it: {solved.html}")
            start = {**lesson.settings, "epochs": question.solution.get("epochs", 1)}
            if check_answer(lesson, question.id, run=train_seeds(start, 1)[0]).right:
                faults.append(f"{question.id}: the settings of the lesson reach it as they are")
        elif question.kind == "choice":
            number = measure(lesson, question)
            right = [choice.text for choice in question.choices if choice.is_right(number)]
            if len(right) != 1:
                faults.append(f"{question.id}: {len(right)} answers are right for {number:.4g}")
    return faults
