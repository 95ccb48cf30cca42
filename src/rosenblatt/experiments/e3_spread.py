"""E3: how does the perceptron's accuracy fall as the classes spread? (Table 2.)

The report's Table 2 repeats Table 1, and its "spread" s is a variance in the table's header but a
standard deviation in the code. Both readings are measured.
"""

import math
from collections.abc import Mapping
from typing import Any

from rosenblatt.analysis.bayes import equal_gaussians_accuracy
from rosenblatt.experiments.base import Experiment, Tables, Task, chunks, prefixed
from rosenblatt.experiments.two_gaussians import SEEDS_FOR_EACH, SETTINGS, accuracies, summarise

MEAN = 10.0
SPREADS = (1.0, 5.0, 10.0, 20.0, 30.0, 50.0, 100.0)
POWERS = {"variance": 1, "standard deviation": 2}
"""The power of a spread s that is the variance of each coordinate, by reading."""


def tasks(seeds: int) -> list[Task]:
    """Return the runs of all seeds, for each reading and spread."""
    return [
        Task(
            (reading, s, part["first"]),
            accuracies,
            {"mean": MEAN, "variance": s**power, **part},
            cost=0.004 * (part["stop"] - part["first"]),
        )
        for reading, power in POWERS.items()
        for s in SPREADS
        for part in chunks(SEEDS_FOR_EACH * seeds, at_once=100)
    ]


def collect(outputs: Mapping[tuple[Any, ...], Tables]) -> Tables:
    """Return the accuracy by reading and spread, with the Bayes accuracy."""
    table, runs = [], []
    for reading, power in POWERS.items():
        for s in SPREADS:
            keys = [key for key in outputs if key[:2] == (reading, s)]
            rows = [row for key in keys for row in outputs[key]["runs"]]
            distance = MEAN * math.sqrt(2) / math.sqrt(s**power)
            bayes = equal_gaussians_accuracy(distance)
            table.append({"reading": reading, "s": s, **summarise(rows), "bayes": bayes})
            runs += prefixed(rows, reading=reading, s=s)
    return {"accuracy": table, "runs": runs}


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
