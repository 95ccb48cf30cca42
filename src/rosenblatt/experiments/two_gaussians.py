"""What E1, E2 and E3 share: a perceptron on two Gaussians, by the batch rule."""

from collections.abc import Mapping, Sequence
from typing import Any

from rosenblatt.analysis import linear_accuracy
from rosenblatt.data import Dataset, GaussianMixture, gaussians, gaussians_density
from rosenblatt.experiments.base import Row, Tables, mean_and_sd
from rosenblatt.layers import Params
from rosenblatt.models import Perceptron
from rosenblatt.optimizers import SGD
from rosenblatt.training import Run, train

EPOCHS = 1000
LEARNING_RATE = 0.01
SEEDS_FOR_EACH = 2
"""Perceptrons are so quick that they get so many seeds for each one of the networks."""
WEIGHTS = ("last", "pocket", "averaged")
RULES = (*WEIGHTS, "lda")
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


def train_perceptron(
    data: Dataset, test: Dataset, *, eval_every: int = 1, engine: str = "reference"
) -> Run:
    """Return a run of the batch rule with the report's settings."""
    return train(
        Perceptron(2, rule="batch", scale="samples"),
        data,
        test=test,
        optimizer=SGD(LEARNING_RATE),
        epochs=EPOCHS,
        eval_every=eval_every,
        engine=engine,
    )


def accuracies(mean: float, variance: float, first: int, stop: int) -> Tables:
    """Return "runs": one row per seed and rule, with its accuracy on the test set and on all data.

    The rules are the perceptron's three kinds of weights, and linear discriminant analysis of the
    same points. The accuracy on all data is exact: that of the line under the two Gaussians.
    """
    density = gaussians_density(means=[(0, 0), (mean, mean)], covariances=variance)
    rows: list[Row] = []
    for seed in range(first, stop):
        data, test = fresh(mean, variance, seed)
        run = train_perceptron(data, test, eval_every=EPOCHS, engine="compiled")
        for name in WEIGHTS:
            accuracy = run.with_weights(name).evaluate(test).accuracy
            rows.append(_row(seed, name, accuracy, run.selected[name], density))
        rows.append(_discriminant(seed, data, test, density))
    return {"runs": rows}


def _discriminant(seed: int, data: Dataset, test: Dataset, density: GaussianMixture) -> Row:
    """Return the row of linear discriminant analysis."""
    from sklearn import config_context
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    with config_context(assume_finite=True, skip_parameter_validation=True):
        rule = LinearDiscriminantAnalysis().fit(data.X, data.y)
    params = {"0.weight": rule.coef_.T, "0.bias": rule.intercept_}
    says = (test.X @ rule.coef_[0] + rule.intercept_ >= 0).astype(int)
    return _row(seed, "lda", float((says == test.y).mean()), params, density)


def _row(seed: int, rule: str, accuracy: float, params: Params, density: GaussianMixture) -> Row:
    exact = linear_accuracy(params["0.weight"], params["0.bias"].item(), density)
    return {
        "seed": seed,
        "weights": rule,
        "test_accuracy": float(accuracy),
        "exact_accuracy": exact.value,
    }


def summarise(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return mean and standard deviation over seeds for each rule, and of its exact accuracy."""
    summary: dict[str, Any] = {"seeds": len({row["seed"] for row in rows})}
    for rule in RULES:
        of_rule = [row for row in rows if row["weights"] == rule]
        mean, sd = mean_and_sd(row["test_accuracy"] for row in of_rule)
        exact, exact_sd = mean_and_sd(row["exact_accuracy"] for row in of_rule)
        summary |= {f"{rule}_mean": mean, f"{rule}_sd": sd}
        summary |= {f"{rule}_exact_mean": exact, f"{rule}_exact_sd": exact_sd}
    return summary
