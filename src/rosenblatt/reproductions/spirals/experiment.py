"""How many epochs does a network need to tell two spirals apart? (Lang and Witbrock 1988.)

Two losses, each with a network in which every layer is connected to all later ones and with a
network of as many weights in which it is connected to the next one alone.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from rosenblatt.experiments.base import Experiment, Row, Tables, Task, chunks
from rosenblatt.layers import Concatenate, Layer, Linear, Sigmoid
from rosenblatt.layers.init import Uniform
from rosenblatt.models import Sequential
from rosenblatt.optimizers import SGD
from rosenblatt.training import Callback, RunInProgress
from rosenblatt.training.calls import train_many

NAME = "spirals"
PER_SPIRAL = 97
TARGETS = (0.2, 0.8)
LOSSES: Mapping[str, str] = {
    "squared error": "half_squared_error",
    "cross-entropy": "sigmoid_cross_entropy",
}
NETWORKS = ("short-cuts", "no short-cuts")
RATE = 0.002
"""Learning rate of the sum over all points."""
HIGHER_RATE = 0.005
"""The rate of excursions that Lang reports; a setting of its own here, to see what it changes."""
MOMENTUM = 0.95
LIMIT = 0.1
"""Initial weights are uniform in [-LIMIT, LIMIT]."""
EPOCHS = 60_000
EVERY = 200
"""Epochs between evaluations: how finely the epochs of a run are known."""
SEPARATION = 0.1
"""Distance of every output from 0.5 at which a run ends."""
GRID = 81
"""Points along each axis where the units of a trained network are drawn."""

Matrix = npt.NDArray[np.float64]


def spirals() -> tuple[Matrix, npt.NDArray[np.bool_]]:
    """Return the 194 points (N, 2) and whether each is on the first spiral, (N,).

    Point i of the first spiral has radius 6.5 (104 − i)/104 and angle iπ/16, for i = 0 … 96; the
    second spiral is the first turned by 180°. (Wieland's program ``mkspiral.c``, 1988.)

    >>> x, first = spirals()
    >>> x.shape, int(first.sum())
    ((194, 2), 97)
    """
    i = np.arange(PER_SPIRAL)
    radius, angle = 6.5 * (104 - i) / 104, i * np.pi / 16
    points = np.column_stack([radius * np.sin(angle), radius * np.cos(angle)])
    return np.vstack([points, -points]), np.repeat([True, False], PER_SPIRAL)


def network(kind: str, loss: str) -> Sequential:
    """Return 2-5-5-5-1 with all short-cuts (138 weights), or 2-7-7-7-1 without (141).

    The output is a logistic unit; for the cross-entropy, the loss contains it.

    >>> for kind in NETWORKS:
    ...     model = network(kind, "squared error")
    ...     print(kind, sum(value.size for value in model.init(seed=0).values()))
    short-cuts 138
    no short-cuts 141
    """
    drawn = Uniform(LIMIT)
    layers: list[Layer] = []
    if kind == "short-cuts":
        layers += [Concatenate((Linear(n, 5, weight_init=drawn), Sigmoid())) for n in (2, 7, 12)]
    else:
        for n in (2, 7, 7):
            layers += [Linear(n, 7, weight_init=drawn), Sigmoid()]
    layers.append(Linear(17 if kind == "short-cuts" else 7, 1, weight_init=drawn))
    return Sequential(layers if loss == "cross-entropy" else [*layers, Sigmoid()])


class Separation(Callback):
    """Count the points on the wrong side of 0.5, and end a run whose outputs are far from it.

    The mean absolute weight is that of the first evaluation without an error.

    Args:
        model: the network.
        threshold: the value of an output that stands for a probability of 0.5.
        ends_at: the distance from ``threshold`` at which a run ends.
    """

    serves_many: ClassVar[bool] = True

    def __init__(self, model: Sequential, threshold: float, ends_at: float) -> None:
        self._model, self._threshold, self._ends_at = model, threshold, ends_at
        self._x, self._first = spirals()
        self.errors: dict[int, list[int]] = {}
        self.mean_weight: dict[int, float | None] = {}
        self.is_separated: dict[int, bool] = {}

    def on_start(self, run: RunInProgress) -> None:
        """Begin with no evaluations."""
        self.errors[run.seed], self.mean_weight[run.seed] = [], None
        self.is_separated[run.seed] = False

    def on_evaluation(self, run: RunInProgress) -> None:
        """Count, and end the run if all points are far on their side."""
        z, _ = self._model.forward(run.params, self._x)
        margins = np.where(self._first, 1, -1) * (z[:, 0] - self._threshold)
        self.errors[run.seed].append(int((margins <= 0).sum()))
        if margins.min() > 0 and self.mean_weight[run.seed] is None:
            weights = np.concatenate([np.ravel(value) for value in run.params.values()])
            self.mean_weight[run.seed] = float(np.abs(weights).mean())
        if margins.min() > self._ends_at:
            self.is_separated[run.seed] = True
            run.stop("all points are separated")


def trained(loss: str, kind: str, rate: float, first: int, stop: int, epochs: int) -> Tables:
    """Return what some seeds need, how their errors fall, and the units of one that learns."""
    x, is_first = spirals()
    model = network(kind, loss)
    is_logit = loss == "cross-entropy"
    far = np.log((0.5 + SEPARATION) / (0.5 - SEPARATION)) if is_logit else SEPARATION
    watch = Separation(model, 0.0 if is_logit else 0.5, float(far))
    runs = train_many(
        model,
        x,
        np.where(is_first, TARGETS[1], TARGETS[0])[:, np.newaxis],
        seeds=range(first, stop),
        loss=LOSSES[loss],
        # The library's losses are means over the points, the source's sums.
        optimizer=SGD(rate * len(x), momentum=MOMENTUM),
        epochs=epochs,
        eval_every=EVERY,
        callbacks=[watch],
    )
    ends: list[Row] = []
    errors: list[Row] = []
    for run in runs:
        same = {"loss": loss, "network": kind, "rate": rate, "seed": run.seed}
        counts = watch.errors[run.seed]
        ends.append(
            {
                **same,
                "learned_at": _first_epoch(counts),
                "separated_at": (len(counts) - 1) * EVERY if watch.is_separated[run.seed] else None,
                "trained": (len(counts) - 1) * EVERY,
                "mean_weight": watch.mean_weight[run.seed],
            }
        )
        errors += [{**same, "epoch": i * EVERY, "errors": count} for i, count in enumerate(counts)]
    learned = [run for run in runs if watch.is_separated[run.seed]]
    is_shown = kind == "short-cuts" and rate == RATE and first == 0
    shown = learned[0] if learned and is_shown else None
    return {
        "ends": ends,
        "errors": errors,
        "units": [] if shown is None else _units(model, shown.params, loss),
    }


def _first_epoch(counts: list[int]) -> int | None:
    """Return the epoch of the first evaluation without an error."""
    return counts.index(0) * EVERY if 0 in counts else None


def _units(model: Sequential, params: Mapping[str, Matrix], loss: str) -> list[Row]:
    """Return the first unit of each hidden layer, and the output, over the plane."""
    axis = np.linspace(-6.5, 6.5, GRID)
    points = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    z, _ = model.forward(dict(params), points)
    output = 1 / (1 + np.exp(-z[:, 0])) if loss == "cross-entropy" else z[:, 0]
    # Every short-cut puts the units of its layer after what it is given.
    before_last = Sequential(model.layers[:3])
    hidden, _ = before_last.forward(
        {name: params[name] for name in before_last.init(seed=0)}, points
    )
    return [
        {"loss": loss, "x": px, "y": py, "layer_1": a, "layer_2": b, "layer_3": c, "output": out}
        for (px, py), (a, b, c), out in zip(
            points.tolist(), hidden[:, [2, 7, 12]].tolist(), output.tolist(), strict=True
        )
    ]


def tasks(seeds: int) -> list[Task]:
    """Return the runs of each loss and network, and those with the higher learning rate."""
    conditions = [(loss, kind, RATE) for loss in LOSSES for kind in NETWORKS]
    return [
        Task(
            (loss, kind, rate, part["first"]),
            trained,
            {"loss": loss, "kind": kind, "rate": rate, "epochs": EPOCHS, **part},
            cost=(part["stop"] - part["first"]) * 1.5e-5 * EPOCHS,
        )
        for loss, kind, rate in [*conditions, ("squared error", "short-cuts", HIGHER_RATE)]
        for part in chunks(seeds, at_once=25)
    ]


def collect(outputs: Mapping[tuple[Any, ...], Tables]) -> Tables:
    """Return all rows."""
    return {
        name: [row for tables in outputs.values() for row in tables[name]]
        for name in ("ends", "errors", "units")
    }


EXPERIMENT = Experiment(
    id=NAME,
    title="Two spirals",
    question="How many epochs does a network need to tell two spirals apart?",
    settings={
        "data": f"2 × {PER_SPIRAL} points, without noise; targets {TARGETS[0]} and {TARGETS[1]}",
        "networks": "2-5-5-5-1 with all short-cuts, 138 weights; 2-7-7-7-1 without, 141 weights",
        "units": "logistic",
        "initial weights": f"uniform from −{LIMIT} to {LIMIT}, biases 0",
        "losses": "half the squared error, or cross-entropy, summed over the points",
        "optimizer": f"gradient descent on the full batch, momentum {MOMENTUM}",
        "learning rate": f"{RATE}; {HIGHER_RATE} with the squared error and short-cuts, too",
        "epochs": f"at most {EPOCHS}, evaluated every {EVERY}",
        "end of a run": f"all outputs farther than {SEPARATION} from 0.5, on the right side",
    },
    tasks=tasks,
    collect=collect,
)
