"""Parallel coordinates: settings and a measure of many networks, a line for each."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import LinearSegmentedColormap, LogNorm, Normalize, PowerNorm
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from matplotlib.ticker import LogLocator, MaxNLocator

from rosenblatt.errors import ShapeError
from rosenblatt.plotting.contrast import legend_below
from rosenblatt.plotting.maps import is_number, is_wide, norm_of, ticks_apart
from rosenblatt.plotting.style import (
    FONT_SIZE,
    INK,
    MUTED,
    PAPER,
    RAMP,
    SMALL_FONT_SIZE,
    as_written,
    dress,
)

Numbers = npt.NDArray[np.float64]

MOST_TICKS = 9
"""Labels of an axis of numbers."""
MOST_NAMES = 16
"""Labels of an axis of names."""
MOST_SPREAD = 12
"""Values of an axis up to which lines are spread around them."""
SPREAD = 0.5
"""The room of the lines of a value, as a share of the distance of two values."""
STRIP = 0.06
"""The width of the colours at the last axis; axes are 1 apart."""
BELOW = -0.1
"""Where lines of diverged networks end; axes are from 0 to 1."""
_BETTER = LinearSegmentedColormap.from_list("better", ("#b9dcc0", *RAMP))
_WORSE = _BETTER.reversed("worse")


def plot_parallel(
    ax: Axes,
    axes: Mapping[str, Sequence[Any]],
    values: npt.ArrayLike,
    *,
    label: str = "",
    highest: bool = False,
    is_share: bool = False,
    is_log: bool = False,
    missing: str = "all diverged",
    title: str | None = None,
) -> None:
    """Draw a line for each combination of settings, through a vertical axis for each setting.

    The last axis is the measure, whose colours the lines have: the better, the darker and the
    further in front. Settings that are numbers have a logarithmic axis where they span a wide
    range. Where many lines share few values, the lines of a value are spread over a bar, in the
    order of their measures. Source of the plot: Inselberg, *The plane with parallel coordinates*,
    The Visual Computer 1, 1985.

    Args:
        ax: any matplotlib axes; drawn into and labelled.
        axes: by the names of the settings, their values, (L,) each: numbers, or names.
        values: the measure, (L,); NaN of a combination without a number, whose line is dashed and
            ends beneath the last axis.
        label: the name of the measure.
        highest: whether larger numbers are better.
        is_share: whether the measure is a fraction, which is written in percent.
        is_log: whether the measure is on a logarithmic scale, if it spans a wide range.
        missing: what the legend says of lines without a number.
        title: what the panel shows.

    Raises:
        ShapeError: a setting has not one value for each line, or there is none.

    >>> from rosenblatt.plotting import new_figure
    >>> figure, (ax,) = new_figure()
    >>> axes = {"learning rate": [0.01, 0.1, 1.0], "activation": ["relu", "relu", "tanh"]}
    >>> plot_parallel(ax, axes, [0.7, 0.9, 0.8], label="test accuracy", is_share=True)
    >>> [tick.get_text() for tick in ax.get_xticklabels()][:2]
    ['learning rate', 'activation']
    """
    z = (100 if is_share else 1) * np.asarray(values, dtype=np.float64)
    for name, of_lines in axes.items():
        if len(of_lines) != len(z):
            raise ShapeError(f"{name} has {len(of_lines)} values, and there are {len(z)} lines")
    if not axes:
        raise ShapeError("parallel coordinates need at least one setting")
    norm = norm_of(z, is_share=is_share, is_log=is_log)
    colors = _BETTER if highest else _WORSE
    has = np.isfinite(z)
    last = np.full(len(z), BELOW)
    last[has] = np.clip(norm(z[has]), 0.0, 1.0)
    rank = np.argsort(np.argsort(last, kind="stable"), kind="stable")
    scales = [_scale_of(of_lines, rank) for of_lines in axes.values()]
    heights = np.stack([*(scale.heights for scale in scales), last], axis=1)
    at = np.arange(len(axes) + 1, dtype=np.float64)
    dress(ax, xlabel="", ylabel="", title=title)
    ax.grid(visible=False)
    ax.spines[["left", "bottom"]].set_visible(False)
    # The best are drawn last.
    order = np.flatnonzero(has)[np.argsort((1 if highest else -1) * z[has], kind="stable")]
    width = 1.2 if len(z) <= 100 else 0.8
    faint = dict.fromkeys(("alpha",), min(1.0, 0.35 + 20 / max(1, len(z))))
    lost = np.flatnonzero(~has)
    _draw(ax, at, heights[lost], colors=MUTED, linewidths=0.7, linestyles=(0, (3, 2)), **faint)
    _draw(ax, at, heights[order], colors=colors(norm(z[order])), linewidths=width, **faint)
    best = order[-max(1, len(order) // 20) :]
    _draw(ax, at, heights[best], colors=colors(norm(z[best])), linewidths=1.5 * width)
    for place, scale in enumerate(scales):
        _axis(ax, place, scale)
    _measure_axis(ax, len(axes), norm, colors)
    named = f"{label} (%)" if is_share else label
    names = ["\n".join(_lines_of(name)) for name in (*map(as_written, axes), named)]
    ax.set_xticks(at, names, fontsize=FONT_SIZE, color=INK)
    ax.set_yticks([])
    ax.tick_params(axis="x", length=0, pad=6)
    if len(lost):
        style: dict[str, Any] = {"color": MUTED, "linestyle": (0, (3, 2)), "linewidth": 1}
        legend_below(ax, handles=[Line2D([], [], label=missing, **style)])
    ax.set_xlim(-0.3, len(axes) + STRIP + 0.25)
    ax.set_ylim((1.6 * BELOW if len(lost) else 0.5 * BELOW), 1.05)


@dataclass(frozen=True)
class _Scale:
    """An axis: the height of each line on it, 0 to 1, its labels by height, and the room of each.

    The room is a height that lines of one value share; 0 where each line is at its value.
    """

    heights: Numbers
    ticks: list[tuple[float, str]]
    room: float = 0.0


def _scale_of(values: Sequence[Any], rank: npt.NDArray[np.int64]) -> _Scale:
    """Return the axis of a setting; ``rank`` is the place of each line by its measure."""
    scale = _numbers(values) if is_number(values) else _names(values)
    distinct = np.unique(scale.heights)
    if len(distinct) > MOST_SPREAD or len(distinct) == len(values):
        return scale
    gap = float(np.diff(distinct).min()) if len(distinct) > 1 else 1.0
    # Room at both ends: margin = room / 2 where room = SPREAD gap (1 - 2 margin).
    margin = SPREAD * gap / (2 + 2 * SPREAD * gap)
    heights, room = margin + (1 - 2 * margin) * scale.heights, 2 * margin
    spread = heights.copy()
    for value in np.unique(heights):
        lines = np.flatnonzero(heights == value)
        lines = lines[np.argsort(rank[lines])]
        spread[lines] += room * np.linspace(-0.5, 0.5, len(lines) + 2)[1:-1]
    ticks = [(margin + (1 - 2 * margin) * height, text) for height, text in scale.ticks]
    return _Scale(spread, ticks, room)


def _numbers(values: Sequence[Any]) -> _Scale:
    numbers = np.array(values, dtype=np.float64)
    low, high = float(numbers.min()), float(numbers.max())
    wide = is_wide(numbers)
    distinct = sorted(set(numbers.tolist()))
    if len(distinct) <= MOST_TICKS:
        candidates = distinct
    elif wide:
        candidates = [float(one) for one in LogLocator(numticks=MOST_TICKS).tick_values(low, high)]
    else:
        candidates = [float(one) for one in MaxNLocator(6).tick_values(low, high)]

    def height(one: Any) -> Any:
        if low == high:
            return np.full(np.shape(one), 0.5)
        if wide:
            return np.log(np.asarray(one) / low) / math.log(high / low)
        return (np.asarray(one) - low) / (high - low)

    inside = [one for one in candidates if low <= one <= high]
    return _Scale(
        height(numbers), _with_room([(float(height(one)), _short(one)) for one in inside])
    )


def _with_room(ticks: Sequence[tuple[float, str]], least: float = 0.055) -> list[tuple[float, str]]:
    """Return the labels that do not touch, the upper of two that would."""
    chosen: list[tuple[float, str]] = []
    for tick in reversed(ticks):
        if not chosen or chosen[-1][0] - tick[0] >= least:
            chosen.append(tick)
    return chosen


def _names(values: Sequence[Any]) -> _Scale:
    distinct = list(dict.fromkeys(values))
    if is_number([one for one in distinct if one is not None]):
        distinct.sort(key=lambda one: math.inf if one is None else one)
    heights = np.linspace(0, 1, len(distinct)) if len(distinct) > 1 else np.array([0.5])
    place = dict(zip(distinct, heights.tolist(), strict=True))
    step = max(1, math.ceil(len(distinct) / MOST_NAMES))
    shown = [(place[one], _short(one)) for one in distinct[::step]]
    return _Scale(np.array([place[one] for one in values]), shown)


def _short(value: Any) -> str:
    if value is None:
        return "default"
    return f"{value:.3g}" if isinstance(value, float) else as_written(value)


def _draw(ax: Axes, at: Numbers, heights: Numbers, **how: Any) -> None:
    if len(heights):
        lines = np.stack([np.broadcast_to(at, heights.shape), heights], axis=2)
        ax.add_collection(LineCollection(list(lines), zorder=2, **how), autolim=False)


def _axis(ax: Axes, place: float, scale: _Scale) -> None:
    """Draw an axis: with a bar for the lines of each value, or else a mark at each label."""
    ax.plot([place, place], [0, 1], color=INK, linewidth=0.9, zorder=3)
    for height, text in scale.ticks:
        if scale.room:
            ends = [height - scale.room / 2, height + scale.room / 2]
            ax.plot([place, place], ends, color=INK, linewidth=3.2, zorder=3, solid_capstyle="butt")
        else:
            ax.plot([place - 0.02, place], [height, height], color=INK, linewidth=0.9, zorder=3)
        ax.text(
            place - 0.035,
            height,
            text,
            ha="right",
            va="center",
            fontsize=SMALL_FONT_SIZE,
            color=INK,
            zorder=4,
            path_effects=[withStroke(linewidth=2.2, foreground=PAPER)],
        )


def _measure_axis(ax: Axes, place: float, norm: Normalize, colors: Any) -> None:
    """Draw the last axis: a strip of the colours, with labels at its right."""
    low, high = float(norm.vmin or 0.0), float(norm.vmax or 1.0)
    heights = np.linspace(0, 1, 257)
    middle = np.asarray(norm.inverse((heights[1:] + heights[:-1]) / 2), dtype=np.float64)
    ax.pcolormesh(
        np.array([place, place + STRIP]),
        heights,
        middle[:, np.newaxis],
        cmap=colors,
        norm=norm,
        zorder=3,
        rasterized=True,
    )
    if isinstance(norm, PowerNorm):
        candidates = ticks_apart(norm)[::-1]
    elif isinstance(norm, LogNorm):
        locator = LogLocator(subs=(1.0, 2.0, 5.0), numticks=MOST_TICKS)
        candidates = [float(one) for one in locator.tick_values(low, high)]
    else:
        candidates = [float(one) for one in MaxNLocator(6).tick_values(low, high)]
    inside = [one for one in candidates if low <= one <= high]
    for height, text in _with_room([(float(norm(one)), _short(one)) for one in inside]):
        ax.text(
            place + STRIP + 0.04,
            height,
            text,
            ha="left",
            va="center",
            fontsize=SMALL_FONT_SIZE,
            color=INK,
        )


def _lines_of(name: str) -> list[str]:
    """Return a name in lines of at most a dozen signs, as far as its words allow."""
    lines = [""]
    for word in name.split(" "):
        if lines[-1] and len(lines[-1]) + len(word) >= 14:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
