"""When does a network that remembers half of an addition table know the other half? (Gromov 2023.)

The pairs (i, j) of numbers modulo p are the samples, and (i + j) mod p is their class. The inputs
are two one-hot vectors side by side, the outputs p values that should be one-hot. A network of one
hidden layer z_q = Σ_k W_qk (U_ki + V_kj)² trains on half of the pairs, all at once.

After training, a row U_k is a cosine of i. The share of its power by frequency is that of its
discrete Fourier transform F: with all power in one frequency, the inverse participation ratio
Σ_f |F_f|⁴ / (Σ_f |F_f|²)² is 1.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.data import Dataset
from rosenblatt.experiments.base import Experiment, Row, Tables, Task, joined
from rosenblatt.layers import Linear, Normal, Square
from rosenblatt.layers.base import Params
from rosenblatt.models import Sequential
from rosenblatt.optimizers import AdamW
from rosenblatt.random import stream
from rosenblatt.training.callbacks import Snapshots
from rosenblatt.training.calls import train

NAME = "grokking"
MODULUS = 97
UNITS = 500
UPDATES = 100
EVERY = 2
"""Updates from one evaluation to the next, as the source prints them."""
SHOWN_UNITS = 60
"""Hidden units of the first seed whose weights are kept for a figure."""

Numbers = npt.NDArray[np.float64]


def pairs(p: int) -> tuple[Numbers, npt.NDArray[np.int64]]:
    """Return the inputs (p², 2p) of all pairs and their sums modulo p (p²,).

    >>> x, sums = pairs(3)
    >>> x[5].tolist(), int(sums[5])  # 1 + 2
    ([0.0, 1.0, 0.0, 0.0, 0.0, 1.0], 0)
    """
    i, j = np.divmod(np.arange(p * p), p)
    return np.hstack([np.eye(p)[i], np.eye(p)[j]]), (i + j) % p


def network(p: int, units: int) -> Sequential:
    """Return the network without biases, its weights from N(0, (0.5 / (2 · units)^(1/3))²)."""
    init = Normal(0.5 / (2 * units) ** (1 / 3))
    return Sequential(
        [
            Linear(2 * p, units, init, bias=False),
            Square(),
            Linear(units, p, init, bias=False),
        ]
    )


def grok(seed: int) -> Tables:
    """Train on half of the pairs, drawn by the seed, and return the curves and the last weights."""
    p = MODULUS
    x, sums = pairs(p)
    order = stream(seed, f"{NAME}.pairs").permutation(p * p)
    first, rest = np.split(order, [p * p // 2])
    targets = np.eye(p)
    model = network(p, UNITS)
    weights = Snapshots()
    run = train(
        model,
        Dataset(x[first], targets[sums[first]]),
        test=Dataset(x[rest], targets[sums[rest]]),
        loss="mse",
        optimizer=AdamW(0.01, beta1=0.9, beta2=0.98, weight_decay=5.0),
        epochs=UPDATES,
        seed=seed,
        eval_every=EVERY,
        dtype="float32",
        callbacks=[weights],
    )
    curves: list[Row] = []
    for row in run.history:
        params = weights.params[seed][int(row["epoch"])]
        right = model.forward(params, x.astype(np.float32))[0].argmax(axis=1) == sums
        curves.append(
            {
                "seed": seed,
                "epoch": row["epoch"],
                "train_loss": row["train_loss"],
                "test_loss": row["test_loss"],
                "train_accuracy": float(right[first].mean()),
                "test_accuracy": float(right[rest].mean()),
                "ratio": float(np.mean([participation(rows) for rows in by_unit(params, p)])),
                "phases": phases_agree(params, p),
            }
        )
    shown = [] if seed else [*_rows_of(weights, 0, p), *_rows_of(weights, UPDATES, p)]
    return {"curves": curves, "weights": shown}


def by_unit(params: Params, p: int) -> tuple[Numbers, Numbers, Numbers]:
    """Return U, V and W, a row of p numbers for each hidden unit."""
    into, out = (np.asarray(params[name], dtype=np.float64) for name in ("0.weight", "2.weight"))
    return into[:p].T, into[p:].T, out


def participation(rows: Numbers) -> Numbers:
    """Return the inverse participation ratio of each row's spectrum: 1 for a single frequency.

    >>> rows = np.cos(2 * np.pi * np.outer([1, 3], np.arange(7)) / 7)
    >>> participation(np.vstack([rows, rows.sum(axis=0)])).round(6)
    array([1. , 1. , 0.5])
    """
    power = np.abs(np.fft.rfft(rows, axis=1)) ** 2
    return np.asarray((power**2).sum(axis=1) / power.sum(axis=1) ** 2)


def phases_agree(params: Params, p: int) -> float:
    """Return the mean of cos(φ_U + φ_V − φ_W) over the hidden units, 1 where all agree.

    The phases are those of W's strongest frequency. With U = cos(ω i + φ_U), V = cos(ω j + φ_V)
    and W = cos(ω q + φ_U + φ_V), the term 2 U V W of a unit has a part that depends only on
    q − i − j and is largest at q = i + j; all such units add up there.
    """
    u, v, w = (np.fft.rfft(rows, axis=1)[:, 1:] for rows in by_unit(params, p))
    strongest = np.abs(w).argmax(axis=1)[:, np.newaxis]
    phase = [np.angle(np.take_along_axis(f, strongest, axis=1)) for f in (u, v, w)]
    return float(np.cos(phase[0] + phase[1] - phase[2]).mean())


def _rows_of(weights: Snapshots, epoch: int, p: int) -> list[Row]:
    """Return the weights U of some units, the units in the order of their strongest frequency."""
    u, _, _ = by_unit(weights.params[0][epoch], p)
    rows = u[:SHOWN_UNITS]
    frequency = np.abs(np.fft.rfft(rows, axis=1))[:, 1:].argmax(axis=1) + 1
    return [
        {"epoch": epoch, "unit": place, "input": i, "weight": float(rows[unit, i])}
        for place, unit in enumerate(np.argsort(frequency, kind="stable"))
        for i in range(p)
    ]


def tasks(seeds: int) -> list[Task]:
    """Return a task for each seed: their networks are large and have pairs of their own."""
    return [Task(("grok", seed), grok, {"seed": seed}, 12.0) for seed in range(seeds)]


def collect(outputs: Mapping[tuple[Any, ...], Tables]) -> Tables:
    """Return the curves of all seeds, and for each the updates at which it reaches its marks."""
    curves = joined(outputs, "grok", "curves")
    by_seed: dict[int, list[Row]] = {}
    for row in curves:
        by_seed.setdefault(row["seed"], []).append(row)
    return {
        "curves": curves,
        "marks": [_marks(rows) for rows in by_seed.values()],
        "weights": joined(outputs, "grok", "weights"),
    }


def _marks(rows: list[Row]) -> Row:
    """Return where a run knows its pairs and all pairs, and how far its test loss rises before."""
    knows_most = _first(rows, "train_accuracy", 0.99)
    knows_all = _first(rows, "train_accuracy", 1.0)
    knows_others = _first(rows, "test_accuracy", 1.0)
    losses = [row["test_loss"] for row in rows]
    # The start is above: the first values of the loss are those of random outputs.
    early = min(losses[: 1 + losses.index(max(losses[1:]))][1:])
    return {
        "seed": rows[0]["seed"],
        "most": knows_most["epoch"],
        "others_then": knows_most["test_accuracy"],
        "all": knows_all["epoch"],
        "others_at_all": knows_all["test_accuracy"],
        "others": knows_others["epoch"],
        "lowest": min(row["test_accuracy"] for row in rows),
        "rise": max(losses[1:]) / early - 1,
        "ratio_before": rows[0]["ratio"],
        "ratio_after": rows[-1]["ratio"],
        "phases_before": rows[0]["phases"],
        "phases_after": rows[-1]["phases"],
    }


def _first(rows: list[Row], column: str, goal: float) -> Row:
    """Return the first row in which an accuracy has reached its goal; NaN in it for none."""
    for row in rows:
        if row[column] >= goal:
            return row | {"epoch": float(row["epoch"])}
    return {"epoch": float("nan"), "test_accuracy": float("nan")}


EXPERIMENT = Experiment(
    id=NAME,
    title="Grokking modular addition",
    question="When does a network that remembers half of an addition table know the other half?",
    settings={
        "samples": f"all pairs of numbers modulo {MODULUS}, half of them for training, drawn anew "
        "for each seed",
        "network": f"{2 * MODULUS}-{UNITS}-{MODULUS}, square activation, no biases",
        "initial weights": "normal, with a standard deviation of 0.5 / ∛(2 · 500) = 0.05",
        "loss": "mean squared error of one-hot targets",
        "optimizer": "AdamW, learning rate 0.01, weight decay 5, betas 0.9 and 0.98, all training "
        "pairs in each update",
        "updates": UPDATES,
        "updates between evaluations": EVERY,
        "arithmetic": "float32",
    },
    tasks=tasks,
    collect=collect,
)
