"""How does the test error depend on the width of a network? (Belkin et al. 2019, on MNIST-1D.)

A network with two hidden layers of the same width trains on 4000 rows of MNIST-1D, with labels as
they are and with labels of which 15 % were drawn anew from all ten, and is tested on 12 000 rows.
The rows are those of the source: the generator has its seed. All seeds of a width train together.
"""

import math
from collections.abc import Mapping
from functools import lru_cache, partial
from itertools import pairwise
from typing import Any

from rosenblatt.data import Dataset, mnist1d
from rosenblatt.experiments.base import Experiment, Row, Tables, Task, chunks, joined
from rosenblatt.layers import Layer, Linear, ReLU, Uniform
from rosenblatt.models import Sequential
from rosenblatt.optimizers import SGD
from rosenblatt.random import stream
from rosenblatt.training.calls import train_many

NAME = "double-descent"
WIDTHS = (2, 4, 7, 12, 16, 21, 27, 36, 47, 61, 80, 104, 300)
FULL_WIDTHS = (2, 3, 4, 5, 7, 9, 12, 16, 21, 27, 36, 47, 61, 80, 104, 135, 177, 230, 300)
"""Units of each hidden layer; those of the source."""
FIRST_MINIMUM = 16
"""The width at which the source's test error with noise has its first minimum."""
NOISES = (0.0, 0.15)
"""Shares of training labels that are drawn anew."""
DATA_SEED = 42
TRAIN, TEST = 4000, 12_000
EPOCHS = 500
BATCH_SIZE = 100
AT_ONCE = 6
"""Seeds that train together."""


@lru_cache(maxsize=2)
def data(noise: float) -> tuple[Dataset, Dataset]:
    """Return the training set, a share of its labels drawn anew from all ten, and the test set."""
    whole = mnist1d(TRAIN + TEST, seed=DATA_SEED)
    labels = whole.y[:TRAIN].copy()
    rng = stream(DATA_SEED, f"{NAME}.labels")
    is_new = rng.random(TRAIN) < noise
    labels[is_new] = rng.integers(0, 10, size=is_new.sum())
    classes = range(10)
    return (
        Dataset(whole.X[:TRAIN], labels, classes=classes),
        Dataset(whole.X[TRAIN:], whole.y[TRAIN:], classes=classes),
    )


def network(width: int) -> Sequential:
    """Return the network; its weights are from U(−1/√n, 1/√n) for n inputs of a layer.

    >>> sum(value.size for value in network(47).init(0).values())
    4663
    """
    sizes = (40, width, width, 10)
    layers: list[Layer] = []
    for n_inputs, n_outputs in pairwise(sizes):
        layers += [Linear(n_inputs, n_outputs, Uniform(1 / math.sqrt(n_inputs))), ReLU()]
    return Sequential(layers[:-1])


def fitted(width: int, noise: float, first: int, stop: int) -> Tables:
    """Train networks of a width, and return their errors on both sets."""
    train, test = data(noise)
    model = network(width)
    runs = train_many(
        model,
        train,
        test=test,
        seeds=range(first, stop),
        loss="softmax_cross_entropy",
        optimizer=SGD(0.01, momentum=0.9),
        epochs=EPOCHS,
        batch_size=BATCH_SIZE,
        eval_every=EPOCHS,
        dtype="float32",
    )
    rows: list[Row] = []
    for run in runs:
        last = run.history[-1]
        rows.append(
            {
                "noise": noise,
                "width": width,
                "seed": run.seed,
                "train_error": 1 - last["train_accuracy"],
                "test_error": 1 - last["test_accuracy"],
                "train_loss": last["train_loss"],
                "test_loss": last["test_loss"],
            }
        )
    return {"errors": rows}


def tasks(seeds: int, widths: tuple[int, ...]) -> list[Task]:
    """Return a task for each width, with and without noise, and each few seeds."""
    planned = []
    for noise in NOISES:
        for width in widths:
            for part in chunks(seeds, AT_ONCE):
                how = {"width": width, "noise": noise, **part}
                n = part["stop"] - part["first"]
                cost = 1 + 1.4e-4 * n * width * (width + 50)
                planned.append(Task(("fitted", width, noise, part["first"]), fitted, how, cost))
    return planned


def collect(outputs: Mapping[tuple[Any, ...], Tables]) -> Tables:
    """Return the errors of all networks, and the width at which each seed's test error is largest.

    Widths below 16, on the first fall of the test error, are left out of that.
    """
    errors = joined(outputs, "fitted", "errors")
    by_run: dict[tuple[float, int], list[Row]] = {}
    for row in errors:
        if row["width"] >= FIRST_MINIMUM:
            by_run.setdefault((row["noise"], row["seed"]), []).append(row)
    peaks = [
        {
            "noise": noise,
            "seed": seed,
            "width": max(rows, key=lambda row: row["test_error"])["width"],
        }
        for (noise, seed), rows in by_run.items()
    ]
    return {"errors": errors, "peaks": peaks}


def _experiment(widths: tuple[int, ...]) -> Experiment:
    return Experiment(
        id=NAME,
        title="Double descent",
        question="How does the test error depend on the width of a network?",
        settings={
            "data": f"MNIST-1D, seed {DATA_SEED}: {TRAIN} rows for training, {TEST} for testing",
            "noise": "share of training labels drawn anew from all ten: 0 and 0.15",
            "network": "40-h-h-10, ReLU, weights from U(−1/√n, 1/√n), biases of 0",
            "h": list(widths),
            "loss": "softmax cross-entropy",
            "optimizer": "gradient descent, learning rate 0.01, momentum 0.9",
            "batch size": BATCH_SIZE,
            "epochs": EPOCHS,
            "arithmetic": "float32",
        },
        tasks=partial(tasks, widths=widths),
        collect=collect,
    )


EXPERIMENT = _experiment(WIDTHS)
FULL = _experiment(FULL_WIDTHS)
