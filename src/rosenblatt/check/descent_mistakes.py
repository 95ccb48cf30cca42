"""The mistakes that explain updates that follow the gradient of no usual loss."""

import re
from typing import Any

import numpy as np

from rosenblatt.check.descent_biases import BIAS
from rosenblatt.check.descent_findings import track_finding
from rosenblatt.check.descent_losses import (
    MOMENTUM,
    STATEFUL,
    are_even,
    multiple_of,
    multiple_pairs,
    multiples_of,
    replay_rates,
)
from rosenblatt.check.moments import Moment
from rosenblatt.check.replay import Replay

LOSS = re.compile(r"loss|cost|err|mse|entropy|nll|bce|objective|energy", re.I)


def explained_descent(
    moments: list[Moment], candidates: list[Any], replay: Replay
) -> list[dict[str, Any]]:
    """Return the finding of the hypothesis that gives every update, [] where there is none."""
    for key, right, gradients in candidates:
        factors = multiples_of(moments, gradients)
        if len(factors) < 2:
            continue
        if right and max(factors) < 0 and are_even(factors):
            return [track_finding(moments[0], replay, "sign", 0, gradients[0] * -factors[0])]
        if not right and min(factors) > 0 and are_even(factors):
            return [track_finding(moments[0], replay, key[-1][1], 0, None)]
    found = _by_track(moments, candidates, replay)
    if found or len(moments) < 2:
        return found
    before = [moment.moved_before for moment in moments]
    for _, right, gradients in candidates:
        pairs = multiple_pairs(moments, gradients, before) if right else []
        state = re.search(MOMENTUM, replay.source.code)
        least, most = (0.9999, 1.0001) if state else (0.2, 3.0)
        if pairs and all(c > 0 and least < d < most for c, d in pairs):
            return [track_finding(moments[0], replay, "gradients-accumulate", 0, None)]
        if pairs and all(c > 0 and -1 < d < -0.2 for c, d in pairs):
            return [track_finding(moments[0], replay, "momentum-sign", 0, None)]
    return _unexplained(moments, candidates, replay)


def _unexplained(
    moments: list[Moment], candidates: list[Any], replay: Replay
) -> list[dict[str, Any]]:
    """Return a finding where the recorded loss is known and the updates do not follow it."""
    if re.search(STATEFUL, replay.source.code, re.I):
        return []
    for key, right, gradients in candidates:
        named = right and key[-1][1] == "value" and LOSS.search(f"{key[0][1]} {key[0][2]}")
        if not named:
            continue
        whole = all(
            np.nan_to_num(gradient[moment.owner == number]).any()
            for moment, gradient in zip(moments, gradients, strict=True)
            for number in range(len(moment.tracks))
        )
        if not whole:
            continue
        for number in range(len(moments[0].tracks)):
            chosen = moments[0].owner == number
            chosen &= ~np.isnan(gradients[0])
            if chosen.sum() < 2 and moments[0].tracks[number].first.size > 1:
                continue
            if multiple_of(moments[0].moved[chosen], gradients[0][chosen]) is None:
                top = np.abs(np.nan_to_num(gradients[0])).max()
                c = float(np.abs(moments[0].moved).max() / top)
                return [track_finding(moments[0], replay, "unexplained", number, c * gradients[0])]
    return []


def _by_track(moments: list[Moment], candidates: list[Any], replay: Replay) -> list[dict[str, Any]]:
    """Explain updates that are right for some parameters only."""
    rates = replay_rates(replay)
    best: tuple[float, Any] | None = None
    count = len(moments[0].tracks)
    for key, right, gradients in candidates:
        if not right or (key[-1][1] == "value" and not LOSS.search(f"{key[0][1]} {key[0][2]}")):
            continue
        per_track = []
        for number in range(count):
            factors = []
            for moment, gradient in zip(moments, gradients, strict=True):
                chosen = moment.owner == number
                c = multiple_of(moment.moved[chosen], gradient[chosen])
                factors += [] if c is None else [c]
            per_track.append(factors if len(factors) == len(moments) else [])
        good = [
            number
            for number, factors in enumerate(per_track)
            if min(factors, default=-1.0) > 0
            and moments[0].tracks[number].first.size > 1
            and (moments[0].owner == number).sum() > 1
            and _is_simple(factors[0], rates, moments[0], key)
        ]
        # The largest group of parameters with one factor.
        for number in good:
            c = per_track[number][0]
            agreeing = [m for m in good if abs(per_track[m][0] / c - 1) < 1e-3]
            score = len(agreeing) + 0.5 * (key[-1][1] not in ("value", "residual"))
            if best is None or score > best[0]:
                best = (score, (key, gradients, c, per_track, agreeing))
    if best is None:
        return []
    _, (key, gradients, c, per_track, agreeing) = best
    moment, gradient = moments[0], gradients[0]
    n = _samples(moment, key)
    others: list[dict[str, Any]] = []
    for number in range(count):
        if number in agreeing:
            continue
        chosen = moment.owner == number
        track = moment.tracks[number]
        right = c * gradient
        ratios = [factor / c for factor in per_track[number]]
        bias = sum(s > 1 for s in track.first.shape) <= 1 and bool(BIAS.search(track.name))
        if not moment.moved[chosen].any() and np.abs(right[chosen]).max() > 0:
            if bias:
                return [track_finding(moment, replay, "bias-gradient-missing", number, right)]
            continue
        if ratios and all(abs(r - ratios[0]) < 1e-3 * abs(r) for r in ratios):
            mistake = _factor_mistake(ratios[0], n)
            if mistake:
                return [track_finding(moment, replay, mistake, number, right)]
            continue
        if bias:
            found = _bias_mistake(moments, gradients, c, number, replay)
            if found:
                return [track_finding(moment, replay, found, number, right)]
        deviates = not per_track[number] and (chosen & ~np.isnan(gradient)).sum() > 1
        if deviates and len(agreeing) > 1 and not re.search(STATEFUL, replay.source.code, re.I):
            others.append(track_finding(moment, replay, "unexplained", number, right))
    return others[-1:]


def _is_simple(c: float, rates: list[float], moment: Moment, key: Any) -> bool:
    """Return whether a factor is a learning rate times a number that a loss may have."""
    n = _samples(moment, key)
    size = next((s.value.size for s in moment.series if s.key == key[0]), 1)
    numbers = (1.0, 2.0, 0.5, 1 / n, 2 / n, 1 / size, 2 / size)
    return not rates or any(abs(c / rate / k - 1) < 1e-3 for rate in rates for k in numbers)


def _samples(moment: Moment, key: Any) -> int:
    value = next((s.value for s in moment.series if s.key == key[0]), np.zeros(1))
    return max(value.shape) if value.ndim else 1


def _factor_mistake(ratio: float, n: int) -> str | None:
    if ratio < 0:
        return "sign" if abs(ratio + 1) < 1e-3 else None
    if n > 1 and any(abs(ratio / f - 1) < 1e-3 for f in (n, 1 / n)):
        return "batch-factor"
    if any(abs(ratio / f - 1) < 1e-3 for f in (2, 0.5)):
        return "constant-factor"
    return None


def _bias_mistake(
    moments: list[Moment], gradients: list[Any], c: float, number: int, replay: Replay
) -> str | None:
    """Compare a bias's update with the usual wrong sums of any recorded array."""
    votes: list[set[str]] = []
    for moment, gradient in zip(moments, gradients, strict=True):
        chosen = moment.owner == number
        u, g = moment.moved[chosen], c * gradient[chosen]
        size = moment.tracks[number].first.size
        if chosen.sum() != size:
            return None
        found = set()
        for event in replay.events[moment.window[0] : moment.window[1]]:
            d = event.value
            if d.size == size > 1 and multiple_of(g, d.ravel()) is not None:
                if multiple_of(u, np.ones(size)) is not None:
                    found.add("bias-gradient-not-summed")
                continue
            if d.ndim != 2 or size not in d.shape:
                continue
            for rows in (d, d.T):
                if rows.shape[1] != size or len(rows) < 2:
                    continue
                f = multiple_of(g, rows.sum(axis=0))
                if f is None:
                    continue
                for wrong in (
                    rows[0],
                    rows[-1],
                    np.full(size, rows.sum()),
                    np.full(size, rows.mean()),
                ):
                    if multiple_of(u, wrong) is not None:
                        found.add("bias-gradient-not-summed")
        votes.append(found)
    both = set.intersection(*votes) if votes else set()
    return next(iter(both), None)
