"""Updates whose learning rate changes from one to the next.

A wrong factor changes with the samples. A learning rate that follows a schedule changes smoothly:
in consecutive updates it falls or grows by steps that fall or grow themselves.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from rosenblatt.check.descent_losses import (
    loss_candidates,
    multiple_of,
    parts_of,
    penalties,
)
from rosenblatt.check.moments import Moment, moment_of, samples_taken
from rosenblatt.check.replay import Replay, Track
from rosenblatt.check.update_steps import steps_of

KINDS = (
    ("gradient",),
    ("gradient", "velocity"),
    ("gradient", "penalty"),
    ("gradient", "velocity", "penalty"),
)
"""The terms of which updates may consist."""

FIRST = 2
"""Updates by which losses are chosen that are compared in consecutive updates."""

UPDATES = 5
"""Consecutive updates of which the factors are compared."""

_ENTRIES = 2
_MORE_ENTRIES = 12
"""Entries of an update that are compared, without and with other terms than the gradient."""

_EXACT = 1e-3
"""Part of the change of a factor that may be an error of the differences."""


def scheduled_loss(
    replay: Replay,
    tracks: list[Track],
    moments: list[Moment],
    candidates: list[Any],
    by_sample: bool,
) -> Any:
    """Return the key of a loss that updates follow with a smooth learning rate; None without one.

    ``moments`` are the updates whose ``candidates`` are compared first.
    """
    rightly = [(key, gradients) for key, right, gradients in candidates if right]
    for kind in KINDS:
        fitting = {
            key
            for key, gradients in rightly
            if min(_rates(moments[:FIRST], gradients[:FIRST], kind), default=0) > 0
        }
        if not fitting:
            continue
        few = len(kind) < 2
        more = _consecutive(replay, tracks, _ENTRIES if few else _MORE_ENTRIES, by_sample, few)
        if len(more) < UPDATES:
            continue
        for key, right, gradients in loss_candidates(more):
            if right and key in fitting and _is_schedule(more, gradients, kind):
                return key
    return None


def _fits(
    moments: list[Moment], gradients: list[Any], kind: tuple[str, ...]
) -> Iterator[list[list[float]]]:
    """Yield the factors of the terms of every update, for each set of entries with a penalty."""
    for penalty in penalties(moments) if "penalty" in kind else [[None] * len(moments)]:
        fits = []
        for moment, gradient, weight in zip(moments, gradients, penalty, strict=True):
            given = {"gradient": gradient, "velocity": moment.moved_before, "penalty": weight}
            if len(kind) == 1:
                c = multiple_of(moment.moved, gradient)
                parts = None if c is None else [c]
            else:
                parts = parts_of(moment.moved, [given[term] for term in kind])
            if parts is None:
                break
            fits.append(parts)
        if len(fits) == len(moments):
            yield fits


def _rates(moments: list[Moment], gradients: list[Any], kind: tuple[str, ...]) -> list[float]:
    """Return the factors of the gradient; [] where the terms do not give every update."""
    return [parts[0] for parts in next(_fits(moments, gradients, kind), [])]


def _is_schedule(moments: list[Moment], gradients: list[Any], kind: tuple[str, ...]) -> bool:
    """Return whether updates have a smooth rate, and a velocity that keeps one part of itself."""
    for fits in _fits(moments, gradients, kind):
        rates = np.array([parts[0] for parts in fits])
        if rates.min() <= 0 or not _is_smooth(rates):
            continue
        if "velocity" in kind:
            # The update before has been made with its own rate.
            parts = [fit[1] for fit in fits[1:]] * rates[:-1] / rates[1:]
            if not (parts.min() > 0.05 and parts.max() < 0.9999 and np.ptp(parts) < 1e-2):
                continue
        if "penalty" in kind and max(abs(fit[-1]) for fit in fits) > 0.1:
            continue
        return True
    return False


def _is_smooth(rates: Any) -> bool:
    """Return whether factors fall or grow, by steps that fall or grow themselves.

    >>> _is_smooth(1 / np.arange(2, 7)), _is_smooth(np.array([0.1, 0.09, 0.1, 0.08, 0.07]))
    (True, False)
    """
    change = np.diff(rates)
    bend = np.diff(change)
    slack = _EXACT * np.abs(change).max() + 1e-6 * rates.max()
    return all((d >= -slack).all() or (d <= slack).all() for d in (change, bend))


def _consecutive(
    replay: Replay, tracks: list[Track], every: int, by_sample: bool, few: bool
) -> list[Moment]:
    """Return consecutive updates with ``every`` entries, of one parameter if ``few``."""
    taken = samples_taken(replay, tracks) if by_sample else None
    steps = steps_of(tracks, single=False, taken=taken)[: UPDATES + 2]
    ends = [-1, *(last for _, last in steps)]
    chosen = [min(tracks, key=lambda track: (track.first.size < 2, track.first.size))]
    replay.work = 0
    result = []
    for number in range(1, len(steps)):
        first, last = steps[number]
        moment = moment_of(
            replay,
            chosen if few else tracks,
            ends[number - 1],
            ends[number],
            first,
            last,
            every,
            changed=few,
        )
        if moment is not None:
            result.append(moment)
    return result[:UPDATES]
