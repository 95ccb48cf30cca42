"""Derivatives of the values of a run: it is repeated with a changed parameter.

Nothing has to be known about how the file computes its values. A run is deterministic, so that
every recorded value of the repeated run belongs to one of the first run, and their difference is
the value's derivative by that parameter.
"""

import ast
import bisect
import itertools
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np

from rosenblatt.check.descent.moving_loops import joined
from rosenblatt.check.numbers.compare import ratio
from rosenblatt.check.record.instrumentation import instrumented
from rosenblatt.check.record.past import Past
from rosenblatt.check.record.recording import Choice, Event, Recorder, Shift, record
from rosenblatt.check.source.text import Source
from rosenblatt.check.source.words import FROZEN, last_word

STEP = 1e-5
MOST_EVENTS = 20_000
MOST_WORK = 300_000
"""Recorded values, over all repeated runs."""

MOST_ENTRIES = 48
"""Entries of all parameters that are changed, one after the other."""

MOST_UNMOVED = 4

_FROZEN = re.compile(FROZEN, re.I)

_STATE = re.compile(
    r"(?i:vel|moment|cache|grad|h_?prev|h_?last|hidden_?state)|(^|[._])([mvg]|[dg][A-Z]\w*|d(?!ec)[a-z]\w?|nabla\w*)\d?(\[|$)"
    r"|\[['\"][mvg]\d?['\"]\]\["
)
_OF_NUMBER = re.compile(r"(?:.*\.)?[mvs]_?d?_?([A-Za-z]\w*)")
"""Names of the state of a number, and in it that of the number: m_w, v_dw, self.mb."""

_UNIT = re.compile(r"(self\.)?(h|z|x|out|state)")
"""Names of arrays that are the values of units, such as the state of a recurrent network."""

_SLOPE = re.compile(r"[mvg]\d?")
"""Names of the slope of a line, or of an optimizer's state where a parameter has its shape."""


@dataclass(eq=False)
class Track:
    """A value that is updated again and again.

    Attributes:
        name: its name in the code.
        line: the line of its first update.
        first: its value before the first update.
        versions: (event, value) of each update.
        made: the last update before them, which did not move it; −1 for none.
    """

    name: str
    line: int
    first: Any
    owner: Any
    function: str
    versions: list[tuple[int, Any]] = field(default_factory=list)
    made: int = -1

    def at(self, position: int) -> Any:
        """Return the value after the event at ``position``."""
        value = self.first
        for start, version in self.versions:
            if start > position:
                break
            value = version
        return value

    def since(self, position: int) -> int:
        """Return the event that made the value that holds after ``position``; −1 for the first."""
        made = self.made if self.made <= position else -1
        return max((start for start, _ in self.versions if start <= position), default=made)


def tracks_of(events: list[Event], least: int = 2) -> list[Track]:
    """Return everything that is updated at least twice, linked by its holder and its value."""
    tracks: list[Track] = []
    current: dict[Any, list[Track]] = {}
    last_of_owner: dict[Any, int] = {}
    unmoved: dict[Any, int] = {}
    taken: dict[Any, int] = {}
    spans: dict[Any, tuple[int, int]] = {}
    for position, event in enumerate(events[:MOST_EVENTS]):
        if event.updates and event.old is not None:
            last_of_owner[(event.owner, event.old.tobytes())] = position
            spans[event.owner] = spans.get(event.owner, (position, 0))[0], position
    for position, event in enumerate(events[:MOST_EVENTS]):
        if not event.updates or event.old is None:
            continue
        if event.old.shape != event.value.shape:
            if event.old.size == 1:
                # A bias that begins as the number 0 becomes an array by its first update.
                unmoved[event.owner] = position
            continue
        if event.dtype in "iub" or event.single or not event.value.size:
            continue
        if not (np.isfinite(event.value).all() and np.isfinite(event.old).all()):
            continue
        if _is_shuffled(event):
            continue
        before = (event.old.shape, event.old.tobytes())
        after = (event.value.shape, event.value.tobytes())
        same = current.get(before, [])
        track = next((t for t in same if t.owner == event.owner), None)
        if track is None:
            # A changed copy does not continue what its original will continue itself.
            same = [t for t in same if last_of_owner.get((t.owner, before[1]), -1) <= position]
        if track is None and before == after:
            track = next((t for t in same if _is_succeeded(t, event, position, spans)), None)
            if track is None:
                unmoved[event.owner] = position
                continue
        # From zeros, a velocity and the parameter that it moves get the same value.
        sure = event.value.size > 1 and event.old.any()
        made = [t for t in current.get(after, ()) if sure or t.function != event.function]
        if track is None and not same and made:
            # A function has made this update already, and the caller takes its result. It may also
            # be the first update of a bias, which begins at 0 as its velocity does.
            taken[event.owner] = position
            continue
        if track is None:
            track = next((t for t in same if t.name == event.name), None)
        if track is None and same and len({id(t) for t in same}) == 1 and event.value.size > 1:
            track = same[0]
        if track is None:
            track = Track(event.name, event.line, event.old, event.owner, event.function)
            track.made = unmoved.get(event.owner, -1)
            tracks.append(track)
            before_it = events[taken.get(event.owner, position)]
            if before_it is not event and np.array_equal(before_it.value, event.old):
                track.first = before_it.old
                track.versions.append((taken[event.owner], before_it.value))
        else:
            current[before].remove(track)
        track.owner = event.owner
        track.versions.append((position, event.value))
        current.setdefault(after, []).append(track)
    for track in tracks:
        _begin_after_scaling(track, events)
    return [track for track in tracks if len(track.versions) >= least]


def _begin_after_scaling(track: Track, events: list[Event]) -> None:
    """Leave a multiple of the initial numbers, as in ``W *= 0.1``, out of the updates."""
    lines = [events[position].line for position, _ in track.versions]
    if len(lines) > 1 and lines[0] not in lines[1:] and np.size(track.first) > 1:
        position, value = track.versions[0]
        if ratio(value, track.first) is not None:
            track.first, track.made, track.line = value, position, lines[1]
            track.versions = track.versions[1:]


def _is_succeeded(
    track: Track, event: Event, position: int, spans: dict[Any, tuple[int, int]]
) -> bool:
    """Return whether a new object takes the place of that of a track.

    A run that takes over what another one recorded makes the objects of that one again. At 0, a
    bias of one number is a new one.
    """
    ended = spans[track.owner][1] < position == spans[event.owner][0]
    held = event.value.size > 1 or bool(event.value.any())
    return held and ended and track.name == event.name


def joined_tracks(source: Source, events: list[Event], least: int = 2) -> list[Track]:
    """Return the tracks of a run, in which what a loop moves again and again is one update."""
    tracks = tracks_of(events, least)
    sums: Counter[tuple[int, str]] = Counter()
    for track in tracks:
        track.versions = joined(track.line, track.first, track.versions, events, source)
        sums[track.line, track.function] += 1 if len(track.versions) < least else -1
    # A sum that begins with the number at which the one before ended seems to go on.
    return [
        track
        for track in tracks
        if len(track.versions) >= least and sums[track.line, track.function] <= 0
    ]


def _is_shuffled(event: Event) -> bool:
    """Return whether a value has the numbers of the one before in another order, as samples."""
    new, old = event.value, event.old
    # Sorting takes long where there are many; an update changes the largest or the smallest.
    if new.size < 6 or new.max() != old.max() or new.min() != old.min():
        return False
    if np.array_equal(new, old):
        return False
    return bool(np.array_equal(np.sort(new, axis=None), np.sort(old, axis=None)))


class Replay:
    """A recorded run that can be repeated with changed values."""

    def __init__(
        self,
        source: Source,
        path: Path,
        name: str,
        events: list[Event],
        *,
        code: Any = None,
        choice: Choice | None = None,
        past: Past | None = None,
    ) -> None:
        self.path, self.name, self.events = path, name, events
        self.past = past
        self.source = source
        self.code = instrumented(self.source, path) if code is None else code
        self.choice = choice
        self.work = 0

    def begin(self, end: int) -> None:
        """Record the run up to the event ``end``, for the runs that repeat it."""
        recorder = self._recorded(None, end)
        self.events, self.past = list(recorder.events), recorder.past

    def run(self, shift: Shift, end: int) -> list[Event]:
        """Return the events of a run with one value changed, up to the event ``end``."""
        return list(self._recorded(shift, end).events)

    def _recorded(self, shift: Shift | None, end: int) -> Recorder:
        recorder, _, _ = record(
            self.source,
            self.path,
            self.name,
            2.0,
            code=self.code,
            shift=shift,
            end=end,
            choice=self.choice,
            past=None if shift is None else self.past,
        )
        self.work += work_of(recorder)
        return cast(Recorder, recorder)

    @property
    def tired(self) -> bool:
        """Whether the runs together were long enough."""
        return self.work > MOST_WORK

    def shift(self, track: Track, moment: int, delta: Any) -> Shift:
        """Return the change of a track's value that holds after the event ``moment``."""
        start = track.since(moment)
        value = track.at(moment)
        copies = [
            position
            for position in range(max(start, 0), moment + 1)
            if self.events[position].value.shape == value.shape
            and np.array_equal(self.events[position].value, value)
            and not self.events[position].single
        ]
        if value.ndim == 0:
            copies, moment = [start], start
        return Shift(frozenset(copies), moment, delta)

    def changed(self, track: Track, moment: int, end: int) -> list[int]:
        """Return the events up to ``end`` whose values depend on a track's value."""
        rng = np.random.default_rng(len(track.name))
        value = track.at(moment)
        size = 1e-4 * max(1.0, float(np.abs(value).max()))
        delta = size * rng.uniform(0.5, 1, value.shape)
        return self._changed(self.run(self.shift(track, moment, delta), end), moment, end)

    def uses_unchanged(self, track: Track, moment: int, end: int) -> list[int]:
        """Return the events between ``moment`` and ``end`` that depend on a track's first array.

        All arrays that had its name and its value are changed after ``moment``. There are no such
        events if one of them is not what it was any more.
        """
        value = track.first
        copies = [
            position
            for position, event in enumerate(self.events[: moment + 1])
            if event.name == track.name and np.array_equal(event.value, value)
        ]
        delta = 1e-4 * max(1.0, float(np.abs(value).max())) * np.linspace(0.5, 1, value.size)
        recorder = self._recorded(Shift(frozenset(copies), moment, delta.reshape(value.shape)), end)
        if not all(np.array_equal(held, value) for held in recorder.held_values):
            return []
        return self._changed(recorder.events, moment, end)

    def _changed(self, other: list[Event], moment: int, end: int) -> list[int]:
        """Return the events between ``moment`` and ``end`` that have another value in a run."""
        result = []
        for position in range(moment + 1, min(end, len(other), len(self.events))):
            mine, theirs = self.events[position], other[position]
            if not _same_place(mine, theirs):
                break
            if not np.array_equal(mine.value, theirs.value):
                result.append(position)
        return result

    def differences(
        self, track: Track, moment: int, end: int, index: tuple[int, ...]
    ) -> dict[int, Any]:
        """Return the derivatives by one entry of the events up to ``end``, without zeros.

        They begin after ``moment``; those by a plain number after the event that made it.
        """
        h = STEP * max(1.0, abs(float(track.at(moment)[index])))
        found = self._differences(track, moment, end, index, h)
        bent = [position for position, (_, bend) in found.items() if bend.any()]
        # With a smaller step, the bend of a kink stays, and that of a curve vanishes.
        closer = self._differences(track, moment, bent[-1] + 1, index, h / 10) if bent else {}
        result = {}
        for position, (slope, bend) in found.items():
            if bend.any() and position in closer:
                slope = np.where(bend, closer[position][0], slope)
                bend = bend & closer[position][1]
            result[position] = np.where(bend, np.nan, slope)
        return result

    def _differences(
        self, track: Track, moment: int, end: int, index: tuple[int, ...], h: float
    ) -> dict[int, tuple[Any, Any]]:
        """Return (slope, whether it is bent) of the events up to ``end`` that change."""
        runs = []
        for sign in (1, -1):
            delta = np.zeros(track.at(moment).shape)
            delta[index] = sign * h
            shift = self.shift(track, moment, delta)
            runs.append(self.run(shift, end))
        result = {}
        sides: list[tuple[int, list[Event]]] = [(1, runs[0]), (-1, runs[1])]
        for position in range(shift.moment + 1, end):
            mine = self.events[position]
            sides = [
                (sign, run)
                for sign, run in sides
                if position < len(run) and _same_place(mine, run[position])
            ]
            if not sides:
                break
            changes = [(sign, run[position].value - mine.value) for sign, run in sides]
            slope = sum(sign * change for sign, change in changes) / (len(changes) * h)
            if slope.any():
                bend = sum(change for _, change in changes) / h
                smooth = 2 * h * np.abs(mine.value).max()
                kink = np.abs(bend) > np.maximum(2e-4 * np.abs(slope), max(2e-9, smooth))
                # At the very edge of a decision, only one of the runs decides as the file does.
                result[position] = slope, kink & (len(changes) > 1)
        return result


def work_of(recorder: Recorder) -> int:
    """Return the work of a run: its recorded values, and a part of those that it took over."""
    return len(recorder.events) - recorder.known_events * 9 // 10 + 200


def _same_place(a: Event, b: Event) -> bool:
    return (a.line, a.name, a.value.shape) == (b.line, b.name, b.value.shape)


def parameters(replay: Replay) -> list[Track]:
    """Return the tracks that the forward pass depends on: no velocities, sums or gradients."""
    result: list[Track] = []
    known: dict[Any, bool] = {}
    tracks = joined_tracks(replay.source, replay.events)
    scaled = _scaled(replay.source)
    for track in [t for t in tracks if not _is_state(t, tracks)]:
        if track.first.size == 1 and track.name in scaled:
            continue
        group = (track.line, track.function, track.first.shape)
        if group not in known:
            known[group] = (
                len(known) < 24 and not replay.tired and _is_parameter(replay, track, tracks)
            )
        if known[group]:
            result.append(track)
    # Of one number, it does not show whether the next update depends on it, or the pass before it.
    states = {
        group[:2]
        for group, found in known.items()
        if not found and np.prod(group[2], dtype=int) > 1
    }
    result = [t for t in result if t.first.size > 1 or (t.line, t.function) not in states]
    lines = replay.source.text.splitlines()
    result = [t for t in result if not any(_proposes(t, other, lines) for other in result)]
    lasting = _lasting(result)
    if _FROZEN.search(replay.source.code):
        return lasting
    places = {(track.line, track.function) for track in lasting}
    still = [t for t in unmoved_tracks(replay.events) if (t.line, t.function) in places]
    return lasting + [t for t in still[:MOST_UNMOVED] if _is_parameter(replay, t, tracks)]


def _proposes(track: Track, other: Track, lines: list[str]) -> bool:
    """Return whether a track is only tried, and a parameter takes its values where they are better.

    For instance ``trial = w - step``, then ``w = trial`` where the loss of ``trial`` is smaller.
    """
    values = [*reversed(track.versions), (-1, track.first)]
    made = {value.tobytes(): position for position, value in values}
    taken = [(position, made.get(value.tobytes())) for position, value in other.versions]
    before = all(first is not None and first < position for position, first in taken)
    # Of equal parameters, none takes the other's value.
    read = re.search(rf"=.*\b{re.escape(track.name)}(?!\w)", lines[other.line - 1]) is not None
    # Two that one line updates may be equal: a, b = a - rate * da, b - rate * db.
    apart = track.name != other.name and track.line != other.line
    return read and apart and track.first.shape == other.first.shape and before


def _scaled(source: Source) -> set[str]:
    """Return what the code updates by factors only, such as a learning rate: rate *= 0.5."""
    factors: dict[str, list[bool]] = {}
    for node in ast.walk(source.tree):
        if isinstance(node, ast.AugAssign):
            text, operator = ast.unparse(node.target), node.op
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.BinOp):
            text, operator = ast.unparse(node.targets[0]), node.value.op
            if text not in (ast.unparse(node.value.left), ast.unparse(node.value.right)):
                continue
        else:
            continue
        factors.setdefault(text, []).append(isinstance(operator, ast.Mult | ast.Div))
    return {text for text, are_factors in factors.items() if all(are_factors)}


def unmoved_tracks(events: list[Event]) -> list[Track]:
    """Return what is updated at least twice and is never moved, such as by a gradient of 0."""
    tracks: dict[Any, Track] = {}
    moved: set[Any] = set()
    for position, event in enumerate(events[:MOST_EVENTS]):
        if not event.updates or event.old is None or event.dtype in "iub" or event.single:
            continue
        if not np.array_equal(event.old, event.value) or not event.value.size:
            moved.add(event.owner)
            continue
        track = Track(event.name, event.line, event.value, event.owner, event.function)
        track = tracks.setdefault(event.owner, track)
        if not np.array_equal(event.value, track.first):
            # A new array took the place of one that is gone.
            moved.add(event.owner)
        track.versions.append((position, event.value))
    return [t for owner, t in tracks.items() if owner not in moved and len(t.versions) > 1]


def _lasting(tracks: list[Track]) -> list[Track]:
    """Leave out tracks that get a new first value between two updates of another track.

    A pass changes such values again and again: the sum of a gradient, or what a loop hands on from
    layer to layer.
    """
    groups: dict[Any, list[Track]] = {}
    for track in tracks:
        groups.setdefault((track.line, track.function, track.first.shape), []).append(track)
    passing: set[int] = set()
    for members in groups.values():
        ends = [(track.versions[0][0], track.versions[-1][0]) for track in members]
        for other in tracks if len(members) > 1 else ():
            updates = [position for position, _ in other.versions]
            gaps = [(bisect.bisect(updates, a), bisect.bisect(updates, b)) for a, b in ends]
            if all(a == b for a, b in gaps) and len(set(gaps)) == len(gaps):
                passing |= {id(track) for track in members}
    return [track for track in tracks if id(track) not in passing]


def _is_state(track: Track, tracks: list[Track]) -> bool:
    """Return whether a track has the name of a state of the training, such as a velocity."""
    if _SLOPE.fullmatch(track.name) and not any(
        other.name != track.name and track.first.ndim > 0 and other.first.shape == track.first.shape
        for other in tracks
    ):
        # The state of an optimizer has the shape of a parameter.
        return False
    of = _OF_NUMBER.fullmatch(track.name) if track.first.size == 1 else None
    alike = [other for other in tracks if other.first.shape == track.first.shape]
    if of is not None and any(last_word(other.name) == of[1] for other in alike):
        return True
    unit = track.first.ndim > 0 and _UNIT.fullmatch(track.name) is not None
    return unit or _STATE.search(track.name) is not None


def _is_parameter(replay: Replay, track: Track, tracks: list[Track]) -> bool:
    moment, end = _pass_after(track, tracks, replay.events)
    end = min(end, moment + 3000)
    # Sums that a pass forms of the parameter are updated too, but not as often, or in it alone.
    often = len(track.versions) // 2
    others = {
        position
        for other in tracks
        if other is not track and len(other.versions) > often
        if not moment < other.versions[0][0] <= other.versions[-1][0] < end
        for position, _ in other.versions
    }
    for number, position in enumerate(replay.changed(track, moment, end)):
        event = replay.events[position]
        if position in others:
            if event.name != track.name:
                return False
            continue
        # An entry of a list is recorded before the list. Nothing is computed from a velocity first.
        after = replay.events[position + 1] if position + 1 in others else None
        if number == 0 and after is not None and event.name.startswith(f"{after.name}["):
            return False
        copied = np.array_equal(event.value, track.at(moment)) and not event.updates
        if copied or event.name == track.name or event.name.startswith(f"{track.name}["):
            continue
        if event.value.shape != track.first.shape or track.first.size == 1:
            return True
    return False


def _pass_after(track: Track, tracks: list[Track], events: list[Event]) -> tuple[int, int]:
    """Return the events of the first two updates between which there is a pass.

    A list may be updated one entry after the other, and a penalty may follow an update at once.
    Before its second update, a bias that begins at 0 is what its velocity is: where a pass is there
    in which no other track has the same value, the first of these is returned.
    """
    positions = [position for position, _ in track.versions[: track.first.size + 2]]
    every = list(itertools.pairwise(positions))
    lengths = {gap: _computed(events, *gap) for gap in _rounds(track) or every}
    if not any(lengths.values()):
        # One row may move first, and another one again, in one update.
        lengths = {gap: _computed(events, *gap) for gap in every}
    if not any(lengths.values()):
        lengths = {(start, end): end - start for start, end in every}
    passes = [gap for gap, length in lengths.items() if 2 * length >= max(lengths.values())]
    if track.first.size == 1:
        return passes[0]
    others = [o for o in tracks if o is not track and o.first.shape == track.first.shape]
    apart = [
        (start, end)
        for start, end in passes[:4]
        if not any(np.array_equal(other.at(start), track.at(start)) for other in others)
    ]
    return (apart or passes)[0]


def _rounds(track: Track) -> list[tuple[int, int]]:
    """Return the events between which a track has been updated once: its next changes it again.

    Such a pass begins after the last of the updates of single entries, not between two of them.
    """
    result = []
    moved = np.zeros(track.first.shape, dtype=bool)
    before, last = track.first, -1
    for position, value in track.versions[: track.first.size + 2]:
        changed = value != before
        if (changed & moved).any():
            result.append((last, position))
            moved[...] = False
        moved |= changed
        before, last = value, position
    return result


def _computed(events: list[Event], start: int, end: int) -> int:
    """Return how many values between two events are no moves, nor taken from a sequence."""
    return sum(
        not (event.updates or event.taken or (after.updates and event.name.startswith(after.name)))
        for event, after in itertools.pairwise(events[start + 1 : end + 1])
    )


def entries(track: Track, most: int, moving: Any = None) -> list[tuple[int, ...]]:
    """Return indices of a track that are spread over it.

    Half of them are ``moving``, where an update leaves most entries as they are.
    """
    every: Iterator[tuple[int, ...]] = np.ndindex(track.first.shape)
    indices = list(every)
    if len(indices) <= most:
        return indices
    if moving is not None and 0 < moving.sum() < len(indices) // 2:
        some = [index for index in indices if moving[index]]
        rest = [index for index in indices if not moving[index]]
        half = _spread(some, max(1, most // 2))
        return sorted([*half, *_spread(rest, most - len(half))])
    return _spread(indices, most)


def _spread(indices: list[tuple[int, ...]], most: int) -> list[tuple[int, ...]]:
    places = np.unique(np.linspace(0, len(indices) - 1, min(most, len(indices))).astype(int))
    return [indices[place] for place in places]
