"""How rough is the border between settings that train and settings that do not? (Sohl-Dickstein.)

A network with one hidden layer is trained on random numbers for each pair of learning rates of its
two layers (in one condition: for each offset of its first weights and each learning rate). The
border between pairs with which training converges and pairs with which it diverges is a set in the
plane, whose dimension is counted by boxes. A zoom sequence goes to ever smaller windows: each is
an eighth as wide as the one before, around a point of its border. That point is drawn at random, or
it is where the border is longest, as someone would look who searches for structure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.analysis.trainability import BoxCounts, boundary, box_counts
from rosenblatt.data import Dataset
from rosenblatt.experiments.base import Experiment, Row, Tables, Task, joined
from rosenblatt.layers import Activation, Layer, Linear, Normal, ReLU, Tanh
from rosenblatt.layers.init import Initializer, Matrix
from rosenblatt.losses import MeanSquaredError
from rosenblatt.models import Sequential
from rosenblatt.optimizers import SGD
from rosenblatt.random import stream
from rosenblatt.sweeps import sweep

NAME = "fractal"
WIDTH, UPDATES, RESOLUTION = 8, 100, 64
FULL_WIDTH, FULL_UPDATES, FULL_RESOLUTION = 16, 500, 128
IMAGES = 4
"""Maps of a zoom sequence."""
ZOOM = 8
"""The width of a map over that of the next one."""
PICTURE = 128
"""Points along each axis of the maps that are drawn, of the first network."""
RATES = (-2.0, 5.0)
"""The first window: decimal logarithms of learning rates."""
OFFSETS = (-4.0, 4.0)
ROUGHEST, RANDOM = "roughest", "random"
PLACES = (ROUGHEST, RANDOM)
"""Where a zoom sequence goes: to the window with most cells of the border, or to any cell."""

Map = npt.NDArray[np.float64]
Window = tuple[float, float, float, float]
"""Ends of the horizontal axis and of the vertical one."""


@dataclass(frozen=True)
class Condition:
    """One of the six conditions.

    Attributes:
        name: a few words.
        activation: of the hidden units; None for a linear network.
        rows: samples for each parameter; 0 for a single one.
        batch_size: samples of an update; None for all.
        has_offset: whether the horizontal axis is an offset of the first weights.
        published: the dimension.
    """

    name: str
    activation: Activation | None
    published: float
    rows: float = 1.0
    batch_size: int | None = None
    has_offset: bool = False

    @property
    def window(self) -> Window:
        """The window of the first map."""
        return (*(OFFSETS if self.has_offset else RATES), *RATES)


CONDITIONS = (
    Condition("tanh", Tanh(), 1.66),
    Condition("ReLU", ReLU(), 1.20),
    Condition("linear", None, 1.17),
    Condition("tanh, minibatches", Tanh(), 1.55, batch_size=16),
    Condition("tanh, one sample", Tanh(), 1.41, rows=0),
    Condition("tanh, offset of weights", Tanh(), 1.98, has_offset=True),
)
BY_NAME = {condition.name: condition for condition in CONDITIONS}


@dataclass(frozen=True)
class Shifted(Initializer):
    """W = std (Z + offset), every entry of Z from the standard normal distribution."""

    std: float
    offset: float

    def __call__(self, rng: np.random.Generator, n_inputs: int, n_outputs: int) -> Matrix:
        """Return W, shape (n_inputs, n_outputs)."""
        return self.std * (rng.standard_normal((n_inputs, n_outputs)) + self.offset)


def data_of(condition: Condition, width: int, seed: int) -> Dataset:
    """Return standard normal inputs and targets: a row for each parameter.

    A linear network of n inputs is given n rows, as in the source.
    """
    rng = stream(seed, NAME)
    n = width if condition.activation is None else width * width + width
    n = max(1, round(condition.rows * n))
    return Dataset(rng.standard_normal((n, width)), rng.standard_normal(n))


def trained_map(
    condition: Condition, seed: int, window: Window, n: int, width: int, updates: int
) -> Map:
    """Train a network at each of n × n points, and return the measure of convergence, (n, n).

    In the source y = V σ(√2 W x / √n) / n with entries of W and V from N(0, 1), without √2 where σ
    is linear. The same network with W' = W √2 / √n and V' = V / n has learning rates that are
    multiplied by 2/n and 1/n². Rows of the map are learning rates of the second layer.
    """
    gain = 1.0 if condition.activation is None else 2.0
    scales = np.sqrt(gain / width), 1 / width
    data = data_of(condition, width, seed)
    per_epoch = -(-len(data) // (condition.batch_size or len(data)))
    x, y = np.linspace(*window[:2], n), 10 ** np.linspace(*window[2:], n)

    def swept(offset: float, optimizer: SGD, over: Mapping[str, Any]) -> Map:
        layers: list[Layer] = [
            Linear(width, width, Shifted(scales[0], offset), bias=False),
            *([] if condition.activation is None else [condition.activation]),
            Linear(width, 1, Normal(scales[1]), bias=False),
        ]
        found = sweep(
            Sequential(layers),
            data,
            seeds=[seed],
            loss=MeanSquaredError(),
            optimizer=optimizer,
            epochs=-(-updates // per_epoch),
            batch_size=condition.batch_size,
            over=over,
            measure=["convergence"],
            progress=False,
        )
        return np.asarray(found.column("convergence"), dtype=np.float64)

    if condition.has_offset:
        optimizer = SGD(1.0, layer_rates=(scales[0] ** 2, scales[1] ** 2))
        return np.stack(
            [swept(offset, optimizer, {"learning_rate": y}) for offset in x.tolist()], axis=1
        )
    rates = {"layer_rates.1": y * scales[1] ** 2, "layer_rates.0": 10**x * scales[0] ** 2}
    return swept(0.0, SGD(1.0), rates).reshape(n, n)


def next_window(
    window: Window, border: npt.NDArray[np.bool_], place: str, rng: np.random.Generator
) -> Window:
    """Return the window an eighth as wide around a cell of the border.

    Args:
        window: of the map.
        border: its cells.
        place: "random" for a cell drawn by ``rng``; "roughest" for the first one around which a
            window has most cells of the border.
        rng: draws.

    >>> border = np.zeros((8, 8), dtype=bool)
    >>> border[2, 5] = True
    >>> next_window((0.0, 8.0, 0.0, 8.0), border, RANDOM, np.random.default_rng(0))
    (5.0, 6.0, 2.0, 3.0)
    """
    cells = np.argwhere(border)
    if place == RANDOM:
        cell = cells[int(rng.integers(len(cells)))]
    else:
        near = np.abs(cells[:, np.newaxis] - cells).max(axis=2) <= len(border) / ZOOM / 2
        cell = cells[int(near.sum(axis=1).argmax())]
    ends: list[float] = []
    for i, at in ((0, cell[1]), (2, cell[0])):
        span = window[i + 1] - window[i]
        center = window[i] + span * (float(at) + 0.5) / len(border)
        ends += [center - span / ZOOM / 2, center + span / ZOOM / 2]
    return ends[0], ends[1], ends[2], ends[3]


def counted(border: npt.NDArray[np.bool_]) -> BoxCounts:
    """Return the boxes of 1, 2, 4, … cells, up to an eighth of the map, that meet a border."""
    most = max(2, (len(border) + 1) // 8)
    return box_counts(border, [2**i for i in range(most.bit_length())])


def zoomed(
    condition: str, seed: int, width: int, updates: int, resolution: int, picture: int
) -> Tables:
    """Return the boxes of each map of the zoom sequences to both places, and perhaps a finer map.

    Both begin with the same map, which is computed once. The finer map is the second one of the
    sequence to the roughest places, with ``picture`` points along each axis; none where it is 0.
    """
    chosen = BY_NAME[condition]

    def map_of(window: Window) -> Map:
        return trained_map(chosen, seed, window, resolution, width, updates)

    first = map_of(chosen.window)
    boxes: list[Row] = []
    pixels: list[Row] = []
    for place in PLACES:
        how = {"condition": condition, "place": place, "seed": seed}
        window, rng = chosen.window, stream(seed, f"{NAME}.windows")
        for image in range(IMAGES):
            if picture and image == 1 and place == ROUGHEST:
                pixels = pixels_of(chosen, seed, window, picture, width, updates)
            border = boundary(first if image == 0 else map_of(window))
            if not border.any():
                break
            counts = counted(border)
            span = window[3] - window[2]
            boxes += [
                {**how, "image": image, "size": size, "boxes": number, "span": span}
                for size, number in zip(counts.sizes.tolist(), counts.counts.tolist(), strict=True)
            ]
            window = next_window(window, border, place, rng)
    return {"boxes": boxes, "pixels": pixels}


def pixels_of(
    condition: Condition, seed: int, window: Window, n: int, width: int, updates: int
) -> list[Row]:
    """Return a map as rows."""
    values = trained_map(condition, seed, window, n, width, updates)
    x, y = np.linspace(*window[:2], n), np.linspace(*window[2:], n)
    return [
        {"condition": condition.name, "x": left, "y": low, "value": value}
        for low, line in zip(y.tolist(), values.tolist(), strict=True)
        for left, value in zip(x.tolist(), line, strict=True)
    ]


def planned(seeds: int, width: int, updates: int, resolution: int) -> list[Task]:
    """Return the zoom sequences of all conditions, those of a condition and a seed as one task."""
    cost = 5e-5 * (2 * IMAGES - 1) * resolution**2 * (width / WIDTH) ** 4 * updates / UPDATES
    return [
        Task(
            (condition.name, seed),
            zoomed,
            {
                "condition": condition.name,
                "seed": seed,
                "width": width,
                "updates": updates,
                "resolution": resolution,
                "picture": PICTURE if seed == 0 else 0,
            },
            cost,
        )
        for seed in range(seeds)
        for condition in CONDITIONS
    ]


def tasks(seeds: int) -> list[Task]:
    """Return zoom sequences of small networks."""
    return planned(seeds, WIDTH, UPDATES, RESOLUTION)


def full_tasks(seeds: int) -> list[Task]:
    """Return zoom sequences of networks of the source's width, trained as long."""
    return planned(seeds, FULL_WIDTH, FULL_UPDATES, FULL_RESOLUTION)


def collect(outputs: Mapping[tuple[Any, ...], Tables]) -> Tables:
    """Return boxes, the dimension of each sequence and the drawn maps."""
    boxes = [row for one in CONDITIONS for row in joined(outputs, one.name, "boxes")]
    slopes = slopes_of(boxes)
    by_sequence: dict[tuple[str, str, int], list[Row]] = {}
    for row in slopes:
        by_sequence.setdefault((row["condition"], row["place"], row["seed"]), []).append(row)
    dimensions = [
        {
            "condition": condition,
            "place": place,
            "seed": seed,
            "dimension": float(np.median([row["slope"] for row in rows])),
            "maps": len({row["image"] for row in rows}),
        }
        for (condition, place, seed), rows in by_sequence.items()
    ]
    pixels = [row for one in CONDITIONS for row in joined(outputs, one.name, "pixels")]
    return {"boxes": boxes, "slopes": slopes, "dimensions": dimensions, "pixels": pixels}


def slopes_of(boxes: list[Row]) -> list[Row]:
    """Return the dimension from each size of boxes to the next, of each map."""
    rows = []
    for one, other in pairwise(boxes):
        if all(one[key] == other[key] for key in ("condition", "place", "seed", "image")):
            slope = np.log(one["boxes"] / other["boxes"]) / np.log(other["size"] / one["size"])
            rows.append({**one, "slope": float(slope)})
    return rows


def _settings(width: int, updates: int, resolution: int) -> dict[str, Any]:
    return {
        "model": f"{width} inputs, {width} hidden units, 1 output, no biases; mean-field scaling",
        "samples": "standard normal inputs and targets: one for each parameter; for the linear "
        f"network {width}; one in the condition of one sample",
        "loss": "mean squared error",
        "optimizer": "gradient descent, full batch; minibatches of 16 in one condition",
        "updates": updates,
        "converges": "mean of the last 20 losses below the first",
        "maps": f"{IMAGES} of {resolution} × {resolution} networks, each a window "
        f"1/{ZOOM} as wide as the one before, around a point of its border: a random one, or where "
        "the border is longest",
        "first window": f"learning rates from 10^{RATES[0]:g} to 10^{RATES[1]:g}; offsets from "
        f"{OFFSETS[0]:g} to {OFFSETS[1]:g}",
        "sizes of boxes": "1, 2, 4, … cells, up to an eighth of the map",
        "dimension": "median of the slopes between sizes, over all maps of a sequence",
    }


EXPERIMENT = Experiment(
    id=NAME,
    title="The border of trainability",
    question="How rough is the border between learning rates that train and those that do not?",
    settings=_settings(WIDTH, UPDATES, RESOLUTION),
    tasks=tasks,
    collect=collect,
)

FULL = Experiment(
    id=NAME,
    title=EXPERIMENT.title,
    question=EXPERIMENT.question,
    settings=_settings(FULL_WIDTH, FULL_UPDATES, FULL_RESOLUTION),
    tasks=full_tasks,
    collect=collect,
)
