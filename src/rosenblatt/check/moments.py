"""The updates of a run, each with the derivatives of the values that were computed before it."""

import bisect
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from rosenblatt.check.replay import MOST_ENTRIES, Replay, Track, entries

MOST_WINDOW = 3000
FEW_ENTRIES = 6
"""Entries of all parameters up to which more updates are compared."""

_TARGET = re.compile(r"(^|[._])(y|t|d|target|label|truth|expected|desired|gold|soll)", re.I)

PENALTY = re.compile(r"lam|reg|l2|decay|alpha|ridge|penal", re.I)


@dataclass
class Series:
    """Values of one place in the code, in one window, with their derivatives by the entries."""

    key: tuple[Any, ...]
    value: Any
    slopes: Any
    events: list[int]


@dataclass
class Moment:
    """One update: how far each entry moved, and the derivatives of what was computed before it.

    Attributes:
        tracks: the parameters.
        owner: the number of the track that each entry belongs to, (E,).
        moved: old value − new value of each entry, (E,).
        moved_before: the same of the update before, (E,).
        weight: the entries themselves, (E,).
        series: the values that depend on the parameters.
        targets: (key, values) of what may be targets.
        window: the event before the pass, and the first event of the update.
        last: the last event of the update.
        indices: the entries of each parameter.
        same: keys of series and of targets that were left out, and the key of the same numbers.
    """

    tracks: list[Track]
    owner: Any
    moved: Any
    moved_before: Any
    weight: Any
    series: list[Series]
    targets: list[tuple[Any, Any]]
    window: tuple[int, int]
    last: int
    indices: list[list[tuple[int, ...]]]
    same: dict[Any, Any]


def steps_of(
    tracks: list[Track], *, single: bool, taken: list[int] | None = None
) -> list[tuple[int, int]]:
    """Return (first, last) event of each step: a new one begins where an entry moves again.

    An array that only shrinks, by one factor, moves by a penalty: it may also move otherwise in the
    same step. With ``taken``, the events at which a loop takes a sample, one also begins after each
    of them.
    """
    order = sorted(
        (position, number, k)
        for number, track in enumerate(tracks)
        for k, (position, _) in enumerate(track.versions)
    )
    steps = _grouped(tracks, order, single, taken)
    late = _first_of_pass(steps) if not single else 0
    if late:
        # Parameters that did not move at first had no part in the first update.
        steps = _grouped(tracks, [o for o in order if o[0] >= late], single, taken)
    return [(step[0], step[-1]) for step in steps]


def _first_of_pass(steps: list[list[int]]) -> int:
    """Return where updates begin whose longest break is within each step; 0 for whole steps."""
    some = steps[:6]
    if len(some) < 6 or min(len(step) for step in some) < 2:
        return 0
    breaks = [max(b - a for a, b in itertools.pairwise(step)) for step in some]
    between = [after[0] - before[-1] for before, after in itertools.pairwise(some)]
    if min(breaks) < 4 or min(breaks) <= 2 * max(between):
        return 0
    return next(b for a, b in itertools.pairwise(some[0]) if b - a == breaks[0])


def _grouped(
    tracks: list[Track], order: list[tuple[int, int, int]], single: bool, taken: list[int] | None
) -> list[list[int]]:
    """Return the events of each step."""
    steps: list[list[int]] = []
    changed: dict[Any, Any] = {}
    for position, number, k in order:
        track = tracks[number]
        before = track.first if k == 0 else track.versions[k - 1][1]
        mask = before != track.versions[k][1]
        if not mask.any():
            continue
        kind = (number, _shrinks(before[mask], track.versions[k][1][mask]))
        again = kind in changed and bool((changed[kind] & mask).any())
        if taken and steps:
            again |= bisect.bisect(taken, position) > bisect.bisect(taken, steps[-1][-1])
        if single or not steps or again:
            steps.append([])
            changed = {}
        steps[-1].append(position)
        changed[kind] = mask | changed.get(kind, np.zeros(mask.shape, dtype=bool))
    return steps


def _shrinks(before: Any, after: Any) -> bool:
    """Return whether numbers are one part of what they were."""
    if before.size < 2 or not before.all():
        return False
    parts = after / before
    return bool(parts.min() > 0.5 and parts.max() < 1 and np.ptp(parts) < 1e-9)


def moments_of_each(replay: Replay, tracks: list[Track]) -> list[list[Moment]]:
    """Return moments of each track by itself, where each is updated after a pass of its own."""
    between = [
        later - earlier
        for first, last in steps_of(tracks, single=False)[:3]
        for earlier, later in itertools.pairwise(
            sorted(p for t in tracks for p, _ in t.versions if first <= p <= last)
        )
    ]
    if len(tracks) > 6 or max(between, default=0) < 4:
        return []
    return [moments_of(replay, tracks, track) for track in tracks]


def moments_of(
    replay: Replay,
    tracks: list[Track],
    only: Track | None,
    most: int = MOST_ENTRIES,
    *,
    by_sample: bool = False,
) -> list[Moment]:
    """Return up to two updates: of all tracks, or of one by itself.

    A new update begins where an entry moves again, or ``by_sample``: also after a loop has taken
    another sample.
    """
    taken = samples_taken(replay, tracks) if by_sample else None
    steps = steps_of(tracks, single=only is not None, taken=taken)
    result: list[Moment] = []
    # Weights have to grow before a penalty of them shows.
    wait = 8 if PENALTY.search(replay.source.code) and len(steps) > 20 else 1
    for number in range(1, min(len(steps), 40)):
        if len(result) == 1 and number < wait:
            continue
        first, last = steps[number]
        # An update that moves nothing ends a step as well.
        start = max([steps[number - 1][1], *(t.made for t in tracks if t.made < first)])
        own = tracks if only is None else [only]
        if only is not None and all(position != first for position, _ in only.versions):
            continue
        moving = any(not np.array_equal(t.at(start), t.at(last)) for t in own)
        if not moving or not 0 < first - start <= MOST_WINDOW:
            continue
        before = steps[number - 2][1] if number > 1 else -1
        wanted = 1 if most < MOST_ENTRIES else 2
        if sum(track.first.size for track in own) <= FEW_ENTRIES and wanted == 2:
            wanted = 5
        changed = only is not None
        moment = moment_of(replay, own, before, start, first, last, most, changed=changed)
        if moment is not None:
            result.append(moment)
        if len(result) == wanted:
            return result
    return result if len(result) > 1 or len(steps) < 4 else []


def samples_taken(replay: Replay, tracks: list[Track]) -> list[int]:
    """Return the events at which the outermost loop over values takes one, between updates."""
    updates = [position for track in tracks for position, _ in track.versions]
    lines: dict[int, list[int]] = {}
    for position in range(min(updates), max(updates)):
        if replay.events[position].taken:
            lines.setdefault(replay.events[position].line, []).append(position)
    # The loop that is farthest out takes the fewest.
    return min((p for p in lines.values() if len(p) > 2), key=len, default=[])


def moment_of(
    replay: Replay,
    tracks: list[Track],
    before: int,
    start: int,
    first: int,
    last: int,
    every: int,
    *,
    changed: bool,
) -> Moment | None:
    """Return the update from the event ``first`` on, of the pass that begins after ``start``.

    ``every`` is the number of entries of all parameters; with ``changed``, only entries that move.
    """
    some = (
        tracks
        if len(tracks) <= 12
        else [tracks[i] for i in np.linspace(0, len(tracks) - 1, 12).astype(int)]
    )
    most = max(2, every // len(some))
    owner, moved, moved_before, weight, slopes = [], [], [], [], []
    indices: list[list[tuple[int, ...]]] = [[] for _ in some]
    for number, track in enumerate(some):
        old, new, older = track.at(start), track.at(last), track.at(before)
        for index in entries(track, most):
            if replay.tired or (changed and old[index] == new[index]):
                continue
            slopes.append(replay.differences(track, start, first, index))
            owner.append(number)
            indices[number].append(index)
            moved.append(old[index] - new[index])
            moved_before.append(older[index] - old[index])
            weight.append(old[index])
    if len(set(owner)) < len(some):
        return None
    slopes = _apart(slopes, some, owner, start)
    copies = {track.at(start).tobytes() for track in some if track.first.size > 1}
    alike: dict[Any, Any] = {}
    series = [
        s
        for s in _series(replay, slopes, some[0].function, alike)
        if s.value.tobytes() not in copies
    ]
    if not series:
        return None
    dependent = {position for found in slopes for position in found}
    return Moment(
        some,
        np.array(owner),
        np.array(moved),
        np.array(moved_before),
        np.array(weight),
        series,
        _targets(replay, start, first, dependent, alike),
        (start, first),
        last,
        indices,
        alike,
    )


def _apart(
    slopes: list[dict[int, Any]], tracks: list[Track], owner: list[int], start: int
) -> list[dict[int, Any]]:
    """Return derivatives after ``start`` with all other parameters as they are.

    A plain number can only be changed where it is assigned. What is updated after that may depend
    on it: its own derivatives are taken off.
    """
    made = [track.since(start) for track in tracks]
    pure: dict[int, dict[int, Any]] = {}
    for entry in sorted(range(len(slopes)), key=lambda e: -made[owner[e]]):
        whole = slopes[entry]
        result = {position: slope for position, slope in whole.items() if position > start}
        for other, later in pure.items():
            by = whole.get(made[owner[other]])
            if made[owner[other]] <= made[owner[entry]] or by is None or np.size(by) > 1:
                continue
            for position, slope in later.items():
                result[position] = result.get(position, 0.0) - by * slope
        pure[entry] = result
    return [pure[entry] for entry in range(len(slopes))]


def _series(
    replay: Replay, slopes: list[dict[int, Any]], function: str, alike: dict[Any, Any]
) -> Iterator[Series]:
    groups: dict[Any, list[int]] = {}
    for position in sorted({position for found in slopes for position in found}):
        event = replay.events[position]
        groups.setdefault((event.line, event.name, event.function), []).append(position)
    seen: dict[Any, Any] = {}
    # The same numbers may also be computed elsewhere, for a loss that is printed now and then.
    for key, positions in sorted(groups.items(), key=lambda item: item[0][2] != function):
        choices = {"all": positions, "last": positions[-1:], "first": positions[:1]}
        for kind, chosen in choices.items():
            values = [replay.events[p].value for p in chosen]
            if len(chosen) > 1 and len({v.shape for v in values}) > 1:
                continue
            value = values[0] if len(values) == 1 else np.stack([v.ravel() for v in values])
            digest = (value.shape, value.tobytes())
            if digest in seen:
                alike[(*key, kind)] = seen[digest]
            if digest in seen or value.size > 4000 or not np.isfinite(value).all():
                continue
            seen[digest] = (*key, kind)
            zero = [np.zeros(v.size) for v in values]
            table = np.array(
                [
                    np.concatenate(
                        [np.ravel(found.get(p, z)) for p, z in zip(chosen, zero, strict=True)]
                    )
                    for found in slopes
                ]
            )
            yield Series((*key, kind), value, table, chosen)
            if len(seen) > 60:
                return


def is_target(key: Any) -> bool:
    """Return whether the key of a value has the name of a target."""
    return _TARGET.search(str(key[1])) is not None


def _targets(
    replay: Replay, start: int, end: int, dependent: set[int], alike: dict[Any, Any]
) -> list[tuple[Any, Any]]:
    """Return (key, values) of what may be targets: they do not depend on parameters."""
    groups: dict[Any, list[int]] = {}
    for position in range(start + 1, end):
        event = replay.events[position]
        if position not in dependent and event.name != "return":
            groups.setdefault((event.line, event.name), []).append(position)
    named: list[tuple[Any, Any]] = []
    other: list[tuple[Any, Any]] = []
    seen: dict[Any, Any] = {}

    def add(key: Any, value: Any) -> None:
        digest = (value.shape, value.tobytes())
        if digest in seen:
            alike[key] = seen[digest]
        elif value.size <= 4000 and np.isfinite(value).all():
            seen[digest] = key
            (named if is_target(key) else other).append((key, value))

    early: dict[str, Any] = {}
    for event in replay.events[: start + 1]:
        if event.value.size > 1 and (
            _TARGET.search(event.name) or re.search("x|data|in", event.name, re.I)
        ):
            early[event.name] = event.value
    before = {(v.shape, v.tobytes()): name for name, v in early.items() if is_target((0, name))}
    # Of two names with the same numbers, the one of a target is kept, in every update; what was
    # there before the pass keeps the name that it had.
    for key, positions in sorted(groups.items(), key=lambda item: not is_target(item[0])):
        values = [replay.events[p].value for p in positions]
        if len({v.shape for v in values}) == 1 and len(values) > 1:
            add((*key, "all"), np.stack([v.ravel() for v in values]))
        known = before.get((values[-1].shape, values[-1].tobytes()))
        if known is not None:
            add(("early", known), values[-1])
        if len(values) == 1:
            add((*key, "all"), values[0])
        add((*key, "last"), values[-1])
        add((*key, "first"), values[0])
    for name, value in list(early.items())[:60]:
        add(("early", name), value)
    return [*named, *other][:40]
