"""scikit-learn's random streams: initial weights, the split for validation, the order of an epoch.

They all come from one generator that remembers where it is, so what is drawn depends on what was
drawn before. The functions here draw as scikit-learn's own classes do, and in the same order.
"""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import train_test_split

from rosenblatt.errors import DataError

Weights = list[npt.NDArray[Any]]


def draw_weights(
    rng: np.random.RandomState,
    widths: Sequence[int],
    activations: Sequence[str],
    dtype: npt.DTypeLike,
) -> tuple[Weights, Weights]:
    """Return weight matrices (n_in, n_out) and biases (n_out,), all uniform on [−r, r].

    r = √(6 / (n_in + n_out)), and with √2 for √6 where the activation is logistic (Glorot and
    Bengio, *Understanding the difficulty of training deep feedforward neural networks*, AISTATS
    2010, equation 16; unlike theirs, the biases are drawn too).

    Args:
        rng: what is drawn from.
        widths: of the inputs, of each hidden layer and of the outputs.
        activations: one for each layer of weights.
        dtype: of the arrays returned.
    """
    coefs, intercepts = [], []
    for (n_in, n_out), activation in zip(pairwise(widths), activations, strict=True):
        limit = math.sqrt((2.0 if activation in ("logistic", "sigmoid") else 6.0) / (n_in + n_out))
        coefs.append(rng.uniform(-limit, limit, (n_in, n_out)).astype(dtype, copy=False))
        intercepts.append(rng.uniform(-limit, limit, n_out).astype(dtype, copy=False))
    return coefs, intercepts


def draw_split(
    rng: np.random.RandomState,
    n: int,
    fraction: float,
    stratify: npt.NDArray[Any] | None,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the rows to train on and the rows to validate on.

    Raises:
        DataError: fewer than two rows are left to validate on.
    """
    rows, held_out = train_test_split(
        np.arange(n), random_state=rng, test_size=fraction, stratify=stratify
    )
    if len(held_out) < 2:
        raise DataError(
            f"The validation set is too small: validation_fraction={fraction:g} of {n} samples is "
            f"{len(held_out)}. Increase 'validation_fraction' or the size of your dataset."
        )
    return rows, held_out


class Orders:
    """The orders of epochs, each of them a shuffle of the one before, the first one of 0, 1, ...

    >>> orders = Orders(np.random.RandomState(0), 4)
    >>> [order.tolist() for order in orders.draw(2)]
    [[2, 3, 1, 0], [2, 1, 3, 0]]
    """

    def __init__(self, rng: np.random.RandomState, n: int) -> None:
        self._rng = rng
        self._last = np.arange(n)

    def draw(self, count: int) -> list[npt.NDArray[np.int64]]:
        """Return the orders of the next ``count`` epochs, (N,) each."""
        drawn = []
        for _ in range(count):
            shuffled = np.arange(len(self._last))
            self._rng.shuffle(shuffled)
            self._last = self._last[shuffled]
            drawn.append(self._last)
        return drawn
