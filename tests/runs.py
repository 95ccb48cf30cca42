"""Runs of every kind, made small, and what it means that two of them are the same."""

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rosenblatt as rb
from rosenblatt.data import Dataset
from rosenblatt.losses import HalfSquaredError
from rosenblatt.optimizers import SGD, Adam, Cosine, LinearWarmup, RMSProp
from rosenblatt.training import Run, RunGroup, loop
from rosenblatt.training.storage import checkpointer

N = 23
SEEDS = range(9)
"""More members than a vector has lanes."""


def drawn(weighted: bool = False, seed: int = 0, n: int = N) -> Dataset:
    """Return two classes in three dimensions, which overlap."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 2
    weights = rng.uniform(0.5, 2, n) if weighted else None
    return Dataset(rng.normal(size=(n, 3)) + y[:, None], y, sample_weight=weights)


def values(seed: int = 0) -> Dataset:
    """Return a regression."""
    X = np.random.default_rng(seed).normal(size=(N, 3))
    return Dataset(X, np.sin(2 * X[:, 0]) * X[:, 1])


def stopping() -> list[rb.Callback]:
    """Return early stopping that ends some runs soon."""
    return [rb.EarlyStopping("test_loss", patience=2)]


def small(model: Any, **settings: Any) -> dict[str, Any]:
    """Return the arguments of a small run."""
    given = {"model": model, "train": drawn(), "test": drawn(seed=1), "epochs": 5, "batch_size": 5}
    return {**given, **settings}


NET = rb.MLP(3, [4], 2)
WORKS: dict[str, dict[str, Any]] = {
    "one by one": small(NET, batch_size=1, optimizer=SGD(0.1)),
    "momentum, off the beat": small(NET, optimizer=SGD(0.1, momentum=0.9), eval_every=2),
    "nesterov, not shuffled": small(
        NET, optimizer=SGD(0.1, momentum=0.9, nesterov=True), shuffle=False
    ),
    "adam, cosine, dropout": small(
        rb.MLP(3, [4], 2, dropout=0.3), batch_size=4, optimizer=Adam(Cosine(0.1, 30))
    ),
    "warm-up": small(NET, optimizer=SGD(LinearWarmup(8, Cosine(0.1, 20))), eval_every=3),
    "float32": small(NET, dtype="float32", optimizer=RMSProp(0.02)),
    "sample weights": small(NET, train=drawn(weighted=True), optimizer=Adam(0.05)),
    "regression, no test set": small(
        rb.MLP(3, [4], 1), train=values(), test=None, loss=HalfSquaredError(), optimizer=SGD(0.1)
    ),
    "wide": small(rb.MLP(3, [40, 33], 2), batch_size=7, optimizer=Adam(0.01)),
    "full batch": small(NET, batch_size=None, epochs=11, eval_every=4, optimizer=SGD(0.5)),
    "perceptron, online": small(rb.Perceptron(3), batch_size=None, optimizer=SGD(0.1)),
    "perceptron, averaged": small(
        rb.Perceptron(3, weights="averaged"), batch_size=None, eval_every=2, optimizer=SGD(0.1)
    ),
    "perceptron, mini-batch": small(
        rb.Perceptron(3, rule="mini-batch", weights="pocket"), batch_size=4, optimizer=SGD(0.1)
    ),
    "perceptron, batch": small(
        rb.Perceptron(3, rule="batch", weights="pocket"), batch_size=None, epochs=11
    ),
    "early stopping": small(NET, optimizer=SGD(0.8), epochs=8, callbacks=stopping),
    "early stopping, off the beat": small(
        NET, optimizer=SGD(0.8), epochs=9, eval_every=2, callbacks=stopping
    ),
    "given weights": small(NET, optimizer=SGD(0.1), init_params=NET.init(77)),
    "diverges": small(
        rb.MLP(3, [4], 1),
        train=values(),
        test=values(1),
        loss=HalfSquaredError(),
        optimizer=SGD(2.5),
        epochs=60,
        eval_every=30,
    ),
}

POPULATIONS: dict[str, dict[str, Any]] = {
    "lanes": small(NET, optimizer=Adam(0.05), eval_every=2),
    "lanes, stop one after the other": small(
        NET, optimizer=SGD(0.8), epochs=9, eval_every=2, callbacks=stopping
    ),
    "lanes, some diverge": small(
        rb.MLP(3, [4], 1),
        train=values(),
        test=values(1),
        loss=HalfSquaredError(),
        optimizer=SGD(1.2),
        epochs=40,
        eval_every=10,
    ),
    "perceptrons": small(rb.Perceptron(3), batch_size=None, optimizer=SGD(0.1), eval_every=2),
    "wide": small(rb.MLP(3, [40, 33], 2), batch_size=7, optimizer=SGD(0.1), epochs=3),
}


def go(work: dict[str, Any], engine: str, seeds: Iterable[int] | int = 3, **more: Any) -> Any:
    """Train a work: a run for a seed, a population for several."""
    settings = {**work, "engine": engine, **more}
    model, data = settings.pop("model"), settings.pop("train")
    if callable(settings.get("callbacks")):
        settings["callbacks"] = settings["callbacks"]()
    if isinstance(seeds, int):
        return rb.train(model, data, seed=seeds, **settings)
    return rb.train_many(model, data, seeds=seeds, **settings)


def without_seconds(rows: Iterable[Any]) -> str:
    """Return rows as text, in which NaN equals NaN and no bit is lost."""
    return repr([{k: v for k, v in row.items() if k != "seconds"} for row in rows])


def bits(params: dict[str, Any]) -> dict[str, Any]:
    """Return arrays as what they are to the last bit."""
    return {name: (value.dtype, value.shape, value.tobytes()) for name, value in params.items()}


def all_of(run: Run) -> dict[str, Any]:
    """Return all that a run has become, but for the clock's part."""
    assert run._trajectory is not None
    place = run._trajectory.last
    return {
        "params": bits(run.params),
        "selected": {name: bits(params) for name, params in run.weights.items()},
        "history": without_seconds(run.history),
        "row": without_seconds([] if run.metrics is None else [run.metrics]),
        "end": (run.stopped, run.diverged, run.seed, run.classes),
        "place": (place.epoch, place.batch, place.update, place.mistakes),
        "last": bits(place.state.params),
        "slots": {name: bits(slot) for name, slot in place.state.slots.items()},
        "kept": {
            rule.name: bits(rule.chosen(place.state.selection_state[rule.name]))
            for rule in run.model.selections
        },
    }


def assert_same(found: Run | RunGroup, expected: Run | RunGroup) -> None:
    """Check that runs are the same to the last bit, but for their seconds."""
    pairs = (
        [(found, expected)] if isinstance(found, Run) else list(zip(found, expected, strict=True))
    )
    for one, other in pairs:
        a, b = all_of(one), all_of(other)
        for name, value in b.items():
            assert a[name] == value, f"seed {other.seed}: {name}"


def eager(monkeypatch: pytest.MonkeyPatch, updates: int | None = None) -> None:
    """Write every checkpoint that may be written, and look up after so many updates."""
    monkeypatch.setattr(checkpointer, "MOST_SHARE", math.inf)
    if updates is not None:
        train_segment = loop.train_segment
        monkeypatch.setattr(
            loop, "train_segment", lambda members, most: train_segment(members, updates)
        )


def checkpoints_in(folder: Path) -> list[Path]:
    """Return the checkpoints of a run's folder, the first one first."""
    return sorted((folder / "checkpoints").glob("*.safetensors"))
