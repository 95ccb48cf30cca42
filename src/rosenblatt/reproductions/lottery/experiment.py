"""Which connections does a network need from the start? (Frankle and Carbin 2019, on MNIST-1D.)

A network is trained; its smallest weights are set to 0, those that stay are set back to what they
were before training, and the sparse network is trained in its turn: again and again, with fewer
weights each time. A ticket is such a sparse network before it is trained. It is compared with as
sparse a network whose zeros are drawn at random, with or without biases, and with its own zeros
under other initial weights.
"""

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.analysis.pruning import pruned
from rosenblatt.data import Dataset, mnist1d
from rosenblatt.experiments.base import Experiment, Row, Tables, Task, joined
from rosenblatt.layers import Linear, Params, ReLU, Residual, Uniform
from rosenblatt.models import Sequential
from rosenblatt.optimizers import Adam
from rosenblatt.training.calls import train

NAME = "lottery"
KEPT = (1.0, 0.7, 0.5, 0.35, 0.25, 0.17, 0.12, 0.08, 0.04)
"""Shares of the weights of each layer that are not 0, from training to training."""
FULL_KEPT = tuple(round(1 - share / 99, 4) for share in range(99))
"""Those of the source: a hundredth less each time."""
TICKET = 0.08
"""The share that the source's best ticket has, 92 % of its weights being 0."""
COMPARED = (0.25, TICKET, 0.04)
"""Shares from which on a network with random zeros is trained, once for each."""
OTHER = 1_000_000
"""Added to a seed, it gives the other initial weights."""
SHOWN_UNITS = 40
"""Units of the first seed's ticket whose connections are kept for a figure."""
UNITS = 500
TRAIN, TEST = 4000, 1000
DATA_SEED = 42
EPOCHS = 38
"""At 40 updates each: 1520 updates, where the source has 1502."""
BATCH_SIZE = 100


Mask = npt.NDArray[np.bool_]


@lru_cache(maxsize=1)
def data() -> tuple[Dataset, Dataset]:
    """Return the training and the test set: MNIST-1D as it is published."""
    whole = mnist1d(TRAIN + TEST, seed=DATA_SEED)
    classes = range(10)
    return (
        Dataset(whole.X[:TRAIN], whole.y[:TRAIN], classes=classes),
        Dataset(whole.X[TRAIN:], whole.y[TRAIN:], classes=classes),
    )


def network(*, bias: bool = True) -> Sequential:
    """Return h = relu(A x), h + relu(B h), C h; weights from U(−1/√n, 1/√n) for n inputs.

    Args:
        bias: whether the three layers add biases.

    >>> sum(value.size for value in network().init(0).values())
    276010
    """
    return Sequential(
        [
            _linear(40, UNITS, bias),
            ReLU(),
            Residual((_linear(UNITS, UNITS, bias), ReLU())),
            _linear(UNITS, 10, bias),
        ]
    )


def _linear(n_inputs: int, n_outputs: int, bias: bool) -> Linear:
    return Linear(n_inputs, n_outputs, Uniform(1 / math.sqrt(n_inputs)), bias=bias)


def tickets(seed: int, kept: Sequence[float]) -> Tables:
    """Train, prune and set back, share by share, and train networks to compare with."""
    model = network()
    start = model.init(seed, np.float32)
    trained = start
    rows: list[Row] = []
    connections: list[Row] = []
    for share in kept:
        ticket = pruned(start, share, by=trained)
        accuracy, trained = _trained(model, ticket, seed)
        rows.append(_row(seed, share, "ticket", accuracy, ticket))
        if share in _nearest(COMPARED, kept):
            random = pruned(start, share, seed=seed)
            rows.append(_row(seed, share, "random", _trained(model, random, seed)[0], random))
        if share in _nearest((TICKET,), kept):
            other = _with_zeros_of(model.init(seed + OTHER, np.float32), ticket)
            rows.append(_row(seed, share, "other", _trained(model, other, seed)[0], other))
            bare = network(bias=False)
            random = pruned(bare.init(seed, np.float32), share, seed=seed)
            rows.append(_row(seed, share, "no biases", _trained(bare, random, seed)[0], random))
            connections = _connections(ticket["0.weight"] != 0) if seed == 0 else []
    return {"accuracies": rows, "connections": connections}


def _nearest(shares: Sequence[float], kept: Sequence[float]) -> list[float]:
    """Return those of the kept shares that are nearest to some shares."""
    return [min(kept, key=lambda one: abs(one - share)) for share in shares]


def _row(seed: int, share: float, kind: str, accuracy: float, start: Params) -> Row:
    return {
        "seed": seed,
        "kept": share,
        "kind": kind,
        "test_accuracy": accuracy,
        "neighbours": neighbours(start["0.weight"] != 0),
    }


def _trained(model: Sequential, start: Params, seed: int) -> tuple[float, Params]:
    """Train from these weights, those of 0 staying 0; return test accuracy and weights."""
    train_set, test_set = data()
    run = train(
        model,
        train_set,
        test=test_set,
        loss="softmax_cross_entropy",
        optimizer=Adam(0.02, keep_zeros=True),
        epochs=EPOCHS,
        batch_size=BATCH_SIZE,
        shuffle=False,
        seed=seed,
        eval_every=EPOCHS,
        init_params=start,
        dtype="float32",
    )
    return float(run.history[-1]["test_accuracy"]), run.params


def _with_zeros_of(params: Params, ticket: Params) -> Params:
    """Return parameters with a 0 wherever a weight of the ticket is 0."""
    return {
        name: np.where(ticket[name] != 0, value, 0) if value.ndim == 2 else value
        for name, value in params.items()
    }


def neighbours(mask: Mask) -> float:
    """Return how much more often than by chance a kept input's next one is kept by the same unit.

    Args:
        mask: which weights of the first layer are kept, (inputs, units).

    Returns:
        The share of kept connections (i, j) whose (i + 1, j) is kept, divided by the share of all
        that are kept: 1 by chance, NaN where none is kept.

    >>> neighbours(np.array([[True, False], [True, False], [False, False], [False, False]]))
    2.0
    """
    pairs, kept = mask[:-1] & mask[1:], mask[:-1].sum()
    return float(pairs.sum() / kept / mask.mean()) if kept else float("nan")


def _connections(mask: Mask) -> list[Row]:
    """Return the kept inputs of the units that keep most, a row for each connection."""
    most = np.argsort(-mask.sum(axis=0), kind="stable")[:SHOWN_UNITS]
    return [
        {"unit": place, "input": int(i)}
        for place, unit in enumerate(most)
        for i in np.flatnonzero(mask[:, unit])
    ]


def tasks(seeds: int, kept: tuple[float, ...]) -> list[Task]:
    """Return a task for each seed: each training begins from what the one before has left."""
    return [
        Task(
            ("tickets", seed),
            tickets,
            {"seed": seed, "kept": list(kept)},
            4.0 * (len(kept) + len(COMPARED) + 2),
        )
        for seed in range(seeds)
    ]


def collect(outputs: Mapping[tuple[Any, ...], Tables]) -> Tables:
    """Return the accuracies of all networks, and the connections of a ticket."""
    return {
        "accuracies": joined(outputs, "tickets", "accuracies"),
        "connections": joined(outputs, "tickets", "connections"),
    }


def _experiment(kept: tuple[float, ...]) -> Experiment:
    return Experiment(
        id=NAME,
        title="Lottery tickets",
        question="Which connections does a network need from the start?",
        settings={
            "data": f"MNIST-1D, seed {DATA_SEED}: {TRAIN} rows for training, {TEST} for testing",
            "network": f"40-{UNITS}-{UNITS}-10, ReLU, the second hidden layer added to the first",
            "initial weights": "U(−1/√n, 1/√n) for n inputs, biases of 0",
            "optimizer": "Adam, learning rate 0.02",
            "batch size": BATCH_SIZE,
            "epochs": f"{EPOCHS}, all in the order of the data",
            "weights kept": list(kept),
            "pruning": "the smallest weights of each layer after training; biases are not pruned",
            "arithmetic": "float32",
        },
        tasks=partial(tasks, kept=kept),
        collect=collect,
    )


EXPERIMENT = _experiment(KEPT)
FULL = _experiment(FULL_KEPT)
