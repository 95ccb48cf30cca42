"""Training of a perceptron on two Gaussians by the batch rule, for E1, E2 and E3."""

from collections.abc import Mapping, Sequence
from typing import Any

from rosenblatt.analysis.bayes import linear_accuracy
from rosenblatt.data import Dataset, GaussianMixture, gaussians, gaussians_density
from rosenblatt.experiments.base import Row, Tables, mean_and_sd
from rosenblatt.layers import Params
from rosenblatt.models import Perceptron
from rosenblatt.optimizers import SGD
from rosenblatt.training import Run, train

EPOCHS = 1000
LEARNING_RATE = 0.01
SEEDS_FOR_EACH = 2
"""Seeds of perceptrons, which train quickly, for each seed of the networks."""
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
    """Return (train, test) of Gaussians at (mean, mean) (+1) and (0, 0) (−1), 80 and 20 of each."""
    means = [(0, 0), (mean, mean)]
    train, test = (
        gaussians(size, means, covariances=variance, seed=2 * seed + part, classes=(-1, 1))
        for part, size in enumerate((80, 20))
    )
    return train, test


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
        lines = {name: run.weights[name] for name in WEIGHTS} | {"lda": _discriminant(data)}
        rows += [
            {"seed": seed, "weights": rule, **_accuracies(params, test, density)}
            for rule, params in lines.items()
        ]
    return {"runs": rows}


def _discriminant(data: Dataset) -> Params:
    """Return the line of linear discriminant analysis."""
    from sklearn import config_context
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    with config_context(assume_finite=True, skip_parameter_validation=True):
        rule = LinearDiscriminantAnalysis().fit(data.X, data.y)
    return {"0.weight": rule.coef_.T, "0.bias": rule.intercept_}


def _accuracies(params: Params, test: Dataset, density: GaussianMixture) -> Row:
    """Return the accuracy of a line on the test set and on all data."""
    weight, bias = params["0.weight"], params["0.bias"].item()
    says_plus = (test.X @ weight + bias >= 0)[:, 0]
    return {
        "test_accuracy": float((says_plus == test.y).mean()),
        "exact_accuracy": linear_accuracy(weight, bias, density).value,
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
