"""The updates of a run, each with the derivatives of the values that were computed before it."""

import bisect
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from rosenblatt.check.descent.replay import MOST_ENTRIES, MOST_WORK, Replay, Track, entries
from rosenblatt.check.descent.update_steps import MUCH_LONGER, steps_of
from rosenblatt.check.source.words import TARGETS, last_word

MOST_WINDOW = 8000
SHORTEST_PASS = 4
"""Events between two updates below which nothing was computed between them."""

FEW_STEPS = 20
"""Updates of which the parameters are compared."""

FEWEST_ENTRIES = 6
"""Entries below which an update tells too little, however long its pass is."""

LONG_PASS = 400
"""Events of a pass that loops over samples."""

MOST_STEPS = 400
"""Updates among which one of a sample with another label is looked for."""

SMALL_WORK = MOST_WORK // 10
"""Work of one update up to which more updates are compared."""

_TARGET = re.compile(rf"(^|[._])([ytd]|{TARGETS})", re.I)

_SINGLE = re.compile(r"\[\d+\]\[\d+\]$")
"""The name of an element of an element: in a list of pairs, what belongs to one sample."""

_LATER = re.compile(r"\[([2-9]|\d\d+)\]$")
"""The name of an entry of a list after its first two."""

MOST_SERIES = 60
"""Places of a pass of which values are compared."""

MOST_TARGETS = 40
MOST_CLASSES = 4
"""Arrays of classes whose name is that of no target, such as "spam"."""

MOST_OF_SERIES = 4000
"""Numbers of one place in a pass that are compared."""

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
        sources: where the gradients stand that took the place of the updates; [] for updates.
        code: of the file.
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
    sources: list[Any] = field(default_factory=list)
    code: str = ""


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
    most_events = _usual_length(steps)
    for number in range(1, min(len(steps), 40)):
        if len(result) == 1 and number < wait:
            continue
        first, last = steps[number]
        # An update that moves nothing ends a step as well, but not as a part of this one, which is
        # much nearer than the pass before it: an entry with an input of 0, next to the others.
        end = steps[number - 1][1]
        made = [
            t.made
            for t in tracks
            if first - t.made >= max(SHORTEST_PASS, (t.made - end) / MUCH_LONGER)
        ]
        start = max([end, *made])
        own = tracks if only is None else [only]
        if only is not None and all(position != first for position, _ in only.versions):
            continue
        moving = any(not np.array_equal(t.at(start), t.at(last)) for t in own)
        if not moving or not 0 < first - start <= min(MOST_WINDOW, most_events):
            continue
        before = steps[number - 2][1] if number > 1 else -1
        wanted = 1 if most < MOST_ENTRIES else 2
        affordable = _affordable(start, first, wanted)
        if affordable < FEWEST_ENTRIES:
            return []
        changes = min(MOST_ENTRIES, sum(track.first.size for track in own))
        if wanted == 2 and changes * _work_of_entry(start, first) < SMALL_WORK:
            wanted = 5
        changed = only is not None
        every = min(most, affordable)
        moment = moment_of(replay, own, before, start, first, last, every, changed=changed)
        if moment is not None:
            result.append(moment)
        if len(result) >= wanted:
            break
    else:
        result = result if len(result) > 1 or len(steps) < 4 else []
    if len(result) > 1 and only is None and most == MOST_ENTRIES:
        later = _other_label(replay, tracks, result, steps)
        if later is not None:
            before, start = steps[later - 2][1], steps[later - 1][1]
            other = moment_of(replay, tracks, before, start, *steps[later], every, changed=False)
            result += [] if other is None else [other]
    return result


def _other_label(
    replay: Replay, tracks: list[Track], moments: list[Moment], steps: list[tuple[int, int]]
) -> int | None:
    """Return a step of a sample with another label, where those of all moments have one label.

    Where all samples have one label, a step up the gradient of an output is one down that of a
    loss.
    """
    places = [key[:2] for key, y in moments[0].targets if y.size == 1 and is_target(key)]
    for place in places:
        if any((event.line, event.name) == place and event.updates for event in replay.events):
            continue
        labels = [_last_at(replay, place, *moment.window) for moment in moments]
        if None in labels or len(set(labels)) > 1:
            continue
        for number in range(2, min(len(steps), MOST_STEPS)):
            start, first = steps[number - 1][1], steps[number][0]
            moving = any(not np.array_equal(t.at(start), t.at(steps[number][1])) for t in tracks)
            if moving and SHORTEST_PASS <= first - start <= MOST_WINDOW:
                label = _last_at(replay, place, start, first)
                if label is not None and label != labels[0]:
                    return number
    return None


def _last_at(replay: Replay, place: tuple[int, str], start: int, end: int) -> float | None:
    """Return the last number that a place of the code gives between two events."""
    for event in reversed(replay.events[start + 1 : end]):
        if (event.line, event.name) == place and event.value.size == 1:
            return float(event.value.ravel()[0])
    return None


def _usual_length(steps: list[tuple[int, int]]) -> float:
    """Return how many events a pass has that computes nothing but its update.

    Where a loop over all samples also computes a loss to print, its values are those of two passes.
    """
    lengths = [first - end for (_, end), (first, _) in itertools.pairwise(steps[:40])]
    usual = float(np.median(lengths)) if len(lengths) > 2 else np.inf
    return 1.2 * usual if usual > LONG_PASS else np.inf


def differs_by_sample(replay: Replay, tracks: list[Track]) -> bool:
    """Return whether updates told apart by sample are others, with a pass between them."""
    together = steps_of(tracks, single=False)
    apart = steps_of(tracks, single=False, taken=samples_taken(replay, tracks))
    pairs = list(itertools.pairwise(apart))
    # Where a loop takes parameters, nothing is computed between their updates, and each is another.
    between = [later[0] - earlier[1] for earlier, later in pairs]
    moving = [{k for k, t in enumerate(tracks) if _moves(t, step)} for step in apart[:FEW_STEPS]]
    return (
        apart != together
        and float(np.median(between or [0])) >= SHORTEST_PASS
        and any(one & other for one, other in itertools.pairwise(moving))
    )


def _moves(track: Track, step: tuple[int, int]) -> bool:
    """Return whether a parameter is updated in a step."""
    return any(step[0] <= position <= step[1] for position, _ in track.versions)


def has_rows_by_sample(replay: Replay, tracks: list[Track]) -> bool:
    """Return whether several samples update other rows of one parameter in one update.

    Such an update holds several passes. Layers that a loop takes are other parameters.
    """
    taken = samples_taken(replay, tracks)
    together, apart = (
        [first for first, _ in steps_of(tracks, single=False, taken=events)]
        for events in (None, taken)
    )
    for track in tracks:
        places = {(bisect.bisect(together, p), bisect.bisect(apart, p)) for p, _ in track.versions}
        if len(places) > len({place for place, _ in places}):
            return True
    return False


def _affordable(start: int, first: int, moments: int) -> int:
    """Return how many entries half of the work is enough for, where a pass is long."""
    return MOST_WORK // 2 // (_work_of_entry(start, first) * moments)


def _work_of_entry(start: int, first: int) -> int:
    """Return the work of the two runs that change one entry."""
    return 2 * (first - start + start // 10 + 200)


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
    many = min(12, every)
    some = (
        tracks
        if len(tracks) <= many
        else [tracks[i] for i in np.linspace(0, len(tracks) - 1, many).astype(int)]
    )
    most = max(2, every // len(some))
    owner, moved, moved_before, weight, slopes = [], [], [], [], []
    indices: list[list[tuple[int, ...]]] = [[] for _ in some]
    for number, track in enumerate(some):
        old, new, older = track.at(start), track.at(last), track.at(before)
        for index in entries(track, most, old != new):
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
        code=replay.source.code,
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
    crowded = len(groups) > MOST_SERIES // 3

    def order(item: tuple[Any, list[int]]) -> tuple[bool, bool]:
        # The same numbers may also be computed elsewhere, for a loss that is printed now and then.
        # Of many steps in time, each has its own entry in the lists of their values.
        return crowded and _LATER.search(item[0][1]) is not None, item[0][2] != function

    for key, positions in sorted(groups.items(), key=order):
        choices = {"all": positions, "last": positions[-1:], "first": positions[:1]}
        for kind, chosen in choices.items():
            values = [replay.events[p].value for p in chosen]
            if len(chosen) > 1 and len({v.shape for v in values}) > 1:
                continue
            value = values[0] if len(values) == 1 else np.stack([v.ravel() for v in values])
            if value.size > MOST_OF_SERIES or not np.isfinite(value).all():
                continue
            zero = [np.zeros(v.size) for v in values]
            table = np.array(
                [
                    np.concatenate(
                        [np.ravel(found.get(p, z)) for p, z in zip(chosen, zero, strict=True)]
                    )
                    for found in slopes
                ]
            )
            # With a bias of 0, a sum is the same with and without it, and its slopes are not.
            digest = (value.shape, value.tobytes(), (np.round(table, 6) + 0.0).tobytes())
            if digest in seen:
                alike[(*key, kind)] = seen[digest]
                continue
            seen[digest] = (*key, kind)
            yield Series((*key, kind), value, table, chosen)
            if len(seen) > MOST_SERIES:
                return


def is_target(key: Any) -> bool:
    """Return whether the key of a value has the name of a target."""
    return _TARGET.search(str(key[1])) is not None


def _targets(
    replay: Replay, start: int, end: int, dependent: set[int], alike: dict[Any, Any]
) -> list[tuple[Any, Any]]:
    """Return (key, values) of what may be targets: they do not depend on parameters."""
    groups: dict[Any, list[int]] = {}
    # What is counted or added up in a run is no target, under its own name or that of an argument.
    counts = {
        last_word(event.name)
        for event in replay.events[: end + 1]
        if event.updates
        and event.value.size == 1
        and (event.dtype == "i" or not is_target((0, event.name)))
    }
    for position in range(start + 1, end):
        event = replay.events[position]
        is_count = event.value.size == 1 and last_word(event.name) in counts
        if position not in dependent and event.name != "return" and not is_count:
            groups.setdefault((event.line, event.name), []).append(position)
    named: list[tuple[Any, Any]] = []
    other: list[tuple[Any, Any]] = []
    single: list[tuple[Any, Any]] = []
    seen: dict[Any, Any] = {}

    def add(key: Any, value: Any) -> None:
        digest = (value.shape, value.tobytes())
        if digest in seen:
            alike[key] = seen[digest]
        elif value.size <= 4000 and np.isfinite(value).all():
            seen[digest] = key
            kind = single if _SINGLE.search(key[1]) else named if is_target(key) else other
            kind.append((key, value))

    early: dict[str, Any] = {}
    classes: dict[str, Any] = {}
    for event in replay.events[: start + 1]:
        if event.value.size > 1:
            named_so = _TARGET.search(event.name) or re.search("x|data|in", event.name, re.I)
            if named_so or _are_classes(event.value):
                (early if named_so else classes)[event.name] = event.value
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
    # A list of samples has many entries; the array that is made of them comes after it.
    for name, value in sorted(early.items(), key=lambda item: "[" in item[0])[:60]:
        add(("early", name), value)
    for name, value in [item for item in classes.items() if "[" not in item[0]][:MOST_CLASSES]:
        add(("early", name), value)
    return [*named, *other, *single][:MOST_TARGETS]


def _are_classes(value: Any) -> bool:
    """Return whether an array has the numbers of two classes, or of a few."""
    if value.size > MOST_OF_SERIES or not np.isfinite(value).all():
        return False
    if (value != np.round(value)).any() or np.abs(value).max() >= 10:
        return False
    return 1 < len(np.unique(value)) <= min(10, value.size - 1)
