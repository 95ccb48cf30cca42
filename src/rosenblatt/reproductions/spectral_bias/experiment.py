"""Which frequencies of a function does a network learn first? (Rahaman et al. 2019.)

The target is a sum of sines, λ(t) = Σ Aᵢ sin(2π (kᵢ t + φᵢ)), on evenly spaced points of [0, 1). A
ReLU network is trained on it by Adam with the full batch. While it trains, the discrete Fourier
transform of its outputs tells how much of each Aᵢ it has, which is 1 when it has learned that sine.
"""

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.data import Dataset
from rosenblatt.experiments.base import Experiment, Row, Tables, Task, joined
from rosenblatt.layers import Layer, Linear, Params, ReLU, Uniform
from rosenblatt.losses import MeanSquaredError
from rosenblatt.models import Model, Sequential
from rosenblatt.optimizers import Adam
from rosenblatt.random import stream
from rosenblatt.training import LiveTraining

NAME = "spectral-bias"
FREQUENCIES = tuple(range(5, 51, 5))
N_POINTS = 200
HIDDEN_LAYERS = 5
"""Five hidden layers and the output layer: a depth of 6 in the source."""
LEARNING_RATE = 3e-4
WIDTH, UPDATES, EVERY = 64, 30_000, 200
FULL_WIDTH, FULL_UPDATES = 256, 60_000
EQUAL, GROWING = "equal amplitudes", "growing amplitudes"
AMPLITUDES = {
    EQUAL: (1.0,) * len(FREQUENCIES),
    GROWING: tuple((i + 1) / len(FREQUENCIES) for i in range(len(FREQUENCIES))),
}
SHOWN = (0.002, 0.02, 0.2, 1.0)
"""Shares of all updates after which the function of the first network is noted."""

Values = npt.NDArray[np.float64]


def points() -> Values:
    """Return the inputs t, (200,)."""
    return np.arange(N_POINTS) / N_POINTS


def target(amplitudes: str, seed: int) -> Values:
    """Return the sum of sines at the points, of phases that the seed draws, (200,)."""
    phases = stream(seed, NAME).uniform(size=len(FREQUENCIES))
    angles = np.multiply.outer(FREQUENCIES, points()) + phases[:, np.newaxis]
    return np.asarray(AMPLITUDES[amplitudes]) @ np.sin(2 * np.pi * angles)


def shares(outputs: Values, amplitudes: str) -> Values:
    """Return the amplitude of each frequency in outputs (200,), relative to that of the target.

    A sine A sin(2π (k t + φ)) has a discrete Fourier transform of size A/2 per point at k.

    >>> shares(target(GROWING, seed=0), GROWING).round(6).tolist()
    [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]
    """
    sizes = 2 * np.abs(np.fft.rfft(outputs))[list(FREQUENCIES)] / len(outputs)
    return np.asarray(sizes / np.asarray(AMPLITUDES[amplitudes]))


def network(width: int) -> Model:
    """Return the ReLU network 1-width-…-width-1."""
    sizes = [1, *(width,) * HIDDEN_LAYERS, 1]
    layers: list[Layer] = []
    for inputs, outputs in pairwise(sizes):
        layers += [Linear(inputs, outputs, Uniform(1 / math.sqrt(inputs))), ReLU()]
    return Sequential(layers[:-1])


def start(model: Model, seed: int) -> Params:
    """Return weights and biases from U(−r, r), r = 1/√inputs: PyTorch's, with which it was found.

    With biases of 0, a network of one input has all its kinks at 0.
    """
    rng = stream(seed, f"{NAME}.start")
    params: Params = {}
    for name, shape in model.shapes.items():
        if name.endswith("weight"):
            limit = 1 / math.sqrt(shape[0])
        params[name] = rng.uniform(-limit, limit, shape)
    return params


def trained(amplitudes: str, seed: int, width: int, updates: int) -> Tables:
    """Return the spectrum of a network while it trains, and its function at a few updates."""
    t, y = points(), target(amplitudes, seed)
    model = network(width)
    live = LiveTraining(
        model,
        Dataset(t[:, np.newaxis], y),
        seeds=(seed,),
        loss=MeanSquaredError(),
        optimizer=Adam(LEARNING_RATE),
        engine="compiled",
        init_params=start(model, seed),
        dtype="float32",
    )
    shown = {round(share * updates / EVERY) * EVERY for share in SHOWN} if seed == 0 else set()
    how = {"amplitudes": amplitudes, "seed": seed}
    spectrum: list[Row] = []
    functions: list[Row] = []
    for update in range(0, updates + 1, EVERY):
        if update:
            live.train(updates=EVERY)
        outputs = live.at(update=update).outputs(t[:, np.newaxis])[:, 0].astype(np.float64)
        found = shares(outputs, amplitudes)
        spectrum += [
            {**how, "updates": update, "frequency": k, "share": share}
            for k, share in zip(FREQUENCIES, found.tolist(), strict=True)
        ]
        if update in shown:
            functions += [
                {**how, "updates": update, "t": one, "target": wanted, "output": output}
                for one, wanted, output in zip(
                    t.tolist(), y.tolist(), outputs.tolist(), strict=True
                )
            ]
    loss = float(np.mean((outputs - y) ** 2))
    variance = float(np.mean(y**2))
    return {
        "spectrum": spectrum,
        "functions": functions,
        "ends": [{**how, "train_loss": loss, "unexplained": loss / variance}],
    }


def planned(seeds: int, width: int, updates: int) -> list[Task]:
    """Return a network of each seed for both kinds of amplitudes."""
    cost = 4e-4 * updates * (width / WIDTH) ** 2
    return [
        Task(
            (amplitudes, seed),
            trained,
            {"amplitudes": amplitudes, "seed": seed, "width": width, "updates": updates},
            cost,
        )
        for amplitudes in AMPLITUDES
        for seed in range(seeds)
    ]


def tasks(seeds: int) -> list[Task]:
    """Return networks that train in minutes."""
    return planned(seeds, WIDTH, UPDATES)


def full_tasks(seeds: int) -> list[Task]:
    """Return networks of the source's width, trained as long."""
    return planned(seeds, FULL_WIDTH, FULL_UPDATES)


def collect(outputs: Mapping[tuple[Any, ...], Tables]) -> Tables:
    """Return spectra, functions and ends of all networks."""
    return {
        table: [row for kind in AMPLITUDES for row in joined(outputs, kind, table)]
        for table in ("spectrum", "functions", "ends")
    }


def _settings(width: int, updates: int) -> dict[str, Any]:
    return {
        "target": "Σ A sin(2π (k t + φ)), phases φ from U(0, 1), drawn anew for each seed",
        "k": list(FREQUENCIES),
        "A": "1 for all, or 0.1, 0.2, …, 1 from the lowest to the highest",
        "points": f"{N_POINTS}, evenly spaced in [0, 1)",
        "model": f"{HIDDEN_LAYERS} hidden layers of {width} ReLU units; weights and biases from "
        "U(−r, r), r = 1/√inputs",
        "loss": "mean squared error",
        "optimizer": f"Adam, learning rate {LEARNING_RATE:g}, full batch",
        "updates": updates,
        "precision": "single",
    }


EXPERIMENT = Experiment(
    id=NAME,
    title="Spectral bias",
    question="Which frequencies of a function does a network learn first?",
    settings=_settings(WIDTH, UPDATES),
    tasks=tasks,
    collect=collect,
)

FULL = Experiment(
    id=NAME,
    title=EXPERIMENT.title,
    question=EXPERIMENT.question,
    settings=_settings(FULL_WIDTH, FULL_UPDATES),
    tasks=full_tasks,
    collect=collect,
)
