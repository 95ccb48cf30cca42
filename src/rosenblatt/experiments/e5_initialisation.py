"""E5: how much of E4 is an accident of its initial weights? (Figure 12.)"""

from collections.abc import Mapping
from typing import Any

from rosenblatt.engines import ENGINES, Samples
from rosenblatt.experiments import full_batch
from rosenblatt.experiments.base import Experiment, Row, Tables, Task, chunks, joined, prefixed
from rosenblatt.experiments.two_moons import (
    SETTINGS,
    curve,
    drawn,
    network,
    on_fresh,
    start_and_end,
    train_seeds,
)

REPLAY_SEED = 4
STARTS_FOR_EACH = 10
"""Initialisations for each seed: measuring them takes no training."""
SCALES = (1e-4, 1e-3, 1e-2, 0.1, 0.3, 1.0)
"""Standard deviations of the initial weights."""
MOST_SCALED = 30
"""Seeds at most for each of them."""


def starts(first: int, stop: int) -> Tables:
    """Return the accuracies of initial weights."""
    data, test = drawn(0)
    model = network()
    members = [model.init(seed) for seed in range(first, stop)]
    engine, loss = ENGINES["compiled"](), model.default_loss
    on_train, on_test = (
        engine.evaluate_many(model, loss, members, Samples.of(model, loss, part, "float64"))
        for part in (data, test)
    )
    return {
        "starts": [
            {"seed": first + i, "train_accuracy": one.accuracy, "test_accuracy": other.accuracy}
            for i, (one, other) in enumerate(zip(on_train, on_test, strict=True))
        ]
    }


def scaled(std: float, first: int, stop: int) -> Tables:
    """Return curves and ends of runs whose initial weights are N(0, std²)."""
    runs = train_seeds(first, stop, std=std)
    curves = [row for run in runs for row in prefixed(curve(run), std=std, seed=run.seed)]
    ends: list[Row] = [
        {**start_and_end(run, std=std, seed=run.seed), **fresh}
        for run, fresh in zip(runs, on_fresh(runs), strict=True)
    ]
    return {"curves": curves, "summary": ends}


def tasks(seeds: int) -> list[Task]:
    """Return the replay, runs of our own, initial weights, and their scales."""
    scaled_seeds = chunks(min(seeds, MOST_SCALED))
    return [
        *full_batch.tasks_of(REPLAY_SEED, seeds, draws=1),
        Task(("starts",), starts, {"first": 0, "stop": STARTS_FOR_EACH * seeds}, cost=0.1),
        *(
            Task(("scaled", std, part["first"]), scaled, {"std": std, **part}, cost=0.03 * seeds)
            for std in SCALES
            for part in scaled_seeds
        ),
    ]


def collect(outputs: Mapping[tuple[Any, ...], Tables]) -> Tables:
    """Return the tables of :mod:`.full_batch`, the starts, and the scales."""
    return {
        **full_batch.collected(outputs),
        "starts": outputs["starts",]["starts"],
        "scaled_curves": joined(outputs, "scaled", "curves"),
        "scaled": joined(outputs, "scaled", "summary"),
    }


EXPERIMENT = Experiment(
    id="E5",
    title="Another initialisation",
    question="What changes in E4 when the weights are drawn with seed 4 in place of 42?",
    settings={
        **SETTINGS,
        "batch size": 800,
        "the source's initialisation seed": REPLAY_SEED,
        "standard deviations of the initial weights": list(SCALES),
    },
    tasks=tasks,
    collect=collect,
)
