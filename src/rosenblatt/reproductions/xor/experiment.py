"""How long does backpropagation take on the tasks it was shown on? (Rumelhart and others, 1986.)

Logistic units, half the squared error added up over the patterns, momentum 0.9. The source does not
say how far "small random weights" reach, nor, for each task, whether weights change after every
pattern or after each sweep through all of them. Both are varied here.
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from rosenblatt.experiments.base import Experiment, Row, Tables, Task, chunks
from rosenblatt.layers import Concatenate, Layer, Linear, Sigmoid, Uniform
from rosenblatt.models import Sequential
from rosenblatt.optimizers import SGD
from rosenblatt.training import Callback, Run, RunInProgress
from rosenblatt.training.calls import train_many

NAME = "xor"
MOMENTUM = 0.9
REACHES = (0.3, 1.0)
"""Initial weights are uniform from minus this to this. The Nature paper has 0.3 for symmetry."""
UPDATES = ("sweep", "pattern")
"""When weights change: after a sweep through all patterns, or after every pattern."""
WIDTHS = (2, 4, 8, 16, 32)
EVERY = 5
"""Sweeps between two looks at the outputs."""
CLOSE = 0.2
"""Training ends where every output is as near to its target as this."""

Floats = npt.NDArray[np.float64]


def patterns(bits: int) -> Floats:
    """Return all rows of 0 and 1 of that length, (2ᵇ, b)."""
    return np.array(list(itertools.product([0.0, 1.0], repeat=bits)))


def parity(bits: int) -> tuple[Floats, Floats]:
    """Return all patterns and whether their number of ones is odd; of two bits, exclusive or.

    >>> parity(2)[1].ravel()
    array([0., 1., 1., 0.])
    """
    x = patterns(bits)
    return x, x.sum(axis=1, keepdims=True) % 2


def symmetry(bits: int) -> tuple[Floats, Floats]:
    """Return all patterns and whether they read the same backwards.

    >>> int(symmetry(6)[1].sum())
    8
    """
    x = patterns(bits)
    return x, (x == x[:, ::-1]).all(axis=1, keepdims=True).astype(float)


def code(width: int) -> tuple[Floats, Floats]:
    """Return patterns with a single one, which are their own targets."""
    return np.eye(width), np.eye(width)


@dataclass(frozen=True)
class Problem:
    """A task of the source.

    Attributes:
        data: patterns and targets.
        hidden: units in the hidden layer.
        rate: η, for errors that are added up over patterns.
        most: sweeps after which a run is given up.
        has_short_cuts: the output sees the inputs, too.
        most_seeds: runs are no more than these.
        updates: when weights change.
    """

    data: tuple[Floats, Floats]
    hidden: int
    rate: float
    most: int
    has_short_cuts: bool = False
    most_seeds: int = 1000
    updates: tuple[str, ...] = UPDATES

    def network(self, reach: float) -> Sequential:
        """Return the network, initial weights uniform in [-reach, reach], biases 0."""
        x, y = self.data
        init = Uniform(reach)
        hidden: list[Layer] = [Linear(x.shape[1], self.hidden, init), Sigmoid()]
        width = self.hidden
        if self.has_short_cuts:
            hidden, width = [Concatenate(tuple(hidden))], width + x.shape[1]
        return Sequential([*hidden, Linear(width, y.shape[1], init), Sigmoid()])


PROBLEMS: dict[str, Problem] = {
    "exclusive or, 1 hidden unit and short-cuts": Problem(parity(2), 1, 0.5, 5000, True),
    **{
        f"exclusive or, {width} hidden units": Problem(parity(2), width, 0.25, 10_000)
        for width in WIDTHS
    },
    "parity of 4 bits": Problem(parity(4), 4, 0.5, 10_000, most_seeds=30),
    "symmetry of 6 bits": Problem(symmetry(6), 2, 0.1, 10_000, most_seeds=40),
    "8-3-8 encoder": Problem(code(8), 3, 0.25, 5000, most_seeds=40),
}


class _Learned(Callback):
    """Note when every output is on the right side of ½, and end the run where all are close."""

    serves_many: ClassVar[bool] = True

    def __init__(self, x: Floats, y: Floats) -> None:
        self._x, self._y = x, y
        self.right: dict[int, int] = {}

    def on_evaluation(self, run: RunInProgress) -> None:
        outputs, _ = run.job.model.forward(run.state.params, self._x)
        error = float(np.abs(outputs - self._y).max())
        if error < 0.5:
            self.right.setdefault(run.seed, run.epoch)
        if error <= CLOSE:
            run.stop("every output is close to its target")


def learned(problem: str, reach: float, update: str, first: int, stop: int) -> Tables:
    """Return how long the runs of some seeds took, and what their hidden units do."""
    task = PROBLEMS[problem]
    x, y = task.data
    watch = _Learned(x, y)
    # The loss is a mean over the batch, the error of the source a sum over it.
    in_batch = len(x) if update == "sweep" else 1
    runs = train_many(
        task.network(reach),
        x,
        y,
        seeds=range(first, stop),
        loss="half_squared_error",
        optimizer=SGD(task.rate * in_batch, momentum=MOMENTUM),
        epochs=task.most,
        batch_size=in_batch,
        eval_every=EVERY,
        callbacks=[watch],
    )
    how: Row = {"problem": problem, "reach": reach, "update": update}
    return {
        "runs": [
            {
                **how,
                "seed": run.seed,
                "sweeps": watch.right.get(run.seed),
                "is_learned": not run.diverged and run.history[-1]["epoch"] < task.most,
            }
            for run in runs
        ],
        "units": [
            {**how, "seed": run.seed, **row}
            for run in runs
            if run.history[-1]["epoch"] < task.most
            for row in _hidden_units(problem, run, x)
        ],
    }


def _hidden_units(problem: str, run: Run, x: Floats) -> list[Row]:
    """Return what the source shows of a network: weights of symmetry, codes of the encoder."""
    if problem.startswith("symmetry"):
        weights = run.params["0.weight"]
        return [
            {"unit": unit, "place": place, "value": float(weights[place, unit])}
            for unit in range(weights.shape[1])
            for place in range(len(weights))
        ]
    if problem.startswith("8-3-8"):
        hidden = Sigmoid().forward({}, x @ run.params["0.weight"] + run.params["0.bias"])[0]
        return [
            {"unit": unit, "place": place, "value": float(hidden[place, unit])}
            for unit in range(hidden.shape[1])
            for place in range(len(hidden))
        ]
    return []


def tasks(seeds: int) -> list[Task]:
    """Return the runs of every task, reach of the initial weights, and kind of update."""
    return [
        Task(
            (problem, reach, update, part["first"]),
            learned,
            {"problem": problem, "reach": reach, "update": update, **part},
            cost=(part["stop"] - part["first"]) * 1e-5 * settings.most,
        )
        for problem, settings in PROBLEMS.items()
        for reach in REACHES
        for update in settings.updates
        for part in chunks(min(seeds, settings.most_seeds))
    ]


def collect(outputs: Mapping[tuple[Any, ...], Tables]) -> Tables:
    """Return all runs, their quantiles by condition, weights of symmetry, and codes."""
    runs = [row for tables in outputs.values() for row in tables["runs"]]
    units = [row for tables in outputs.values() for row in tables["units"]]
    return {
        "runs": runs,
        "summary": [_summary(*key, rows) for key, rows in _by_condition(runs).items()],
        "symmetry": [row for row in units if row["problem"].startswith("symmetry")],
        "codes": [row for row in units if row["problem"].startswith("8-3-8")],
    }


def _by_condition(runs: list[Row]) -> dict[tuple[str, float, str], list[Row]]:
    found: dict[tuple[str, float, str], list[Row]] = {}
    for row in runs:
        found.setdefault((row["problem"], row["reach"], row["update"]), []).append(row)
    return found


def _summary(problem: str, reach: float, update: str, rows: list[Row]) -> Row:
    """Return quantiles of the sweeps, a run that never learned counting as infinitely many."""
    sweeps = np.array([row["sweeps"] or np.inf for row in rows], dtype=np.float64)
    low, middle, high = np.quantile(sweeps, [0.05, 0.5, 0.95], method="inverted_cdf")
    return {
        "problem": problem,
        "reach": reach,
        "update": update,
        "seeds": len(rows),
        "never": int(np.isinf(sweeps).sum()),
        "low": float(low),
        "median": float(middle),
        "high": float(high),
    }


EXPERIMENT = Experiment(
    id=NAME,
    title="What backpropagation learned in 1986",
    question="How long does backpropagation take on the tasks that it was first shown on?",
    settings={
        "units": "logistic",
        "loss": "half the squared error, added up over patterns; targets 0 and 1",
        "optimizer": f"gradient descent with momentum {MOMENTUM}",
        "learning rates": "0.5 for exclusive or and parity, 0.25 for the number of presentations "
        "against hidden units and the encoder, 0.1 for symmetry",
        "initial weights": f"uniform in [−r, r], r = {REACHES[0]:g} and {REACHES[1]:g}; biases 0",
        "weights change": "after a sweep through all patterns, or after every pattern in an order "
        "that is drawn anew",
        "learned": "every output on the right side of ½",
        "sweeps at most": ", ".join(f"{name}: {it.most}" for name, it in PROBLEMS.items()),
        "training ends": f"every output within {CLOSE} of its target",
    },
    tasks=tasks,
    collect=collect,
)
