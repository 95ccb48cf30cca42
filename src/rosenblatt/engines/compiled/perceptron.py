"""The perceptron's three rules with the weights they keep: one linear unit under its criterion.

The reference is ``_run_epoch`` of :mod:`rosenblatt.engines.reference` on a
:class:`rosenblatt.models.Perceptron`, with the selections of :mod:`rosenblatt.models.selection`.
"""

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from rosenblatt.engines.compiled.order import shuffle

SAMPLES, SUM, MISTAKES = range(3)


class Columns(NamedTuple):
    """Samples by column: x (D, N), targets (1, N), weights (N,), or (0,) where there are none."""

    x: Any
    targets: Any
    weights: Any


class Kept(NamedTuple):
    """What is kept while training, changed in place; w and b together are (D + 1,).

    ``counts``: weights averaged, mistakes of those in the pocket, the longest run of right answers
    and the present one, whether the present weights were tried, and mistakes when visited.
    """

    params: Any
    mean: Any
    pocket: Any
    counts: Any


AVERAGED, ERRORS, LONGEST_RUN, RUN, TRIED, MISTAKEN = range(6)


@njit(nogil=True, cache=True)
def train(data, schedule, scale, has_bias, kept, order_key):
    """Train through the epochs of ``schedule``, in place."""
    n_samples = data.x.shape[1]
    order = np.arange(n_samples)
    gradient = np.zeros_like(kept.params)
    update = 0
    for epoch in range(schedule.first_epoch, schedule.first_epoch + schedule.n_epochs):
        if schedule.shuffle:
            shuffle(order, order_key, epoch)
        for start in range(0, n_samples, schedule.batch_size):
            rows = order[start : start + schedule.batch_size]
            wrong = descend(data, rows, scale, kept.params, gradient)
            kept.counts[MISTAKEN] += wrong
            if len(rows) == 1:
                # The pocket judges the weights that answered, before they change.
                look_at_run(data, kept, wrong)
            eta = schedule.rates[min(update, len(schedule.rates) - 1)]
            if not has_bias:
                gradient[-1] = 0.0
            for d in range(len(gradient)):
                kept.params[d] -= eta * gradient[d]
            kept.counts[AVERAGED] += 1
            for d in range(len(gradient)):
                kept.mean[d] += (kept.params[d] - kept.mean[d]) / kept.counts[AVERAGED]
            update += 1
        challenge(data, kept)


@njit
def score(data, row, params):
    """Return w·x + b for one sample."""
    value = 0.0
    for d in range(len(params) - 1):
        value += data.x[d, row] * params[d]
    return value + params[-1]


@njit
def is_wrong(data, row, params):
    """Return whether sign(w·x + b) ≠ y, with sign(0) = +1."""
    return (score(data, row, params) >= 0.0) != (data.targets[0, row] > 0.0)


@njit
def descend(data, rows, scale, params, gradient):
    """Write the criterion's gradient over a batch, −s Σ_{mistakes} y x; return the mistakes."""
    gradient[:] = 0.0
    wrong, whole, mistaken = 0, 0.0, 0.0
    for row in rows:
        weight = data.weights[row] if len(data.weights) else 1.0
        whole += weight
        if is_wrong(data, row, params):
            wrong += 1
            mistaken += weight
            step = -weight * data.targets[0, row]
            for d in range(len(params) - 1):
                gradient[d] += step * data.x[d, row]
            gradient[-1] += step
    by = 1.0
    if scale == SAMPLES:
        by = whole
    elif scale == MISTAKES:
        by = mistaken
    if by > 0.0:
        for d in range(len(gradient)):
            gradient[d] /= by
    return wrong


@njit
def count_errors(data, params):
    """Return the mistakes on all samples."""
    errors = 0
    for row in range(data.x.shape[1]):
        errors += is_wrong(data, row, params)
    return errors


@njit
def challenge(data, kept):
    """Put the present weights into the pocket if they make strictly fewer mistakes."""
    errors = count_errors(data, kept.params)
    if errors < kept.counts[ERRORS]:
        kept.counts[ERRORS] = errors
        kept.pocket[:] = kept.params


@njit
def look_at_run(data, kept, wrong):
    """Try the present weights when they have answered more in a row rightly than any before."""
    counts = kept.counts
    if wrong:
        counts[RUN] = 0
        counts[TRIED] = 0
        return
    counts[RUN] += 1
    if counts[RUN] > counts[LONGEST_RUN]:
        counts[LONGEST_RUN] = counts[RUN]
        if not counts[TRIED]:
            counts[TRIED] = 1
            challenge(data, kept)
