"""Figures of E3, the spread of the classes, and the numbers that its text names."""

from typing import Any

import numpy as np
import pyarrow as pa
from matplotlib.axes import Axes

from rosenblatt.report.format import plural
from rosenblatt.report.parts import Panel, ReportFigure, Results, Row
from rosenblatt.report.perceptron_accuracy import draw_accuracy, draw_legend
from rosenblatt.report.rows import columns, rows

PRINTED_AT_LARGE_SPREAD = 0.425
"""Test accuracy "at [50, 50] or greater", as the source prints it."""


VARIANCE = "variance"


STANDARD_DEVIATION = "standard deviation"


def _draw_variance(ax: Axes, results: Results) -> None:
    _draw(ax, results, VARIANCE)
    draw_legend(ax, "lower left")


def _draw_standard_deviation(ax: Axes, results: Results) -> None:
    _draw(ax, results, STANDARD_DEVIATION)


def _draw(ax: Axes, results: Results, reading: str) -> None:
    tables = results["E3"].tables
    draw_accuracy(
        ax,
        columns(tables["accuracy"], reading=reading),
        tables["runs"].filter(pa.array(tables["runs"]["reading"].to_numpy() == reading)),
        key="s",
        position=np.log10,
        xlabel="s (logarithmic axis)",
        title=f"s read as the {reading}",
    )
    ax.set_ylim(0.28, 1.03)


def _caption(results: Results) -> str:
    facts = facts_of(results)
    return (
        "Test accuracy of the perceptron, means at [10, 10] and [0, 0], against the spread s of "
        "both classes: read as their variance (first, covariance s·I) and as their standard "
        "deviation (second, covariance s²·I). Mean ± standard deviation of "
        f"{plural(facts['n_own'], 'own seed')}, with the seeds, or bars that hold 90 % of them, "
        "behind; line: the Bayes rule; dotted: guessing."
    )


def facts_of(results: Results) -> dict[str, Any]:
    """Return the numbers that the text of the section names."""
    table = rows(results["E3"].tables["accuracy"])

    def at_least_50(reading: str) -> list[Row]:
        return [row for row in table if row["reading"] == reading and row["s"] >= 50]

    return {
        "n_own": int(table[0]["seeds"]),
        "printed": PRINTED_AT_LARGE_SPREAD,
        "variance": at_least_50(VARIANCE),
        "standard_deviation": at_least_50(STANDARD_DEVIATION),
    }


FIGURES = (
    ReportFigure(
        key="accuracy_against_spread",
        title="Accuracy against the spread, in both readings",
        panels=(
            Panel(_draw_variance, "Test accuracy against s read as the variance."),
            Panel(
                _draw_standard_deviation,
                "Test accuracy against s read as the standard deviation.",
            ),
        ),
        caption=_caption,
    ),
)
