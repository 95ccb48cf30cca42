"""How many random labels can a linear classifier without a bias learn? (Cover 1965.)

Whether points are separable, and by which margin, is one problem: the shortest w with
y_i w·x_i ≥ 1 for all i, which exists or not (*least distance programming*: Lawson and Hanson,
*Solving Least Squares Problems*, 1974, chapter 23). Its margin is γ = 1/‖w‖. A perceptron then
trains on the points that are separable, and its mistakes are held against Novikoff's bound.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.data import Dataset
from rosenblatt.experiments.base import Experiment, Row, Tables, Task, chunks, joined
from rosenblatt.experiments.until import Until
from rosenblatt.models import Perceptron
from rosenblatt.optimizers import SGD
from rosenblatt.random import stream
from rosenblatt.training.calls import train

NAME = "capacity"
DIMENSIONS = (5, 10, 20, 50, 100)
LOADS = (1.0, 1.4, 1.6, 1.8, 1.9, 2.0, 2.1, 2.2, 2.4, 2.6, 3.0)
"""N / d, the points per weight; those that are no whole number of points in d dimensions are left
out."""
PERCEPTRON_DIMENSIONS = (10, 20, 50)
PERCEPTRON_LOADS = (1.0, 1.4)
MOST_EPOCHS = 20_000
"""Epochs after which a perceptron that still makes mistakes is given up."""
MOST_PERCEPTRONS = 50
"""Seeds of each setting in which a perceptron is trained."""


def share_of_separable(n: int, d: int) -> float:
    """Return C(n, d) / 2ⁿ, with C(n, d) = 2 Σ_{k<d} binomial(n − 1, k).

    Of the labellings of n points in general position, that share is separated by a hyperplane
    through 0 (Cover 1965, theorem 1).

    >>> share_of_separable(4, 4), share_of_separable(8, 4), share_of_separable(200, 100)
    (1.0, 0.5, 0.5)
    """
    return float(sum(math.comb(n - 1, k) for k in range(min(d, n))) / 2 ** (n - 1))


def loads(d: int) -> list[float]:
    """Return the points per weight that are a whole number of points.

    >>> loads(5)
    [1.0, 1.4, 1.6, 1.8, 2.0, 2.2, 2.4, 2.6, 3.0]
    """
    return [load for load in LOADS if math.isclose(load * d, round(load * d))]


def drawn(seed: int, n: int, d: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Return Gaussian points (n, d) and random labels ±1 (n,)."""
    rng = stream(seed, f"{NAME}.{n}.{d}")
    return rng.standard_normal((n, d)), rng.choice([-1, 1], size=n)


def largest_margin(x: npt.NDArray[np.float64], y: npt.NDArray[np.int64]) -> float:
    """Return the largest γ with y_i w·x_i ≥ γ for a w of length 1; 0 where there is none.

    With G the rows y_i x_i, the residual r of min ‖E u − (0, …, 0, 1)‖ over u ≥ 0, E = (Gᵀ; 1 … 1),
    gives the shortest w with G w ≥ 1: w_j = −r_j / r_{d+1}. Where r = 0, there is none.

    >>> round(largest_margin(np.array([[2.0, 0.0], [0.0, 2.0]]), np.array([1, 1])), 6)
    1.414214
    >>> largest_margin(np.array([[1.0], [1.0]]), np.array([1, -1]))
    0.0
    """
    from scipy.optimize import nnls

    matrix = np.vstack([(x * y[:, np.newaxis]).T, np.ones(len(y))])
    target = np.zeros(len(matrix))
    target[-1] = 1.0
    u, length = nnls(matrix, target, maxiter=50 * matrix.shape[1])
    if length < 1e-8:
        return 0.0
    residual = matrix @ u - target
    w = -residual[:-1] / residual[-1]
    # The margin of the w that was found, not 1/‖w‖ in theory: a bound must hold to the last digit.
    return float((y * (x @ w)).min() / np.linalg.norm(w))


def separable(d: int, load: float, first: int, stop: int) -> Tables:
    """Return for each seed whether its points are separable, and by which margin."""
    n = round(load * d)
    rows: list[Row] = []
    for seed in range(first, stop):
        margin = largest_margin(*drawn(seed, n, d))
        rows.append(
            {"d": d, "load": load, "n": n, "seed": seed, "separable": margin > 0, "margin": margin}
        )
    return {"points": rows}


def learned(d: int, load: float, first: int, stop: int) -> Tables:
    """Return how many mistakes a perceptron makes until it makes none, and Novikoff's bound.

    The bound on points within the radius R is (R/γ)² (Novikoff 1962).
    """
    n = round(load * d)
    rows: list[Row] = []
    for seed in range(first, stop):
        x, y = drawn(seed, n, d)
        margin = largest_margin(x, y)
        if margin == 0 or len(set(y.tolist())) == 1:
            continue
        radius = float(np.linalg.norm(x, axis=1).max())
        run = train(
            Perceptron(d, bias=False),
            Dataset(x, y),
            optimizer=SGD(1.0),
            epochs=MOST_EPOCHS,
            seed=seed,
            callbacks=[Until("train_accuracy", at_least=1.0)],
        )
        rows.append(
            {
                "d": d,
                "load": load,
                "n": n,
                "seed": seed,
                "mistakes": int(run.history[-1]["mistakes"]),
                "learned": bool(run.history[-1]["train_accuracy"] == 1),
                "bound": (radius / margin) ** 2,
            }
        )
    return {"perceptrons": rows}


def tasks(seeds: int) -> list[Task]:
    """Return the points of each setting, and perceptrons on some of them."""
    planned = []
    for d in DIMENSIONS:
        for load in loads(d):
            for part in chunks(seeds):
                how = {"d": d, "load": load, **part}
                cost = 2e-7 * (part["stop"] - part["first"]) * d**3
                planned.append(Task(("separable", d, load, part["first"]), separable, how, cost))
    for d in PERCEPTRON_DIMENSIONS:
        for load in PERCEPTRON_LOADS:
            for part in chunks(min(seeds, MOST_PERCEPTRONS)):
                how = {"d": d, "load": load, **part}
                planned.append(Task(("learned", d, load, part["first"]), learned, how, 1.0))
    return planned


def collect(outputs: Mapping[tuple[Any, ...], Tables]) -> Tables:
    """Return every draw, the share of separable ones beside the theorem's, and perceptrons."""
    points = joined(outputs, "separable", "points")
    shares = []
    for d in DIMENSIONS:
        for load in loads(d):
            found = [row["separable"] for row in points if (row["d"], row["load"]) == (d, load)]
            n = round(load * d)
            shares.append(
                {
                    "d": d,
                    "load": load,
                    "n": n,
                    "seeds": len(found),
                    "separable": sum(found),
                    "share": sum(found) / len(found),
                    "theorem": share_of_separable(n, d),
                }
            )
    return {
        "points": points,
        "shares": shares,
        "perceptrons": joined(outputs, "learned", "perceptrons"),
    }


EXPERIMENT = Experiment(
    id=NAME,
    title="Capacity of a linear classifier",
    question="How many points with random labels can a linear classifier learn?",
    settings={
        "points": "N from a standard normal distribution in d dimensions",
        "labels": "+1 or −1, each with probability ½",
        "d": list(DIMENSIONS),
        "N / d": list(LOADS),
        "separable": "the shortest w with y w·x ≥ 1 exists (least distance programming)",
        "perceptrons": f"online rule without bias, N / d = {PERCEPTRON_LOADS[0]:g} and "
        f"{PERCEPTRON_LOADS[1]:g}, at most {MOST_PERCEPTRONS} seeds, at most {MOST_EPOCHS} epochs",
    },
    tasks=tasks,
    collect=collect,
)
