"""The cross-entropy that a run computes sample by sample, next to updates that follow squares.

The gradients of all losses of one output have one direction: they differ by their size, from one
update to the next. Of updates that follow the squared error of a single output, this size tells
that they do not follow the cross-entropy.
"""

import math
from typing import Any

from rosenblatt.check.descent.findings import run_finding
from rosenblatt.check.descent.losses import are_even, multiple_pairs, multiples_of, penalties
from rosenblatt.check.descent.moments import PENALTY, Moment
from rosenblatt.check.descent.replay import Replay, Track
from rosenblatt.check.descent.reported_losses import ENTROPY, SQUARED, kind_of
from rosenblatt.check.record.recording import Event

_NEAR = 16
"""Events before a number among which are the output and the label of its sample."""

_FEWEST = 6
"""Samples whose part of a loss has to be the cross-entropy."""

_MOST_EVENTS = 20_000
_CLOSE = 1e-6


def of_squares(
    replay: Replay, tracks: list[Track], moments: list[Moment], candidates: list[Any]
) -> list[dict[str, Any]]:
    """Return a finding where updates by single samples follow squares, not the cross-entropy."""
    if "log" not in replay.source.code or _kinds(moments, candidates) != {SQUARED}:
        return []
    first = min(track.versions[0][0] for track in tracks)
    last = max(track.versions[-1][0] for track in tracks)
    line = _entropy_line(replay.events[max(first - _NEAR, 0) : last])
    if line is None:
        return []
    track = tracks[0]
    finding = run_finding("loss-gradient-mismatch", track.name, track.line, track.function)
    text = f"The updates move down the {SQUARED}, but line {line} computes the {ENTROPY}."
    return [{**finding, "text": text}]


def _kinds(moments: list[Moment], candidates: list[Any]) -> set[str]:
    """Return the kinds of losses of one output that all updates follow with one factor."""
    outputs = {series.key: series.value for series in moments[0].series if series.value.size == 1}
    others = penalties(moments) if PENALTY.search(moments[0].code) else []
    result = set()
    for key, right, gradients in candidates:
        kind = kind_of(key[-1][1], outputs[key[0]]) if right and key[0] in outputs else None
        if kind is None or key[1] is None:
            continue
        alone = multiples_of(moments, gradients)
        pairs = [multiple_pairs(moments, gradients, other) for other in others]
        factors = [alone, *([c for c, _ in pair] for pair in pairs)]
        if any(len(own) > 1 and min(own) > 0 and are_even(own) for own in factors):
            result.add(kind)
    return result


def _entropy_line(events: list[Event]) -> int | None:
    """Return the line of a number that is a sample's cross-entropy, or a sum of them."""
    labels: dict[tuple[int, str], list[float]] = {}
    for position, event in enumerate(events[:_MOST_EVENTS]):
        if event.value.size != 1 or event.dtype != "f":
            continue
        value = float(event.value.ravel()[0])
        if event.updates and event.old is not None and event.old.size == 1:
            value -= float(event.old.ravel()[0])
        label = _label(abs(value), events[max(0, position - _NEAR) : position])
        if label is not None:
            labels.setdefault((event.line, event.name), []).append(label)
    for (line, _), own in labels.items():
        if len(own) >= _FEWEST and len(set(own)) == 2:
            return line
    return None


def _label(value: float, events: list[Event]) -> float | None:
    """Return the label, 0 or 1, of the sample whose cross-entropy is a value; None for no such."""
    numbers = {float(event.value.ravel()[0]) for event in events if event.value.size == 1}
    likelihood = math.exp(-value)
    if not _CLOSE < likelihood < 1 - _CLOSE:
        return None
    for label in numbers & {0.0, 1.0}:
        output = likelihood if label else 1 - likelihood
        if any(abs(number - output) < _CLOSE * output for number in numbers):
            return label
    return None
