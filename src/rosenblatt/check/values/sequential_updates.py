"""A slope and an intercept of which the second is updated with the new value of the first.

Where a line is fitted in two statements, ``b = b - rate * np.sum(w * x + b - y)`` and one for
``w``, nothing but the two parameters is recorded: their values tell which of them was new.
"""

import itertools
import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from rosenblatt.check.descent.findings import run_finding
from rosenblatt.check.record.recording import Event
from rosenblatt.check.source.text import Source

_STEPS = 6
"""Updates that are compared."""

_MOST_EVENTS = 6000
_MOST_ARRAYS = 8
_CLOSE = 1e-6
_MEANT = re.compile(r"coordinate|alternat|seidel|in turn|abwechsel", re.I)
"""Words of code that updates one parameter after the other on purpose."""


def updated_before_use(events: list[Event], source: Source) -> list[dict[str, Any]]:
    """Return a finding where the second of two updates uses what the first has just made."""
    if _MEANT.search(source.text):
        return []
    for steps in _steps(events):
        for inputs, targets in itertools.permutations(_samples(events, steps), 2):
            for slope in (0, 1):
                uses_old, uses_new = (
                    all(_follows(events, steps, inputs, targets, slope, is_new))
                    for is_new in (False, True)
                )
                if uses_new and not uses_old:
                    first, second = (events[position] for position in steps[0])
                    finding = run_finding(
                        "update-before-use", second.name, second.line, second.function
                    )
                    text = f"The gradient of {second.name} in line {second.line} is computed with "
                    text += f"the new {first.name}, which line {first.line} has just updated."
                    return [{**finding, "text": text}]
    return []


def _steps(events: list[Event]) -> Iterator[list[tuple[int, int]]]:
    """Yield the first updates of two parameters with nothing recorded between the two."""
    pairs: dict[Any, list[tuple[int, int]]] = {}
    for position, (first, second) in enumerate(itertools.pairwise(events[:_MOST_EVENTS])):
        apart = first.name != second.name and first.line < second.line
        if apart and first.function == second.function and _moves(first) and _moves(second):
            place = (first.line, second.line, first.name, second.name)
            pairs.setdefault(place, []).append((position, position + 1))
    for steps in pairs.values():
        if len(steps) >= _STEPS and any(events[p].value.size == 1 for p in steps[0]):
            yield steps[:_STEPS]


def _moves(event: Event) -> bool:
    old = event.old
    return event.updates and event.dtype in "fl" and old is not None and old.size < 60


def _samples(events: list[Event], steps: list[tuple[int, int]]) -> list[str]:
    """Return names of arrays, or of numbers that a loop takes, that may be inputs or targets."""
    known: dict[bytes, str] = {}
    moved = {events[position].name for position in steps[0]}
    for event in events[: steps[0][0]]:
        is_sample = event.value.size > 2 or event.taken
        if is_sample and event.name not in moved and np.isfinite(event.value).all():
            known[event.value.tobytes()] = event.name
    return list(dict.fromkeys(known.values()))[-_MOST_ARRAYS:]


def _follows(
    events: list[Event],
    steps: list[tuple[int, int]],
    inputs: str,
    targets: str,
    slope: int,
    is_new: bool,
) -> Iterator[bool]:
    """Yield whether each update moves by the squared error of a line, with the factor of the first.

    ``slope`` is the number of the update that moves the slope; with ``is_new``, the second of the
    two is computed with what the first has made.
    """
    factors: list[float] | None = None
    for pair in steps:
        x, y = (_last(events, name, pair[0]) for name in (inputs, targets))
        updates = [events[position] for position in pair]
        values = [np.asarray(update.old) for update in updates]
        own = []
        for number, update in enumerate(updates):
            if number == 1 and is_new:
                values[0] = updates[0].value
            gradient = _gradient(x, y, values[slope], values[1 - slope], number == slope)
            moved = np.ravel(update.old - update.value)
            if gradient is None or gradient.shape != moved.shape or not gradient.any():
                yield False
                return
            factor = float(moved @ gradient / (gradient @ gradient))
            error = np.abs(moved - factor * gradient).max()
            if factor <= 0 or error > _CLOSE * np.abs(moved).max():
                yield False
                return
            own.append(factor)
        factors = factors or own
        yield all(abs(a / b - 1) < _CLOSE for a, b in zip(own, factors, strict=True))


def _last(events: list[Event], name: str, position: int) -> Any:
    """Return the last value of a name before an event."""
    return next(event.value for event in reversed(events[:position]) if event.name == name)


def _gradient(x: Any, y: Any, slope: Any, intercept: Any, of_slope: bool) -> Any:
    """Return the gradient of half the squared error of a line; None for other shapes."""
    columns = x if x.ndim == 2 else x.reshape(-1, 1)
    if y.size != len(columns) or slope.size != columns.shape[1] or intercept.size != 1:
        return None
    errors = columns @ slope.ravel() + float(intercept.ravel()[0]) - y.ravel()
    return columns.T @ errors if of_slope else np.array([errors.sum()])
