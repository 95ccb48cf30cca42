"""E2: how does the perceptron's accuracy fall as the means approach each other? (Table 1.)"""

import math
from collections.abc import Mapping
from typing import Any

from rosenblatt.analysis.bayes import equal_gaussians_accuracy, linear_accuracy
from rosenblatt.data import gaussians_density
from rosenblatt.experiments import reference_numbers, replay
from rosenblatt.experiments.base import Experiment, Tables, Task, chunks, prefixed
from rosenblatt.experiments.two_gaussians import (
    EPOCHS,
    SEEDS_FOR_EACH,
    SETTINGS,
    accuracies,
    summarise,
    train_perceptron,
)

MEANS = tuple(reference_numbers.TABLE_1)
TRAJECTORY_MEAN = 1.0
TRAJECTORY_EPOCHS = 500
"""The last epochs of the run whose accuracy the source calls to be expected."""


def replayed(m: float) -> Tables:
    """Return the replay at means (m, m) and (0, 0): how it ended, and its last epochs."""
    with_path = m == TRAJECTORY_MEAN
    run = train_perceptron(*replay.gaussians(m), eval_every=1 if with_path else EPOCHS)
    density = gaussians_density(means=[(0, 0), (m, m)])
    exact = linear_accuracy(run.params["0.weight"], run.params["0.bias"].item(), density)
    path = [
        {
            "epoch": row["epoch"],
            "train_accuracy": row["train_accuracy"],
            "test_accuracy": row["test_accuracy"],
        }
        for row in run.history
        if with_path and row["epoch"] > EPOCHS - TRAJECTORY_EPOCHS
    ]
    end = {"test_accuracy": run.history[-1]["test_accuracy"], "exact_accuracy": exact.value}
    return {"end": [end], "trajectory": path}


def tasks(seeds: int) -> list[Task]:
    """Return, for each m, the replay and the runs of all seeds."""
    planned = []
    for m in MEANS:
        cost = 0.2 if m == TRAJECTORY_MEAN else 0.06
        planned.append(Task(("replay", m), replayed, {"m": m}, cost))
        for part in chunks(SEEDS_FOR_EACH * seeds, at_once=100):
            how = {"mean": m, "variance": 1.0, **part}
            cost = 0.004 * (part["stop"] - part["first"])
            planned.append(Task(("own", m, part["first"]), accuracies, how, cost))
    return planned


def collect(outputs: Mapping[tuple[Any, ...], Tables]) -> Tables:
    """Return Table 1 with its replay, our means over seeds, and the Bayes accuracy."""
    table, runs = [], []
    for m in MEANS:
        own = [row for key in outputs if key[:2] == ("own", m) for row in outputs[key]["runs"]]
        end = outputs["replay", m]["end"][0]
        last = [row["test_accuracy"] for row in own if row["weights"] == "last"]
        table.append(
            {
                "m": m,
                "reported": reference_numbers.TABLE_1[m],
                "replayed": end["test_accuracy"],
                "replayed_exact": end["exact_accuracy"],
                "percentile": percentile(end["test_accuracy"], last),
                **summarise(own),
                "bayes": equal_gaussians_accuracy(m * math.sqrt(2)),
            }
        )
        runs += prefixed(own, m=m)
    trajectory = outputs["replay", TRAJECTORY_MEAN]["trajectory"]
    return {"accuracy": table, "runs": runs, "trajectory": trajectory}


def percentile(value: float, among: list[float]) -> float:
    """Return the share of ``among`` that lies below ``value``, ties counting half.

    >>> percentile(2.0, [1.0, 2.0, 3.0, 4.0])
    0.375
    """
    below = sum(other < value for other in among) + sum(other == value for other in among) / 2
    return below / len(among)


EXPERIMENT = Experiment(
    id="E2",
    title="The distance between the means",
    question="How does accuracy fall as the mean (m, m) of one class nears (0, 0), the other's?",
    settings={**SETTINGS, "means": "(m, m) and (0, 0)", "m": list(MEANS), "covariance": "I"},
    tasks=tasks,
    collect=collect,
)
