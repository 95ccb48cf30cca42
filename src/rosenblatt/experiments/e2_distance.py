"""E2: how does the perceptron's accuracy fall as the means approach each other? (Table 1.)"""

import math
from collections.abc import Mapping
from typing import Any

from rosenblatt.analysis.bayes import equal_gaussians_accuracy
from rosenblatt.experiments import published, replay
from rosenblatt.experiments.base import Experiment, Findings, Task, prefixed
from rosenblatt.experiments.two_gaussians import (
    EPOCHS,
    SETTINGS,
    accuracies_over_seeds,
    summarise,
    train_perceptron,
)

MEANS = tuple(published.TABLE_1)


def replayed(m: float) -> float:
    """Return the test accuracy of the as-published run at means (m, m) and (0, 0)."""
    run = train_perceptron(*replay.gaussians(m), eval_every=EPOCHS)
    return float(run.history[-1]["test_accuracy"])


def tasks(seeds: int) -> list[Task]:
    """Return, for each m, the as-published run and the runs of all seeds."""
    return [
        task
        for m in MEANS
        for task in (
            Task(("replay", m), replayed, {"m": m}, cost=0.06),
            Task(
                ("own", m),
                accuracies_over_seeds,
                {"mean": m, "variance": 1.0, "seeds": seeds},
                cost=0.06 * seeds,
            ),
        )
    ]


def collect(outputs: Mapping[tuple[Any, ...], Any]) -> Findings:
    """Return Table 1 with its replay, our means over seeds, and the Bayes accuracy."""
    table = []
    for m in MEANS:
        rows = outputs["own", m]
        table.append(
            {
                "m": m,
                "reported": published.TABLE_1[m],
                "replayed": outputs["replay", m],
                **summarise(rows),
                "bayes": equal_gaussians_accuracy(m * math.sqrt(2)),
                "seeds": len({row["seed"] for row in rows}),
            }
        )
    runs = [row for m in MEANS for row in prefixed(outputs["own", m], m=m)]
    return Findings(tables={"accuracy": table, "runs": runs})


EXPERIMENT = Experiment(
    id="E2",
    title="The distance between the means",
    question="How does accuracy fall as the mean (m, m) of one class nears (0, 0), the other's?",
    settings={**SETTINGS, "means": "(m, m) and (0, 0)", "m": list(MEANS), "covariance": "I"},
    tasks=tasks,
    collect=collect,
)
