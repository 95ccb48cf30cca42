"""The recorded gradients that a usual rule with a state turns into the updates of a run.

Momentum, RMSProp or Adam hide the gradient: an update is not a multiple of it. The array from which
such a rule gives the first updates of a parameter is the gradient that the file computes. It
replaces the update, so that the comparison with plain gradient descent applies to it.
"""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rosenblatt.check.descent.moments import Moment
from rosenblatt.check.descent.replay import Replay, Track
from rosenblatt.check.descent.stateful_updates import CLOSE, hypers_of
from rosenblatt.check.descent.update_steps import ends_of
from rosenblatt.check.numbers.compare import same
from rosenblatt.check.optimizers.rules import Rule, right_rules, updates
from rosenblatt.check.optimizers.steps import Hyper
from rosenblatt.check.record.recording import Event

MOST_STEPS = 5
FEWEST_STEPS = 3
MOST_ALIKE = 8
"""Arrays of one place in the code and one shape that are told apart in one update."""

FEW = 6
"""Entries of a parameter that a rule is tried on."""


@dataclass(frozen=True)
class GradientSource:
    """Where a parameter's gradient stands among the events between two of its updates.

    Attributes:
        line: of the event, as its name and function.
        back: 1 for the last such event of the parameter's shape, 2 for the one before.
        rate: the learning rate of the rule.
        broadcast: whether arrays of fewer numbers count too, which NumPy repeats in the update.
    """

    line: int
    name: str
    function: str
    back: int
    rate: float
    broadcast: bool = False

    def value(self, events: list[Event], shape: tuple[int, ...]) -> Any:
        """Return the gradient among some events; None where it is not there."""
        own = [
            event.value
            for event in events
            if event.line == self.line
            and event.name == self.name
            and event.function == self.function
            and (event.value.shape == shape or (self.broadcast and _is_repeated(event, shape)))
        ]
        return np.broadcast_to(own[-self.back], shape) if len(own) >= self.back else None


def _is_repeated(event: Event, shape: tuple[int, ...]) -> bool:
    """Return whether an array has fewer numbers than a shape, to which NumPy repeats them."""
    own = event.value.shape
    return len(own) <= len(shape) and all(
        width in (1, whole) for width, whole in zip(reversed(own), reversed(shape), strict=False)
    )


def with_gradients(replay: Replay, moments: list[Moment]) -> list[Moment] | None:
    """Return moments whose updates are gradients times the rate; None where no rule fits."""
    tracks = moments[0].tracks
    order = sorted(range(len(tracks)), key=lambda number: -tracks[number].first.size)
    ways = [(h, rule) for h in hypers_of(replay) for rule in right_rules(h)]
    sources: dict[int, GradientSource] = {}
    for number in order:
        found = _source_of(replay, tracks[number], ways)
        if found is None:
            return None
        sources[number], way = found
        ways = [way]
    return moved_by(replay, moments, [sources[number] for number in range(len(tracks))])


def moved_by(
    replay: Replay, moments: list[Moment], sources: list[GradientSource]
) -> list[Moment] | None:
    """Return moments with the gradients of ``sources``; None where one is missing."""
    result = []
    for moment in moments:
        moved, before = np.zeros(len(moment.moved)), np.zeros(len(moment.moved))
        for number, (track, source) in enumerate(zip(moment.tracks, sources, strict=True)):
            chosen = moment.owner == number
            ends = [-1, *ends_of(track)]
            k = next((k for k, end in enumerate(ends) if moment.window[1] <= end), 0)
            if not 1 < k < len(ends) or ends[k] > moment.last:
                return None
            for values, step in ((moved, k), (before, k - 1)):
                events = replay.events[ends[step - 1] + 1 : ends[step] + 1]
                gradient = source.value(events, track.first.shape)
                if gradient is None:
                    return None
                indices = moment.indices[number]
                values[chosen] = [source.rate * gradient[index] for index in indices]
        result.append(replace(moment, moved=moved, moved_before=before, sources=sources))
    return result


def _source_of(
    replay: Replay, track: Track, ways: list[tuple[Hyper, Rule]]
) -> tuple[GradientSource, tuple[Hyper, Rule]] | None:
    """Return where a parameter's gradient stands, and the rule that gives its first updates."""
    ends = ends_of(track)[:MOST_STEPS]
    if len(ends) < FEWEST_STEPS:
        return None
    values = [track.first, *map(track.at, ends)]
    moves = [after - before for before, after in itertools.pairwise(values)]
    largest = np.argsort(-np.abs(moves[1]).ravel(), kind="stable")[:FEW]
    windows = [replay.events[start + 1 : end + 1] for start, end in itertools.pairwise([-1, *ends])]
    start = track.first.ravel()[largest]
    few_moves = [move.ravel()[largest] for move in moves]
    tried = set()
    statement = replay.source.text.splitlines()[track.line - 1]
    # Of two arrays with the same numbers, the gradient is the one that the update reads.
    every = sorted(
        _places(windows[1], track), key=lambda place: not _is_read(place.name, statement)
    )
    if len(ways) == 1:
        # With the rule of a larger parameter, few numbers of a gradient say enough.
        every += _places(windows[1], track, broadcast=True)
    for source in every:
        gradients = [source.value(window, track.first.shape) for window in windows]
        if any(g is None or not np.isfinite(g).all() for g in gradients):
            continue
        few = [gradient.ravel()[largest] for gradient in gradients]
        digest = np.concatenate(few).tobytes()
        if digest in tried or not any(g.any() for g in few):
            continue
        tried.add(digest)
        for h, rule in ways:
            if _gives(rule, start, few, few_moves) and _gives(rule, track.first, gradients, moves):
                return replace(source, rate=h.lr), (h, rule)
    return None


def _is_read(name: str, statement: str) -> bool:
    """Return whether a statement reads a name, or the array or list that it is an entry of."""
    whole = re.escape(name.split("[")[0])
    return re.search(rf"(?<![\w.]){whole}(?!\w)", statement) is not None


def _gives(rule: Rule, start: Any, gradients: list[Any], moves: list[Any]) -> bool:
    """Return whether a rule gives every move of a parameter from its gradients."""
    before = start
    for move, after in zip(moves, updates(rule, start, gradients), strict=True):
        if not np.isfinite(after).all() or not same(after - before, move, CLOSE):
            return False
        before = after
    return True


def _places(
    events: list[Event], track: Track, *, broadcast: bool = False
) -> Iterator[GradientSource]:
    """Yield places of arrays of a parameter's shape, or repeated to it, the last first."""
    counts: dict[Any, int] = {}
    shape = track.first.shape
    for event in reversed(events):
        fits = _is_repeated(event, shape) if broadcast else event.value.shape == shape
        if not fits or (event.updates and event.name == track.name):
            continue
        place = (event.line, event.name, event.function)
        counts[place] = counts.get(place, 0) + 1
        if counts[place] <= MOST_ALIKE:
            yield GradientSource(*place, counts[place], 1.0, broadcast)
