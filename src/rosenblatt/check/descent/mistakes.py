"""The mistakes that explain updates that follow the gradient of no usual loss."""

import re
from functools import partial
from typing import Any

import numpy as np

from rosenblatt.check.descent.agreement import (
    Agreement,
    agreement,
    with_one_factor,
    without_penalty,
)
from rosenblatt.check.descent.biases import BIAS
from rosenblatt.check.descent.findings import track_finding
from rosenblatt.check.descent.loss_names import is_loss
from rosenblatt.check.descent.losses import (
    MOMENTUM,
    are_even,
    multiple_of,
    multiple_pairs,
    multiples_of,
    parts_of,
    penalties,
    replay_rates,
    that_may_fit,
)
from rosenblatt.check.descent.moments import FEWEST_ENTRIES, PENALTY, Moment, is_target
from rosenblatt.check.descent.replay import Replay, Track
from rosenblatt.check.descent.units import (
    CLOSE,
    exchange,
    has_wrong_inputs,
    is_unmoved_bias,
    moves_as_weights,
)
from rosenblatt.check.descent.update_code import is_drawn, is_limited, is_stateful

PENALTY_ERROR = 0.02
"""Relative difference of the penalties of two matrices that are taken as one."""

USUAL_FACTORS = (2, 4, 9)
"""Constants that are forgotten: that of a square, and the sizes of windows that are averaged."""


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
    found = _against_penalty(moments, candidates, replay)
    found = found or _by_entries(moments, candidates, replay)
    if found or len(moments) < 2:
        return found
    before = [moment.moved_before for moment in moments]
    # Two factors fit a few numbers by chance: of a sum that is never reset, one of them is 1.
    few = len(moments[0].moved) < FEWEST_ENTRIES
    exact = few or re.search(MOMENTUM, replay.source.code)
    least, most = (0.9999, 1.0001) if exact else (0.2, 3.0)
    rightly = [(key, gradients) for key, right, gradients in candidates if right]
    for _, gradients in that_may_fit(rightly, moments[0], before[:1]):
        pairs = multiple_pairs(moments, gradients, before)
        # Updates that hardly change are nearly multiples of the ones before, whatever they follow.
        even = are_even([c for c, _ in pairs])
        if even and all(c > 0 and least < d < most for c, d in pairs):
            return [track_finding(moments[0], replay, "gradients-accumulate", 0, None)]
        steady = not few or (even and are_even([-d for _, d in pairs]))
        if pairs and steady and all(c > 0 and -1 < d < -0.2 for c, d in pairs):
            return [track_finding(moments[0], replay, "momentum-sign", 0, None)]
    if PENALTY.search(replay.source.code) and _has_negative_momentum(moments, rightly):
        return [track_finding(moments[0], replay, "momentum-sign", 0, None)]
    return _unexplained(moments, candidates, replay)


def _has_negative_momentum(moments: list[Moment], losses: list[Any]) -> bool:
    """Return whether updates follow a loss and a penalty, and go back by a part of those before."""
    for penalty in penalties(moments):
        for _, gradients in that_may_fit(losses, moments[0], [moments[0].moved_before, penalty[0]]):
            fits = [
                parts_of(moment.moved, [gradient, moment.moved_before, weight])
                for moment, gradient, weight in zip(moments, gradients, penalty, strict=True)
            ]
            parts = [fit for fit in fits if fit is not None]
            if len(parts) == len(fits) and all(c > 0 and -1 < d < -0.2 for c, d, _ in parts):
                return True
    return False


def _against_penalty(
    moments: list[Moment], candidates: list[Any], replay: Replay
) -> list[dict[str, Any]]:
    """Return a finding where updates follow a loss and make the weights larger by one factor."""
    if len(moments) < 2 or PENALTY.search(replay.source.code) is None:
        return []
    for _, right, gradients in candidates:
        found = agreement(moments, gradients, lambda factor: True) if right else None
        others = penalties(moments) if right else []
        if found is not None and not found.agrees.all():
            # Biases, which have no penalty, move by the gradient alone.
            others.append([np.where(found.agrees, 0.0, moment.weight) for moment in moments])
        for penalty in others:
            pairs = multiple_pairs(moments, gradients, penalty)
            grows = all(c > 0 and -1 < d < 0 for c, d in pairs)
            if pairs and grows and are_even([d for _, d in pairs]):
                return [track_finding(moments[0], replay, "sign", 0, None)]
        if right:
            number = _grown_by_penalty(moments, gradients)
            if number is not None:
                return [track_finding(moments[0], replay, "sign", number, None)]
    return []


def _grown_by_penalty(moments: list[Moment], gradients: list[Any]) -> int | None:
    """Return the matrix that its penalty makes larger, while it makes another one smaller."""
    tracks = moments[0].tracks
    numbers = [k for k, t in enumerate(tracks) if sum(width > 1 for width in t.first.shape) == 2]
    if len(numbers) < 2:
        return None
    rows = []
    for moment, gradient in zip(moments, gradients, strict=True):
        weights = [np.where(moment.owner == number, moment.weight, 0.0) for number in numbers]
        parts = parts_of(moment.moved, [gradient, *weights])
        if parts is None or parts[0] <= 0:
            return None
        rows.append(np.array(parts[1:]) / parts[0])
    factors = np.mean(rows, axis=0)
    size = np.abs(factors).max()
    same_size = np.abs(np.abs(rows) - size).max() <= PENALTY_ERROR * size
    if not same_size or not (factors > 0).any() or not (factors < 0).any():
        return None
    return numbers[int(np.argmin(factors))]


def _unexplained(
    moments: list[Moment], candidates: list[Any], replay: Replay
) -> list[dict[str, Any]]:
    """Return a finding where the recorded loss is known and the updates do not follow it."""
    if is_stateful(replay, moments) or is_drawn(replay, moments):
        return []
    for key, right, gradients in candidates:
        if not right or key[-1][1] != "value" or not is_loss(key, moments[0]):
            continue
        if not _moves_all(moments, gradients) or _is_of_new_values(moments[0], key, replay):
            continue
        ratios = [_ratio(moments, gradients, number) for number in range(len(moments[0].tracks))]
        for number, ratio in enumerate(ratios):
            if ratio is not None and ratio > 0:
                continue
            top = np.abs(np.nan_to_num(gradients[0])).max()
            c = float(np.abs(moments[0].moved).max() / top)
            return [track_finding(moments[0], replay, "unexplained", number, c * gradients[0])]
    return []


def _is_of_new_values(moment: Moment, key: Any, replay: Replay) -> bool:
    """Return whether a loss is computed of what its update will assign, if it gets smaller."""
    series = next(series for series in moment.series if series.key == key[0])
    made = [event.value for event in replay.events[moment.window[0] + 1 : series.events[0]]]
    return any(
        np.array_equal(value, track.at(moment.last))
        and not np.array_equal(value, track.at(moment.window[0]))
        for track in moment.tracks
        for value in made
    )


def _by_entries(
    moments: list[Moment], candidates: list[Any], replay: Replay
) -> list[dict[str, Any]]:
    """Explain updates that are right for some entries only."""
    rates = replay_rates(replay)
    moment = moments[0]
    limited = len(moments) > 1 and is_limited(replay, moments)
    decays = PENALTY.search(replay.source.code) is not None
    best: tuple[float, Any] | None = None
    for key, right, gradients in candidates:
        if not right or (key[-1][1] == "value" and not is_loss(key, moment)):
            continue
        is_term = key[1] is None and key[-1][1] != "value"
        evened = with_one_factor(moments, gradients) if limited else None
        if evened is None and decays:
            evened = without_penalty(moments, gradients)
        if evened is None:
            found = agreement(moments, gradients, partial(_is_simple, rates, moment, key))
        else:
            found = agreement(evened, gradients, lambda factor: True)
        if found is None:
            continue
        if is_term and not found.tracks(moment):
            # Any number may be one term of a loss; its square alone tells nothing of one parameter.
            continue
        score = found.count + 0.5 * (key[1] is not None)
        if best is None or score > best[0]:
            best = (score, (key, gradients, found, evened))
    if best is None:
        return []
    _, (key, gradients, found, evened) = best
    c, agreeing = found.factor, found.tracks(moment)
    right = c * gradients[0]
    counts = _counts(moment, key)
    # Of two heads, each has a loss of its own, and a layer below moves by their weighted sum.
    whole = _moves_all(moments, gradients)
    # A loss that the run computes is one of the numbers drawn, which a repeated run draws again.
    hidden = evened is None and is_stateful(replay, moments)
    hidden |= key[-1][1] != "value" and is_drawn(replay, moments)
    moments = evened or moments
    moment = moments[0]
    others: list[dict[str, Any]] = []
    exchanged = exchange(moments, gradients, found)
    if exchanged is not None:
        number = next(n for n in range(len(moment.tracks)) if n not in agreeing)
        return [track_finding(moment, replay, exchanged, number, right)]
    # Weights that no update of the run moves have no gradient, as the bias next to them.
    stuck = [
        number
        for number, track in enumerate(moment.tracks)
        if track.first.size > 1 and not BIAS.search(track.name)
        if all(np.array_equal(value, track.first) for _, value in track.versions)
    ]
    for number in range(len(moment.tracks)):
        chosen = moment.owner == number
        if number in agreeing or not (chosen & found.known).any():
            continue
        track = moment.tracks[number]
        bias = sum(s > 1 for s in track.first.shape) <= 1 and bool(BIAS.search(track.name))
        if not any(m.moved[m.owner == number].any() for m in moments):
            moves = any(not np.array_equal(value, track.first) for _, value in track.versions)
            if bias and not stuck and not moves:
                return [track_finding(moment, replay, "bias-gradient-missing", number, right)]
            if number in stuck:
                others.append(track_finding(moment, replay, "unexplained", number, right))
            continue
        if _has_penalty(moments, gradients, found, number) or _is_repeated(track):
            continue
        ratio = _ratio(moments, gradients, number)
        mistake = None if ratio is None else _factor_mistake(ratio / c, counts)
        if bias and mistake is None:
            mistake = _bias_mistake(moments, gradients, c, number, replay)
        if mistake is None and moves_as_weights(moments, found, number):
            weight = track.first.size == 1 and not _is_added(moments, number)
            mistake = "wrong-input-cached" if weight else "bias-gradient-times-input"
        if mistake is None and is_unmoved_bias(moments, found, number):
            mistake = "bias-gradient-missing"
        if mistake is None and has_wrong_inputs(moments, gradients, found, number):
            mistake = "wrong-input-cached"
        if mistake is not None:
            return [track_finding(moment, replay, mistake, number, right)]
        own_rate = ratio is not None and len(rates) > 1 and _is_simple(rates, moment, key, ratio)
        if not own_rate and not hidden and whole:
            others.append(track_finding(moment, replay, "unexplained", number, right))
    return others[-1:]


def _is_added(moments: list[Moment], number: int) -> bool:
    """Return whether a number is added to something, as a bias is, and multiplies nothing."""
    return all(
        any(np.allclose(s.slopes[moment.owner == number], 1, atol=1e-5) for s in moment.series)
        for moment in moments
    )


def _moves_all(moments: list[Moment], gradients: list[Any]) -> bool:
    """Return whether a loss depends on every parameter, in every update.

    It also depends on one whose gradient is not known.
    """
    return all(
        np.nan_to_num(gradient[moment.owner == number], nan=1.0).any()
        for moment, gradient in zip(moments, gradients, strict=True)
        for number in range(len(moment.tracks))
    )


def _is_repeated(track: Track) -> bool:
    """Return whether a parameter is one row that is repeated for each sample, as its sum moves."""
    values = (track.first, track.versions[-1][1])
    rows = track.first.ndim == 2 and len(track.first) > 1
    return rows and all(
        np.ptp(value, axis=0).max() <= 1e-9 * np.abs(value).max() for value in values
    )


def _has_penalty(
    moments: list[Moment], gradients: list[Any], found: Agreement, number: int
) -> bool:
    """Return whether what does not agree moves by c gradient + d parameter, with d > 0."""
    for moment, gradient in zip(moments, gradients, strict=True):
        chosen = (moment.owner == number) & ~np.isnan(gradient) & ~found.agrees
        rest = moment.moved[chosen] - found.factor * gradient[chosen]
        d = multiple_of(rest, moment.weight[chosen])
        if chosen.sum() < 2 or d is None or not 0 < d < 1:
            return False
    return True


def _ratio(moments: list[Moment], gradients: list[Any], number: int) -> float | None:
    """Return the factor that a parameter has in every update; None where it has none."""
    factors = []
    for moment, gradient in zip(moments, gradients, strict=True):
        chosen = moment.owner == number
        c = multiple_of(moment.moved[chosen], gradient[chosen])
        factors += [] if c is None else [c]
    whole = len(factors) == len(moments) and are_even(factors)
    return factors[0] if whole else None


def _is_simple(rates: list[float], moment: Moment, key: Any, c: float) -> bool:
    """Return whether a factor is a learning rate times a number that a loss may have."""
    n = _samples(moment, key)
    size = next((s.value.size for s in moment.series if s.key == key[0]), 1)
    numbers = (1.0, 2.0, 0.5, 1 / n, 2 / n, 1 / size, 2 / size)
    return not rates or any(abs(c / rate / k - 1) < 1e-3 for rate in rates for k in numbers)


def _samples(moment: Moment, key: Any) -> int:
    value = next((s.value for s in moment.series if s.key == key[0]), np.zeros(1))
    return max(value.shape) if value.ndim else 1


def _counts(moment: Moment, key: Any) -> set[int]:
    """Return what may be the number of samples: of outputs, or of targets for a printed loss."""
    shapes = {track.first.shape for track in moment.tracks}
    targets = [y for name, y in moment.targets if is_target(name) and y.size > 1]
    # Gradients of parameters, such as db, are no targets.
    targets = [y for y in targets if y.shape not in shapes]
    return {_samples(moment, key), *(max(y.shape) for y in targets)}


def _factor_mistake(ratio: float, counts: set[int]) -> str | None:
    if ratio < 0:
        return "sign" if abs(ratio + 1) < 1e-3 else None
    if any(abs(ratio / f - 1) < 1e-3 for n in counts if n > 1 for f in (n, 1 / n)):
        return "batch-factor"
    if any(abs(ratio / f - 1) < 1e-3 for n in USUAL_FACTORS for f in (n, 1 / n)):
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
                    factor = multiple_of(u, wrong)
                    # A single number is a multiple of any other.
                    if factor is not None and (size > 1 or abs(factor / f - 1) < CLOSE):
                        found.add("bias-gradient-not-summed")
        votes.append(found)
    both = set.intersection(*votes) if votes else set()
    return next(iter(both), None)
