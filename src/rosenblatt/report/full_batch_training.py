"""Drawing, numbers and a judge that E4 and E5 share: training on the full batch."""

import math
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from rosenblatt.experiments import Result
from rosenblatt.experiments.base import mean_and_sd
from rosenblatt.plotting import legend, plot_accuracy, plot_loss
from rosenblatt.plotting.style import INK, LINE_WIDTH
from rosenblatt.report.evidence import (
    among,
    percent_interval,
    percent_of,
    points_of,
    spread_in_points,
)
from rosenblatt.report.format import count, percent, plain
from rosenblatt.report.parts import Results, Values
from rosenblatt.report.rows import columns, points, rows, runs
from rosenblatt.report.verdicts import Finding, certain, effect, judged


def draw_loss(
    ax: Axes, results: Results, experiment: str, *, own: bool, title: str = "Loss"
) -> None:
    """Draw the loss of the replay, if asked among the own seeds."""
    replay = columns(results[experiment].tables["replay_curve"])
    others = _others(results, experiment, "test_loss") if own else []
    plot_loss(
        ax,
        replay["epoch"],
        replay["train_loss"],
        replay["test_loss"],
        others=others,
        title=title,
        ylabel="mean cross-entropy",
    )
    if others:
        # The losses of random initial weights would squeeze everything else.
        later = [losses[epochs >= epochs[-1] / 20].max() for epochs, losses in others]
        ax.set_ylim(0, 1.1 * max(*later, replay["train_loss"].max(), replay["test_loss"].max()))


def draw_accuracy(
    ax: Axes, results: Results, experiment: str, *, own: bool, title: str = "Accuracy"
) -> None:
    """Draw the accuracy of the replay, if asked among the own seeds."""
    replay = columns(results[experiment].tables["replay_curve"])
    plot_accuracy(
        ax,
        replay["epoch"],
        replay["train_accuracy"],
        replay["test_accuracy"],
        others=_others(results, experiment, "test_accuracy") if own else (),
        title=title,
    )
    if own and "bayes" in results[experiment].tables:
        _draw_other_rules(ax, results[experiment])


def _draw_other_rules(ax: Axes, result: Result) -> None:
    """Draw the accuracies of the Bayes rule and of logistic regression; the legend names them."""
    (bayes,) = rows(result.tables["bayes"])
    logistic = rows(result.tables["logistic"], draw=0)[0]
    for name, accuracy, dashes in (
        ("Bayes rule", bayes["accuracy"], "-"),
        ("logistic regression", logistic["test_accuracy"], ":"),
    ):
        ax.axhline(
            accuracy,
            color=INK,
            linewidth=LINE_WIDTH * 0.7,
            linestyle=dashes,
            zorder=1.8,
            label=name,
        )
    legend(ax, loc="lower right")


def _others(results: Results, experiment: str, name: str) -> list[tuple[Any, Any]]:
    curves = runs(results[experiment].tables["own_curves"], draw=0)
    return [(curve["epoch"], curve[name]) for curve in curves]


def say_range(low: float, high: float) -> str:
    """Write what runs start between, which is one number where there is one run."""
    return f"at {percent(low)}" if low == high else f"between {percent(low)} and {percent(high)}"


def full_batch_facts(results: Results, experiment: str) -> dict[str, Any]:
    """Return the numbers that the prose on E4 and E5 speaks of."""
    result = results[experiment]
    curve = columns(result.tables["replay_curve"])
    own = columns(result.tables["summary"], protocol="own", draw=0)
    loss = curve["train_loss"]
    n_test = len(points(result.tables["points"], "test")[1])
    end = float(curve["test_accuracy"][-1])
    before = int(np.searchsorted(curve["epoch"], curve["epoch"][-1] - 100))
    return {
        "epochs": int(curve["epoch"][-1]),
        "learning_rate": plain(result.settings["learning rate"]),
        "n_test": n_test,
        "standard_error": math.sqrt(end * (1 - end) / n_test),
        "eval_every": int(curve["epoch"][1] - curve["epoch"][0]),
        "replay": rows(result.tables["summary"], protocol="replay")[0],
        "n_own": len(own["test_accuracy"]),
        "own_start": mean_and_sd(own["start_test_accuracy"]),
        "own_start_range": say_range(
            float(own["start_test_accuracy"].min()), float(own["start_test_accuracy"].max())
        ),
        "own_end": mean_and_sd(own["test_accuracy"]),
        "own_test_loss": mean_and_sd(own["test_loss"]),
        "steps": len(loss) - 1,
        "steps_down": int(np.sum(np.diff(loss) < 0)),
        "late_from": int(curve["epoch"][before]),
        "late_loss": float(loss[before]),
        "late_fall": float(loss[before] - loss[-1]),
        "gap": float(curve["train_accuracy"][-1] - curve["test_accuracy"][-1]),
        "loss_gap": float(curve["test_loss"][-1] - curve["train_loss"][-1]),
    }


def run_and_others(
    results: Results, experiment: str, claimed: float, tolerance: float, others: Values, column: str
) -> Finding:
    """Judge a claim about the source's own run, and say how typical the run is."""
    summary = results[experiment].tables["summary"]
    (run,) = rows(summary, protocol="replay")
    sets = {
        "training set": run[f"{column}train_accuracy"],
        "test set": run[f"{column}test_accuracy"],
    }
    found = {
        f"on the {name}": certain(value, above=claimed - tolerance, below=claimed + tolerance)
        for name, value in sets.items()
    }
    values = ", ".join(f"{percent(value)} on the {name}" for name, value in sets.items())
    return judged(
        found,
        f"The replay of the source's run has {values}. Over {count(len(others))} runs from other "
        f"initial weights the mean on the test set is {percent_interval(effect(others))}"
        + (
            f", with a standard deviation of {spread_in_points(others)}."
            if len(others) > 1
            else "."
        ),
        points_of,
        among(sets["test set"], others, percent_of),
    )
