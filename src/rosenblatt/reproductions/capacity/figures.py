"""Figures of the capacity of a linear classifier, and the numbers that its text names."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from rosenblatt.plotting import dress
from rosenblatt.plotting.curves import percent_axis
from rosenblatt.plotting.style import (
    CLASS_MARKERS,
    FAINT_WIDTH,
    INK,
    LINE_WIDTH,
    MUTED,
    RAMP,
    legend,
)
from rosenblatt.report.format import plural
from rosenblatt.report.parts import Panel, ReportFigure, Results
from rosenblatt.report.rows import columns, groups
from rosenblatt.reproductions.capacity.experiment import NAME, share_of_separable


def _draw_shares(ax: Axes, results: Results) -> None:
    for (d, found), color, marker in zip(
        groups(results[NAME].tables["shares"], "d"), RAMP, CLASS_MARKERS, strict=False
    ):
        n = np.arange(d, 3 * d + 1)
        ax.plot(
            n / d, [share_of_separable(int(i), d) for i in n], color=color, linewidth=LINE_WIDTH
        )
        ax.plot(
            found["n"] / d,
            found["share"],
            linestyle="none",
            marker=marker,
            markersize=4.5,
            color=color,
            label=f"d = {d}",
        )
    ax.axvline(2, color=MUTED, linewidth=FAINT_WIDTH, linestyle=":")
    ax.axhline(0.5, color=MUTED, linewidth=FAINT_WIDTH, linestyle=":")
    dress(ax, xlabel="points per dimension, N / d", ylabel="separable draws (%)")
    percent_axis(ax)
    legend(ax, loc="lower left")


def _draw_mistakes(ax: Axes, results: Results) -> None:
    for (d, found), color, marker in zip(
        groups(results[NAME].tables["perceptrons"], "d"), RAMP[::2], CLASS_MARKERS, strict=False
    ):
        ax.loglog(
            found["bound"],
            np.maximum(found["mistakes"], 1),
            linestyle="none",
            marker=marker,
            markersize=3.5,
            alpha=0.75,
            color=color,
            label=f"d = {d}",
        )
    ends = np.array(ax.get_xlim())
    ax.plot(ends, ends, color=INK, linewidth=LINE_WIDTH * 0.75)
    ax.set_xlim(*ends)
    dress(ax, xlabel="Novikoff's bound, (R/γ)²", ylabel="mistakes until there are none")
    legend(ax, loc="upper left")


def _caption_shares(results: Results) -> str:
    facts = facts_of(results)
    return (
        "Share of draws in which N Gaussian points in d dimensions with random labels are "
        f"separable by a hyperplane through 0. Markers: {plural(facts['seeds'], 'draw')} each; "
        "lines: Cover's theorem; dotted: one half, and N = 2d."
    )


def _caption_mistakes(results: Results) -> str:
    facts = facts_of(results)
    return (
        f"Mistakes of {plural(facts['perceptrons'], 'perceptron')} on separable draws until they "
        "make none, against (R/γ)²: R is the largest length of a point, γ the largest margin that "
        f"a line through 0 has. Line: equality. The largest share of its bound that one needed is "
        f"{facts['largest']:.2f}, the median share {facts['median']:.2f}."
    )


def facts_of(results: Results) -> dict[str, Any]:
    """Return the numbers that the text names."""
    tables = results[NAME].tables
    shares = columns(tables["shares"])
    perceptrons = columns(tables["perceptrons"])
    ratios = perceptrons["mistakes"] / perceptrons["bound"]
    points = columns(tables["points"], load=2.0)
    return {
        "seeds": int(shares["seeds"][0]),
        "at_twice": float(points["separable"].mean()),
        "draws_at_twice": len(points["separable"]),
        "perceptrons": len(ratios),
        "largest": float(ratios.max()),
        "median": float(np.median(ratios)),
    }


FIGURES = (
    ReportFigure(
        key="separable",
        title="Separable draws against points per dimension",
        panels=(Panel(_draw_shares, "Share of separable draws falls from 1 to 0 around N = 2d."),),
        caption=_caption_shares,
        panel_size=(4.8, 3.2),
    ),
    ReportFigure(
        key="mistakes",
        title="Mistakes of perceptrons against their bound",
        panels=(Panel(_draw_mistakes, "All mistakes lie below the line of equality."),),
        caption=_caption_mistakes,
        panel_size=(4.2, 3.2),
    ),
)
