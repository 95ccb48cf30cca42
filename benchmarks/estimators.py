"""The estimators beside scikit-learn's, on the same work: ``python benchmarks/estimators.py``.

Both fit the same data from the same random_state for the same epochs, in turns, after a first fit
that loads or compiles what has to be. A row holds the fastest turn of each, and how far their
weights are apart; a ratio above 1 says that ours is faster. ``--only NAME`` takes the rows whose
names contain NAME, and ``--turns`` says how often they take turns.
"""

import argparse
import math
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import sklearn
import sklearn.linear_model
import sklearn.neural_network

from rosenblatt import estimators

SECONDS = 1.5
"""scikit-learn's turn takes roughly so long; ours has as many epochs."""


@dataclass(frozen=True)
class Case:
    """Samples of D features and C classes, and the settings of both estimators."""

    name: str
    n: int
    d: int
    n_classes: int
    how: dict[str, Any] = field(default_factory=dict)
    kind: str = "MLPClassifier"

    def data(self) -> tuple[Any, Any]:
        """Return X (N, D) and y (N,): classes by distance from a random point, some noise."""
        rng = np.random.default_rng(0)
        X = rng.normal(size=(self.n, self.d))
        score = ((X - rng.normal(size=self.d)) ** 2).sum(axis=1) + rng.normal(size=self.n)
        edges = np.quantile(score, np.linspace(0, 1, self.n_classes + 1)[1:-1])
        return X, np.digitize(score, edges)


SMALL, WIDE = {"hidden_layer_sizes": (20,)}, {"hidden_layer_sizes": (512, 256)}
CASES = (
    Case("2-20-2, B = 1", 800, 2, 2, SMALL | {"batch_size": 1}),
    Case("2-20-2, B = 10", 800, 2, 2, SMALL | {"batch_size": 10}),
    Case("2-20-2, B = 32", 800, 2, 2, SMALL | {"batch_size": 32}),
    Case("2-20-2, sgd, B = 32", 800, 2, 2, SMALL | {"batch_size": 32, "solver": "sgd"}),
    Case("2-20-2, 100 rows", 100, 2, 2, SMALL),
    Case("2-20-2, early stopping", 800, 2, 2, SMALL | {"early_stopping": True}),
    Case("2-20-2, 100 000 rows", 100_000, 2, 2, SMALL),
    Case("64-100-10 (digits)", 1797, 64, 10),
    Case("64-100-10, early stopping", 1797, 64, 10, {"early_stopping": True}),
    Case("20-100-100-2, 10 000 rows", 10_000, 20, 2, {"hidden_layer_sizes": (100, 100)}),
    Case("784-100-10, 1 000 rows", 1000, 784, 10),
    Case("784-512-256-10, 2 000 rows", 2000, 784, 10, WIDE),
    Case("perceptron, 2 inputs", 800, 2, 2, kind="Perceptron"),
    Case("perceptron, 10 classes", 2000, 64, 10, kind="Perceptron"),
)


def seconds_of(work: Callable[[], Any]) -> float:
    """Return how long some work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def row(case: Case, turns: int) -> str:
    """Return a line of the table."""
    X, y = case.data()
    module = sklearn.linear_model if case.kind == "Perceptron" else sklearn.neural_network
    theirs, ours = getattr(module, case.kind), getattr(estimators, case.kind)
    how = case.how | {"random_state": 0, "n_iter_no_change": 10**6, "tol": 0.0}

    def fit(kind: Any, epochs: int) -> Any:
        return kind(max_iter=epochs, **how).fit(X, y)

    ours(max_iter=1, engine="compiled", **how).fit(X, y)
    epochs = max(2, math.ceil(SECONDS / (seconds_of(lambda: fit(theirs, 2)) / 2)))
    times = [
        [seconds_of(lambda kind=kind: fit(kind, epochs)) for kind in (ours, theirs)]  # type: ignore[misc]
        for _ in range(turns)
    ]
    best_ours, best_theirs = (min(pair) / epochs for pair in zip(*times, strict=True))
    few = min(epochs, 5)
    apart = max(
        float(np.abs(a - b).max() / np.abs(b).max())
        for a, b in zip(_weights(fit(ours, few)), _weights(fit(theirs, few)), strict=True)
    )
    return (
        f"| {case.name} | {1e6 * best_ours:,.0f} | {1e6 * best_theirs:,.0f} "
        f"| {best_theirs / best_ours:.1f} | {apart:.0e} |"
    )


def _weights(fitted: Any) -> list[Any]:
    return fitted.coefs_ if hasattr(fitted, "coefs_") else [fitted.coef_]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="")
    parser.add_argument("--turns", type=int, default=3)
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    print(f"scikit-learn {sklearn.__version__}\n")
    print("| work | ours, µs per epoch | scikit-learn's | ratio | weights apart |")
    print("|---|---|---|---|---|")
    for case in CASES:
        if asked.only in case.name:
            print(row(case, asked.turns), flush=True)


if __name__ == "__main__":
    main()
