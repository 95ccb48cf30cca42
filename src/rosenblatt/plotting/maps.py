"""A number over two settings as a map, and against one setting as curves with intervals."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, LogNorm, Normalize, PowerNorm
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator

from rosenblatt.errors import ShapeError
from rosenblatt.plotting.contrast import legend_below
from rosenblatt.plotting.style import (
    ACCENT,
    CLASS_COLORS,
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
    a logarithmic axis where they span a wide range, others a place for each. Where a cell is empty
    because its networks diverged, it is hatched.

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
    """
    z = np.asarray(values, dtype=np.float64)
    if z.shape != (len(y), len(x)):
        raise ShapeError(f"the map is {z.shape}; the axes need ({len(y)}, {len(x)})")
    # The grid belongs behind the map, where nothing of it shows.
    dress(ax, xlabel=xlabel, ylabel=ylabel, title=title)
    ax.grid(visible=False)
    edges_x, edges_y = _lay_out(ax, "x", x), _lay_out(ax, "y", y)
    shown = 100 * z if is_share else z
    mesh = ax.pcolormesh(
        edges_x,
        edges_y,
        np.ma.masked_invalid(shown),
        cmap=_FALLING if is_share else _GROWING,
        norm=_norm(shown, is_share=is_share, is_log=is_log),
        zorder=1,
        rasterized=True,
    )
    _hatch(ax, edges_x, edges_y, z, lost)
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

    ``x``, ``y``, ``values`` and ``lost`` are (points,); points that diverged are crosses.
    """
    at_x, at_y, z = (np.asarray(one, dtype=np.float64) for one in (x, y, values))
    dress(ax, xlabel=xlabel, ylabel=ylabel)
    for axis, numbers in (("x", at_x), ("y", at_y)):
        _scale(ax, axis, numbers)
    shown = 100 * z if is_share else z
    has = np.isfinite(shown)
    if lost is not None:
        gone = ~has & (np.asarray(lost) > 0)
        if gone.any():
            ax.plot(
                at_x[gone],
                at_y[gone],
                "x",
                color=MUTED,
                markersize=3.5,
                markeredgewidth=0.8,
                label="diverged",
            )
            legend_below(ax)
    points = ax.scatter(
        at_x[has],
        at_y[has],
        c=shown[has],
        s=26 if len(z) <= 300 else 12,
        cmap=_FALLING if is_share else _GROWING,
        norm=_norm(shown, is_share=is_share, is_log=is_log),
        edgecolors=MUTED,
        linewidths=0.3,
        zorder=2,
    )
    _bar(ax, points, label, is_share=is_share)


def plot_setting_curves(
    ax: Axes,
    x: Sequence[Any],
    curves: Mapping[str, tuple[npt.ArrayLike, npt.ArrayLike]],
    *,
    xlabel: str = "x",
    ylabel: str = "y",
    is_share: bool = False,
    title: str | None = None,
) -> None:
    """Draw means against a setting, with bands of their intervals.

    Args:
        ax: any matplotlib axes; drawn into, labelled, and given a legend.
        x: the values of the setting, (S,), numbers in order or names.
        curves: by name, the means (S,) and half the widths of their intervals (S,); NaN where there
            are none. The name "" is for the only curve.
        xlabel: name of the horizontal axis.
        ylabel: name of the vertical axis.
        is_share: whether the means are fractions, which are written in percent.
        title: what the panel shows.
    """
    dress(ax, xlabel=xlabel, ylabel=f"{ylabel} (%)" if is_share else ylabel, title=title)
    at = _places(ax, "x", x)
    scale = 100 if is_share else 1
    for color, (name, (means, halves)) in zip(_colors(list(curves)), curves.items(), strict=True):
        middle, half = (scale * np.asarray(one, dtype=np.float64) for one in (means, halves))
        low, high = middle - half, middle + half
        ax.fill_between(at, low, high, color=color, alpha=0.18, linewidth=0, zorder=1.5)
        ax.plot(
            at,
            middle,
            color=color,
            linewidth=LINE_WIDTH,
            marker="o",
            markersize=3,
            zorder=2.5,
            label=as_written(name) if name else None,
        )
    if list(curves) != [""]:
        legend_below(ax)


def _colors(names: Sequence[str]) -> list[Any]:
    if len(names) == 1:
        return [ACCENT]
    if len(names) <= len(CLASS_COLORS):
        return list(CLASS_COLORS[: len(names)])
    return [_GROWING(0.15 + 0.85 * i / (len(names) - 1)) for i in range(len(names))]


def _is_number(values: Sequence[Any]) -> bool:
    numbers = all(isinstance(one, int | float | np.number) for one in values)
    return numbers and not any(isinstance(one, bool | np.bool_) for one in values)


def _is_wide(values: Numbers) -> bool:
    return bool(len(values) > 1 and values.min() > 0 and values.max() >= WIDE * values.min())


def _scale(ax: Axes, axis: str, values: Numbers) -> bool:
    """Make an axis logarithmic if its values span a wide range; return whether it is."""
    if not _is_wide(values):
        return False
    ax.set(**{f"{axis}scale": "log"})
    (ax.xaxis if axis == "x" else ax.yaxis).set_minor_locator(NullLocator())
    return True


def _places(ax: Axes, axis: str, values: Sequence[Any]) -> Numbers:
    """Return where the values of an axis are, and set its scale and names."""
    if _is_number(values):
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


def _lay_out(ax: Axes, axis: str, values: Sequence[Any]) -> Numbers:
    """Return the edges of the cells of an axis, one more than its values."""
    few = len(values) < 4 or not _is_number(values)
    if few:
        shown = [f"{one:.4g}" if isinstance(one, float) else one for one in values]
        at = _named(ax, axis, shown)
        return np.r_[at - 0.5, at[-1] + 0.5]
    at = np.array(values, dtype=np.float64)
    if _scale(ax, axis, at):
        return np.asarray(np.exp(_edges(np.log(at))))
    return _edges(at)


def _edges(at: Numbers) -> Numbers:
    between = (at[1:] + at[:-1]) / 2
    return np.r_[2 * at[0] - between[0], between, 2 * at[-1] - between[-1]]


def _norm(values: Numbers, *, is_share: bool, is_log: bool) -> Normalize:
    finite = values[np.isfinite(values)]
    if not len(finite):
        return Normalize(0, 1)
    low, high = float(finite.min()), float(finite.max())
    if is_log and low > 0 and high > WIDE * low:
        return LogNorm(low, high)
    high = high if high > low else low + 1
    return PowerNorm(TOP_HEAVY, low, high) if is_share else Normalize(low, high)


def _hatch(
    ax: Axes, edges_x: Numbers, edges_y: Numbers, z: Numbers, lost: npt.ArrayLike | None
) -> None:
    """Hatch the cells that are empty because networks diverged."""
    if lost is None:
        return
    gone = ~np.isfinite(z) & (np.asarray(lost, dtype=np.float64) > 0)
    if not gone.any():
        return
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
    patch = Patch(label="all diverged", linewidth=0.6, **style)
    legend_below(ax, handles=[patch])


def _apart(norm: PowerNorm) -> list[float]:
    """Return round numbers from the top of a colour bar down, as far as there is room for them."""
    low, high = float(norm.vmin or 0.0), float(norm.vmax or 1.0)
    candidates = MaxNLocator(12, steps=[1, 2, 5, 10]).tick_values(low, high)
    ticks: list[float] = []
    for tick in reversed([float(one) for one in candidates if low <= one <= high]):
        if not ticks or norm(ticks[-1]) - norm(tick) >= LEAST_APART:
            ticks.append(tick)
    return ticks


def _bar(ax: Axes, drawn: Any, label: str, *, is_share: bool) -> None:
    bar = ax.figure.colorbar(drawn, ax=ax, pad=0.02, aspect=28)
    bar.set_label(f"{label} (%)" if is_share else label, fontsize=FONT_SIZE, color=INK)
    bar.ax.tick_params(labelsize=SMALL_FONT_SIZE, labelcolor=INK, color=MUTED, length=3)
    bar.outline.set_visible(False)
    if isinstance(drawn.norm, PowerNorm):
        bar.set_ticks(_apart(drawn.norm))
    if isinstance(drawn.norm, LogNorm):
        bar.ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        bar.ax.yaxis.set_minor_formatter(FuncFormatter(lambda value, _: ""))
