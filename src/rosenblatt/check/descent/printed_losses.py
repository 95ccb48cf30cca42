"""Losses that a run computes after an update, of outputs from before it, such as to print them."""

import itertools
from typing import Any

import numpy as np

from rosenblatt.check.descent.losses import are_even, multiple_of
from rosenblatt.check.descent.replay import Replay, Track, entries
from rosenblatt.check.descent.update_steps import steps_of

FEWEST_ENTRIES = 3
"""Entries of an update below which a multiple of a gradient tells too little."""

_ENTRIES = 12
_AFTER = 40
"""Events after an update among which its loss is looked for."""

_UPDATES = 2


def follows_printed(replay: Replay, tracks: list[Track]) -> bool:
    """Return whether updates are one multiple of the gradient of a number computed after them."""
    replay.work = 0
    steps = steps_of(tracks, single=False)
    tables: list[dict[Any, float]] = []
    for number in range(1, len(steps) - 1):
        last, following = steps[number][1], steps[number + 1][0]
        numbers = [
            position
            for position in range(last + 1, min(following, last + _AFTER))
            if replay.events[position].value.size == 1 and replay.events[position].dtype == "f"
        ]
        # Where nothing is printed, the first number belongs to the next pass.
        if numbers and following - last > _usual_distance(steps):
            tables.append(_factors(replay, tracks, steps[number - 1][1], steps[number], numbers))
        if len(tables) == _UPDATES or replay.tired:
            break
    keys = set.intersection(*(set(table) for table in tables)) if len(tables) == _UPDATES else set()
    return any(are_even([table[key] for table in tables]) for key in keys)


def _usual_distance(steps: list[tuple[int, int]]) -> float:
    """Return how many events are between two updates, where nothing is printed."""
    distances = [first - last for (_, last), (first, _) in itertools.pairwise(steps)]
    return float(np.median(distances))


def _factors(
    replay: Replay, tracks: list[Track], start: int, step: tuple[int, int], numbers: list[int]
) -> dict[Any, float]:
    """Return the positive factor of an update by the gradient of each number that has one."""
    moved: list[float] = []
    slopes: list[dict[int, Any]] = []
    for track in tracks:
        old, new = track.at(start), track.at(step[1])
        for index in entries(track, max(2, _ENTRIES // len(tracks)), old != new):
            if not replay.tired:
                moved.append(float(old[index] - new[index]))
                slopes.append(replay.differences(track, start, numbers[-1] + 1, index))
    result: dict[Any, float] = {}
    for position in numbers if len(moved) >= FEWEST_ENTRIES else ():
        gradient = np.array([float(np.ravel(found.get(position, 0.0))[0]) for found in slopes])
        factor = multiple_of(np.array(moved), gradient)
        if factor is not None and factor > 0 and np.isfinite(gradient).all():
            event = replay.events[position]
            result[(event.line, event.name, event.function)] = factor
    return result
