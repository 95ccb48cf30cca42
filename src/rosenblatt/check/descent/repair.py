"""Names of mistakes by repair: the small change of the code that makes the updates right.

Where the gradient of a run is wrong and no formula of a known mistake gives its numbers, the usual
mistakes are undone in the file, one at each place. The change after which every update follows the
gradient, with the outputs as they were, names the mistake and its line.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from rosenblatt.check.descent.losses import sums_in
from rosenblatt.check.descent.moments import PENALTY, Moment
from rosenblatt.check.descent.replay import Replay, joined_tracks, work_of
from rosenblatt.check.descent.schedules import terms_of
from rosenblatt.check.descent.update_code import is_limited
from rosenblatt.check.edits.kinds import NO_NUMBER
from rosenblatt.check.edits.run_edits import Edit, edits, with_edits
from rosenblatt.check.numbers.compare import same
from rosenblatt.check.record.instrumentation import instrumented_tree
from rosenblatt.check.record.past import Past
from rosenblatt.check.record.recording import Choice, Event, record

MOST_WORK = 400_000
"""Recorded values, over the runs of all edits."""


SLIGHT = 0.02
"""Part of an update that a penalty of small weights may be."""

MOST_OF_OUTPUTS = 6
"""Edits of outputs that are tried; each takes the time of a whole run and of its derivatives."""

ONE = 1e-6
"""Difference of a derivative from 1 that may be an error of differences."""

REMOVED = ("activation-derivative-at-output", "loss-gradient-mismatch")
"""Mistakes that an edit may undo by leaving the slope of the outputs out."""

MISSING = ("activation-derivative-missing", "upstream-gradient-missing")
"""Mistakes that are likelier where no logarithm is in the file: the slope is missing below."""

_LOGARITHM = re.compile(r"\blog(1p|2|10)?\(|log_?softmax|logsumexp|xlogy")

MOST_ADDED = 40
"""Events that an edit may add to an update."""


def repaired(
    replay: Replay,
    moment: Moment,
    candidates: list[Any],
    last: int,
    follows: Callable[[Replay], Any],
) -> tuple[Edit, int] | None:
    """Return the first edit that makes every update right; None where there is none.

    With it comes the number of the first parameter whose update it changes.

    An edit is done after the pass of ``moment`` has begun, so that the gradients of
    ``candidates``, (key, right, gradients), still hold in it. One that gives the first update is
    tried in the whole run: ``follows`` returns the loss that all its updates follow. One of the
    outputs, such as of the axis of a softmax, is tried in the whole run at once.
    """
    source = replay.source
    start, end = moment.window[0], moment.last + MOST_ADDED
    every = edits(source, replay.events[:last], start)
    of_outputs = [edit for edit in every if edit.mistake == "softmax-wrong-axis"][:MOST_OF_OUTPUTS]
    chosen = [*of_outputs, *every]
    code = instrumented_tree(with_edits(source, chosen), replay.path)
    past = _past(replay, code, end)
    rightly = [(key, gradients[0]) for key, right, gradients in candidates if right]
    if not rightly:
        return None
    table = np.array([gradient for _, gradient in rightly])
    penalized = PENALTY.search(source.code) is not None
    terms = terms_of(replay, moment)
    # Where the norm of a gradient is limited, a change of the limit makes its factors even.
    ignored = ("constant-factor", "batch-factor") if is_limited(replay, [moment]) else ()
    fallback: tuple[Edit, int] | None = None
    for k, edit in enumerate(chosen):
        if edit.mistake in ignored or (fallback and edit.mistake not in MISSING):
            continue
        if replay.work > MOST_WORK:
            break
        recorder, _, _ = record(
            source,
            replay.path,
            replay.name,
            2.0,
            code=code,
            end=end,
            choice=Choice(k, start),
            past=past,
        )
        replay.work += work_of(recorder)
        difference = _first_difference(replay.events, recorder.events)
        if difference is None:
            continue
        moved = _moved(replay, moment, recorder.events)
        if moved is None or same(moved, moment.moved, 1e-9) or _is_of_no_gradient(moved):
            continue
        if _stops_one(moment, moved):
            continue
        if k >= len(of_outputs):
            slight = penalized and _is_nearly_a_multiple(moved, moment.moved)
            if slight and edit.mistake != "update-before-use":
                continue
            if not any(
                _is_kept(replay, moment, rightly[number][0], recorder.events)
                for others in terms
                for number in sums_in(moved, table, others)
            ):
                continue
        changed = Replay(source, replay.path, replay.name, [], code=code, choice=Choice(k, -1))
        changed.begin(last + last // 4 + 100)
        loss = follows(changed)
        if loss is not None:
            if (
                edit.mistake in REMOVED
                and _is_logistic(loss)
                and not _LOGARITHM.search(source.code)
            ):
                fallback = fallback or (edit, _first_changed(moment, moved))
                continue
            variable = edit.mistake == "constant-factor" and edit.what != NO_NUMBER
            if variable and _is_of_biases(moment, moved):
                edit = replace(edit, mistake="bias-gradient-times-input")
                variable = False
            if not variable or loss[1] is not None or loss[-1][1] == "value":
                return edit, _first_changed(moment, moved)
            # Of errors alone, the factor may be a part of the slope of a robust loss.
        replay.work += changed.work
    return fallback


def _first_changed(moment: Moment, moved: Any) -> int:
    """Return the number of the first parameter that moves otherwise."""
    return int(moment.owner[int(np.argmax(moved != moment.moved))])


def _is_logistic(loss: Any) -> bool:
    """Return whether a loss has a logarithm in it, of which only its derivative is computed."""
    return bool(re.search("logistic|softmax|cross-entropy", loss[-1][1]))


def _stops_one(moment: Moment, moved: Any) -> bool:
    """Return whether a parameter that moves stays after an edit, which took its error away."""
    return any(
        moment.moved[moment.owner == number].any() and not moved[moment.owner == number].any()
        for number in range(len(moment.tracks))
    )


def _is_of_no_gradient(moved: Any) -> bool:
    """Return whether all entries move by one number: the edit took the gradient away."""
    return moved.size > 1 and float(np.ptp(moved)) <= 1e-12 * float(np.abs(moved).max())


def _is_of_biases(moment: Moment, moved: Any) -> bool:
    """Return whether an edit only changes entries that are added as they are to what follows."""
    changed = np.flatnonzero(moved != moment.moved)
    return all(
        any(np.abs(series.slopes[entry] - 1).min() < ONE for series in moment.series)
        for entry in changed
    )


def _is_kept(replay: Replay, moment: Moment, key: Any, events: list[Event]) -> bool:
    """Return whether an edit leaves the values that a loss is made of as they are."""
    series = next(series for series in moment.series if series.key == key[0])
    value = replay.events[series.events[-1]].value
    return any(
        event.value.shape == value.shape and np.array_equal(event.value, value)
        for event in events[moment.window[0] : moment.window[1] + MOST_ADDED]
    )


def _past(replay: Replay, code: Any, end: int) -> Past | None:
    """Return what the run recorded, where the file that can do edits records the same."""
    recorder, _, _ = record(replay.source, replay.path, replay.name, 2.0, code=code, end=end)
    past = replay.past
    calls = len(recorder.past.ends)
    return past if past and past.ends[:calls] == recorder.past.ends else None


def _is_nearly_a_multiple(moved: Any, before: Any) -> bool:
    """Return whether an edit changes an update so little that it may only lose a penalty."""
    square, along = float(before @ before), float(moved @ before)
    rest = moved - before * (along / square if square else 0.0)
    # The other way, a sign was turned.
    return along >= 0 and bool(np.linalg.norm(rest) < SLIGHT * np.linalg.norm(moved))


def _moved(replay: Replay, moment: Moment, events: list[Event]) -> Any:
    """Return how far each entry of a moment moves in another run; None where it is not found."""
    tracks = joined_tracks(replay.source, events, least=1)
    # An update that moves nothing is not part of a moment, but may be that of another run.
    last = moment.last
    while last + 1 < len(replay.events) and replay.events[last + 1].updates:
        last += 1
    still = moment.last
    while still < last and np.array_equal(
        replay.events[still + 1].old, replay.events[still + 1].value
    ):
        still += 1
    aligned = _are_alike(replay.events[: still + 1], events)
    moved = np.zeros(len(moment.moved))
    for number, track in enumerate(moment.tracks):
        began = track.versions[0][0]
        own = next(
            (
                other
                for other in tracks
                if other.name == track.name
                and np.array_equal(other.first, track.first)
                # Units may begin as equals: what came before the edit tells them apart.
                and (began > moment.window[0] or other.versions[0][0] == began)
            ),
            None,
        )
        if own is None:
            return None
        # An edit may add events; the versions of a parameter are still the same ones.
        values = [track.first, *[value for _, value in track.versions]]
        count = sum(
            position <= moment.last
            or (position <= last and np.array_equal(values[k], values[k + 1]))
            for k, (position, _) in enumerate(track.versions)
        )
        if aligned and not moment.sources:
            # A first update that moved nothing is not counted, and may move something now.
            count = sum(position <= still for position, _ in own.versions)
        if not 0 < count <= len(own.versions):
            return None
        if moment.sources:
            ends = [-1, *[position for position, _ in own.versions]]
            source = moment.sources[number]
            difference = source.value(
                events[ends[count - 1] + 1 : ends[count] + 1], own.first.shape
            )
            if difference is None:
                return None
            difference = source.rate * difference
        else:
            difference = own.at(moment.window[0]) - own.versions[count - 1][1]
        chosen = moment.owner == number
        moved[chosen] = [difference[index] for index in moment.indices[number]]
    return moved


def _are_alike(events: list[Event], others: list[Event]) -> bool:
    """Return whether another run assigns the same names in the same lines, up to an event."""
    return len(others) >= len(events) and all(
        one is other or (one.line, one.name) == (other.line, other.name)
        for one, other in zip(events, others, strict=False)
    )


def _first_difference(events: list[Event], others: list[Event]) -> int | None:
    """Return the first event that an edit changes; None where it changes nothing."""
    for number, (one, other) in enumerate(zip(events, others, strict=False)):
        if one is other:
            continue
        if (one.line, one.name) != (other.line, other.name) or not np.array_equal(
            one.value, other.value
        ):
            return number
    return None
