"""Small made-up results with the tables of the real ones: what the report needs, in no time."""

from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest

from rosenblatt.experiments import EXPERIMENTS, Result

EPOCHS = [0, 10, 20, 30, 40]
SEEDS = range(2)
BATCH_SIZES = (1, 10, 100, 200, 400, 800)
SD = {1: float("nan")}


@pytest.fixture(scope="session")
def results():
    """Every experiment, two seeds."""
    return {
        "E1": result("E1", e1_tables(), {"replay": perceptron()}),
        "E2": result("E2", distance_tables("m", (10.0, 1.0, 0.0))),
        "E3": result("E3", spread_tables()),
        "E4": result("E4", mlp_tables(42), {"replay": mlp()}),
        "E5": result("E5", mlp_tables(4), {"replay": mlp()}),
        "E6": result("E6", batch_tables()),
    }


def result(name, tables, runs=None):
    return Result(
        experiment=name,
        settings={**EXPERIMENTS[name].settings, "seeds": list(SEEDS)},
        tables={table: pa.Table.from_pylist(rows) for table, rows in tables.items()},
        runs=runs or {},
        seconds=1.25,
    )


def perceptron():
    params = {"0.weight": np.array([[1.0], [1.0]]), "0.bias": np.array([-5.0])}
    return SimpleNamespace(params=params)


def mlp():
    def predict_proba(points):
        p = 1 / (1 + np.exp(points[:, 1] - points[:, 0]))
        return np.column_stack([1 - p, p])

    return SimpleNamespace(predict_proba=predict_proba)


def points(labels):
    return [
        {"x1": float(i % 7), "x2": float(i % 5), "label": labels[i % 2], "split": split}
        for i in range(20)
        for split in (("train",) if i < 14 else ("test",))
    ]


def e1_tables():
    def curve(shift, **first):
        return [
            {
                **first,
                "epoch": epoch,
                "train_loss": 0.01 * epoch * (40 - epoch) / 400,
                "test_loss": 0.012 * epoch * (40 - epoch) / 400,
                "train_error": max(0.0, 0.5 - epoch / 40 - shift),
                "test_error": max(0.0, 0.45 - epoch / 40 - shift),
            }
            for epoch in EPOCHS
        ]

    def summary(protocol, seed):
        return {
            "protocol": protocol,
            "seed": seed,
            "start_test_accuracy": 0.55,
            "test_accuracy": 1.0,
            "train_accuracy": 1.0,
        }

    return {
        "replay_curve": curve(0.0),
        "own_curves": [row for seed in SEEDS for row in curve(0.01 * seed, seed=seed)],
        "points": points((-1, 1)),
        "summary": [summary("as published", 42), *(summary("own", seed) for seed in SEEDS)],
    }


def distance_tables(key, values, **first):
    accuracy, runs = [], []
    for value in values:
        row = {**first, key: value, "reported": 0.475, "replayed": 0.475, "bayes": 0.76, "seeds": 2}
        for weights in ("last", "pocket", "averaged"):
            row |= {f"{weights}_mean": 0.7, f"{weights}_sd": 0.014142135623730963}
            runs += [
                {**first, key: value, "seed": seed, "weights": weights, "test_accuracy": accurate}
                for seed, accurate in zip(SEEDS, (0.69, 0.71), strict=True)
            ]
        accuracy.append(row)
    return {"accuracy": accuracy, "runs": runs}


def spread_tables():
    readings = [
        distance_tables("s", (1.0, 50.0, 100.0), reading=reading)
        for reading in ("variance", "standard deviation")
    ]
    return {name: [row for tables in readings for row in tables[name]] for name in readings[0]}


def learning_curve(end_loss, updates_per_epoch, **first):
    return [
        {
            **first,
            "epoch": epoch,
            "updates": epoch * updates_per_epoch,
            "train_loss": end_loss + 0.5 / (1 + epoch),
            "test_loss": end_loss + 0.6 / (1 + epoch),
            "train_accuracy": 0.9 - 0.4 / (1 + epoch),
            "test_accuracy": 0.91 - 0.4 / (1 + epoch),
        }
        for epoch in EPOCHS
    ]


def mlp_tables(replay_seed):
    def summary(protocol, seed):
        return {
            "protocol": protocol,
            "seed": seed,
            "start_test_accuracy": 0.77 - 0.1 * (protocol == "own") * seed,
            "start_train_accuracy": 0.8075,
            "test_accuracy": 0.915,
            "train_accuracy": 0.9125,
            "train_loss": 0.2116493,
            "test_loss": 0.1908941,
            "gradient_norm": 0.0559,
        }

    return {
        "replay_curve": learning_curve(0.2, 1),
        "own_curves": [row for seed in SEEDS for row in learning_curve(0.21, 1, seed=seed)],
        "points": points((0, 1)),
        "summary": [
            summary("as published", replay_seed),
            *(summary("own", seed) for seed in SEEDS),
        ],
    }


def batch_tables():
    replay, own, summary = [], [], []
    for place, size in enumerate(BATCH_SIZES):
        loss, steps = 0.05 + 0.03 * place, -(-800 // size)
        replay += learning_curve(loss, steps, batch_size=size)
        for seed in SEEDS:
            own += learning_curve(loss, steps, seed=seed, batch_size=size)
        row = {"batch_size": size, "updates": 40 * steps, "seeds": 1 if size == 1 else 2}
        for name in ("train_loss", "test_loss", "train_accuracy", "test_accuracy"):
            mean = 0.9 if name.endswith("accuracy") else loss
            row |= {f"{name}_mean": mean, f"{name}_sd": SD.get(size, 0.01), f"replay_{name}": mean}
        summary.append(row | {"seconds_mean": 0.1 * steps})
    return {"replay_curves": replay, "own_curves": own, "summary": summary}
