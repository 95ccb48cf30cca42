"""Penalties of weights in recorded gradients, compared with those in the loss of the run.

The gradient of each parameter is that of the samples plus λ times the parameter, and so is that of
the recorded loss. One factor for all λ is a matter of how the loss is written; factors that differ
are a mistake in one parameter.
"""

from typing import Any

import numpy as np

from rosenblatt.check.descent.findings import track_finding
from rosenblatt.check.descent.loss_names import is_loss
from rosenblatt.check.descent.losses import loss_candidates, parts_of
from rosenblatt.check.descent.moments import PENALTY, Moment
from rosenblatt.check.descent.replay import Replay

UNEVEN = 0.02
"""Relative difference of two factors that are taken as two."""

MOST_LOSSES, MOST_GRADIENTS = 4, 200
"""Recorded losses, and gradients of the samples, that are tried."""

_LEAST = 1e-6
"""Part of a gradient below which a penalty may be an error of the differences."""


def uneven_penalty(
    moment: Moment, gradient: Any, loss: Any, recorded: list[Any]
) -> tuple[int, float] | None:
    """Return the parameter whose penalty has another factor than the others, and its factor.

    ``gradient`` is that of the samples, ``loss`` that of the recorded loss; ``recorded`` has the
    recorded gradient of each parameter. None where the factors are one, or not known.
    """
    factors: dict[int, float] = {}
    scales: list[tuple[float, float]] = []
    for number, values in enumerate(recorded):
        chosen = (moment.owner == number) & ~np.isnan(gradient) & ~np.isnan(loss)
        own, weight = gradient[chosen], moment.weight[chosen]
        both = [_parts(total, own, weight) for total in (loss[chosen], values[chosen])]
        if None in both:
            return None
        (a, of_loss), (b, of_update) = both
        scales.append((a, b))
        least = _LEAST * np.abs(own).max() / max(np.abs(weight).max(), 1e-12)
        if of_loss / a > least:
            factors[number] = (of_update / b) / (of_loss / a)
    if len(factors) < 2 or any(np.ptp(side) > 1e-3 * side[0] for side in np.array(scales).T):
        return None
    number = max(factors, key=lambda k: abs(factors[k] - 1))
    rest = [factor for k, factor in factors.items() if k != number]
    if abs(factors[number] - 1) < UNEVEN or any(abs(factor - 1) > UNEVEN for factor in rest):
        return None
    return number, factors[number]


def uneven_updates(replay: Replay, moments: list[Moment]) -> list[dict[str, Any]]:
    """Return a finding where plain updates have the penalty of one parameter with another factor.

    Two updates have to tell the same factor of the same parameter.
    """
    if PENALTY.search(replay.source.code) is None or len(moments[0].tracks) < 2:
        return []
    found = [_uneven_update(moment) for moment in moments[:2]]
    if len(found) < 2 or None in found or found[0][0] != found[1][0]:
        return []
    number, factor = found[0]
    if abs(found[1][1] - factor) > UNEVEN * max(factor, 1.0):
        return []
    return [uneven_finding(replay, moments[0], number, factor)]


def _uneven_update(moment: Moment) -> Any:
    rightly = [(key, g[0]) for key, right, g in loss_candidates([moment]) if right]
    losses = [g for key, g in rightly if key[-1][1] == "value" and is_loss(key, moment)]
    moved = [np.where(moment.owner == k, moment.moved, np.nan) for k in range(len(moment.tracks))]
    pairs = ((g, loss) for loss in losses[:MOST_LOSSES] for _, g in rightly[:MOST_GRADIENTS])
    return next(filter(None, (uneven_penalty(moment, g, loss, moved) for g, loss in pairs)), None)


def uneven_finding(replay: Replay, moment: Moment, number: int, factor: float) -> dict[str, Any]:
    """Return the finding of a parameter whose penalty has another factor than the others."""
    twice = min(abs(factor - 2), abs(factor - 0.5)) < UNEVEN
    mistake = "constant-factor" if twice else "loss-gradient-mismatch"
    finding = track_finding(moment, replay, mistake, number, None)
    text = f"The penalty in the gradient of {finding['parameter']} is {factor:.3g} "
    return {**finding, "text": f"{text}times that of the recorded loss."}


def _parts(total: Any, gradient: Any, weight: Any) -> Any:
    """Return (a, b) with total = a gradient + b weight, a > 0; None where there are none."""
    if not weight.any() or len(gradient) < 3:
        factor = float(total @ gradient) / float(gradient @ gradient or 1)
        fits = np.abs(total - factor * gradient).max() <= 1e-4 * np.abs(total).max()
        return (factor, 0.0) if fits and factor > 0 else None
    parts = parts_of(total, [gradient, weight])
    return parts if parts is not None and parts[0] > 0 else None
