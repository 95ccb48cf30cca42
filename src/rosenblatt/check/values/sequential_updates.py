"""Linear models that update one parameter, and then another with the new value of the first.

Where a line is fitted in two statements, ``b = b - rate * np.sum(w * x + b - y)`` and one for
``w``, nothing but the two parameters is recorded: their values tell which of them was new. So they
do where the entries of one array are updated one after the other, ``theta[0]`` and ``theta[1]``.
"""

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from rosenblatt.check.descent.findings import run_finding
from rosenblatt.check.numbers.reference import sigmoid
from rosenblatt.check.record.recording import Event
from rosenblatt.check.source.text import Source

_STEPS = 6
"""Updates that are compared."""

_MOST_EVENTS = 6000
_MOST_ARRAYS = 8
_MOST_ENTRIES = 12
"""Entries of an array that are updated one by one."""

_CLOSE = 1e-6
_MEANT = re.compile(r"coordinate|alternat|seidel|in turn|abwechsel", re.I)
"""Words of code that updates one parameter after the other on purpose."""


@dataclass
class _Model:
    """Steps of a linear model, each with the positions of its updates.

    Attributes:
        names: its parameters, in the order in which a row of the samples multiplies them.
        steps: positions of the events that update them.
        by_entry: whether an update moves a single entry.
    """

    names: list[str]
    steps: list[list[int]]
    by_entry: bool


def updated_before_use(events: list[Event], source: Source) -> list[dict[str, Any]]:
    """Return a finding where the second of two updates uses what the first has just made."""
    if _MEANT.search(source.text):
        return []
    for model in (*_pairs(events), *_entries(events)):
        for inputs, targets in itertools.permutations(_samples(events, model), 2):
            for rows_of, output in itertools.product(_ROWS, _OUTPUTS):
                uses_old, uses_new = (
                    all(_follows(events, model, inputs, targets, rows_of, output, is_new))
                    for is_new in (False, True)
                )
                if uses_new and not uses_old:
                    return [_finding(events, model)]
    return []


def _finding(events: list[Event], model: _Model) -> dict[str, Any]:
    first, second = (events[position] for position in model.steps[0][:2])
    finding = run_finding("update-before-use", second.name, second.line, second.function)
    text = f"The gradient of {second.name} in line {second.line} is computed with "
    if first.name != second.name:
        text += f"the new {first.name}, which line {first.line} has just updated."
    elif first.line != second.line:
        text += f"the entry of {first.name} that line {first.line} has just updated."
    else:
        text += "entries of it that the same update has already changed."
    return {**finding, "text": text}


def _pairs(events: list[Event]) -> Iterator[_Model]:
    """Yield the first updates of two parameters that one function updates in turn."""
    moves: dict[str, list[int]] = {}
    for position, event in enumerate(events[:_MOST_EVENTS]):
        if _moves(event):
            moves.setdefault(event.function, []).append(position)
    pairs: dict[Any, list[list[int]]] = {}
    for step in itertools.chain(*(itertools.pairwise(positions) for positions in moves.values())):
        first, second = (events[position] for position in step)
        if first.name != second.name and first.line < second.line:
            place = (first.line, second.line, first.name, second.name)
            pairs.setdefault(place, []).append([*step])
    for (*_, first_name, second_name), steps in pairs.items():
        if len(steps) >= _STEPS and any(events[p].value.size == 1 for p in steps[0]):
            yield _Model([first_name, second_name], steps[:_STEPS], by_entry=False)


def _entries(events: list[Event]) -> Iterator[_Model]:
    """Yield the first updates of arrays of which each entry is updated by itself."""
    found: dict[Any, list[int]] = {}
    for position, event in enumerate(events[:_MOST_EVENTS]):
        if _moves(event) and 1 < event.value.size <= _MOST_ENTRIES:
            found.setdefault((event.name, event.function), []).append(position)
    for (name, _), positions in found.items():
        moved = [(position, _moved(events[position])) for position in positions]
        if any(len(entries) > 1 for _, entries in moved):
            continue
        steps: list[list[int]] = []
        last = -1
        for position, entry in [(position, entries[0]) for position, entries in moved if entries]:
            if not steps or entry <= last:
                steps.append([])
            steps[-1].append(position)
            last = entry
        size = events[positions[0]].value.size
        whole = [step for step in steps if len(step) == size][:_STEPS]
        if len(whole) == _STEPS:
            yield _Model([name], whole, by_entry=True)


def _moves(event: Event) -> bool:
    old = event.old
    return event.updates and event.dtype in "fl" and old is not None and old.size < 60


def _moved(event: Event) -> list[int]:
    """Return the numbers of the entries that an update moves."""
    if np.shape(event.old) != event.value.shape:
        return []
    return [int(k) for k in np.flatnonzero(np.ravel(event.old != event.value))]


def _samples(events: list[Event], model: _Model) -> list[str]:
    """Return names of arrays, or of numbers that a loop takes, that may be inputs or targets."""
    known: dict[bytes, str] = {}
    for event in events[: model.steps[0][0]]:
        is_sample = event.value.size > 2 or event.taken
        is_moved = event.name.partition("[")[0] in model.names
        if is_sample and not is_moved and np.isfinite(event.value).all():
            known[event.value.tobytes()] = event.name
    return list(dict.fromkeys(known.values()))[-_MOST_ARRAYS:]


def _follows(
    events: list[Event],
    model: _Model,
    inputs: str,
    targets: str,
    rows_of: Callable[[Any, int], Any],
    output: Callable[[Any], Any],
    is_new: bool,
) -> Iterator[bool]:
    """Yield whether each step moves down the loss of a linear model, with the factor of the first.

    With ``is_new``, each update is computed with what those before it in the step have made.
    """
    factors: list[float] | None = None
    for step in model.steps:
        x, y = (_last(events, name, step[0]) for name in (inputs, targets))
        updates = [events[position] for position in step]
        values = {event.name: event.old for event in reversed(updates)}
        rows = rows_of(x, sum(np.size(value) for value in values.values()))
        if rows is None or y.size != len(rows):
            yield False
            return
        own = []
        for event in updates:
            weights = np.concatenate([np.ravel(values[name]) for name in model.names])
            gradient = rows.T @ (output(rows @ weights) - y.ravel())
            gradient = _part(gradient, event.name, model, values)
            moved = np.ravel(event.old - event.value)
            if model.by_entry:
                entry = _moved(event)[0]
                gradient, moved = gradient[[entry]], moved[[entry]]
            if not gradient.any():
                yield False
                return
            factor = float(moved @ gradient / (gradient @ gradient))
            error = np.abs(moved - factor * gradient).max()
            if factor <= 0 or error > _CLOSE * np.abs(moved).max():
                yield False
                return
            if model.by_entry and abs(factor * (rows[:, entry] @ rows[:, entry]) - 1) < _CLOSE:
                # The minimum by each entry in turn is another method.
                yield False
                return
            own.append(factor)
            if is_new:
                values[event.name] = event.value
        factors = factors or (own[:1] * len(own) if model.by_entry else own)
        yield all(abs(a / b - 1) < _CLOSE for a, b in zip(own, factors, strict=True))


def _last(events: list[Event], name: str, position: int) -> Any:
    """Return the last value of a name before an event."""
    return next(event.value for event in reversed(events[:position]) if event.name == name)


def _part(gradient: Any, name: str, model: _Model, values: dict[str, Any]) -> Any:
    """Return the gradient of one of the parameters."""
    before = model.names[: model.names.index(name)]
    start = sum(np.size(values[other]) for other in before)
    return gradient[start : start + np.size(values[name])]


def _rows(x: Any, columns: int) -> Any:
    """Return samples as rows with ``columns`` entries; None for other shapes."""
    if x.ndim == 2:
        return next((part for part in (x, x.T) if part.shape[1] == columns), None)
    if x.ndim < 2 and columns == 1:
        return x.reshape(-1, 1)
    return x.reshape(1, -1) if x.shape == (columns,) else None


def _with_ones(x: Any, size: int, at: int) -> Any:
    rows = _rows(x, size - 1)
    return None if rows is None else np.insert(rows, at % size, 1.0, axis=1)


_ROWS: tuple[Callable[[Any, int], Any], ...] = (
    _rows,
    partial(_with_ones, at=0),
    partial(_with_ones, at=-1),
)
"""Ways in which inputs meet the parameters: the intercept is among them, the first, or the last."""

_OUTPUTS: tuple[Callable[[Any], Any], ...] = (np.asarray, sigmoid)
"""Functions of the product: the squared error of a line, the cross-entropy of a logistic one."""
