"""Figures and the table of the tasks of 1986, and the numbers that the text names."""

import math
from typing import Any

import numpy as np
import pyarrow as pa
from matplotlib.axes import Axes
from matplotlib.ticker import NullFormatter

from rosenblatt.plotting import dress
from rosenblatt.plotting.style import (
    CLASS_COLORS,
    CLASS_MARKERS,
    CONTRAST,
    FAINT_WIDTH,
    INK,
    LINE_WIDTH,
    MUTED,
    legend,
)
from rosenblatt.report.format import number, plain, plural
from rosenblatt.report.parts import Column, Panel, ReportFigure, ReportTable, Results, Row
from rosenblatt.report.rows import columns, rows
from rosenblatt.reproductions.xor.claims import SHORT_CUTS, conditions, sweeps_of
from rosenblatt.reproductions.xor.experiment import NAME, WIDTHS

PUBLISHED = {SHORT_CUTS: 558, "parity of 4 bits": 2825, "symmetry of 6 bits": 1425}
# Text on the cells of the code, whose colours are the same in dark mode.
ON_DARK, ON_LIGHT = "#fefefe", "#1c2026"
_SHORT = {SHORT_CUTS: "exclusive or", "parity of 4 bits": "parity of 4 bits"}


def _draw_sweeps(ax: Axes, results: Results, problem: str) -> None:
    ends = [PUBLISHED[problem]]
    for (name, runs), color in zip(conditions(results, problem), CLASS_COLORS, strict=False):
        sweeps = np.sort(sweeps_of(runs))
        learned = sweeps[np.isfinite(sweeps)]
        # The curve rises from no run at the first that has learned.
        x = np.concatenate([learned[:1], learned])
        y = 100 * np.arange(len(x)) / len(sweeps)
        label = name.replace("changed after each ", "")
        ax.step(x, y, where="post", color=color, linewidth=LINE_WIDTH, label=label)
        ends += [int(learned[0]), int(learned[-1])] if len(learned) else []
    ax.axvline(PUBLISHED[problem], color=INK, linewidth=FAINT_WIDTH * 1.3, linestyle=(0, (4, 2)))
    ax.set_xscale("log")
    # Whole decades, so that at least two marks of the axis have a number.
    ax.set_xlim(10 ** math.floor(math.log10(min(ends))), 10 ** math.ceil(math.log10(max(ends))))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.set_ylim(0, 103)
    title = _SHORT.get(problem, problem)
    dress(ax, xlabel="sweeps", ylabel="runs that have learned (%)", title=title)
    # Few runs learn parity in few sweeps.
    if problem == "parity of 4 bits":
        legend(ax, loc="upper left")


def _panel(problem: str) -> Panel:
    return Panel(
        lambda ax, results: _draw_sweeps(ax, results, problem),
        f"{problem}: share of runs that have learned against sweeps, by condition.",
    )


def _draw_widths(ax: Axes, results: Results) -> None:
    medians: dict[str, list[float]] = {}
    for width in WIDTHS:
        for name, runs in conditions(results, f"exclusive or, {width} hidden units"):
            half = float(np.quantile(sweeps_of(runs), 0.5, method="inverted_cdf"))
            medians.setdefault(name, []).append(half)
    for (name, values), color, marker in zip(
        medians.items(), CLASS_COLORS, CLASS_MARKERS, strict=False
    ):
        label = name.replace("changed after each ", "")
        ax.plot(WIDTHS, values, color=color, marker=marker, linewidth=LINE_WIDTH * 0.7, label=label)
    ax.plot(
        WIDTHS,
        [280 - 33 * math.log2(width) for width in WIDTHS],
        color=INK,
        linewidth=LINE_WIDTH,
        linestyle=(0, (4, 2)),
        label="280 − 33 log₂ H",
    )
    ax.set_xscale("log", base=2)
    ax.set_xticks(WIDTHS, [str(width) for width in WIDTHS])
    ax.set_ylim(bottom=0)
    dress(ax, xlabel="hidden units, H", ylabel="sweeps, median")
    legend(ax, loc="upper right")


def _draw_weights(ax: Axes, results: Results) -> None:
    table = columns(results[NAME].tables["symmetry"], reach=0.3, update="sweep")
    for seed in np.unique(table["seed"]):
        for unit in (0, 1):
            chosen = (table["seed"] == seed) & (table["unit"] == unit)
            weights = table["value"][chosen][np.argsort(table["place"][chosen])]
            # The order of the three pairs is free, and so is the sign.
            order = np.argsort(np.abs(weights[:3]))
            half, other = weights[:3][order], weights[::-1][:3][order]
            half, other = (half, other) if half[-1] > 0 else (other, half)
            scale = np.abs(weights).max() / 4
            ax.plot(
                [1, 2, 3, 4, 5, 6],
                np.concatenate([half, other[::-1]]) / scale,
                color=MUTED if seed else CONTRAST,
                linewidth=FAINT_WIDTH if seed else LINE_WIDTH,
                alpha=1.0 if not seed else 0.4,
                marker="o",
                markersize=3 if seed else 4.5,
                zorder=3 if not seed else 2,
            )
    for size in (1, 2, 4):
        for sign in (-1, 1):
            ax.axhline(sign * size, color=INK, linewidth=FAINT_WIDTH, linestyle=":")
    ax.set_xticks([1, 2, 3, 4, 5, 6], ["a", "b", "c", "c′", "b′", "a′"])
    ax.set_yticks([-4, -2, -1, 0, 1, 2, 4])
    dress(ax, xlabel="place, pairs sorted by size", ylabel="weight (largest = 4)")


def _draw_codes(ax: Axes, results: Results) -> None:
    table = columns(results[NAME].tables["codes"], reach=0.3, update="sweep")
    seed = table["seed"].min(initial=0)
    chosen = table["seed"] == seed
    shown = np.zeros((8, 3))
    shown[table["place"][chosen], table["unit"][chosen]] = table["value"][chosen]
    ax.imshow(shown, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for place, row in enumerate(shown):
        for unit, value in enumerate(row):
            ax.text(
                unit,
                place,
                f"{value:.2f}",
                ha="center",
                va="center",
                fontsize="small",
                color=ON_DARK if value > 0.6 else ON_LIGHT,
            )
    dress(ax, xlabel="hidden unit", ylabel="pattern")
    ax.grid(visible=False)
    ax.set_xticks([0, 1, 2], ["1", "2", "3"])
    ax.set_yticks(range(8), [str(place + 1) for place in range(8)])


def _caption_sweeps(results: Results) -> str:
    facts = facts_of(results)
    return (
        "Share of runs in which every output is on the right side of ½, against sweeps through "
        "all patterns; dashed: the published number of one run. Initial weights are uniform in "
        "[−r, r], and change after each sweep or each pattern. "
        f"{plural(facts['seeds'], 'seed')} of exclusive or, fewer of the others "
        "([[table_sweeps]])."
    )


def facts_of(results: Results) -> dict[str, Any]:
    """Return the numbers that the text names."""
    table = rows(results[NAME].tables["summary"])

    def of(problem: str, reach: float, update: str) -> Row:
        (row,) = (
            row
            for row in table
            if (row["problem"], row["reach"], row["update"]) == (problem, reach, update)
        )
        return row

    two = [row for row in table if row["problem"] == "exclusive or, 2 hidden units"]
    return {
        "seeds": max(row["seeds"] for row in table),
        "xor": _sweeps_cell(of(SHORT_CUTS, 0.3, "sweep")["median"]),
        "symmetry": _sweeps_cell(of("symmetry of 6 bits", 0.3, "sweep")["median"]),
        "parity": _sweeps_cell(of("parity of 4 bits", 1.0, "pattern")["median"]),
        "never": sum(row["never"] for row in two),
        "runs": sum(row["seeds"] for row in two),
    }


def _sweeps_cell(value: float | None) -> str:
    return "never" if value is None or not math.isfinite(value) else number(value, 0)


def _table_rows(results: Results) -> pa.Table:
    return results[NAME].tables["summary"]


TABLES = (
    ReportTable(
        key="table_sweeps",
        title="Sweeps until learned",
        rows=_table_rows,
        columns=(
            Column("problem", lambda row: row["problem"], is_text=True),
            Column(
                "weights",
                lambda row: f"r = {plain(row['reach'])}, each {row['update']}",
                is_text=True,
            ),
            Column("runs", lambda row: str(row["seeds"])),
            Column("never", lambda row: str(row["never"])),
            Column("5 %", lambda row: _sweeps_cell(row["low"])),
            Column("median", lambda row: _sweeps_cell(row["median"])),
            Column("95 %", lambda row: _sweeps_cell(row["high"])),
        ),
        caption=lambda _: (
            "Sweeps until every output is on the right side of ½, by initial weights and by when "
            "they change: quantiles over all runs, of which those that never learn take longer "
            "than any."
        ),
        grouped=True,
    ),
)

FIGURES = (
    ReportFigure(
        key="sweeps",
        title="Runs that have learned, against sweeps",
        panels=tuple(_panel(problem) for problem in PUBLISHED),
        caption=_caption_sweeps,
        panel_size=(2.4, 2.6),
    ),
    ReportFigure(
        key="widths",
        title="Sweeps of exclusive or against hidden units",
        panels=(Panel(_draw_widths, "More hidden units need fewer sweeps in all conditions."),),
        caption=lambda _: (
            "Median sweeps until exclusive or is learned against the number of hidden units, at "
            "η = 0.25, beside the published line."
        ),
        panel_size=(4.4, 3.0),
    ),
    ReportFigure(
        key="weights",
        title="Weights of symmetry",
        panels=(Panel(_draw_weights, "Weights are opposite in mirrored places, as 1 to 2 to 4."),),
        caption=lambda _: (
            "The weights of both hidden units of all networks that learned symmetry with r = 0.3 "
            "and changes after each sweep, divided so that the largest is 4. Pairs of mirrored "
            "places are sorted by size, since their order is free; one network is drawn thick. "
            "Dotted: ±1, ±2 and ±4."
        ),
        panel_size=(4.4, 3.0),
    ),
    ReportFigure(
        key="codes",
        title="A code",
        panels=(Panel(_draw_codes, "Eight patterns, three hidden units each."),),
        caption=lambda _: (
            "The values of the three hidden units of one 8-3-8 encoder for each of its patterns "
            "(r = 0.3, changes after each sweep)."
        ),
        panel_size=(2.8, 3.0),
    ),
)
