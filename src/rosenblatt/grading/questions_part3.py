"""Questions about part 3: stochastic gradient descent in batches."""

import numpy as np

from rosenblatt.grading.questions import Drawn, Object, question
from rosenblatt.grading.questions_part2 import batch, expect_params, gradients, network


def _epochs(
    drawn: Drawn, rng: np.random.Generator, samples: int, size: int, criterion: str, epochs: int = 2
) -> None:
    """Ask for epochs of SGD on a small network, each in an order of its own."""
    model, params = network(drawn, rng, [2, 4, 2])
    x, y = batch(rng, samples, 2, 2)
    rate = float(rng.uniform(0.1, 0.9))
    for _ in range(epochs):
        order = rng.permutation(samples)
        for start in range(0, samples, size):
            chosen = order[start : start + size]
            _, grads, _ = gradients(model, params, x[chosen], y[chosen])
            params = {name: old - rate * grads[name] for name, old in params.items()}
        arguments = (Object("mlp"), x, y, rate, order, size)
        drawn.call("train_mlp_numpy.train_epoch", *arguments)
    expect_params(drawn, criterion, params)


@question("part3", "sgd-batches", "equal-batches", "last-smaller-batch", follows=True)
def _batches(drawn: Drawn, rng: np.random.Generator) -> None:
    _epochs(drawn, rng, 8, 4, "equal-batches")
    _epochs(drawn, rng, 7, 3, "last-smaller-batch")


@question("part3", "sgd-extremes", "single-samples", "full-batch", follows=True)
def _extremes(drawn: Drawn, rng: np.random.Generator) -> None:
    _epochs(drawn, rng, 5, 1, "single-samples", epochs=1)
    _epochs(drawn, rng, 6, 9, "full-batch", epochs=1)
