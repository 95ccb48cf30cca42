"""A number over two settings as a map, and against one setting as curves with intervals."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, LogNorm, Normalize, PowerNorm
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator

from rosenblatt.errors import ShapeError
from rosenblatt.plotting.contrast import legend_below
from rosenblatt.plotting.style import (
    ACCENT,
    CLASS_COLORS,
    CLASS_MARKERS,
    FONT_SIZE,
    INK,
    LINE_WIDTH,
    MUTED,
    PAPER,
    RAMP,
    SMALL_FONT_SIZE,
    as_written,
    dress,
)

WIDE = 30.0
"""Positive numbers are on a logarithmic axis if the largest is this multiple of the smallest."""
TOP_HEAVY = 2.5
"""The power of the colours of shares: of two steps in accuracy, the one near the top is larger."""
LEAST_APART = 0.07
"""The distance of two numbers on a colour bar, as a share of its length."""
MOST_ABOVE = 1000.0
"""The end of a logarithmic scale of colours, as a multiple of the median."""
MOST_MARKED = 64
"""Values of an axis up to which crosses in a map can be told apart."""
MOST_NAMES = 24
"""Values of an axis without an order that are all written."""
_GROWING = LinearSegmentedColormap.from_list("growing", ("#f3f0b8", "#a5d8b4", *RAMP))
_FALLING = _GROWING.reversed("falling")

Numbers = npt.NDArray[np.float64]


def plot_map(
    ax: Axes,
    x: Sequence[Any],
    y: Sequence[Any],
    values: npt.ArrayLike,
    *,
    lost: npt.ArrayLike | None = None,
    xlabel: str = "x",
    ylabel: str = "y",
    label: str = "",
    is_share: bool = False,
    is_log: bool = False,
    title: str | None = None,
) -> None:
    """Draw numbers over two settings as a map, with a colour bar.

    Shares are the lighter the larger, and other numbers the darker. Settings that are numbers have
    a logarithmic axis where they span a wide range, others a place for each. A cell that is empty
    because all its networks diverged is hatched; one whose mean leaves out some that diverged has a
    cross, in maps of at most 64 values an axis.

    Args:
        ax: any matplotlib axes; drawn into and labelled.
        x: the values of the horizontal axis, (S,), numbers in order or names.
        y: the values of the vertical axis, (T,).
        values: the numbers, (T, S); NaN where there are none.
        lost: the share of networks that diverged, (T, S).
        xlabel: name of the horizontal axis.
        ylabel: name of the vertical axis.
        label: name of the numbers.
        is_share: whether they are fractions, which are written in percent.
        is_log: whether their colours are on a logarithmic scale, if they span a wide range.
        title: what the panel shows.

    Raises:
        ShapeError: the shapes do not fit each other.

    >>> from rosenblatt.plotting import new_figure
    >>> figure, (ax,) = new_figure()
    >>> plot_map(ax, [0.1, 1.0], [8, 16, 32], np.ones((3, 2)), xlabel="rate", ylabel="units")
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('rate', 'units')
    """
    z = np.asarray(values, dtype=np.float64)
    if z.shape != (len(y), len(x)):
        raise ShapeError(f"the map is {z.shape}; the axes need ({len(y)}, {len(x)})")
    # The grid belongs behind the map, where nothing of it shows.
    dress(ax, xlabel=xlabel, ylabel=ylabel, title=title)
    ax.grid(visible=False)
    at_x, edges_x = _lay_out(ax, "x", x)
    at_y, edges_y = _lay_out(ax, "y", y)
    shown = 100 * z if is_share else z
    mesh = ax.pcolormesh(
        edges_x,
        edges_y,
        np.ma.masked_invalid(shown),
        cmap=_FALLING if is_share else _GROWING,
        norm=norm_of(shown, is_share=is_share, is_log=is_log),
        zorder=1,
        rasterized=True,
    )
    _mark_lost(ax, (edges_x, edges_y), (at_x, at_y), z, lost)
    _bar(ax, mesh, label, is_share=is_share)
    ax.set_xlim(edges_x[0], edges_x[-1])
    ax.set_ylim(edges_y[0], edges_y[-1])


def plot_map_of_points(
    ax: Axes,
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    values: npt.ArrayLike,
    *,
    lost: npt.ArrayLike | None = None,
    xlabel: str = "x",
    ylabel: str = "y",
    label: str = "",
    is_share: bool = False,
    is_log: bool = False,
) -> None:
    """Draw numbers at points of two settings that were drawn; arguments as of :func:`plot_map`.

    ``x``, ``y``, ``values`` and ``lost`` are (points,). A cross alone is a point whose networks
    have all diverged, a cross in a point one of which some have.

    >>> from rosenblatt.plotting import new_figure
    >>> figure, (ax,) = new_figure()
    >>> plot_map_of_points(ax, [0.1, 0.3, 0.9], [1, 3, 2], [0.5, 0.7, 0.9], xlabel="rate")
    >>> ax.get_xlabel()
    'rate'
    """
    at_x, at_y, z = (np.asarray(one, dtype=np.float64) for one in (x, y, values))
    dress(ax, xlabel=xlabel, ylabel=ylabel)
    for axis, numbers in (("x", at_x), ("y", at_y)):
        _scale(ax, axis, numbers)
    shown = 100 * z if is_share else z
    has = np.isfinite(shown)
    points = ax.scatter(
        at_x[has],
        at_y[has],
        c=shown[has],
        s=26 if len(z) <= 300 else 12,
        cmap=_FALLING if is_share else _GROWING,
        norm=norm_of(shown, is_share=is_share, is_log=is_log),
        edgecolors=MUTED,
        linewidths=0.3,
        zorder=2,
    )
    _bar(ax, points, label, is_share=is_share)
    if lost is None:
        return
    share = np.asarray(lost, dtype=np.float64)
    notes = []
    gone, partly = ~has & (share > 0), has & (share > 0)
    if gone.any():
        style: dict[str, Any] = {"color": MUTED, "markersize": 3.5, "markeredgewidth": 0.8}
        notes += ax.plot(at_x[gone], at_y[gone], "x", label="all diverged", **style)
    if partly.any():
        notes.append(_crosses(ax, at_x[partly], at_y[partly], 1))
    if notes:
        legend_below(ax, handles=notes)


def plot_setting_curves(
    ax: Axes,
    x: Sequence[Any],
    curves: Mapping[str, tuple[npt.ArrayLike, npt.ArrayLike]],
    *,
    lost: Mapping[str, npt.ArrayLike] | None = None,
    xlabel: str = "x",
    ylabel: str = "y",
    is_share: bool = False,
    is_log: bool = False,
    is_ordered: bool = False,
    title: str | None = None,
) -> None:
    """Draw means against a setting, with bands of their intervals.

    Args:
        ax: any matplotlib axes; drawn into, labelled, and given a legend.
        x: the values of the setting, (S,), numbers in order or names.
        curves: by name, the means (S,) and half the widths of their intervals (S,); NaN where there
            are none. The name "" is for the only curve.
        lost: by name, the share of networks that diverged, (S,). Where some did, the point is
            hollow; where all did, a cross stands at the foot.
        xlabel: name of the horizontal axis.
        ylabel: name of the vertical axis.
        is_share: whether the means are fractions, which are written in percent.
        is_log: whether they are on a logarithmic scale, if they span a wide range.
        is_ordered: whether the curves are those of growing numbers: the larger, the darker.
        title: what the panel shows.

    >>> from rosenblatt.plotting import new_figure
    >>> figure, (ax,) = new_figure()
    >>> plot_setting_curves(ax, [0.1, 1.0], {"relu": ([0.8, 0.9], [0.05, 0.02])}, xlabel="rate")
    >>> ax.get_xlabel()
    'rate'
    """
    dress(ax, xlabel=xlabel, ylabel=f"{ylabel} (%)" if is_share else ylabel, title=title)
    at = _places(ax, "x", x)
    scale = 100 if is_share else 1
    middles = np.array(
        [scale * np.asarray(means, dtype=np.float64) for means, _ in curves.values()]
    )
    finite = middles[np.isfinite(middles)]
    if is_log and is_wide(finite):
        ax.set_yscale("log", nonpositive="clip")
        ax.set_ylim(finite.min() / 2, finite.max() * 2)
    some_lost = all_lost = False
    colors = _colors(list(curves), is_ordered=is_ordered)
    for number, (name, (means, halves)) in enumerate(curves.items()):
        middle, half = (scale * np.asarray(one, dtype=np.float64) for one in (means, halves))
        low, high = middle - half, middle + half
        if is_share:
            low, high = np.maximum(low, 0.0), np.minimum(high, 100.0)
        color, marker = colors[number], CLASS_MARKERS[number % len(CLASS_MARKERS)]
        ax.fill_between(at, low, high, color=color, alpha=0.16, linewidth=0, zorder=1.5)
        ax.plot(
            at,
            middle,
            color=color,
            linewidth=LINE_WIDTH,
            marker=marker,
            markersize=3.6,
            zorder=2.5,
            label=as_written(name) if name else None,
        )
        gone = np.zeros(len(at)) if lost is None else np.asarray(lost[name], dtype=np.float64)
        partly, wholly = (gone > 0) & np.isfinite(middle), (gone > 0) & ~np.isfinite(middle)
        some_lost, all_lost = some_lost or bool(partly.any()), all_lost or bool(wholly.any())
        if partly.any():
            hollow: dict[str, Any] = {"marker": marker, "markerfacecolor": PAPER, "linestyle": ""}
            ax.plot(at[partly], middle[partly], color=color, markersize=4.2, zorder=2.6, **hollow)
        if wholly.any():
            # Of several curves, the crosses stand above each other.
            height = np.full(int(wholly.sum()), 0.03 + 0.045 * number)
            foot: dict[str, Any] = {"transform": ax.get_xaxis_transform(), "zorder": 2.6}
            ax.plot(at[wholly], height, "x", color=color, markersize=4.5, **foot)
    notes = _notes(some_lost, all_lost)
    if list(curves) != [""] or notes:
        legend_below(ax, handles=[*ax.get_legend_handles_labels()[0], *notes])


def _notes(some_lost: bool, all_lost: bool) -> list[Line2D]:
    """Return the entries of a legend for networks that diverged."""
    style: dict[str, Any] = {"linestyle": "", "color": MUTED, "markersize": 4.5}
    notes = []
    if some_lost:
        notes.append(
            Line2D([], [], marker="o", markerfacecolor=PAPER, label="some diverged", **style)
        )
    if all_lost:
        notes.append(Line2D([], [], marker="x", label="all diverged", **style))
    return notes


def _colors(names: Sequence[str], *, is_ordered: bool) -> list[Any]:
    if len(names) == 1:
        return [ACCENT]
    if not is_ordered and len(names) <= len(CLASS_COLORS):
        return list(CLASS_COLORS[: len(names)])
    return [_GROWING(0.25 + 0.7 * i / (len(names) - 1)) for i in range(len(names))]


def is_number(values: Sequence[Any]) -> bool:
    """Return whether values are numbers, and no truth values."""
    numbers = all(isinstance(one, int | float | np.number) for one in values)
    return numbers and not any(isinstance(one, bool | np.bool_) for one in values)


def is_wide(values: Numbers) -> bool:
    """Return whether numbers belong on a logarithmic axis."""
    return bool(len(values) > 1 and values.min() > 0 and values.max() >= WIDE * values.min())


def _scale(ax: Axes, axis: str, values: Numbers) -> bool:
    """Make an axis logarithmic if its values span a wide range; return whether it is."""
    if not is_wide(values):
        return False
    ax.set(**{f"{axis}scale": "log"})
    (ax.xaxis if axis == "x" else ax.yaxis).set_minor_locator(NullLocator())
    return True


def _places(ax: Axes, axis: str, values: Sequence[Any]) -> Numbers:
    """Return where the values of an axis are, and set its scale and names."""
    if is_number(values):
        at = np.array(values, dtype=np.float64)
        _scale(ax, axis, at)
        return at
    return _named(ax, axis, values)


def _named(ax: Axes, axis: str, values: Sequence[Any]) -> Numbers:
    step = max(1, math.ceil(len(values) / MOST_NAMES))
    ticks = list(range(0, len(values), step))
    names = ["default" if values[i] is None else as_written(values[i]) for i in ticks]
    ax.set(**{f"{axis}ticks": ticks, f"{axis}ticklabels": names})
    return np.arange(len(values), dtype=np.float64)


def _lay_out(ax: Axes, axis: str, values: Sequence[Any]) -> tuple[Numbers, Numbers]:
    """Return where the values of an axis are, and the edges of their cells, one more."""
    few = len(values) < 4 or not is_number(values)
    if few:
        shown = [f"{one:.4g}" if isinstance(one, float) else one for one in values]
        at = _named(ax, axis, shown)
        return at, np.r_[at - 0.5, at[-1] + 0.5]
    at = np.array(values, dtype=np.float64)
    if _scale(ax, axis, at):
        return at, np.asarray(np.exp(_edges(np.log(at))))
    return at, _edges(at)


def _edges(at: Numbers) -> Numbers:
    between = (at[1:] + at[:-1]) / 2
    return np.r_[2 * at[0] - between[0], between, 2 * at[-1] - between[-1]]


def norm_of(values: Numbers, *, is_share: bool, is_log: bool) -> Normalize:
    """Return the scale of colours of numbers, those that are not finite left out.

    On a logarithmic scale, numbers beyond 1000 times the median have the colour of the end, so that
    a network that has nearly diverged does not take the colours from the others.
    """
    finite = values[np.isfinite(values)]
    if not len(finite):
        return Normalize(0, 1)
    low, high = float(finite.min()), float(finite.max())
    if is_log and low > 0 and high > WIDE * low:
        return LogNorm(low, min(high, MOST_ABOVE * float(np.median(finite))))
    high = high if high > low else low + 1
    return PowerNorm(TOP_HEAVY, low, high) if is_share else Normalize(low, high)


def _mark_lost(
    ax: Axes,
    edges: tuple[Numbers, Numbers],
    places: tuple[Numbers, Numbers],
    z: Numbers,
    lost: npt.ArrayLike | None,
) -> None:
    """Hatch the cells whose networks all diverged, and put a cross where some did."""
    if lost is None:
        return
    share = np.asarray(lost, dtype=np.float64)
    notes: list[Any] = []
    gone = ~np.isfinite(z) & (share > 0)
    if gone.any():
        notes.append(_hatch(ax, *edges, gone))
    lines, columns = np.nonzero(np.isfinite(z) & (share > 0))
    if len(lines) and max(z.shape) <= MOST_MARKED:
        notes.append(_crosses(ax, places[0][columns], places[1][lines], max(z.shape)))
    if notes:
        legend_below(ax, handles=notes)


def _crosses(ax: Axes, x: Numbers, y: Numbers, n: int) -> Line2D:
    """Mark means of which some networks are missing, and return the entry of the legend."""
    style: dict[str, Any] = {
        "marker": "x",
        "linestyle": "",
        "color": PAPER,
        "markersize": 4.0 if n <= 20 else 2.2,
        "markeredgewidth": 0.9 if n <= 20 else 0.6,
        "path_effects": [withStroke(linewidth=1.8, foreground=INK)],
    }
    ax.plot(x, y, zorder=2.2, **style)
    return Line2D([], [], label="some diverged", **(style | {"markersize": 4.0}))


def _hatch(ax: Axes, edges_x: Numbers, edges_y: Numbers, gone: npt.NDArray[np.bool_]) -> Patch:
    """Hatch cells, and return the entry of the legend."""
    style: dict[str, Any] = {"facecolor": PAPER, "edgecolor": MUTED, "hatch": "////"}
    for row in range(len(gone)):
        line = np.r_[False, gone[row], False]
        starts = np.flatnonzero(line[1:] & ~line[:-1])
        stops = np.flatnonzero(~line[1:] & line[:-1])
        for start, stop in zip(starts, stops, strict=True):
            ax.fill_between(
                edges_x[[start, stop]],
                edges_y[row],
                edges_y[row + 1],
                zorder=1.2,
                linewidth=0,
                **style,
            )
    return Patch(label="all diverged", linewidth=0.6, **style)


def ticks_apart(norm: PowerNorm) -> list[float]:
    """Return round numbers from the top of a colour bar down, as far as there is room for them."""
    low, high = float(norm.vmin or 0.0), float(norm.vmax or 1.0)
    candidates = MaxNLocator(12, steps=[1, 2, 5, 10]).tick_values(low, high)
    ticks: list[float] = []
    for tick in reversed([float(one) for one in candidates if low <= one <= high]):
        if not ticks or norm(ticks[-1]) - norm(tick) >= LEAST_APART:
            ticks.append(tick)
    return ticks


def _bar(ax: Axes, drawn: Any, label: str, *, is_share: bool) -> None:
    is_beyond = isinstance(drawn.norm, LogNorm) and np.max(drawn.get_array()) > drawn.norm.vmax
    extend = "max" if is_beyond else "neither"
    bar = ax.figure.colorbar(drawn, ax=ax, pad=0.02, aspect=28, extend=extend)
    bar.set_label(f"{label} (%)" if is_share else label, fontsize=FONT_SIZE, color=INK)
    bar.ax.tick_params(labelsize=SMALL_FONT_SIZE, labelcolor=INK, color=MUTED, length=3)
    bar.outline.set_visible(False)
    if isinstance(drawn.norm, PowerNorm):
        bar.set_ticks(ticks_apart(drawn.norm))
    if isinstance(drawn.norm, LogNorm):
        bar.ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        bar.ax.yaxis.set_minor_formatter(FuncFormatter(lambda value, _: ""))
