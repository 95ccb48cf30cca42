"""Figures of E2, the distance between the means, and the numbers that its text names."""

import math
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from rosenblatt.experiments import replay
from rosenblatt.plotting import dress
from rosenblatt.plotting.curves import percent_axis
from rosenblatt.plotting.style import CONTRAST, INK, LINE_WIDTH
from rosenblatt.report.format import percent, percent_spread, plain, plural
from rosenblatt.report.parts import Panel, ReportFigure, Results
from rosenblatt.report.perceptron_accuracy import draw_accuracy, draw_legend
from rosenblatt.report.rows import columns, rows


def _draw(ax: Axes, results: Results) -> None:
    tables = results["E2"].tables
    accuracy = columns(tables["accuracy"])
    draw_accuracy(
        ax,
        accuracy,
        tables["runs"],
        key="m",
        position=np.sqrt,
        xlabel="m, means at [m, m] and [0, 0] (square-root axis)",
    )
    ax.plot(
        np.sqrt(accuracy["m"].astype(float)),
        accuracy["replayed"],
        linestyle="none",
        marker="x",
        markersize=7,
        markeredgewidth=1.8,
        color=CONTRAST,
        zorder=4,
        label="replay",
    )
    draw_legend(ax, "lower right")


def _draw_trajectory(ax: Axes, results: Results) -> None:
    path = columns(results["E2"].tables["trajectory"])
    ax.plot(path["epoch"], path["test_accuracy"], color=CONTRAST, linewidth=LINE_WIDTH * 0.6)
    ax.axhline(facts_of(results)["closest"]["bayes"], color=INK, linewidth=LINE_WIDTH * 0.75)
    dress(ax, xlabel="epoch", ylabel="test accuracy (%)")
    percent_axis(ax)


def _caption_trajectory(results: Results) -> str:
    facts = facts_of(results)
    low, high = facts["trajectory"]
    return (
        "The replay at m = 1 does not settle: its test accuracy over the last "
        f"{facts['n_trajectory']} epochs goes to and fro between {percent(low)} and "
        f"{percent(high)}, and the {percent(facts['closest']['replayed'])} of the table are where "
        "it happened to be "
        f"when training stopped. Line: the Bayes rule, {percent(facts['closest']['bayes'])}."
    )


def _caption(results: Results) -> str:
    facts = facts_of(results)
    close = facts["closest"]
    return (
        "Test accuracy of the perceptron against the distance of the means. Crosses: the "
        "replay, a single run each. "
        f"Markers: mean ± standard deviation of {plural(facts['n_own'], 'own seed')} with the "
        "weights of the last epoch, the best weights met (pocket), the average of all weights, "
        "and linear discriminant analysis (LDA) of the same points; behind them the seeds, or bars "
        "that hold 90 % of them. Line: the Bayes rule, which no other beats on fresh data. At m = "
        f"{plain(close['m'])} the last weights have "
        f"{percent_spread(close['last_mean'], close['last_sd'])} %, the pocket "
        f"{percent_spread(close['pocket_mean'], close['pocket_sd'])} %, the Bayes rule "
        f"{percent(close['bayes'])}."
    )


def facts_of(results: Results) -> dict[str, Any]:
    """Return the numbers that the text of the section names."""
    result = results["E2"]
    table = rows(result.tables["accuracy"])
    path = columns(result.tables["trajectory"])["test_accuracy"]
    n_test = len(replay.gaussians(0.0)[1])
    errors = [math.sqrt(row["replayed"] * (1 - row["replayed"]) / n_test) for row in table]
    closest = next(row for row in table if row["m"] == 1)
    last = columns(result.tables["runs"], weights="last", m=1.0)["test_accuracy"]
    return {
        "rows": table,
        "n_own": int(table[0]["seeds"]),
        "n_test": n_test,
        "trajectory": (path.min(), path.max()),
        "n_trajectory": len(path),
        "worst_difference": max(abs(row["replayed"] - row["reported"]) for row in table),
        "largest_error": max(errors),
        "below_closest": int(np.sum(last < closest["replayed"])),
        "closest": closest,
        "touching": next(row for row in table if row["m"] == 0),
    }


FIGURES = (
    ReportFigure(
        key="accuracy_against_distance",
        title="Accuracy against the distance of the means",
        panels=(
            Panel(
                _draw,
                "Test accuracy against the distance of the means, for three choices of "
                "weights, the replay and the Bayes rule.",
            ),
        ),
        caption=_caption,
        panel_size=(4.6, 3.3),
    ),
    ReportFigure(
        key="last_epochs",
        title="The last epochs of the replay at m = 1",
        panels=(
            Panel(
                _draw_trajectory,
                "Test accuracy against epoch over the last 500 epochs, a jagged line.",
            ),
        ),
        caption=_caption_trajectory,
        panel_size=(4.6, 2.6),
    ),
)
