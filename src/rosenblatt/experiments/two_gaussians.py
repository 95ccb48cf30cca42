"""What E1, E2 and E3 share: a perceptron on two Gaussians, by the batch rule."""

from typing import Any

from rosenblatt.data import Dataset, gaussians
from rosenblatt.experiments.base import Row, mean_and_sd
from rosenblatt.models import Perceptron
from rosenblatt.optimizers import SGD
from rosenblatt.training import Run, train

EPOCHS = 1000
LEARNING_RATE = 0.01
WEIGHTS = ("last", "pocket", "averaged")
SETTINGS = {
    "model": "perceptron 2-1 with bias, w = 0 and b = 0 at the start",
    "rule": "batch, s = 1/N",
    "learning rate": LEARNING_RATE,
    "epochs": EPOCHS,
    "points": "100 per class, 80 + 80 train and 20 + 20 test",
}


def fresh(mean: float, variance: float, seed: int) -> tuple[Dataset, Dataset]:
    """Return (train, test) of Gaussians at (mean, mean) (+1) and (0, 0) (−1), split by class."""
    data = gaussians(
        100, means=[(0, 0), (mean, mean)], covariances=variance, seed=seed, classes=(-1, 1)
    )
    return data.split(test_size=0.2, seed=seed, stratify=True)


def train_perceptron(data: Dataset, test: Dataset, *, eval_every: int = 1) -> Run:
    """Return a run of the batch rule with the report's settings."""
    return train(
        Perceptron(2, rule="batch", scale="samples"),
        data,
        test=test,
        optimizer=SGD(LEARNING_RATE),
        epochs=EPOCHS,
        eval_every=eval_every,
    )


def accuracies_over_seeds(mean: float, variance: float, seeds: int) -> list[Row]:
    """Return one row per seed and kind of weights: seed, weights, test_accuracy."""
    rows = []
    for seed in range(seeds):
        data, test = fresh(mean, variance, seed)
        run = train_perceptron(data, test, eval_every=EPOCHS)
        for weights in WEIGHTS:
            accuracy = run.with_weights(weights).evaluate(test).accuracy
            rows.append({"seed": seed, "weights": weights, "test_accuracy": accuracy})
    return rows


def summarise(rows: list[Row]) -> dict[str, Any]:
    """Return mean and standard deviation over seeds for each kind of weights."""
    summary: dict[str, Any] = {}
    for weights in WEIGHTS:
        of_kind = [row["test_accuracy"] for row in rows if row["weights"] == weights]
        summary[f"{weights}_mean"], summary[f"{weights}_sd"] = mean_and_sd(of_kind)
    return summary
