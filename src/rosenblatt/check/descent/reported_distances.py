"""Losses of differences that a run computes and does not follow.

They are squared errors next to the rule of the perceptron, and Huber's loss next to squares.
"""

import ast
import itertools
from typing import Any

import numpy as np

from rosenblatt.check.descent.findings import run_finding
from rosenblatt.check.descent.replay import Replay, Track
from rosenblatt.check.record.recording import Event

_STEPS = ("perceptron", "perceptron ", "perceptron of signs", "difference of signs")
_SQUARES = ("squared", "residual")
_NEAR = 40
"""Events before a number in which its outputs and targets are looked for."""

_MOST_NUMBERS = 60
_MOST_ARRAYS = 8
_CLOSE = 1e-9


def unfollowed_distance(replay: Replay, tracks: list[Track], used: str) -> list[dict[str, Any]]:
    """Return a finding if updates follow steps or squares, and the run computes another loss.

    ``used`` is the name of the loss that updates follow.
    """
    if used not in (*_STEPS, *_SQUARES):
        return []
    limits = _limits(replay) if used in _SQUARES else []
    if used in _SQUARES and not limits:
        return []
    first = min(track.versions[0][0] for track in tracks)
    last = max(track.versions[-1][0] for track in tracks)
    numbers = [
        position
        for position in range(first, min(last, len(replay.events)))
        if replay.events[position].value.size == 1 and replay.events[position].dtype not in "iub"
    ]
    for position in numbers[:_MOST_NUMBERS]:
        event = replay.events[position]
        value = float(event.value.ravel()[0])
        if not 0 < value < np.inf:
            continue
        for d in _differences(replay.events[max(0, position - _NEAR) : position]):
            named = [("Huber loss", _huber(d, limit)) for limit in limits]
            if used in _STEPS:
                named = [("squared error", float((d * d).sum()))]
            for name, total in named:
                if _is_part(value, total, d.size):
                    track = tracks[0]
                    finding = run_finding(
                        "loss-gradient-mismatch", track.name, track.line, track.function
                    )
                    text = f"Line {event.line} computes the {name}, and the updates follow "
                    text += "its squares." if limits else "the steps of a perceptron."
                    return [{**finding, "text": text}]
    return []


def _limits(replay: Replay) -> list[float]:
    """Return numbers of a code that computes absolute values: the limit of Huber's loss."""
    if "abs(" not in replay.source.code:
        return []
    numbers = {
        float(node.value)
        for node in ast.walk(replay.source.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float)
    }
    return sorted(number for number in numbers if 0.01 <= number <= 10)[:12]


def _differences(events: list[Event]) -> list[Any]:
    """Return differences of arrays of one size, of which one has more than a few values."""
    arrays = [e.value.ravel() for e in events if 3 < e.value.size <= 2000 and e.dtype != "b"]
    arrays = [a.astype(float) for a in arrays if np.isfinite(a).all()][-_MOST_ARRAYS:]
    result = [a for a in arrays if len(np.unique(a)) > 3]
    pairs = itertools.permutations(arrays, 2)
    result += [a - b for a, b in pairs if a.size == b.size and len(np.unique(a)) > 3]
    return result


def _huber(d: Any, limit: float) -> float:
    """Return Huber's loss of differences; 0 where none is above the limit."""
    size = np.abs(d)
    if not (size > limit).any():
        return 0.0
    return float(np.where(size <= limit, 0.5 * d * d, limit * (size - 0.5 * limit)).sum())


def _is_part(value: float, total: float, size: int) -> bool:
    """Return whether a number is a sum, or a mean, or a half of one.

    >>> _is_part(1.5, 6.0, 2), _is_part(1.4, 6.0, 2)
    (True, False)
    """
    ratio = total / value
    return any(abs(ratio / k - 1) < _CLOSE for k in (1, 2, size, 2 * size))
