"""E1: does the perceptron separate two Gaussians that lie far apart? (Figures 1 and 9.)"""

from collections.abc import Mapping
from typing import Any

from rosenblatt.experiments import replay
from rosenblatt.experiments.base import (
    Experiment,
    Row,
    Tables,
    Task,
    chunks,
    joined,
    points,
    prefixed,
)
from rosenblatt.experiments.two_gaussians import SETTINGS, fresh, train_perceptron
from rosenblatt.training import Run

MEAN = 10.0
MOST_CURVES = 10
"""More curves than these tell no more; E2 has the accuracies of all seeds."""


def replayed() -> Tables:
    """Return the replay: its curve, its points, its line."""
    train, test = replay.gaussians(MEAN)
    run = train_perceptron(train, test)
    w1, w2 = run.params["0.weight"][:, 0].tolist()
    return {
        "curve": _curve(run),
        "points": points(train, test),
        "line": [{"w1": w1, "w2": w2, "b": run.params["0.bias"].item()}],
        "summary": [_summary(run, protocol="replay", seed=replay.SEED)],
    }


def own(first: int, stop: int) -> Tables:
    """Return the curves of runs on data of their own, split by class."""
    runs = {seed: train_perceptron(*fresh(MEAN, 1.0, seed)) for seed in range(first, stop)}
    return {
        "curves": [row for seed, run in runs.items() for row in prefixed(_curve(run), seed=seed)],
        "summary": [_summary(run, protocol="own", seed=seed) for seed, run in runs.items()],
    }


def tasks(seeds: int) -> list[Task]:
    """Return the replay, and runs of our own."""
    parts = chunks(min(seeds, MOST_CURVES), at_once=5)
    return [
        Task(("replay",), replayed, {}, cost=0.3),
        *(Task(("own", part["first"]), own, part, cost=1.5) for part in parts),
    ]


def collect(outputs: Mapping[tuple[Any, ...], Tables]) -> Tables:
    """Return the curves, the points, the line, and the accuracies at start and end."""
    first = outputs["replay",]
    return {
        "replay_curve": first["curve"],
        "own_curves": joined(outputs, "own", "curves"),
        "points": first["points"],
        "line": first["line"],
        "summary": [*first["summary"], *joined(outputs, "own", "summary")],
    }


def _curve(run: Run) -> list[Row]:
    return [
        {
            "epoch": row["epoch"],
            "train_loss": row["train_loss"],
            "test_loss": row["test_loss"],
            "train_error": 1 - row["train_accuracy"],
            "test_error": 1 - row["test_accuracy"],
        }
        for row in run.history
    ]


def _summary(run: Run, **first: Any) -> Row:
    start, end = run.history[0], run.history[-1]
    return {
        **first,
        "start_test_accuracy": start["test_accuracy"],
        "test_accuracy": end["test_accuracy"],
        "train_accuracy": end["train_accuracy"],
        "mistakes": end["mistakes"],
    }


EXPERIMENT = Experiment(
    id="E1",
    title="A perceptron on two Gaussians",
    question="Does the perceptron separate two classes with means (10, 10) and (0, 0)?",
    settings={**SETTINGS, "means": "(10, 10) and (0, 0)", "covariance": "I"},
    tasks=tasks,
    collect=collect,
)
