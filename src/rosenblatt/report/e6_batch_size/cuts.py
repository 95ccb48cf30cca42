"""Comparisons of the batch sizes of E6 at equal epochs, updates, seconds or training loss.

Every function returns, for each batch size, one value per seed, the seeds in rising order: values
at the same place belong together. Equal samples seen are equal epochs, since every epoch visits
every sample once.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.experiments.e6_batch_size import BATCH_SIZES
from rosenblatt.experiments.timing import median_interval
from rosenblatt.report.parts import Results, Values
from rosenblatt.report.rows import Columns, columns, runs

BySize = dict[int, Values]


def ends(results: Results, name: str, rates: str = "fixed") -> BySize:
    """Return a column of the last rows: at equal epochs. What was never reached is NaN."""
    table = results["E6"].tables["ends"]
    return {size: _column(columns(table, batch_size=size, rates=rates), name) for size in _sizes()}


def sharp(results: Results, name: str, rates: str = "fixed") -> BySize:
    """Return a measure of sharpness at the end, for the seeds that have one."""
    table = results["E6"].tables["sharpness"]
    return {size: _column(columns(table, batch_size=size, rates=rates), name) for size in _sizes()}


def sharp_at_equal_loss(results: Results, name: str) -> BySize:
    """Return a measure of sharpness at equal training loss; NaN for a seed that was not there."""
    table = results["E6"].tables["equal_loss"]
    seeds = np.unique(results["E6"].tables["sharpness"]["seed"].to_numpy())
    found = {}
    for size in _sizes():
        if not table.num_rows:
            # No run reached that loss, so the table has no columns.
            found[size] = np.full(len(seeds), np.nan)
            continue
        of_size = columns(table, batch_size=size)
        values = dict(zip(of_size["seed"].tolist(), of_size[name].tolist(), strict=True))
        found[size] = np.array([values.get(seed, np.nan) for seed in seeds.tolist()])
    return found


def at_updates(results: Results, name: str) -> BySize:
    """Return what each has after the full batch's number of updates, between its evaluations."""
    updates = fewest_updates(results)
    return _at(results, name, "updates", lambda _: updates, early=True)


def at_seconds(results: Results, name: str) -> BySize:
    """Return what each has when the quickest batch size has ended, by the seconds of one run."""
    seconds = fewest_seconds(results)
    per_epoch = timing(results, "seconds_per_epoch")
    return _at(results, name, "epoch", lambda size: seconds / per_epoch[size])


def fewest_updates(results: Results) -> float:
    """Return the number of updates of the full batch."""
    return float(columns(results["E6"].tables["summary"])["updates"].min())


def fewest_seconds(results: Results) -> float:
    """Return how long the quickest batch size takes for all epochs."""
    epochs = float(columns(results["E6"].tables["ends"])["epoch"].max())
    return epochs * min(timing(results, "seconds_per_epoch").values())


def timing(results: Results, name: str) -> dict[int, float]:
    """Return a measurement of a single run of each batch size, the median over rounds."""
    return {size: float(np.median(values)) for size, values in rounds(results, name).items()}


def spread_of(results: Results, name: str) -> dict[int, tuple[float, float]]:
    """Return, for each batch size, between what nine tenths of the rounds lie."""
    return {
        size: (float(np.quantile(values, 0.05)), float(np.quantile(values, 0.95)))
        for size, values in rounds(results, name).items()
    }


def time_intervals(results: Results) -> dict[int, tuple[float, float]]:
    """Return, for each batch size, what holds the interval of the median time of every moment."""
    table = results["E6"].tables["timing"]
    found = {}
    for size in _sizes():
        of_size = columns(table, batch_size=size)
        times, moments = of_size["seconds_per_epoch"].astype(np.float64), of_size["moment"]
        each = [median_interval(times[moments == moment]) for moment in np.unique(moments)]
        found[size] = min(low for low, _ in each), max(high for _, high in each)
    return found


def uncertainty(results: Results) -> float:
    """Return how well the median times are known: the widest relative half-width of an interval."""
    times = timing(results, "seconds_per_epoch")
    intervals = time_intervals(results).items()
    return max((high - low) / 2 / times[size] for size, (low, high) in intervals)


def median_of_all(values: Values) -> float:
    """Return the median where runs that never got there, NaN, count as later than all others."""
    return float(np.median(np.where(np.isfinite(values), values, np.inf)))


def rounds(results: Results, name: str) -> BySize:
    """Return a measurement of a single run of each batch size, round by round."""
    table = results["E6"].tables["timing"]
    return {size: columns(table, batch_size=size)[name].astype(np.float64) for size in _sizes()}


def _at(
    results: Results,
    name: str,
    axis: str,
    place: Callable[[int], float],
    early: bool = False,
) -> BySize:
    """Return the value of each run at a place of an axis, linearly between evaluations.

    NaN where a run ended before.
    """
    tables = results["E6"].tables
    found = {}
    for size in _sizes():
        curves = runs(tables["own_curves"], batch_size=size, rates="fixed")
        if early:
            # Evaluated after each epoch; of a batch size that has no such curves, none is needed.
            curves = runs(tables["early_curves"], batch_size=size) or curves
        at = place(size)
        found[size] = np.array([_value_at(at, curve[axis], curve[name]) for curve in curves])
    return found


def _value_at(place: float, axis: npt.NDArray[Any], values: Values) -> float:
    # The quickest batch size comes to its own end but for rounding.
    if place > axis[-1] * (1 + 1e-9):
        return math.nan
    return float(np.interp(place, axis, values))


def _column(of_size: Columns, name: str) -> Values:
    order = np.argsort(of_size["seed"])
    values: Values = of_size[name].astype(np.float64)[order]
    return values


def _sizes() -> tuple[int, ...]:
    return BATCH_SIZES
