"""E1: does the perceptron separate two Gaussians that lie far apart? (Figures 1 and 9.)"""

from collections.abc import Mapping
from typing import Any

from rosenblatt.data import Dataset
from rosenblatt.experiments import replay
from rosenblatt.experiments.base import Experiment, Findings, Row, Task, points, prefixed
from rosenblatt.experiments.two_gaussians import SETTINGS, fresh, train_perceptron
from rosenblatt.training import Run

MEAN = 10.0


def replayed() -> tuple[Run, Dataset, Dataset]:
    """Return the as-published run with its data."""
    train, test = replay.gaussians(MEAN)
    return train_perceptron(train, test), train, test


def own(seed: int) -> Run:
    """Return a run on data of its own, split by class."""
    return train_perceptron(*fresh(MEAN, 1.0, seed))


def tasks(seeds: int) -> list[Task]:
    """Return the as-published run, and one run per seed."""
    first = Task(("replay",), replayed, {}, cost=0.2)
    return [first, *(Task(("own", seed), own, {"seed": seed}, cost=0.2) for seed in range(seeds))]


def collect(outputs: Mapping[tuple[Any, ...], Any]) -> Findings:
    """Return the curves, the points, and the accuracies at start and end."""
    replay_run, train, test = outputs["replay",]
    own_runs = {key[1]: run for key, run in outputs.items() if key[0] == "own"}
    return Findings(
        tables={
            "replay_curve": _curve(replay_run),
            "own_curves": [
                row for seed, run in own_runs.items() for row in prefixed(_curve(run), seed=seed)
            ],
            "points": points(train, test),
            "summary": [
                _summary(replay_run, protocol="as published", seed=replay.SEED),
                *(_summary(run, protocol="own", seed=seed) for seed, run in own_runs.items()),
            ],
        },
        runs={"replay": replay_run},
    )


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
