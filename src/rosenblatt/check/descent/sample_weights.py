"""Losses in which every sample has a weight: that of its class, or of how exactly it is known."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from rosenblatt.check.descent.moments import Moment, Series, is_target
from rosenblatt.check.descent.replay import Replay

_FEWEST = 3
"""Samples of which weights are looked for."""

_MOST = 6
"""Arrays that are tried as weights."""

_MOST_SERIES = 40
"""Values of a pass above which it takes long to form all losses again."""

_POWERS = (1, -1, -2)
"""How weights are used: as factors, as scales of the errors, or of these before the square."""


def weighted(replay: Replay, moments: list[Moment]) -> Iterator[list[Moment]]:
    """Yield the updates with the derivatives of each sample's values times its weight."""
    first = moments[0] if moments else None
    if first is None or len(first.series) > _MOST_SERIES:
        return
    dependent = {series.key[1] for series in first.series} | {key[1] for key in first.same}
    names = dict.fromkeys(
        event.name
        for event in replay.events[: first.window[1]]
        if _may_be_weights(event.value)
        and event.name not in dependent
        and not is_target((event.line, event.name))
    )
    for name in list(names)[-_MOST:]:
        for power in _POWERS:
            changed = [_with_weights(replay, moment, name, power) for moment in moments]
            if all(moment is not None for moment in changed):
                yield [moment for moment in changed if moment is not None]


def _may_be_weights(value: Any) -> bool:
    flat = value.size == max(value.shape, default=0)
    return flat and value.size >= _FEWEST and bool((value > 0).all()) and np.ptp(value) > 0


def _with_weights(replay: Replay, moment: Moment, name: str, power: int) -> Moment | None:
    """Return an update with one array as weights; None where it fits no values of samples."""
    events = replay.events[: moment.window[1]]
    values = next(event.value.ravel() for event in reversed(events) if event.name == name)
    sizes = {len(s.value) for s in moment.series if s.value.ndim}
    if len(values) not in sizes:
        # The weights of a batch are taken by its indices.
        pass_events = events[moment.window[0] :]
        indices = [e.value for e in pass_events if e.dtype in "iu" and e.value.shape[:1] != ()]
        indices = [i for i in indices if i.ndim == 1 and len(i) in sizes and len(i) >= _FEWEST]
        if not indices or indices[-1].min() < 0 or indices[-1].max() >= len(values):
            return None
        values = values[indices[-1].astype(int)]
    scaled = values**power
    outputs = [series for series in moment.series if series.value.size == len(values)]
    first = min(outputs, key=lambda series: series.events[0], default=None)
    # A column of the inputs is no weight: it is what an output changes by with a parameter.
    if first is not None and any(_is_parallel(row, values) for row in first.slopes):
        return None
    return replace(moment, series=[_scaled(series, scaled) for series in moment.series])


def _is_parallel(row: Any, values: Any) -> bool:
    product = float(row @ values)
    return bool(product**2 > (1 - 1e-6) * float(row @ row) * float(values @ values))


def _scaled(series: Series, weights: Any) -> Series:
    """Return values with their derivatives times the weights of their samples."""
    shape = series.value.shape
    if not shape or shape[0] != len(weights):
        return series
    each = np.repeat(weights, series.value.size // len(weights))
    return replace(series, slopes=series.slopes * each)
