"""Softmaxes of a run whose probabilities add up over the samples instead of the classes."""

from typing import Any

import numpy as np

from rosenblatt.check.numbers.compare import consists_of
from rosenblatt.check.record.recording import Event
from rosenblatt.check.source.text import Source

MOST_EVENTS = 4000

NEAR_LINES = 3
"""Lines before a quotient in which its exponentials are computed."""

EXACT = 1e-9


def wrong_axes(events: list[Event], source: Source) -> list[dict[str, Any]]:
    """Return a finding for probabilities (N, C) whose columns add up to 1, or all of them.

    Rows are samples where one-hot targets of that shape have one 1 in each row, or where there are
    N labels below C; columns are samples for the other way round.
    """
    lines = source.text.splitlines()
    targets = _targets(events)
    for event in events[:MOST_EVENTS]:
        p = event.value
        if p.ndim != 2 or min(p.shape) < 2 or p.shape[0] == p.shape[1] or event.dtype != "f":
            continue
        text = "\n".join(lines[max(0, event.line - 1 - NEAR_LINES) : event.line])
        if not ("exp(" in text or "softmax(" in text) or not ((p > 0) & (p < 1)).all():
            continue
        axis = _class_axis(p.shape, targets)
        if axis is None or _is_one(p.sum(axis=axis)):
            continue
        whole = _is_one(p.sum())
        if whole or _is_one(p.sum(axis=1 - axis)):
            wrong = "all numbers" if whole else "the samples"
            return [
                {
                    "mistake": "softmax-wrong-axis",
                    "where": event.function or "training",
                    "parameter": event.name,
                    "line": event.line,
                    "text": f"The probabilities {event.name}, {p.shape[0]} × {p.shape[1]}, add up "
                    f"to 1 over {wrong}, not over the classes of each sample.",
                }
            ]
    return []


def _targets(events: list[Event]) -> list[tuple[tuple[int, ...], int | None]]:
    """Return the shapes of one-hot targets with the axis of their classes, and of labels.

    Labels are whole numbers from 0 on; their axis is None.
    """
    found: dict[tuple[tuple[int, ...], int | None], None] = {}
    for event in events[:MOST_EVENTS]:
        y = event.value
        if y.ndim == 2 and y.size and consists_of(y, 0, 1) and y.min() < y.max():
            for axis in (0, 1):
                if (y.sum(axis=axis) == 1).all() and not (y.sum(axis=1 - axis) == 1).all():
                    found[y.shape, axis] = None
        elif (
            y.ndim == 1 < len(y)
            and event.dtype == "i"
            and len(np.unique(y)) == y.max() + 1 < len(y)
        ):
            found[(*y.shape, int(y.max()) + 1), None] = None
    return list(found)


def _class_axis(
    shape: tuple[int, ...], targets: list[tuple[tuple[int, ...], int | None]]
) -> int | None:
    """Return the axis of the classes, by targets; None where none tells, or two differ."""
    axes = {axis for other, axis in targets if axis is not None and other == shape}
    counts = {other for other, axis in targets if axis is None}
    axes |= {1} if shape in counts else set()
    axes |= {0} if shape[::-1] in counts else set()
    return axes.pop() if len(axes) == 1 else None


def _is_one(sums: Any) -> bool:
    return bool((np.abs(sums - 1) < EXACT).all())
