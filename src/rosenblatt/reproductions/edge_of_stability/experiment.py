"""Where does the largest eigenvalue of the Hessian go under gradient descent? (Cohen et al. 2021.)

On a quadratic, gradient descent with learning rate η diverges along every direction whose curvature
is above 2/η. A network with one hidden layer learns a Chebyshev polynomial of 20 points.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.analysis import eigenvalues_along
from rosenblatt.experiments.base import Experiment, Tables, Task, chunks
from rosenblatt.models import MLP
from rosenblatt.optimizers import SGD
from rosenblatt.training.calls import train, train_many

NAME = "edge-of-stability"
DEGREES = (3, 4, 5)
RATES = (0.2, 0.1, 0.05)
N_POINTS = 20
N_HIDDEN = 100
TIME = 8000.0
"""Learning rate times updates: the length of a run, whatever its learning rate."""
MOMENTS = 60
"""Moments of a run at which the eigenvalue is computed."""
WINDOW = 1000
"""Last updates after each of which the loss is looked at."""


def chebyshev(degree: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the points of [-1, 1] (20, 1), evenly spaced, and T_degree of each, (20, 1).

    T_k(cos t) = cos(k t).

    >>> x, y = chebyshev(3)
    >>> bool(np.allclose(y, 4 * x**3 - 3 * x))
    True
    """
    x = np.linspace(-1.0, 1.0, N_POINTS)[:, np.newaxis]
    return x, np.cos(degree * np.arccos(x))


def network() -> MLP:
    """Return the network 1-100-1 with tanh."""
    return MLP(1, [N_HIDDEN], 1, activation="tanh", init="glorot")


def followed(degree: int, rate: float, first: int, stop: int) -> Tables:
    """Return eigenvalues along the runs of some seeds, and how often their losses rise at the end.

    The runs have the same initial weights whatever the degree and the rate.
    """
    x, y = chebyshev(degree)
    updates = round(TIME / rate)
    how: dict[str, Any] = {"loss": "half_squared_error", "optimizer": SGD(rate)}
    runs = train_many(
        network(),
        x,
        y,
        seeds=range(first, stop),
        epochs=updates,
        eval_every=updates,
        **how,
    )
    curves, ends = [], []
    for run in runs:
        same = {"degree": degree, "rate": rate, "seed": run.seed}
        along = eigenvalues_along(run, n=MOMENTS)
        curves += [
            {**same, "update": int(update), "time": rate * update, "largest": largest, "loss": loss}
            for update, largest, loss in zip(
                along.updates.tolist(), along.largest.tolist(), along.losses.tolist(), strict=True
            )
        ]
        # The full batch has no order, so training on from there is training on.
        before = run.at(update=updates - WINDOW).params
        end = train(network(), x, y, init_params=before, epochs=WINDOW, eval_every=1, **how)
        losses = np.asarray(end.history["train_loss"])
        ends.append(
            {
                **same,
                "updates": updates,
                "rises": float((np.diff(losses) > 0).mean()),
                "loss": float(run.history[-1]["train_loss"]),
            }
        )
    return {"curves": curves, "ends": ends}


def tasks(seeds: int) -> list[Task]:
    """Return the runs of each polynomial and learning rate."""
    return [
        Task(
            (degree, rate, part["first"]),
            followed,
            {"degree": degree, "rate": rate, **part},
            cost=(part["stop"] - part["first"]) * (1.5 + 4e-6 * TIME / rate),
        )
        for degree in DEGREES
        for rate in RATES
        for part in chunks(seeds, at_once=5)
    ]


def collect(outputs: Mapping[tuple[Any, ...], Tables]) -> Tables:
    """Return all curves and ends, and what each run did at the line 2/η."""
    curves = [row for tables in outputs.values() for row in tables["curves"]]
    ends = {
        (row["degree"], row["rate"], row["seed"]): row
        for tables in outputs.values()
        for row in tables["ends"]
    }
    of_run: dict[tuple[int, float, int], list[Any]] = {}
    for row in curves:
        of_run.setdefault((row["degree"], row["rate"], row["seed"]), []).append(row)
    return {
        "curves": curves,
        "runs": [ends[key] | _at_the_line(key[1], rows) for key, rows in of_run.items()],
    }


def _at_the_line(rate: float, rows: list[Any]) -> dict[str, Any]:
    """Return what one run did, eigenvalues in units of 2/η."""
    scaled = np.array([row["largest"] for row in rows]) * rate / 2
    losses = np.array([row["loss"] for row in rows])
    reached = np.flatnonzero(scaled >= 0.95)
    first = int(reached[0]) if len(reached) else None
    late = 2 * len(rows) // 3
    return {
        "start": float(scaled[0]),
        "most": float(scaled.max()),
        "reached_at": None if first is None else rows[first]["time"],
        "loss_there": None if first is None else float(losses[first]),
        # The mean over the last third, of a run that reached the line before it.
        "late": float(scaled[late:].mean()) if first is not None and first < late else None,
    }


EXPERIMENT = Experiment(
    id=NAME,
    title="The edge of stability",
    question="Where does the largest eigenvalue of the Hessian go under gradient descent?",
    settings={
        "data": f"Chebyshev polynomials of degree 3, 4 and 5 at {N_POINTS} points of [−1, 1]",
        "network": f"1-{N_HIDDEN}-1, tanh, Glorot's initial weights",
        "loss": "half the squared error, mean over the points",
        "optimizer": "gradient descent on the full batch",
        "learning rates": list(RATES),
        "updates": f"{TIME:g} divided by the learning rate",
        "eigenvalues": f"at {MOMENTS} moments of each run",
    },
    tasks=tasks,
    collect=collect,
)
