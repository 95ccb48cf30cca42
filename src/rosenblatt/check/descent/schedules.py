"""Updates whose learning rate changes from one to the next.

A wrong factor changes with the samples. A learning rate that follows a schedule changes smoothly:
in consecutive updates it falls or grows by steps that fall or grow themselves.
"""

import re
from typing import Any

import numpy as np

from rosenblatt.check.descent.losses import (
    TOLERANCE,
    loss_candidates,
    multiple_of,
    parts_of,
    penalties,
    tells_factor,
    that_may_fit,
)
from rosenblatt.check.descent.moments import PENALTY, Moment, moment_of, samples_taken
from rosenblatt.check.descent.replay import Replay, Track
from rosenblatt.check.descent.update_steps import steps_of
from rosenblatt.check.network.network import SCHEDULE as NAMED

KINDS = (
    ("gradient",),
    ("gradient", "velocity"),
    ("gradient", "penalty"),
    ("gradient", "velocity", "penalty"),
)
"""The terms of which updates may consist."""

FIRST = 2
"""Updates with other terms by which losses are chosen: these are exact only for the first ones."""

UPDATES = 5
"""Consecutive updates of which the factors are compared."""

SCHEDULE = re.compile(rf"{NAMED}|\*= ?0\.\d|/ ?\(1(\.0)? ?\+(?! ?(\w+\.)?exp)|cos\([^)]*pi", re.I)
"""Code in which a learning rate may change."""

_ENTRIES = 2
_MORE_ENTRIES = 12
"""Entries of an update that are compared, without and with other terms than the gradient."""

_MOST_CHANGE = 1.25
"""Ratio of rates in consecutive updates up to which those of one output may be a schedule."""

_STEADY = 0.02
"""Part of a penalty that may change from one update to another by errors of differences."""

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

    ``moments`` are the updates whose ``candidates`` are compared first, by all of their entries;
    consecutive updates are compared by a few.
    """
    rightly = [(key, gradients) for key, right, gradients in candidates if right]
    for kind in KINDS:
        # One number is a multiple of any other. The update before is nearly the update itself, so
        # that little is left for the gradient to explain, and few numbers fit by chance.
        least = 2 * len(kind) if "velocity" in kind else len(kind) + 1
        if len(moments[0].moved) < least:
            continue
        first = moments if len(kind) == 1 else moments[:FIRST]
        fitting = {
            key
            for choice in _choices(first, kind)
            for key, gradients in that_may_fit(rightly, first[0], choice[0])
            if _may_be_schedule(_fits(first, gradients[: len(first)], choice), kind)
        }
        if not fitting:
            continue
        few = len(kind) < 2
        more = consecutive(replay, tracks, _ENTRIES if few else _MORE_ENTRIES, by_sample, few)
        if len(more) < UPDATES:
            continue
        choices = _choices(more, kind)
        for key, right, gradients in loss_candidates(more):
            if not right or key not in fitting:
                continue
            # Every loss of one output has a multiple of its gradient, with any rates.
            most = np.inf if tells_factor(more[0], key) else _MOST_CHANGE
            if _is_schedule(more, gradients, kind, choices, most):
                return key
    return None


def terms_of(replay: Replay, moment: Moment) -> list[list[Any]]:
    """Return the sets of terms that an update may have next to the gradient.

    They are none, a velocity, and where the code has words of one, a penalty.
    """
    if moment.sources:
        return [[]]
    penalty = PENALTY.search(replay.source.code)
    return [
        choice[0]
        for kind in KINDS
        if penalty or "penalty" not in kind
        for choice in _choices([moment], kind)
    ]


def _choices(moments: list[Moment], kind: tuple[str, ...]) -> list[list[list[Any]]]:
    """Return the terms of every update next to the gradient, for each set of penalized entries."""
    velocity = [[moment.moved_before] if "velocity" in kind else [] for moment in moments]
    if "penalty" not in kind:
        return [velocity]
    return [
        [[*before, weight] for before, weight in zip(velocity, penalty, strict=True)]
        for penalty in penalties(moments)
    ]


def _may_be_schedule(fits: list[list[float]], kind: tuple[str, ...]) -> bool:
    """Return whether the factors of some updates have positive rates, and a velocity that fades.

    A sum that is never reset keeps all of itself.
    """
    whole = "velocity" in kind and all(abs(fit[1] - 1) < TOLERANCE for fit in fits)
    return bool(fits) and min(fit[0] for fit in fits) > 0 and not whole


def _fits(
    moments: list[Moment], gradients: list[Any], choice: list[list[Any]]
) -> list[list[float]]:
    """Return the factors of the terms of every update; [] where they do not give it."""
    fits = []
    for moment, gradient, others in zip(moments, gradients, choice, strict=True):
        if others:
            parts = parts_of(moment.moved, [gradient, *others])
        else:
            c = multiple_of(moment.moved, gradient)
            parts = None if c is None else [c]
        if parts is None:
            return []
        fits.append(parts)
    return fits


def _is_schedule(
    moments: list[Moment],
    gradients: list[Any],
    kind: tuple[str, ...],
    choices: list[list[list[Any]]],
    most: float,
) -> bool:
    """Return whether updates have a smooth rate, and a velocity that keeps one part of itself.

    ``most`` is how many times the smallest rate the largest one may be.
    """
    for fits in filter(None, (_fits(moments, gradients, c) for c in choices)):
        rates = np.array([parts[0] for parts in fits])
        if rates.min() <= 0 or rates.max() > most * rates.min() or not _is_smooth(rates):
            continue
        if "velocity" in kind:
            # The update before has been made with its own rate.
            parts = [fit[1] for fit in fits[1:]] * rates[:-1] / rates[1:]
            if not (parts.min() > 0.05 and parts.max() < 0.9999 and np.ptp(parts) < 1e-2):
                continue
        if "penalty" in kind:
            penalty = np.array([fit[-1] for fit in fits])
            if penalty.min() <= -1e-6 or penalty.max() > 0.1:
                continue
            # It is one number, or one part of the rate; a velocity has penalties of its own in it.
            steady = any(np.ptp(d) <= _STEADY * np.abs(d).max() for d in (penalty, penalty / rates))
            if not steady and "velocity" not in kind:
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


def consecutive(
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
