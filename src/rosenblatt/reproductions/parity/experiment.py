"""How does a network learn the parity of a few hidden bits? (Barak et al. 2022.)

A sample is n random bits of ±1, and its label is the product of k of them, which no smaller set of
bits tells anything about. Each seed draws its own k bits, samples and initial weights. Networks are
measured many times while they train: accuracy, distance from the initial weights, and how large the
weights of the k bits are beside those of the others.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.data import Dataset
from rosenblatt.experiments.base import Experiment, Row, Tables, Task, chunks, joined
from rosenblatt.layers import He, Params
from rosenblatt.losses import Hinge
from rosenblatt.models import MLP
from rosenblatt.optimizers import SGD
from rosenblatt.random import stream
from rosenblatt.training import LiveTraining

NAME = "parity"
N_BITS, K_BITS = 20, 3
HIDDEN = 200
LEARNING_RATE, WEIGHT_DECAY = 0.1, 0.01
N_TEST = 1000
N_TEST_OF_SOURCE = 200
"""Test samples of the source: a network has learned when none of the first of ours is wrong."""
AT_CHANCE, RISEN = 0.6, 0.9
"""The test accuracy up to which a network is said to be at chance, and from which it has risen."""


@dataclass(frozen=True)
class Setting:
    """Samples and batches of one way to train.

    Attributes:
        name: a few words.
        n_train: training samples.
        batch_size: samples of an update.
        updates: how many.
        every: updates between measurements.
        permuted: whether labels are permuted, so that there is nothing to learn but samples.
    """

    name: str
    n_train: int
    batch_size: int
    updates: int
    every: int
    permuted: bool = False

    @property
    def updates_per_epoch(self) -> int:
        """Updates until each sample was seen once."""
        return -(-self.n_train // self.batch_size)


SINGLE = Setting("single samples", 1000, 1, 40_000, 1000)
BATCHES = Setting("batches of 32", 1000, 32, 80 * 32, 32)
FRESH = Setting("fresh samples", 64_000, 32, 2000, 20)
PERMUTED = Setting("permuted labels", 1000, 32, 80 * 32, 32, permuted=True)
FORMS = (SINGLE, BATCHES, FRESH, PERMUTED)


def drawn(setting: Setting, seed: int) -> tuple[npt.NDArray[np.int64], Dataset, Dataset]:
    """Return which bits count (k,), and training and test set, of labels ±1."""
    rng, of_labels = stream(seed, NAME), stream(seed, f"{NAME}.labels")
    bits = np.sort(rng.choice(N_BITS, K_BITS, replace=False))
    test, train = (
        _dataset(rng.choice([-1.0, 1.0], size=(n, N_BITS)), bits, setting, of_labels)
        for n in (N_TEST, setting.n_train)
    )
    return bits, train, test


def _dataset(
    x: npt.NDArray[np.float64],
    bits: npt.NDArray[np.int64],
    setting: Setting,
    of_labels: np.random.Generator,
) -> Dataset:
    y = np.prod(x[:, bits], axis=1).astype(np.int64)
    return Dataset(x, of_labels.permutation(y) if setting.permuted else y)


def distance(params: Params, start: Params) -> float:
    """Return ‖w − w₀‖₁ over all parameters."""
    return float(sum(np.abs(params[name] - start[name]).sum() for name in start))


def relative_size(params: Params, bits: npt.NDArray[np.int64]) -> float:
    """Return the mean size of the first layer's weights of these bits, that of the others being 1.

    >>> relative_size({"0.weight": np.array([[3.0], [-1.0], [2.0]])}, np.array([0]))
    2.0
    """
    sizes = np.abs(params["0.weight"]).mean(axis=1)
    return float(sizes[bits].mean() / np.delete(sizes, bits).mean())


def trained(first: int, stop: int, **form: Any) -> Tables:
    """Return the measurements of a network of each seed while it trains."""
    setting = Setting(**form)
    model = MLP(N_BITS, [HIDDEN], 1, init=He())
    rows: list[Row] = []
    for seed in range(first, stop):
        bits, train, test = drawn(setting, seed)
        live = LiveTraining(
            model,
            train,
            seeds=(seed,),
            loss=Hinge(),
            optimizer=SGD(LEARNING_RATE, weight_decay=WEIGHT_DECAY),
            batch_size=setting.batch_size,
            engine="compiled",
        )
        start = live.params_of(0)
        of_source = Dataset(test.X[:N_TEST_OF_SOURCE], test.labels[:N_TEST_OF_SOURCE])
        while True:
            now = live.at(update=live.update)
            metrics = now.evaluate(test)
            rows.append(
                {
                    "setting": setting.name,
                    "seed": seed,
                    "updates": live.update,
                    "epoch": live.update / setting.updates_per_epoch,
                    "test_accuracy": metrics.accuracy,
                    "test_loss": metrics.loss,
                    "is_right": now.evaluate(of_source).accuracy == 1,
                    "distance": distance(now.params, start),
                    "relative_size": relative_size(now.params, bits),
                }
            )
            if live.update >= setting.updates:
                break
            live.train(updates=setting.every)
    return {"curves": rows}


def tasks(seeds: int) -> list[Task]:
    """Return the networks of every setting."""
    return [
        Task(
            (setting.name, part["first"]),
            trained,
            {**asdict(setting), **part},
            0.5 * (part["stop"] - part["first"]),
        )
        for setting in FORMS
        for part in chunks(seeds, 10)
    ]


def collect(outputs: Mapping[tuple[Any, ...], Tables]) -> Tables:
    """Return all measurements, and of each network when its accuracy rose."""
    curves = [row for setting in FORMS for row in joined(outputs, setting.name, "curves")]
    ends = []
    for setting in FORMS:
        mine = [row for row in curves if row["setting"] == setting.name]
        for seed in sorted({row["seed"] for row in mine}):
            ends.append(end_of([row for row in mine if row["seed"] == seed]))
    return {"curves": curves, "ends": ends}


def end_of(rows: list[Row]) -> Row:
    """Return one row for a network: when its accuracy left chance, and what was measured before.

    Args:
        rows: its measurements, by rising updates.
    """
    accuracies = np.array([row["test_accuracy"] for row in rows])
    leaves, rises = first_of(accuracies >= AT_CHANCE), first_of(accuracies >= RISEN)
    right = first_of([row["is_right"] for row in rows])
    before = None if not leaves else rows[:leaves]
    return {
        "setting": rows[0]["setting"],
        "seed": rows[0]["seed"],
        "leaves": None if leaves is None else rows[leaves]["updates"],
        "rises": None if rises is None else rows[rises]["updates"],
        "right": None if right is None else rows[right]["updates"],
        "epochs": None if right is None else rows[right]["epoch"],
        "distance_before": before[-1]["distance"] if before else None,
        "distance_right": None if right is None else rows[right]["distance"],
        "grew": bool(np.all(np.diff([row["distance"] for row in before]) > 0)) if before else None,
        "size_before": before[-1]["relative_size"] if before else None,
        "size_start": rows[0]["relative_size"],
    }


def first_of(conditions: Any) -> int | None:
    """Return the index of the first true condition; None where there is none.

    >>> first_of([False, True, True]), first_of([False])
    (1, None)
    """
    found = np.flatnonzero(conditions)
    return int(found[0]) if len(found) else None


EXPERIMENT = Experiment(
    id=NAME,
    title="Parity of three of twenty bits",
    question="What does a network learn of a parity while its accuracy is still at chance?",
    settings={
        "samples": f"{N_BITS} bits of ±1, each with probability ½",
        "label": f"product of {K_BITS} of the bits, drawn anew for each seed",
        "model": f"MLP {N_BITS}-{HIDDEN}-1, ReLU, weights N(0, 2/inputs), biases 0",
        "loss": "hinge",
        "optimizer": f"gradient descent, learning rate {LEARNING_RATE:g}, "
        f"weight decay {WEIGHT_DECAY:g}",
        "test samples": f"{N_TEST}; learned: the first {N_TEST_OF_SOURCE} are right",
        **{
            setting.name: f"{setting.n_train} training samples in batches of {setting.batch_size}"
            f", {setting.updates} updates"
            for setting in FORMS
        },
    },
    tasks=tasks,
    collect=collect,
)
