"""Figures of a sweep: maps, curves and parallel coordinates."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from rosenblatt.errors import ConfigurationError, given
from rosenblatt.plotting import new_figure
from rosenblatt.plotting.maps import plot_map, plot_map_of_points, plot_setting_curves
from rosenblatt.plotting.parallel import plot_parallel
from rosenblatt.sweeps.labels import axis_values, can_be_logarithmic, in_words, is_share, short
from rosenblatt.sweeps.measures import is_better_high

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from rosenblatt.sweeps.table import SweepTable

LEAST_FILLED = 0.5
"""The share of a map's cells from which on it is drawn as cells, and not as points."""
MOST_AXES = 16
"""Settings of parallel coordinates."""

Where = Mapping[str, Any] | None


def draw_map(
    table: "SweepTable", x: str, y: str, value: str, where: Where, ax: "Axes | None"
) -> "Axes":
    """Draw the mean of a measure over two settings; as cells, or as points that were drawn."""
    xs, ys, means, lost = table.grid(x, y, value, where=where)
    if ax is None:
        ax = new_figure(panel_size=(4.4, 3.4))[1][0]
    how: dict[str, Any] = {
        "xlabel": in_words(x),
        "ylabel": in_words(y),
        "label": in_words(value),
        "is_share": is_share(value),
        "is_log": can_be_logarithmic(value),
    }
    has = np.isfinite(means) | (lost > 0)
    if has.mean() < LEAST_FILLED and min(means.shape) > 1 and _are_numbers([*xs, *ys]):
        # Settings that were drawn, and not combined.
        lines, columns = np.nonzero(has)
        points = np.array(xs)[columns], np.array(ys)[lines]
        plot_map_of_points(ax, *points, means[has], lost=lost[has], **how)
    else:
        plot_map(ax, xs, ys, means, lost=lost, **how)
    return ax


def draw_curves(
    table: "SweepTable", x: str, value: str, by: str | None, where: Where, ax: "Axes | None"
) -> "Axes":
    """Draw the mean of a measure against a setting, with a band for its interval."""
    if by == x:
        raise ConfigurationError(f"x and by are both {x}; name two settings")
    found = table.intervals([x] if by is None else [x, by], value, where=where)
    xs = axis_values([cell[0] for cell in found.cells])
    lines = [None] if by is None else axis_values([cell[1] for cell in found.cells])
    shape = len(lines), len(xs)
    means, halves = np.full(shape, math.nan), np.full(shape, math.nan)
    lost = np.zeros(shape)
    for i, (at, *of_line) in enumerate(found.cells):
        place = lines.index(of_line[0]) if of_line else 0, xs.index(at)
        means[place], halves[place], lost[place] = found.means[i], found.halves[i], found.lost[i]
    names = [""] if by is None else [f"{in_words(by)} {short(line)}" for line in lines]
    if ax is None:
        ax = new_figure(panel_size=(4.4, 3.4))[1][0]
    plot_setting_curves(
        ax,
        xs,
        {name: (means[i], halves[i]) for i, name in enumerate(names)},
        lost={name: lost[i] for i, name in enumerate(names)},
        xlabel=in_words(x),
        ylabel=in_words(value),
        is_share=is_share(value),
        is_log=can_be_logarithmic(value),
        is_ordered=_are_numbers(lines),
    )
    return ax


def draw_parallel(
    table: "SweepTable",
    settings: Sequence[str] | None,
    value: str,
    where: Where,
    ax: "Axes | None",
) -> "Axes":
    """Draw a line for each combination of settings, through an axis for each."""
    if isinstance(settings, str):
        raise ConfigurationError(f"settings must be a list of settings, got {given(settings)}")
    if settings is None:
        chosen = [name for name in table.settings if len(set(table.column(name).tolist())) > 1]
        chosen = chosen or [*table.settings]
    else:
        chosen = list(dict.fromkeys(settings))
    if not 1 <= len(chosen) <= MOST_AXES:
        raise ConfigurationError(
            f"parallel coordinates have 1 to {MOST_AXES} settings, and these are {len(chosen)}; "
            "name them in settings"
        )
    found = table.intervals(chosen, value, where=where)
    if ax is None:
        ax = new_figure(panel_size=(1.6 + 1.15 * len(chosen), 3.4))[1][0]
    plot_parallel(
        ax,
        {in_words(name): [cell[i] for cell in found.cells] for i, name in enumerate(chosen)},
        found.means,
        label=in_words(value),
        highest=is_better_high(value),
        is_share=is_share(value),
        is_log=can_be_logarithmic(value),
        missing="all diverged"
        if (found.lost[~np.isfinite(found.means)] == 1).all()
        else "no number",
    )
    return ax


def _are_numbers(values: Sequence[Any]) -> bool:
    return all(isinstance(one, int | float) and not isinstance(one, bool) for one in values)
