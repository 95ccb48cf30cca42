"""Drawing, table columns and accuracies that E2 and E3 share."""

from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv
from matplotlib.axes import Axes

from rosenblatt.plotting import dress, legend
from rosenblatt.plotting.curves import percent_axis
from rosenblatt.plotting.style import CLASS_COLORS, INK, LINE_WIDTH, MUTED
from rosenblatt.report.format import (
    percent_number,
    percent_spread,
)
from rosenblatt.report.parts import Column, Results, Row, Values
from rosenblatt.report.rows import Columns, columns

WEIGHTS: dict[str, tuple[str, str]] = {
    "last": (CLASS_COLORS[0], "o"),
    "pocket": (CLASS_COLORS[4], "s"),
    "averaged": (CLASS_COLORS[2], "^"),
    "lda": (CLASS_COLORS[3], "D"),
}
"""Colour and marker for each choice of the weights that a perceptron keeps, and for LDA."""


MOST_DOTS = 12
"""With more seeds for each value, dots would hide each other."""


Position = Callable[[npt.NDArray[np.float64]], npt.NDArray[np.float64]]


def draw_accuracy(
    ax: Axes,
    accuracy: Columns,
    runs: pa.Table,
    *,
    key: str,
    position: Position,
    xlabel: str,
    title: str | None = None,
) -> None:
    """Draw mean ± sd of each choice of weights, all seeds, and the Bayes accuracy.

    A few seeds are dots; of many, a bar holds 90 %.

    Args:
        ax: drawn into and labelled; without a legend, so that a caller can add to it.
        accuracy: the columns ``key``, ``<weights>_mean``, ``<weights>_sd`` and ``bayes``.
        runs: rows of ``key``, weights and test_accuracy, one per seed.
        key: the number that varies.
        position: where a value of it stands on the axis, evenly enough to be read.
        xlabel: the name of the axis.
        title: what the panel shows.
    """
    values = accuracy[key].astype(float)
    at = position(values)
    step = 0.022 * float(np.ptp(at) or 1.0)
    ax.plot(at, accuracy["bayes"], color=INK, linewidth=LINE_WIDTH * 0.75, label="Bayes rule")
    for place, (weights, (color, marker)) in enumerate(WEIGHTS.items()):
        shift = (place - 1.5) * step
        seeds = columns(runs, weights=weights)
        if len(seeds[key]) <= MOST_DOTS * len(values):
            ax.plot(
                position(seeds[key].astype(float)) + shift,
                seeds["test_accuracy"],
                linestyle="none",
                marker=".",
                markersize=3.5,
                markeredgecolor="none",
                color=color,
                alpha=0.45,
            )
        else:
            low, high = (
                [np.quantile(seeds["test_accuracy"][seeds[key] == value], q) for value in values]
                for q in (0.05, 0.95)
            )
            ax.vlines(at + shift, low, high, color=color, linewidth=4.5, alpha=0.22)
        deviations = np.array([sd or 0.0 for sd in accuracy[f"{weights}_sd"]], dtype=float)
        ax.errorbar(
            at + shift,
            accuracy[f"{weights}_mean"],
            yerr=np.nan_to_num(deviations),
            color=color,
            marker=marker,
            markersize=4.5,
            linewidth=LINE_WIDTH * 0.6,
            linestyle=":",
            elinewidth=1.1,
            label="LDA" if weights == "lda" else f"{weights} weights",
        )
    ax.axhline(0.5, color=MUTED, linewidth=0.7, linestyle=(0, (1, 2)), zorder=0.8)
    ax.set_xticks(at, labels=[f"{value:g}" for value in values])
    dress(ax, xlabel=xlabel, ylabel="test accuracy (%)", title=title)
    ax.grid(visible=False, axis="x")
    percent_axis(ax)


def draw_legend(ax: Axes, loc: str) -> None:
    """Draw the legend with the error bars shortened to their markers."""
    legend(ax, loc=loc, numpoints=1)


def _spread_cell(row: Row, weights: str) -> str:
    return percent_spread(row[f"{weights}_mean"], row[f"{weights}_sd"])


_LDA = Column("LDA", partial(_spread_cell, weights="lda"))


PERCEPTRON_COLUMNS = (
    Column("last weights", partial(_spread_cell, weights="last")),
    Column("pocket", partial(_spread_cell, weights="pocket")),
    Column("averaged", partial(_spread_cell, weights="averaged")),
    _LDA,
    Column("Bayes", lambda row: percent_number(row["bayes"])),
)


def accuracies_of(results: Results, rule: str, column: str, **where: object) -> Values:
    """Return a column of the runs at one m (E2) or s (E3), for one choice of the weights."""
    name = "E2" if "m" in where else "E3"
    return columns(results[name].tables["runs"], weights=rule, **where)[column]
