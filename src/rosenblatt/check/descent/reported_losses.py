"""The losses that a run computes, told by their values, next to the one that its updates follow."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from rosenblatt.check.descent.findings import run_finding
from rosenblatt.check.descent.moments import Moment
from rosenblatt.check.descent.replay import Replay, Track, tracks_of
from rosenblatt.check.record.recording import Event

SQUARED, ENTROPY = "squared error", "cross-entropy"
OF_COUNTS = "Poisson loss, p − y log p"
WRONG_TERM = "cross-entropy with the wrong sign of a term"

_NEAR = 60
"""Events before a number among which are the outputs and targets that it was computed of."""

_MOST_PLACES = 40
_MOST_SIZE = 4000
_AFTER = 400
"""Events after the last update of a training in which its loss may be computed."""

_LARGEST_LOGARITHM = 20
"""The largest number of which the exponential may be a mean of counts."""

_METRIC = re.compile(r"brier|rmse|metri|devian", re.I)
_OF_SUMS = re.compile(r"logistic$|softmax|cross-entropy")


def kind_of_candidate(moment: Moment, key: Any) -> str | None:
    """Return the kind of the loss that updates follow, by its key; None for another."""
    values = next((s.value for s in moment.series if s.key == key[0]), np.zeros(0))
    return kind_of(key[-1][1], values) if values.size > 1 else None


def kind_of(used: str, values: Any) -> str | None:
    """Return the kind of a loss by its name and the outputs; None for another."""
    if _OF_SUMS.search(used):
        return ENTROPY
    if used.startswith("Poisson"):
        return OF_COUNTS
    inside = ((values > -1) & (values < 1)).all() or (values > 0).all()
    return SQUARED if used in ("squared", "residual") and inside else None


def mismatch(
    replay: Replay,
    tracks: list[Track],
    used: str | None,
    followed: set[Any],
    also: Callable[[str], bool],
) -> list[dict[str, Any]]:
    """Return a finding if updates follow none of the kinds of losses that a training computes.

    ``followed`` are the (line, name) of the numbers whose gradients the updates follow, and
    ``also`` tells whether they follow a kind: where outputs are near 1/2, both do not differ.
    """
    if used is None:
        return []
    first = min(track.versions[0][0] for track in tracks)
    last = max(track.versions[-1][0] for track in tracks)
    # Where a file trains two models, each has its own losses.
    others = {t.function for t in tracks_of(replay.events)} - {t.function for t in tracks} - {""}
    numbers = [
        (kinds, event)
        for kinds, event in _reported(replay, max(first - 1000, 0), last + _AFTER)
        if event.function not in others
    ]
    places = {(event.line, event.name) for kinds, event in numbers if kinds}
    if any(used in kinds for kinds, _ in numbers) or places & followed:
        return []
    reported = _sure(numbers)
    if not reported:
        return []
    (kind, event), *_ = reported.items()
    if also(kind):
        return []
    track = tracks[0]
    if kind == WRONG_TERM:
        finding = run_finding("sign", event.name, event.line, event.function)
        text = "One of the terms y log p and (1 − y) log(1 − p) of the loss has the wrong sign."
        return [{**finding, "text": text}]
    mistake = "loss-gradient-mismatch"
    if kind == SQUARED:
        mistake = "activation-derivative-missing"
    finding = run_finding(mistake, track.name, track.line, track.function)
    text = f"The updates move down the {used}, but line {event.line} computes the {kind}."
    return [{**finding, "text": text}]


def _place(event: Event) -> tuple[int, str]:
    """Return the line and the name of a number, which may be an entry of an array."""
    return event.line, re.sub(r"\[[^'\"\]]*\]", "", event.name)


def _sure(numbers: list[tuple[set[str], Event]]) -> dict[str, Event]:
    """Return the kinds that a place in the code computes, with a number of each.

    One number agrees with one of many kinds and arrays by chance, where others of its place do not;
    one Poisson loss is a measure of the fit.
    """
    of_place: dict[Any, set[bytes]] = {}
    agreeing: dict[Any, set[bytes]] = {}
    for kinds, event in numbers:
        of_place.setdefault(_place(event), set()).add(event.value.tobytes())
        for kind in kinds:
            agreeing.setdefault((kind, _place(event)), set()).add(event.value.tobytes())
    return {
        kind: event
        for kinds, event in numbers
        for kind in kinds
        if len(agreeing[kind, _place(event)])
        >= (2 if kind == OF_COUNTS else min(2, len(of_place[_place(event)])))
    }


def _reported(replay: Replay, first: int, last: int) -> Iterator[tuple[set[str], Event]]:
    """Yield numbers that a part of a run computes, with the kinds of losses that they may be.

    The losses are those of outputs in (0, 1), or of means of counts.
    """
    lines = replay.source.text.splitlines()
    seen: dict[Any, int] = {}
    for position in range(first, min(last, len(replay.events))):
        event = replay.events[position]
        if event.value.size != 1 or event.dtype in "iub":
            continue
        place = _place(event)
        if place not in seen and len(seen) >= _MOST_PLACES:
            continue
        seen[place] = seen.get(place, 0) + 1
        value = float(event.value.ravel()[0])
        words = f"{event.name} {event.function} {lines[event.line - 1]}"
        if seen[place] > 3 or not 0 < abs(value) < np.inf or _METRIC.search(words):
            continue
        pairs = _outputs(replay.events, position)
        found = (_kind(value, outputs, targets) for outputs, targets in pairs)
        yield {kind for kind in found if kind is not None}, event


def _outputs(events: list[Event], position: int) -> Iterator[tuple[Any, Any]]:
    """Yield outputs and targets that were computed before.

    They are numbers in (0, 1) with zeros and ones, or means of counts, or the logarithms of these.
    """
    near = _distinct(events[max(0, position - _NEAR) : position])
    early = _distinct([e for e in events[:position] if _are_counts(e.value)][:20])
    for s in near:
        if np.ptp(s) == 0:
            # Of equal outputs, a share of right answers may be the same number.
            continue
        inside, positive = bool(((s > 0) & (s < 1)).all()), bool((s > 0).all())
        for y in [*near, *early]:
            if y.size != s.size or y is s or not _are_counts(y):
                continue
            if y.max() > 1 and s.max() < _LARGEST_LOGARITHM:
                yield np.exp(s.ravel()), y.ravel()
            if inside or (positive and y.max() > 1):
                yield s.ravel(), y.ravel()


def _distinct(events: list[Event]) -> list[Any]:
    arrays = [event.value for event in events if 1 < event.value.size <= _MOST_SIZE]
    return list({(a.shape, a.tobytes()): a for a in arrays if np.isfinite(a).all()}.values())


def _are_counts(values: Any) -> bool:
    """Return whether an array has whole numbers from 0 on, such as zeros and ones."""
    whole = values.size > 1 and bool(((values >= 0) & (values == np.round(values))).all())
    return whole and values.min() < values.max()


def _kind(value: float, p: Any, y: Any) -> str | None:
    """Return the kind of a loss by its value; None where it is no usual one.

    >>> p, y = np.array([0.2, 0.7]), np.array([0.0, 1.0])
    >>> _kind(float(np.mean((p - y) ** 2)), p, y)
    'squared error'
    >>> _kind(-float(np.log(1 - 0.2) + np.log(0.7)), p, y)
    'cross-entropy'
    >>> _kind(float(np.log(1 - 0.2) - np.log(0.7)), p, y)
    'cross-entropy with the wrong sign of a term'
    >>> _kind(0.4, p, y)
    >>> _kind(float(np.mean(p - np.array([0, 2]) * np.log(p))), p, np.array([0, 2]))
    'Poisson loss, p − y log p'
    """
    sums = {SQUARED: [((p - y) ** 2).sum()]}
    if y.max() > 1:
        sums[OF_COUNTS] = [(p - y * np.log(p)).sum()]
    else:
        of_ones, of_zeros = -(y * np.log(p)).sum(), -((1 - y) * np.log(1 - p)).sum()
        sums[ENTROPY] = [of_ones, of_ones + of_zeros]
        sums[WRONG_TERM] = [of_ones - of_zeros, of_zeros - of_ones]
    for kind, values in sums.items():
        for total in values:
            ratio = value / total if total else 0.0
            if any(abs(ratio * f * n - 1) < 1e-6 for f in (1, 2) for n in _divisors(p.size)):
                return kind
    return None


def _divisors(size: int) -> list[int]:
    """Return the numbers of samples that ``size`` entries can belong to."""
    return [n for n in range(1, size + 1) if size % n == 0]
