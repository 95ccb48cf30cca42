"""The perceptron's three rules with the weights they keep: one linear unit under its criterion.

The reference is ``_run_epoch`` of :mod:`rosenblatt.engines.reference` on a
:class:`rosenblatt.models.Perceptron`, with the selections of :mod:`rosenblatt.models.selection`.
``train_batch`` is the batch rule, with samples or models in the lanes of vectors;
``train_in_order`` is the other two, whose models each visit the samples in an order of their own.

Scores and updates are rounded as the formulas are written, so that a sample exactly on the line is
on it here too; only sums over samples are taken in another order.
"""

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from rosenblatt.engines.compiled.cache import kept_kernel
from rosenblatt.engines.compiled.lane_losses import MISTAKES, SAMPLES, SUM
from rosenblatt.engines.compiled.order import shuffle
from rosenblatt.engines.compiled.vector import (
    fill,
    lanes_of,
    like,
    load,
    store,
    total,
    where_above,
    where_at_least,
    where_less,
)


class Columns(NamedTuple):
    """Samples by column: x (D, N), targets (1, N), weights (N,), or (0,) where there are none."""

    x: Any
    targets: Any
    weights: Any


class Kept(NamedTuple):
    """What is kept while training, changed in place; w and b together are (D + 1,).

    ``counts``: weights averaged, mistakes of those in the pocket, the longest run of right answers
    and the present one, whether the present weights were tried, mistakes when visited, and how
    often the present weights wait to be averaged. All arrays have a row for each member.
    """

    params: Any
    mean: Any
    pocket: Any
    counts: Any


AVERAGED, ERRORS, LONGEST_RUN, RUN, TRIED, MISTAKEN, WAITING = range(7)


class Rows(NamedTuple):
    """Samples for the batch rule: those of y = +1, from ``minus`` on those of y = −1.

    ``x`` (D, width) flat, ``shares`` (width,) their weights, or None. With ``repeated``, every
    sample fills a vector; else it has one lane, and lanes that are left over hold NaN, which no
    comparison finds mistaken. ``whole`` is the sum of the weights.
    """

    x: Any
    shares: Any
    minus: int
    width: int
    whole: float
    repeated: bool


# Not with the fast arithmetic of the other kernels: a sample on the line must stay on it.
exact_kernel = kept_kernel(error_model="numpy")
exact_part = njit(forceinline=True, error_model="numpy")
exact_section = njit(error_model="numpy")

# Below, arrays are passed one by one. Taking one out of a tuple counts a reference to it, which for
# every sample would cost more than the sample does.


@exact_kernel
def train_batch(rows, schedule, scale, has_bias, params, mean, pocket, fewest, mistaken, updates):
    """Train by the batch rule through the epochs of ``schedule``, in place.

    One pass over the rows gives the gradient at the present weights and, for the pocket, their
    mistakes. The pass after the last epoch is for the pocket only.

    params, mean, pocket: (groups, D + 1, lanes) flat; fewest and mistaken: (groups, lanes) flat.
    """
    x, shares, rates = rows.x, rows.shares, schedule.rates
    lanes = lanes_of(x)
    n_groups = len(fewest) // lanes
    size = len(params) // n_groups
    gradient, found = np.empty(size, dtype=x.dtype), np.empty(2 * lanes, dtype=x.dtype)
    for epoch in range(schedule.n_epochs + 1):
        # Groups within epochs: the processor begins the next one before this one's sums are ready.
        for group in range(n_groups):
            at = group * size
            find_mistakes(x, shares, rows.minus, rows.width, params, at, gradient, found)
            if not rows.repeated:
                sum_over_lanes(gradient)
                sum_over_lanes(found)
            # The first weights were tried at the end of the epoch before.
            if epoch > 0:
                challenge_in_lanes(params, pocket, at, size, fewest, group * lanes, found)
            if epoch < schedule.n_epochs:
                for lane in range(lanes):
                    mistaken[group * lanes + lane] += np.int64(found[lane])
                scale_gradient(
                    scale, rows.whole, rates[min(epoch, len(rates) - 1)], has_bias, gradient, found
                )
                step(params, mean, at, gradient, updates + epoch + 1)


@exact_part
def find_mistakes(x, shares, minus, width, params, at, gradient, found):
    """Write Σ_{mistakes} −y x of each lane's model, its mistakes, and the sum of their weights.

    This is the gradient of :class:`rosenblatt.losses.PerceptronCriterion` where s = 1.
    """
    lanes = lanes_of(x)
    for i in range(0, len(gradient), lanes):
        store(gradient, i, fill(x, 0.0))
    store(found, 0, fill(x, 0.0))
    store(found, lanes, fill(x, 0.0))
    # sign(0) = +1: y = +1 is a mistake where w·x < −b, y = −1 where w·x ≥ −b.
    if len(gradient) <= 3 * lanes:
        add_few(where_less, -1.0, x, shares, 0, minus, width, params, at, gradient, found)
        add_few(where_at_least, 1.0, x, shares, minus, width, width, params, at, gradient, found)
    else:
        add_many(where_less, -1.0, x, shares, 0, minus, width, params, at, gradient, found)
        add_many(where_at_least, 1.0, x, shares, minus, width, width, params, at, gradient, found)


@exact_part
def add_few(where_wrong, sign, x, shares, first, last, width, params, at, gradient, found):
    """Add ``sign`` Σ x over the mistakes among rows of one class, with their weights, and Σ 1.

    There are one or two inputs: their sums stay in registers.
    """
    lanes = lanes_of(x)
    bias = len(gradient) - lanes
    # A second input that is not there is the first once more, with weight 0.
    second = width if bias > lanes else 0
    zero, one = fill(x, 0.0), fill(x, 1.0)
    w0 = load(params, at)
    w1 = load(params, at + lanes) if second else zero
    line = zero - load(params, at + bias)
    g0, g1, weight, count = zero, zero, zero, zero
    for k in range(first, last, lanes):
        x0, x1 = load(x, k), load(x, second + k)
        z = w0 * x0 + w1 * x1
        share = one
        if shares is not None:
            share = load(shares, k)
            count = count + where_wrong(z, line, one, zero)
        weight = weight + where_wrong(z, line, share, zero)
        g0 = g0 + where_wrong(z, line, share * x0, zero)
        g1 = g1 + where_wrong(z, line, share * x1, zero)
    add(gradient, 0, sign * g0)
    if second:
        add(gradient, lanes, sign * g1)
    add(gradient, bias, sign * weight)
    add(found, 0, weight if shares is None else count)
    add(found, lanes, weight)


@exact_section
def add_many(where_wrong, sign, x, shares, first, last, width, params, at, gradient, found):
    """As ``add_few``, for any number of inputs: their sums are in memory."""
    lanes = lanes_of(x)
    bias = len(gradient) - lanes
    zero = fill(x, 0.0)
    line = zero - load(params, at + bias)
    for k in range(first, last, lanes):
        z = load(params, at) * load(x, k)
        for d in range(1, bias // lanes):
            z = z + load(params, at + d * lanes) * load(x, d * width + k)
        share = fill(x, 1.0) if shares is None else load(shares, k)
        step = sign * share
        for d in range(bias // lanes):
            add(gradient, d * lanes, where_wrong(z, line, step * load(x, d * width + k), zero))
        add(gradient, bias, where_wrong(z, line, step, zero))
        add(found, 0, where_wrong(z, line, fill(x, 1.0), zero))
        add(found, lanes, where_wrong(z, line, share, zero))


@exact_part
def add(sums, at, vector):
    """Add a vector to the one at a place of an array."""
    store(sums, at, load(sums, at) + vector)


@exact_part
def sum_over_lanes(vectors):
    """Write into all lanes of each vector their sum."""
    for i in range(0, len(vectors), lanes_of(vectors)):
        vector = load(vectors, i)
        store(vectors, i, like(vector, total(vector)))


@exact_part
def challenge_in_lanes(params, pocket, at, size, fewest, first, found):
    """Put weights into the pocket that make strictly fewer mistakes, as ``Pocket.after_epoch``."""
    wrong, fewest_so_far = load(found, 0), load(fewest, first)
    for i in range(at, at + size, lanes_of(params)):
        better = where_less(wrong, fewest_so_far, load(params, i), load(pocket, i))
        store(pocket, i, better)
    store(fewest, first, where_less(wrong, fewest_so_far, wrong, fewest_so_far))


@exact_part
def scale_gradient(scale, whole, rate, has_bias, gradient, found):
    """Multiply the gradient with s and with the learning rate; a bias that is not there has none.

    The step is not taken here, where it could be fused with the product: rounded but once.
    """
    lanes = lanes_of(gradient)
    by = fill(gradient, whole)
    if scale == MISTAKES:
        mistaken = load(found, lanes)
        by = where_above(mistaken, like(mistaken, 0.0), mistaken, like(mistaken, 1.0))
    for i in range(0, len(gradient), lanes):
        sums = load(gradient, i)
        store(gradient, i, rate * (sums if scale == SUM else sums / by))
    if not has_bias:
        store(gradient, len(gradient) - lanes, fill(gradient, 0.0))


@exact_part
def step(params, mean, at, gradient, updates):
    """Take the step θ ← θ − η g and the average with it, as ``SGD`` and ``Averaged``."""
    for i in range(0, len(gradient), lanes_of(params)):
        theta = load(params, at + i) - load(gradient, i)
        store(params, at + i, theta)
        average = load(mean, at + i)
        store(mean, at + i, average + (theta - average) / updates)


@exact_kernel
def train_in_order(data, schedule, scale, has_bias, kept, order_keys):
    """Train member after member through the epochs of ``schedule``, in place."""
    x, targets, weights, rates = data.x, data.targets[0], data.weights, schedule.rates
    n_samples = x.shape[1]
    order, scores = np.arange(n_samples), np.zeros_like(x[0])
    gradient = np.zeros_like(kept.params[0])
    for member in range(len(kept.params)):
        params, mean = kept.params[member], kept.mean[member]
        pocket, counts = kept.pocket[member], kept.counts[member]
        # Weights are averaged when they change, once for all the updates that left them alone.
        update, unchanged = 0, counts[WAITING]
        for epoch in range(schedule.first_epoch, schedule.first_epoch + schedule.n_epochs):
            if schedule.shuffle:
                shuffle(order, order_keys[member], epoch)
            for start in range(schedule.first_row, schedule.stop_row, schedule.batch_size):
                stop = min(start + schedule.batch_size, n_samples)
                wrong = descend(x, targets, weights, order, start, stop, scale, params, gradient)
                # The pocket judges the weights that answered, before they change.
                if stop - start == 1 and has_run_longest(counts, wrong):
                    challenge(x, targets, params, pocket, counts, scores)
                if wrong:
                    counts[MISTAKEN] += wrong
                    average(params, mean, counts, unchanged)
                    unchanged = 0
                    for d in range(len(params) - (not has_bias)):
                        params[d] -= rates[min(update, len(rates) - 1)] * gradient[d]
                unchanged += 1
                update += 1
            if schedule.stop_row == n_samples:
                average(params, mean, counts, unchanged)
                unchanged = 0
                challenge(x, targets, params, pocket, counts, scores)
        counts[WAITING] = unchanged


@exact_part
def descend(x, targets, weights, order, start, stop, scale, params, gradient):
    """Write the criterion's gradient over a batch, −s Σ_{mistakes} y x; return the mistakes.

    Where there are none the gradient is not written, which would be 0.
    """
    wrong, whole, mistaken = 0, 0.0, 0.0
    for i in range(start, stop):
        row = order[i]
        weight = weights[row] if len(weights) else 1.0
        whole += weight
        z = params[0] * x[0, row]
        for d in range(1, len(params) - 1):
            z += params[d] * x[d, row]
        if (z + params[-1] >= 0.0) != (targets[row] > 0.0):
            if wrong == 0:
                for d in range(len(params)):
                    gradient[d] = 0.0
            wrong += 1
            mistaken += weight
            for d in range(len(params) - 1):
                gradient[d] -= weight * targets[row] * x[d, row]
            gradient[-1] -= weight * targets[row]
    by = whole if scale == SAMPLES else mistaken if scale == MISTAKES else 1.0
    if wrong and by > 0.0:
        for d in range(len(params)):
            gradient[d] /= by
    return wrong


@exact_part
def average(params, mean, counts, updates):
    """Count the present weights in the mean once for each of the updates, as ``Averaged``."""
    if updates:
        counts[AVERAGED] += updates
        for d in range(len(mean)):
            mean[d] += (params[d] - mean[d]) * updates / counts[AVERAGED]


@exact_section
def challenge(x, targets, params, pocket, counts, scores):
    """Put the present weights into the pocket if they make strictly fewer mistakes.

    ``scores`` is scratch. LLVM fills vectors with samples in each of these loops.
    """
    for row in range(len(scores)):
        scores[row] = params[0] * x[0, row]
    for d in range(1, len(params) - 1):
        for row in range(len(scores)):
            scores[row] += params[d] * x[d, row]
    errors = 0
    for row in range(len(scores)):
        errors += (scores[row] + params[-1] >= 0.0) != (targets[row] > 0.0)
    if errors < counts[ERRORS]:
        counts[ERRORS] = errors
        for d in range(len(params)):
            pocket[d] = params[d]


@exact_part
def has_run_longest(counts, wrong):
    """Return whether untried weights have now answered more in a row rightly than any before.

    As ``Pocket.after_update``.
    """
    if wrong:
        counts[RUN] = 0
        counts[TRIED] = 0
        return False
    counts[RUN] += 1
    if counts[RUN] <= counts[LONGEST_RUN]:
        return False
    counts[LONGEST_RUN] = counts[RUN]
    was_tried = counts[TRIED]
    counts[TRIED] = 1
    return was_tried == 0
