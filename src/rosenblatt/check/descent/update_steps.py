"""The updates of a run: which changes of parameters belong together."""

import bisect
import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np

from rosenblatt.check.descent.replay import Track

MUCH_LONGER = 4
"""A pass before an update computes this many times the values of the rest of the update."""


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
    steps: list[tuple[int, int]] = []
    step: list[_Move] = []
    for position, number, k in order:
        track = tracks[number]
        before = track.first if k == 0 else track.versions[k - 1][1]
        after = track.versions[k][1]
        mask = before != after
        if track.first.size == 1:
            # A number that does not move, such as at a saturated unit, is updated too.
            mask = np.ones(mask.shape, dtype=bool)
        elif not mask.any():
            continue
        kind = (number, _shrinks(before[mask], after[mask]))
        kept = len(step) if step and single else _moves_before_pass(step, position, kind, mask)
        if (
            taken
            and step
            and bisect.bisect(taken, position) > bisect.bisect(taken, step[-1].position)
        ):
            kept = len(step)
        if kept:
            steps.append((step[0].position, step[kept - 1].position))
            step = step[kept:]
        step.append(_Move(position, kind, mask))
    return [*steps, (step[0].position, step[-1].position)] if step else steps


def ends_of(track: Track) -> list[int]:
    """Return the last event of each update: a list may move one entry after the other."""
    ends = [last for _, last in steps_of([track], single=False)]
    every = [position for position, _ in track.versions]
    # Where most of them move all entries, one that moves none is an update too.
    return ends if 3 * len(ends) < 2 * len(every) else every


@dataclass
class _Move:
    """A change of a parameter: its event, its kind, and which entries move.

    The kind is the parameter's number, and whether its entries become smaller by one factor.
    """

    position: int
    kind: tuple[int, bool]
    mask: Any


def _moves_before_pass(step: list[_Move], position: int, kind: tuple[int, bool], mask: Any) -> int:
    """Return how many moves of a step come before the pass that the move at ``position`` needs.

    It is 0 where no entry moves again. The pass is before the move itself, or where many more
    values were computed: a row of a matrix may be the first that moves, and not move again.
    """
    again = [k for k, move in enumerate(step) if move.kind == kind and (move.mask & mask).any()]
    if not again:
        return 0
    later = step[again[-1] :]
    positions = [*[move.position for move in later], position]
    gaps = [after - before for before, after in itertools.pairwise(positions)]
    longest = max(range(len(gaps)), key=gaps.__getitem__)
    if gaps[longest] < MUCH_LONGER * gaps[-1]:
        return len(step)
    return again[-1] + longest + 1


def _shrinks(before: Any, after: Any) -> bool:
    """Return whether numbers are one part of what they were."""
    if before.size < 2 or not before.all():
        return False
    parts = after / before
    return bool(parts.min() > 0.5 and parts.max() < 1 and np.ptp(parts) < 1e-9)
