"""Gradients that are divided by the number of parameters in place of that of the samples.

A sum in place of a mean only changes the learning rate, and is right. With ``m = X.shape[1]`` of
samples in rows, or with ``len(theta)``, all updates have the factor N / D, which is neither.
"""

import re
from typing import Any

from rosenblatt.check.descent.findings import track_finding
from rosenblatt.check.descent.losses import are_even, multiples_of
from rosenblatt.check.descent.moments import Moment
from rosenblatt.check.descent.replay import Replay
from rosenblatt.check.descent.stateful_updates import numbers_of

_EXACT = 1e-6
_FEWEST = 4
"""Entries of a single update that show one factor; a diverging run may have no second one."""

_COUNTED = re.compile(r"shape\[|len\(|\.size\b")


def wrong_count(
    replay: Replay, moments: list[Moment], candidates: list[Any]
) -> list[dict[str, Any]]:
    """Return a finding where updates have the factor N / D by a loss that the run computes."""
    if _COUNTED.search(replay.source.code) is None:
        return []
    numbers = {series.key for series in moments[0].series if series.value.size == 1}
    factors = [
        factor
        for key, right, gradients in candidates
        if right and key[-1][1] == "value" and key[0] in numbers
        for factor in _factor(moments, gradients)
    ]
    widths = {max(t.first.shape) for t in moments[0].tracks if t.first.size > 1}
    samples = {max(y.shape) for _, y in moments[0].targets if y.size > 1} - widths
    rates = [number for number in numbers_of(replay.source) if 0 < number <= 5]
    usual = {f * k for n in samples for k in (1, n, 1 / n) for f in (0.5, 1, 2)}
    for factor in factors:
        if any(_is(factor, rate * k) for rate in rates for k in usual):
            return []
    for factor in factors:
        for n in samples:
            for d in widths:
                if any(_is(factor, rate * f * n / d) for rate in rates for f in (0.5, 1, 2)):
                    finding = track_finding(moments[0], replay, "batch-factor", 0, None)
                    text = f"The gradient of {n} samples is divided by {d}, which is the number "
                    return [{**finding, "text": f"{text}of parameters in a row or column."}]
    return []


def _factor(moments: list[Moment], gradients: list[Any]) -> list[float]:
    """Return the one factor of all updates by a gradient; [] where there is none."""
    factors = multiples_of(moments, gradients)
    enough = len(moments) > 1 or len(moments[0].moved) >= _FEWEST
    return factors[:1] if enough and factors and factors[0] > 0 and are_even(factors) else []


def _is(a: float, b: float) -> bool:
    return abs(a / b - 1) < _EXACT
