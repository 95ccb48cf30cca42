"""Gradients that are not divided by the number of samples, or by the number of parameters.

A sum in place of a mean only changes the learning rate, and is right, unless the training diverges:
then the factor N is why. With ``m = X.shape[1]`` of samples in rows, or with ``len(theta)``, all
updates have the factor N / D, which is neither.
"""

import itertools
import re
from typing import Any

import numpy as np

from rosenblatt.check.descent.findings import track_finding
from rosenblatt.check.descent.losses import are_even, multiples_of
from rosenblatt.check.descent.moments import Moment
from rosenblatt.check.descent.replay import Replay, Track
from rosenblatt.check.descent.stateful_updates import numbers_of

_EXACT = 1e-6
_FEWEST = 4
"""Entries of a single update that show one factor; a diverging run may have no second one."""

_HALVES = (0.5, 1, 2)
"""Factors that a loss of squares may have."""

_FEW = 4
"""Samples whose number may be any factor."""

_GROWN = 1e6
"""How many times its first value a parameter is that grows without end."""

_COUNTED = re.compile(r"shape\[|len\(|\.size\b")


def wrong_count(
    replay: Replay, moments: list[Moment], candidates: list[Any]
) -> list[dict[str, Any]]:
    """Return a finding where updates have the factor N / D by a loss that the run computes.

    Where parameters grow without end, also where they have the factor N.
    """
    rightly = [(key, gradients) for key, right, gradients in candidates if right]
    widths = {max(t.first.shape) for t in moments[0].tracks if t.first.size > 1}
    samples = {max(y.shape) for _, y in moments[0].targets if y.size > 1} - widths
    rates = [number for number in numbers_of(replay.source) if 0 < number <= 5]
    numbers = {series.key for series in moments[0].series if series.value.size == 1}
    own = [gradients for key, gradients in rightly if key[-1][1] == "value" and key[0] in numbers]
    factors = [factor for gradients in own for factor in _factor(moments, gradients)]
    sums = [gradients for key, gradients in rightly if key[-1][1] != "value"]
    count = max(samples, default=0)
    if count > _FEW and any(map(_grows, moments[0].tracks)):
        of_sums = [factor for gradients in sums for factor in _factor(moments, gradients)]
        of_sums += [factor / count for factor in factors]
        if any(_is(factor, rate * f) for factor in of_sums for rate in rates for f in _HALVES):
            text = f"is the sum over {count} samples, not their mean, and the training diverges."
            return _finding(moments, replay, text)
    if _COUNTED.search(replay.source.code) is None:
        return []
    usual = {f * k for n in samples for k in (1, n, 1 / n) for f in _HALVES}
    if any(_is(factor, rate * k) for factor in factors for rate in rates for k in usual):
        return []
    for factor, n, d in itertools.product(factors, samples, widths):
        if any(_is(factor, rate * f * n / d) for rate in rates for f in _HALVES):
            text = f"of {n} samples is divided by {d}, which is the number of parameters in a row "
            return _finding(moments, replay, f"{text}or column.")
    return []


def _finding(moments: list[Moment], replay: Replay, text: str) -> list[dict[str, Any]]:
    finding = track_finding(moments[0], replay, "batch-factor", 0, None)
    return [{**finding, "text": f"The gradient {text}"}]


def _factor(moments: list[Moment], gradients: list[Any]) -> list[float]:
    """Return the one factor of all updates by a gradient; [] where there is none."""
    factors = multiples_of(moments, gradients)
    enough = len(moments) > 1 or len(moments[0].moved) >= _FEWEST
    return factors[:1] if enough and factors and factors[0] > 0 and are_even(factors) else []


def _grows(track: Track) -> bool:
    """Return whether a parameter becomes many times as large, or infinite."""
    last = track.versions[-1][1]
    return not np.isfinite(last).all() or bool(
        np.abs(last).max() > _GROWN * (1 + np.abs(track.first).max())
    )


def _is(a: float, b: float) -> bool:
    return abs(a / b - 1) < _EXACT
