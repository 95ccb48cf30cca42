"""Questions about part 1: the perceptron."""

from typing import Any

import numpy as np

from rosenblatt.grading.questions import Array, Drawn, question


def trained(x: Array, y: Array, rate: float, epochs: int) -> tuple[Array, float, float]:
    """Return w (D,), b and the smallest |w·x + b| that decided after the first epoch.

    The batch rule from w = 0, b = 0: w ← w + η/N Σ y x and b ← b + η/N Σ y over the mistakes, where
    sign(0) = +1. Two right programs may round a score near 0 to different signs, so data are only
    used where the smallest score is far from 0.
    """
    w, b, closest = np.zeros(x.shape[1]), 0.0, np.inf
    for epoch in range(epochs):
        scores = x @ w + b
        if epoch > 0:
            closest = min(closest, float(np.abs(scores).min()))
        wrong = np.where(scores >= 0, 1, -1) != y
        w = w + rate / len(x) * (y[wrong, np.newaxis] * x[wrong]).sum(axis=0)
        b = b + rate / len(x) * float(y[wrong].sum())
    closest = min(closest, float(np.abs(x @ w + b).min()))
    return w, b, closest


def _draw(rng: np.random.Generator, inputs: int, epochs: int) -> tuple[Array, Array, float]:
    """Return two overlapping classes x (24, D), y = ±1 (24,), and a learning rate."""
    while True:
        y = np.where(rng.permutation(24) < 10, 1, -1)
        x = rng.normal(size=(24, inputs)) + 0.7 * y[:, np.newaxis] + 0.4
        rate = float(rng.uniform(0.05, 0.5))
        if trained(x, y, rate, epochs)[2] > 1e-6:
            return x, y, rate


def _fit(drawn: Drawn, data: tuple[Array, Array, float], epochs: int) -> tuple[Array, float]:
    x, y, rate = data
    drawn.call("perceptron.Perceptron", x.shape[1], epochs, rate, name="model")
    drawn.call("model.train", x, y)
    w, b, _ = trained(x, y, rate, epochs)
    return w, b


@question("part1", "perceptron-forward", "rows", "one-sample")
def _forward(drawn: Drawn, rng: np.random.Generator) -> None:
    data = _draw(rng, 3, 2)
    w, b = _fit(drawn, data, 2)
    while True:
        x: Any = rng.normal(size=(9, 3)) * 3 + 0.3
        labels = np.where(x @ w + b >= 0, 1, -1)
        # The bias decides some of them, and both labels occur.
        bias_counts = np.any(labels != np.where(x @ w >= 0, 1, -1))
        if np.abs(x @ w + b).min() > 1e-6 and abs(labels.sum()) < 6 and bias_counts:
            break
    drawn.call("model.forward", x, name="labels")
    drawn.expect("rows", "labels", labels)
    for number in (int(np.argmax(labels)), int(np.argmin(labels))):
        drawn.call("model.forward", x[number], name="label")
        drawn.expect("one-sample", "label", labels[number])


@question("part1", "perceptron-update", "weights", "bias")
def _one_epoch(drawn: Drawn, rng: np.random.Generator) -> None:
    w, b = _fit(drawn, _draw(rng, 2, 1), 1)
    drawn.expect("weights", "model.weights", w)
    drawn.expect("bias", "model.bias", b)


@question("part1", "perceptron-train", "weights", "bias", "again")
def _many_epochs(drawn: Drawn, rng: np.random.Generator) -> None:
    data = _draw(rng, 4, 9)
    w, b = _fit(drawn, data, 9)
    drawn.expect("weights", "model.weights", w)
    drawn.expect("bias", "model.bias", b)
    # A second call starts from 0 again.
    drawn.call("model.train", data[0], data[1])
    drawn.expect("again", "model.weights", w)
