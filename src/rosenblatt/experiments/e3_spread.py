"""E3: how does the perceptron's accuracy fall as the classes spread? (Table 2.)

The report's Table 2 repeats Table 1, and its "spread" s is a variance in the table's header but a
standard deviation in the code. Both readings are measured.
"""

import math
from collections.abc import Mapping
from typing import Any

from rosenblatt.analysis.bayes import equal_gaussians_accuracy
from rosenblatt.experiments.base import Experiment, Findings, Task, prefixed
from rosenblatt.experiments.two_gaussians import SETTINGS, accuracies_over_seeds, summarise

MEAN = 10.0
SPREADS = (1.0, 5.0, 10.0, 20.0, 30.0, 50.0, 100.0)
POWERS = {"variance": 1, "standard deviation": 2}
"""The power of a spread s that is the variance of each coordinate, by reading."""


def tasks(seeds: int) -> list[Task]:
    """Return the runs of all seeds, for each reading and spread."""
    return [
        Task(
            (reading, s),
            accuracies_over_seeds,
            {"mean": MEAN, "variance": s**power, "seeds": seeds},
            cost=0.06 * seeds,
        )
        for reading, power in POWERS.items()
        for s in SPREADS
    ]


def collect(outputs: Mapping[tuple[Any, ...], Any]) -> Findings:
    """Return the accuracy by reading and spread, beside the Bayes accuracy."""
    table, runs = [], []
    for (reading, s), rows in outputs.items():
        distance = MEAN * math.sqrt(2) / math.sqrt(s ** POWERS[reading])
        table.append(
            {
                "reading": reading,
                "s": s,
                **summarise(rows),
                "bayes": equal_gaussians_accuracy(distance),
                "seeds": len({row["seed"] for row in rows}),
            }
        )
        runs += prefixed(rows, reading=reading, s=s)
    return Findings(tables={"accuracy": table, "runs": runs})


EXPERIMENT = Experiment(
    id="E3",
    title="The spread of the classes",
    question="How does accuracy fall as both classes spread around (10, 10) and (0, 0)?",
    settings={
        **SETTINGS,
        "means": "(10, 10) and (0, 0)",
        "spread s": list(SPREADS),
        "readings": "covariance s·I, and covariance s²·I",
    },
    tasks=tasks,
    collect=collect,
)
