"""Questions about part 1: the perceptron."""

from typing import Any

import numpy as np

from rosenblatt.grading.questions import Array, Drawn, question

CLOSEST = 1e-10
"""The smallest score, in units of the learning rate, whose sign is the same in two right programs.

Rounding changes such scores by about 1e-14.
"""

DEFAULT_EPOCHS = 1000
DEFAULT_RATE = 0.01


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
    """Return two overlapping classes x (24, D), y = ±1 (24,), and a learning rate.

    The last epoch and the one after it still change the weights, at this rate and at any other: the
    rule from w = 0 only scales with the rate.
    """
    while True:
        y = np.where(rng.permutation(24) < 10, 1, -1)
        x = rng.normal(size=(24, inputs)) + 0.7 * y[:, np.newaxis] + 0.4
        rate = float(rng.uniform(0.05, 0.5))
        w, _, closest = trained(x, y, rate, epochs)
        others = [trained(x, y, rate, epochs + change)[0] for change in (-1, 1)]
        if closest > CLOSEST * rate and all(np.abs(w - other).max() > 0 for other in others):
            return x, y, rate


def _fit(drawn: Drawn, data: tuple[Array, Array, float], epochs: int) -> tuple[Array, float]:
    x, y, rate = data
    drawn.call("perceptron.Perceptron", x.shape[1], epochs, rate, name="model")
    drawn.call("model.train", x, y)
    w, b, _ = trained(x, y, rate, epochs)
    return w, b


@question("part1", "perceptron-forward", "untrained", "rows", "one-sample")
def _forward(drawn: Drawn, rng: np.random.Generator) -> None:
    data = _draw(rng, 3, 2)
    w, b = _fit(drawn, data, 2)
    while True:
        x: Any = rng.normal(size=(9, 3)) * 3 + 0.3
        labels = np.where(x @ w + b >= 0, 1, -1)
        # The bias decides some of them, and both labels occur.
        bias_counts = np.any(labels != np.where(x @ w >= 0, 1, -1))
        if np.abs(x @ w + b).min() > CLOSEST * data[2] and abs(labels.sum()) < 6 and bias_counts:
            break
    drawn.call("perceptron.Perceptron", 3, name="new")
    drawn.call("new.forward", x, name="labels")
    drawn.expect("untrained", "labels", np.ones(9))
    drawn.expect("untrained", "new.weights", np.zeros(3))
    drawn.expect("untrained", "new.bias", 0.0)
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


@question("part1", "perceptron-train", "weights", "bias", "again", "defaults")
def _many_epochs(drawn: Drawn, rng: np.random.Generator) -> None:
    data = _draw(rng, 4, 9)
    w, b = _fit(drawn, data, 9)
    drawn.expect("weights", "model.weights", w)
    drawn.expect("bias", "model.bias", b)
    # A second call starts from 0 again.
    drawn.call("model.train", data[0], data[1])
    drawn.expect("again", "model.weights", w)
    drawn.expect("again", "model.bias", b)
    x, y, _ = _draw(rng, 2, DEFAULT_EPOCHS)
    w, b, _ = trained(x, y, DEFAULT_RATE, DEFAULT_EPOCHS)
    drawn.call("perceptron.Perceptron", 2, name="default")
    drawn.call("default.train", x, y)
    drawn.expect("defaults", "default.weights", w)
    drawn.expect("defaults", "default.bias", b)
