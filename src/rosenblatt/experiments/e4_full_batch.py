"""E4: how does a small MLP learn the two moons by full-batch descent? (Figures 2, 10 and 11.)"""

from collections.abc import Mapping
from typing import Any

from rosenblatt.analysis import bayes_accuracy
from rosenblatt.data import moons_density
from rosenblatt.experiments import full_batch
from rosenblatt.experiments.base import Experiment, Row, Tables, Task, chunks, joined
from rosenblatt.experiments.two_moons import (
    EPOCHS,
    NOISE,
    SETTINGS,
    drawn,
    fresh_points,
    gradient_norm,
    network,
    spectrum,
    train_replay,
    train_seeds,
)
from rosenblatt.layers import Params
from rosenblatt.training import Snapshots

REPLAY_SEED = 42
DRAWS = 3
"""The data are drawn so many times, the as-published draw among them."""
MOST_PLATEAUS = 20
"""The curvature along a run is measured for so many seeds at most: a Hessian takes a while."""
PLATEAU_EPOCHS = (0, 10, 30, 100, 200, 300, 500, 750, 1000, 1250, EPOCHS)


def plateau_of_replay() -> Tables:
    """Return loss and curvature along the as-published run."""
    path = Snapshots(PLATEAU_EPOCHS)
    run = train_replay(seed=REPLAY_SEED, network_number=1, callbacks=[path])
    first = {"protocol": "as published", "seed": REPLAY_SEED}
    return {"path": _along(path.params[REPLAY_SEED], run.history.rows(), **first)}


def plateau(first: int, stop: int) -> Tables:
    """Return loss and curvature along runs of our own."""
    path = Snapshots(PLATEAU_EPOCHS)
    runs = train_seeds(first, stop, callbacks=[path])
    return {
        "path": [
            row
            for run in runs
            for row in _along(
                path.params[run.seed], run.history.rows(), protocol="own", seed=run.seed
            )
        ]
    }


def _along(path: Mapping[int, Params], history: list[dict[str, float]], **first: Any) -> list[Row]:
    data, _ = drawn(0)
    model, losses = network(), {row["epoch"]: row["train_loss"] for row in history}
    return [
        {
            **first,
            "epoch": epoch,
            "train_loss": losses[epoch],
            "gradient_norm": gradient_norm(model, params, data),
            **spectrum(model, params, data),
        }
        for epoch, params in path.items()
    ]


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
    """Return the as-published run, runs on several draws of the data, and the paths of some."""
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
        "as-published initialisation seed": REPLAY_SEED,
        "draws of the data": DRAWS,
    },
    tasks=tasks,
    collect=collect,
)
