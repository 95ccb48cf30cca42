"""Seconds per epoch of several trainings, measured in turns until their spread is known."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

ROUND_SECONDS = 0.02
"""A measurement takes at least this many seconds, so that the clock's resolution does not count."""
LEAST_ROUNDS, MOST_ROUNDS = 15, 60
"""The number of rounds, in each of which every training is measured once."""
RELATIVE_HALF_WIDTH = 0.02
"""Rounds end when the interval of each median is this narrow."""
CONFIDENCE = 0.95

Name = TypeVar("Name")
Train = Callable[[int], object]
"""Trains through that many epochs, at least 1."""


@dataclass(frozen=True)
class Timing:
    """The measurements of one training.

    Attributes:
        seconds_per_epoch: (rounds,).
        epochs: how many were trained in each measurement.
    """

    seconds_per_epoch: npt.NDArray[np.float64]
    epochs: int


def seconds_per_epoch(
    trainings: Mapping[Name, Train], clock: Callable[[], float] = time.perf_counter
) -> dict[Name, Timing]:
    """Measure how long an epoch of each training takes.

    A measurement is the time of n epochs less that of one epoch (the quickest of three calls),
    divided by n - 1: what a call takes besides its epochs cancels. Everything is called once
    before, so that loading and compiling do not count. Trainings are measured in turns, in
    alternating order: a drift of the machine's speed hits all of them alike. Rounds end when the
    median of each training is known to within ``RELATIVE_HALF_WIDTH``, and after ``MOST_ROUNDS`` at
    the latest.

    Args:
        trainings: by name.
        clock: returns seconds.
    """

    def duration(train: Train, epochs: int) -> float:
        started = clock()
        train(epochs)
        return clock() - started

    epochs = {name: _enough_epochs(train, duration) for name, train in trainings.items()}
    rounds: dict[Name, list[float]] = {name: [] for name in trainings}
    order = list(trainings)
    for i in range(MOST_ROUNDS):
        for name in order:
            train, n = trainings[name], epochs[name]
            one = min(duration(train, 1) for _ in range(3))
            rounds[name].append((duration(train, n) - one) / (n - 1))
        order.reverse()
        if i + 1 >= LEAST_ROUNDS and all(map(_is_known, rounds.values())):
            break
    return {name: Timing(np.array(rounds[name]), epochs[name]) for name in trainings}


def _enough_epochs(train: Train, duration: Callable[[Train, int], float]) -> int:
    """Return a number of epochs that takes ``ROUND_SECONDS`` or more, at least 2.

    The quickest of three calls counts: a single one may have waited for something else.
    """
    train(1)
    train(2)
    epochs = 2
    while min(duration(train, epochs) for _ in range(3)) < ROUND_SECONDS:
        epochs *= 2
    return epochs


def median_interval(values: npt.ArrayLike) -> tuple[float, float]:
    """Return an interval that holds the median of independent values with 95 % confidence.

    Its ends are two of the values, whatever the distribution: the k-th smallest and the k-th
    largest, with k from the binomial distribution (Hollander, Wolfe and Chicken, *Nonparametric
    Statistical Methods*, 2014, section 3.6). Infinite where there are fewer than six values.

    >>> median_interval(range(10))
    (1.0, 8.0)
    >>> median_interval([1.0, 2.0])
    (-inf, inf)
    """
    from scipy.stats import binom

    ordered = np.sort(np.asarray(values, dtype=np.float64))
    n = len(ordered)
    # The largest k for which both tails below the k-th value together are at most 5 %.
    k = int(binom.ppf((1 - CONFIDENCE) / 2, n, 0.5))
    if k < 1:
        return -math.inf, math.inf
    return float(ordered[k - 1]), float(ordered[n - k])


def _is_known(values: list[float]) -> bool:
    low, high = median_interval(values)
    return (high - low) / 2 <= RELATIVE_HALF_WIDTH * float(np.median(values))
