"""Gradients that are not divided by the number of samples, or by the number of parameters.

A sum in place of a mean only changes the learning rate, and is right, unless the training diverges
by it. With ``m = X.shape[1]`` of samples in rows, or with ``len(theta)``, all updates have the
factor N / D, which is neither.
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
from rosenblatt.check.record.recording import Event

_EXACT = 1e-6
_FEWEST = 4
"""Entries of a single update that show one factor; a diverging run may have no second one."""

_CONVERGES = 2
"""How many times an update may take off an error without making it larger."""

_HALVES = (0.5, 1, 2)
"""Factors that a loss of squares may have."""

_FEW = 4
"""Samples whose number may be any factor."""

_UPDATES = 5
"""First updates that all grow where a training diverges."""

_GROWN = 1.5
"""Times by which each of them is larger than the one before."""

_LARGE = 1e6
"""Parameters that large at the end are without limit."""

_COUNTED = re.compile(r"shape\[|len\(|\.size\b")


def wrong_count(
    replay: Replay, moments: list[Moment], candidates: list[Any]
) -> list[dict[str, Any]]:
    """Return a finding where updates have the factor N / D by a loss that the run computes.

    Also where they have the factor N and diverge, which they would not do without it.
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
    growth = max(_growth(track, replay.events) for track in moments[0].tracks)
    # An error grows by r in each update where it is taken off 1 + r times: by the mean, (1 + r) / N
    # times, which converges below 2.
    if count > _FEW and growth and (1 + growth) / count < _CONVERGES:
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


def _growth(track: Track, events: list[Event]) -> float:
    """Return how many times as large each update is as the one before; 0 where not all grow.

    0 also where another training has the same parameter: one of several rates may be too large.
    """
    if sum(event.updates and event.name == track.name for event in events) > len(track.versions):
        return 0.0
    values = [track.first, *(value for _, value in track.versions)]
    if np.isfinite(values[-1]).all() and np.abs(values[-1]).max() < _LARGE:
        return 0.0
    sizes = [float(np.abs(b - a).max()) for a, b in itertools.pairwise(values[: _UPDATES + 1])]
    if len(sizes) < _UPDATES or not np.isfinite(sizes).all() or min(sizes) == 0:
        return 0.0
    ratios = [after / before for before, after in itertools.pairwise(sizes)]
    return float(np.median(ratios)) if min(ratios) > _GROWN else 0.0


def _is(a: float, b: float) -> bool:
    return abs(a / b - 1) < _EXACT
