"""The figures of the benchmark."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter, NullLocator

from benchmarks.contenders import CONTENDERS, OURS, UPDATES
from benchmarks.results import GrowthCurve, RowResult
from rosenblatt.plotting.style import (
    ACCENT,
    BATCH_COLORS,
    GRID,
    INK,
    LINE_WIDTH,
    MUTED,
    PAPER,
    SMALL_FONT_SIZE,
    class_style,
    dress,
    legend,
)

_ORDER = (OURS, *(name for name in CONTENDERS if name not in (OURS, UPDATES)))


def draw_contenders(rows: Sequence[RowResult]) -> Figure:
    """Return the figure of all rows: a line for each, a marker for each contender, log axis."""
    figure = Figure(figsize=(8.2, 1.4 + 0.42 * len(rows)), layout="constrained", facecolor=PAPER)
    ax = figure.subplots()
    for place, row in enumerate(rows):
        timed = [entry for entry in row.entries if entry.rounds and entry.contender in _ORDER]
        if not timed:
            continue
        times = [entry.nanoseconds for entry in timed]
        ax.plot([min(times), max(times)], [place, place], color=GRID, linewidth=3, zorder=1)
    for number, name in enumerate(_ORDER):
        color, marker = class_style(number)
        points = [
            (entry.nanoseconds, place)
            for place, row in enumerate(rows)
            for entry in row.entries
            if entry.contender == name and entry.rounds
        ]
        if not points:
            continue
        x, y = zip(*points, strict=True)
        ax.plot(
            x,
            y,
            linestyle="none",
            marker=marker,
            markersize=9 if name == OURS else 6.5,
            color=color,
            markeredgecolor=PAPER,
            markeredgewidth=0.8,
            zorder=4 if name == OURS else 3,
            label=CONTENDERS[name].title,
        )
    _write_ratios(ax, rows)
    dress(ax, xlabel="nanoseconds per sample and member (logarithmic; less is better)", ylabel="")
    ax.set_xscale("log")
    ax.set_yticks(range(len(rows)), labels=[row.work.title for row in rows])
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.grid(visible=False, axis="y")
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)
    legend(ax, loc="lower center", bbox_to_anchor=(0.2, 1.0), ncols=3)
    return figure


def _write_ratios(ax: Axes, rows: Sequence[RowResult]) -> None:
    """Write next to each row how many times as long as this engine JAX takes."""
    ratios = {
        place: entry.times_ours
        for place, row in enumerate(rows)
        for entry in row.entries
        if entry.contender == "jax" and entry.times_ours is not None
    }
    if not ratios:
        return
    style: dict[str, Any] = {
        "transform": ax.get_yaxis_transform(),
        "fontsize": SMALL_FONT_SIZE,
        "color": INK,
    }
    ax.text(1.02, -0.75, "JAX ÷ ours", ha="left", va="bottom", **style)
    for place, ratio in ratios.items():
        ax.text(1.02, place, f"{ratio:.1f}", ha="left", va="center", **style)


_PANELS = {
    "rows": ("samples", "seconds per epoch", "Time against samples"),
    "epochs": ("epochs", "seconds per call", "Time against epochs"),
    "members": ("members", "seconds per call", "Time against members"),
    "memory": ("epochs", "peak memory (MiB)", "Memory against epochs"),
}


def draw_scaling(series: Sequence[GrowthCurve]) -> Figure:
    """Return the figure of four panels, log against log, each with a line of slope 1."""
    figure = Figure(figsize=(8.2, 6.2), layout="constrained", facecolor=PAPER)
    for ax, (panel, (xlabel, ylabel, title)) in zip(
        figure.subplots(2, 2).ravel(), _PANELS.items(), strict=True
    ):
        _draw_panel(ax, [curve for curve in series if curve.panel == panel])
        dress(ax, xlabel=xlabel, ylabel=ylabel, title=title)
    return figure


def _draw_panel(ax: Axes, curves: Sequence[GrowthCurve]) -> None:
    unit = 2.0**20 if curves[0].panel == "memory" else 1.0
    ax.set_xscale("log")
    ax.set_yscale("log")
    for curve, color, marker in zip(curves, (ACCENT, BATCH_COLORS[10]), ("o", "s"), strict=False):
        ax.plot(
            curve.x,
            np.array(curve.y) / unit,
            color=color,
            marker=marker,
            markersize=5,
            linewidth=LINE_WIDTH,
            label=f"{curve.label} (exponent {curve.exponent:.2f})",
        )
        x = np.array([curve.x[0], curve.x[-1]])
        ax.plot(
            x,
            curve.y[-1] / unit * x / x[-1],
            color=MUTED,
            linestyle=(0, (1, 2)),
            linewidth=1.0,
            zorder=1,
            label="slope 1" if curve is curves[-1] else "_",
        )
    low = min(min(curve.y) for curve in curves) / unit
    high = max(max(curve.y) for curve in curves) / unit
    # Through the last point a line of slope 1 can start far below everything that was measured.
    ax.set_ylim(low / 3, high * 3)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(LogLocator(base=10, numticks=12))
        axis.set_minor_locator(NullLocator())
    legend(ax, loc="upper left")
