"""Figures of E1, a perceptron on two Gaussians, and the numbers that its text names."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from rosenblatt.experiments.base import mean_and_sd
from rosenblatt.plotting import dress, legend, plot_curves, plot_dataset, plot_decision_line
from rosenblatt.plotting.curves import logarithmic_epoch_axis, percent_axis
from rosenblatt.report.format import number, percent, plain, plural
from rosenblatt.report.parts import Panel, ReportFigure, Results
from rosenblatt.report.rows import columns, groups, points, rows

PRINTED_ACCURACY = 1.0
"""Test accuracy, as the source prints it."""


def _draw_error(ax: Axes, results: Results) -> None:
    title = "What the source plots: error rate"
    _draw_curves(ax, results, "error", ylabel="error rate (%)", title=title)
    percent_axis(ax)


def _draw_criterion(ax: Axes, results: Results) -> None:
    title = "What the rule descends: criterion"
    _draw_curves(ax, results, "loss", ylabel="perceptron criterion (mean)", title=title)


def _draw_curves(ax: Axes, results: Results, measure: str, *, ylabel: str, title: str) -> None:
    tables = results["E1"].tables
    replay = columns(tables["replay_curve"])
    own = [curve for _, curve in groups(tables["own_curves"], "seed")]
    plot_curves(
        ax,
        replay["epoch"],
        replay[f"train_{measure}"],
        replay[f"test_{measure}"],
        others=[(curve["epoch"], curve[f"test_{measure}"]) for curve in own],
    )
    dress(ax, xlabel="epoch", ylabel=ylabel, title=title)
    logarithmic_epoch_axis(ax, int(replay["epoch"][-1]))
    ax.set_ylim(0, 1.45 * ax.get_ylim()[1])  # The legend has its room above the curves.
    legend(ax, loc="upper right")


def _caption_curves(results: Results) -> str:
    facts = facts_of(results)
    return (
        f"Replay (batch rule with bias, {facts['epochs']} epochs), and beneath it the "
        f"test curves of {plural(facts['n_own'], 'own seed')}, which are enough to see how such "
        "runs go. First, the share of misclassified points, which the source plots under the name "
        f"loss: it starts at {percent(facts['start_error'])} on the "
        "test set, because all-zero weights call every point +1"
        + (
            f", and is zero on both sets from epoch {facts['solved_at']} on. "
            if facts["solved_at"] is not None
            else f", and ends at {percent(facts['end_error'])}. "
        )
        + "Second, the mean of max(0, −y(w·x + b)), whose slope the rule follows: it is 0 at the "
        "start as well, where w = 0, and on the training set has its peak at "
        f"{number(facts['criterion_peak'], 4)}."
    )


def _draw_points(ax: Axes, results: Results) -> None:
    (X, y), (X_test, y_test) = (
        points(results["E1"].tables["points"], split) for split in ("train", "test")
    )
    plot_dataset(ax, X, y, ["class −1", "class +1"], X_test=X_test, y_test=y_test)
    (line,) = rows(results["E1"].tables["line"])
    ax.set_aspect("equal")
    plot_decision_line(ax, [line["w1"], line["w2"]], line["b"])
    legend(ax, loc="lower right")


def _caption_points(results: Results) -> str:
    facts = facts_of(results)
    return (
        f"The data of the replay, {facts['n_train']} training and {facts['n_test']} test points "
        "from two unit Gaussians, and the line on which the trained perceptron changes its mind. "
        f"Shuffling before the cut leaves {facts['n_test_positive']} test points of class +1 and "
        f"{facts['n_test_negative']} of class −1."
    )


def facts_of(results: Results) -> dict[str, Any]:
    """Return the numbers that the text of the section names."""
    result = results["E1"]
    curve = columns(result.tables["replay_curve"])
    train, test = (points(result.tables["points"], split)[1] for split in ("train", "test"))
    replay = rows(result.tables["summary"], protocol="replay")[0]
    own = columns(result.tables["summary"], protocol="own")
    wrong = np.flatnonzero((curve["train_error"] > 0) | (curve["test_error"] > 0))
    solved = wrong[-1] + 1 if len(wrong) else 0
    return {
        "epochs": int(curve["epoch"][-1]),
        "start_error": float(curve["test_error"][0]),
        "end_error": float(curve["test_error"][-1]),
        "solved_at": int(curve["epoch"][solved]) if solved < len(curve["epoch"]) else None,
        "criterion_peak": float(curve["train_loss"].max()),
        "n_train": len(train),
        "n_test": len(test),
        "n_test_positive": int(np.sum(test == 1)),
        "n_test_negative": int(np.sum(test == -1)),
        "replay": replay,
        "printed": PRINTED_ACCURACY,
        "own": mean_and_sd(own["test_accuracy"]),
        "n_own": len(own["test_accuracy"]),
        "learning_rate": plain(result.settings["learning rate"]),
    }


FIGURES = (
    ReportFigure(
        key="gaussians",
        number=9,
        title="The two Gaussians and the perceptron's line",
        panels=(
            Panel(
                _draw_points,
                "Scatter plot of two well separated clouds of points with a straight line "
                "between them.",
            ),
        ),
        caption=_caption_points,
        panel_size=(4.3, 3.1),
    ),
    ReportFigure(
        key="perceptron_loss",
        number=1,
        title="The perceptron's error rate and criterion",
        panels=(
            Panel(_draw_error, "Error rate against epoch, train and test."),
            Panel(_draw_criterion, "Mean perceptron criterion against epoch, train and test."),
        ),
        caption=_caption_curves,
    ),
)
