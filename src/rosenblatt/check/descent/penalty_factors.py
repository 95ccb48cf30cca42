"""The factor of a penalty in the updates of a run, compared with that in the loss it computes.

An update is a multiple of the gradient of the samples + d weights, and the gradient of a number
that the run computes one of the gradient of the samples + e weights. Where d is twice e, half of
it, or N times it, the penalty was differentiated wrongly. A number without a penalty says nothing.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from rosenblatt.check.descent.findings import track_finding
from rosenblatt.check.descent.losses import loss_candidates, parts_of, penalties
from rosenblatt.check.descent.moments import (
    MOST_STEPS,
    MOST_WINDOW,
    PENALTY,
    Moment,
    Series,
    moment_of,
)
from rosenblatt.check.descent.replay import Replay, Track
from rosenblatt.check.descent.update_steps import steps_of
from rosenblatt.check.numbers.reference import sigmoid

_CLOSE = 0.01
"""Relative difference of two factors that are taken as one."""

_LEAST = 1e-5
"""Part of a gradient below which its penalty is not known well enough."""

_ENTRIES = 12


def wrong_penalty(
    replay: Replay, tracks: list[Track], moments: list[Moment]
) -> list[dict[str, Any]]:
    """Return a finding where the penalty of right updates has another factor than in the loss."""
    if PENALTY.search(replay.source.code) is None:
        return []
    strengths = _strengths(moments)
    if not strengths:
        return []
    reported = _with_report(replay, tracks, moments)
    compared = [*moments, *([] if reported is None else [reported])]
    wrong: dict[Any, float] = {}
    for place, factors in _factors(compared, strengths).items():
        if any(abs(factor - 1) < _CLOSE for factor in factors):
            return []
        if _are_close(factors):
            wrong[place] = factors[0]
    counts = {max(y.shape) for moment in compared for _, y in moment.targets if y.size > 2}
    usual = [2.0, 0.5, *counts, *(1 / n for n in counts)]
    for (line, *_), factor in sorted(wrong.items()):
        if any(abs(factor / number - 1) < _CLOSE for number in usual):
            number = max(range(len(tracks)), key=lambda k: tracks[k].first.size)
            finding = track_finding(moments[0], replay, "constant-factor", number, None)
            text = f"The penalty in the update of {finding['parameter']} has {factor:.3g} "
            text += f"times the factor that it has in the loss of line {line}."
            return [{**finding, "text": text}]
    return []


def _strengths(moments: list[Moment]) -> dict[Any, float]:
    """Return the penalty of the updates by each loss for which it has one strength in all."""
    found: dict[Any, list[float]] = {}
    for moment in moments:
        for key, gradient, weights in _terms(moment):
            strength = _strength(moment.moved, gradient, weights)
            if strength is not None:
                found.setdefault(key, []).append(strength)
    return {key: s[0] for key, s in found.items() if len(s) > 1 and _are_close(s)}


def _factors(moments: list[Moment], strengths: dict[Any, float]) -> dict[Any, list[float]]:
    """Return the penalty of the updates as a multiple of that of each number of the run."""
    result: dict[Any, list[float]] = {}
    for moment in moments:
        numbers = [series for series in moment.series if _is_number(series)]
        for key, gradient, weights in _terms(moment) if numbers else ():
            for series in numbers if key in strengths else ():
                of_loss = _strength(series.slopes.sum(axis=1), gradient, weights)
                if of_loss is not None:
                    factor = strengths[key] / of_loss
                    result.setdefault(series.key[:3], []).append(factor)
    return result


def _is_number(series: Series) -> bool:
    """Return whether values are a number, or the numbers of all updates, of which this is last."""
    return series.value.ndim < 2 and not series.slopes[:, :-1].any()


def _are_close(factors: list[float]) -> bool:
    return max(factors) - min(factors) < _CLOSE * min(factors)


def _terms(moment: Moment) -> Iterator[tuple[Any, Any, Any]]:
    """Yield (key, gradient of the samples, weights that may have a penalty)."""
    gradients = {
        key: gradient
        for key, right, (gradient,) in loss_candidates([moment])
        if right and key[-1][1] != "value"
    }
    for series in moment.series:
        gradients |= {(series.key, loss): g for loss, g in _of_margins(series)}
    for kind, (weights,) in enumerate(penalties([moment])):
        for key, gradient in gradients.items():
            yield (key, kind), gradient, weights


def _of_margins(series: Series) -> Iterator[tuple[str, Any]]:
    """Yield (loss, its gradient) of margins, which are labels ±1 times outputs."""
    if series.value.size > 2:
        s = series.value.ravel()
        for loss, top in (
            ("hinge", (s < 1) * 1.0),
            ("squared hinge", np.maximum(0, 1 - s)),
            ("logistic", sigmoid(-s)),
        ):
            yield loss, -series.slopes @ top


def _strength(total: Any, gradient: Any, weights: Any) -> float | None:
    """Return d where a gradient is a multiple of gradient + d weights, with d > 0."""
    known = ~np.isnan(total)
    total, gradient, weights = total[known], gradient[known], weights[known]
    parts = parts_of(total, [gradient, weights]) if known.any() else None
    if parts is None or min(parts) <= 0:
        return None
    if parts[1] * np.abs(weights).max() < _LEAST * np.abs(total).max():
        return None
    return parts[1] / parts[0]


def _with_report(replay: Replay, tracks: list[Track], moments: list[Moment]) -> Moment | None:
    """Return an update before which the run computes a number that it does not always compute."""
    usual = {place for moment in moments for place in _numbers(replay, *moment.window)}
    steps = steps_of(tracks, single=False)[:MOST_STEPS]
    for number in range(1, len(steps)):
        start, first = steps[number - 1][1], steps[number][0]
        if first - start < MOST_WINDOW and _numbers(replay, start, first) - usual:
            before = steps[number - 2][1] if number > 1 else -1
            replay.work = 0
            step = start, first, steps[number][1]
            return moment_of(replay, tracks, before, *step, _ENTRIES, changed=False)
    return None


def _numbers(replay: Replay, start: int, first: int) -> set[Any]:
    """Return the places of the numbers that are computed between two events."""
    return {
        (event.line, event.name, event.function)
        for event in replay.events[start + 1 : first]
        if (event.value.size == 1 and event.dtype == "f") or event.dtype == "l"
    }
