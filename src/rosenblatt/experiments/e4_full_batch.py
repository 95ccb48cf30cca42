"""E4: how does a small MLP learn the two moons by full-batch descent? (Figures 2, 10 and 11.)"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.analysis.bayes import bayes_accuracy
from rosenblatt.data import moons_density
from rosenblatt.experiments import full_batch
from rosenblatt.experiments.base import Experiment, Row, Tables, Task, chunks, joined
from rosenblatt.experiments.two_moons import (
    EPOCHS,
    EVAL_EVERY,
    NOISE,
    SETTINGS,
    drawn,
    fresh_points,
    gradient_norm,
    spectrum,
    train_replay,
    train_seeds,
)
from rosenblatt.layers import Params
from rosenblatt.training import Run, Snapshots

REPLAY_SEED = 42
DRAWS = 3
"""Number of draws of the data, including that of the source."""
MOST_PLATEAUS = 20
"""Largest number of seeds whose curvature is measured along the run: a Hessian takes a while."""
PLATEAU_EPOCHS = (0, 10, 30, 100, 200, 300, 500, 750, 1000, 1250, EPOCHS)
"""The epochs at which curvature is measured along a run."""
PLATEAU_WIDTH = 0.005
"""Over a plateau the training accuracy moves by this fraction at most."""


def plateau_of_replay() -> Tables:
    """Return loss and curvature along the replay, and its early plateau."""
    path = _every_evaluation()
    run = train_replay(seed=REPLAY_SEED, network_number=1, callbacks=[path])
    return _curvature(path, [run], protocol="replay")


def plateau(first: int, stop: int) -> Tables:
    """Return loss and curvature along runs of our own, and the early plateau of each."""
    path = _every_evaluation()
    return _curvature(path, train_seeds(first, stop, callbacks=[path]), protocol="own")


def _every_evaluation() -> Snapshots:
    return Snapshots(range(0, EPOCHS + 1, EVAL_EVERY))


def _curvature(path: Snapshots, runs: Sequence[Run], protocol: str) -> Tables:
    along: list[Row] = []
    early: list[Row] = []
    for run in runs:
        who = {"protocol": protocol, "seed": run.seed}
        weights = path.params[run.seed]
        along += [{**who, **_at(run, epoch, weights[epoch])} for epoch in PLATEAU_EPOCHS]
        stretch = early_plateau(run.history["train_accuracy"])
        begin, end = (run.history[place] for place in (stretch.start, stretch.stop - 1))
        middle = run.history[(stretch.start + stretch.stop - 1) // 2]["epoch"]
        early.append(
            {
                **who,
                "first_epoch": begin["epoch"],
                "last_epoch": end["epoch"],
                "accuracy": begin["train_accuracy"],
                "rise_before": begin["train_accuracy"] - run.history[0]["train_accuracy"],
                "rise_after": run.history[-1]["train_accuracy"] - end["train_accuracy"],
                "loss_at_begin": begin["train_loss"],
                "loss_at_end": end["train_loss"],
                **_at(run, int(middle), weights[int(middle)]),
            }
        )
    return {"path": along, "early": early}


def _at(run: Run, epoch: int, params: Params) -> Row:
    """Return loss and curvature of the training data of draw 0."""
    data, _ = drawn(0)
    (loss,) = run.history["train_loss"][run.history["epoch"] == epoch]
    return {
        "epoch": epoch,
        "train_loss": float(loss),
        "gradient_norm": gradient_norm(run.model, params, data),
        **spectrum(run.model, params, data),
    }


def early_plateau(accuracy: npt.NDArray[np.float64]) -> range:
    """Return the early plateau of a curve of training accuracies (n,), as a range of places.

    It is the longest stretch that begins in the first half of the curve and over which the accuracy
    moves by at most half a point; of several, the first.

    >>> early_plateau(np.array([0.5, 0.7, 0.704, 0.703, 0.8, 0.9, 0.91, 0.92]))
    range(1, 4)
    """
    best = range(0)
    for start in range((len(accuracy) + 1) // 2):
        low = np.minimum.accumulate(accuracy[start:])
        high = np.maximum.accumulate(accuracy[start:])
        # A half point of 800 samples is 4; sums of floats are rounded.
        length = int(np.sum(high - low <= PLATEAU_WIDTH + 1e-12))
        if length > len(best):
            best = range(start, start + length)
    return best


def other_rules() -> Tables:
    """Return what logistic regression scores on each draw, and the Bayes rule on all data."""
    from sklearn.linear_model import LogisticRegression

    fresh = fresh_points()
    rows: list[Row] = []
    for draw in range(DRAWS):
        data, test = drawn(draw)
        rule = LogisticRegression().fit(data.X, data.y)
        rows.append(
            {
                "draw": draw,
                "test_accuracy": float(rule.score(test.X, test.y)),
                "fresh_accuracy": float(rule.score(fresh.X, fresh.y)),
            }
        )
    return {"logistic": rows, "bayes": [{"accuracy": bayes_accuracy(moons_density(NOISE)).value}]}


def tasks(seeds: int) -> list[Task]:
    """Return the replay, runs on several draws of the data, and the paths of some."""
    return [
        *full_batch.tasks_of(REPLAY_SEED, seeds, DRAWS),
        Task(("plateau", "replay"), plateau_of_replay, {}, cost=0.8),
        *(
            Task(("plateau", part["first"]), plateau, part, cost=0.5 * part["stop"])
            for part in chunks(min(seeds, MOST_PLATEAUS), at_once=10)
        ),
        Task(("rules",), other_rules, {}, cost=0.5),
    ]


def collect(outputs: Mapping[tuple[Any, ...], Tables]) -> Tables:
    """Return the tables of :mod:`.full_batch`, the paths, and the accuracies of other rules."""
    return {
        **full_batch.collected(outputs),
        "plateau": joined(outputs, "plateau", "path"),
        "early_plateau": joined(outputs, "plateau", "early"),
        "logistic": outputs["rules",]["logistic"],
        "bayes": outputs["rules",]["bayes"],
    }


EXPERIMENT = Experiment(
    id="E4",
    title="An MLP on the two moons, full batch",
    question="How far does gradient descent on all 800 points bring the MLP 2-20-2 in 1500 epochs?",
    settings={
        **SETTINGS,
        "batch size": 800,
        "the source's initialisation seed": REPLAY_SEED,
        "draws of the data": DRAWS,
    },
    tasks=tasks,
    collect=collect,
)
