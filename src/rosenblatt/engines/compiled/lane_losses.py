"""Each loss and its gradient on a block of samples, one sample per lane.

Outputs z and targets y are units of the block, and so is the share s of each sample in the mean:
1/N, or its weight over the sum of weights, and 0 in lanes that hold no sample.
"""

from numba.extending import overload

from rosenblatt.engines.compiled.elementary import exp, log, log1p_exp, sigmoid
from rosenblatt.engines.compiled.lane_layers import exponentials
from rosenblatt.engines.compiled.vector import (
    INLINED,
    fill,
    lanes_of,
    like,
    load,
    maximum,
    minimum,
    part,
    section,
    store,
    total,
    where_above,
)

SOFTMAX_CROSS_ENTROPY, CROSS_ENTROPY, BINARY_CROSS_ENTROPY = range(3)
SQUARED_ERROR, POISSON, PERCEPTRON = range(3, 6)
# Over what a loss is a mean: its samples, nothing, or its mistakes.
SAMPLES, SUM, MISTAKES = range(3)


def over_batch(params, vector):
    """Return the sum over a batch in every lane, of a vector that holds the sums of its lanes."""


@overload(over_batch, jit_options=INLINED)
def _over_batch(params, vector):
    if params.ndim == 1:
        return lambda params, vector: like(vector, total(vector))
    return lambda params, vector: vector


@section
def sample_losses(network, block, stride, k):
    """Return the losses of a vector of samples, as ``per_sample`` of the loss of that name."""
    n, lowest = network.n_outputs, network.lowest
    z, y = network.outputs * stride + k, network.targets * stride + k
    zero = fill(block, 0.0)
    value = zero
    if network.loss == SOFTMAX_CROSS_ENTROPY:
        top = load(block, z)
        for c in range(1, n):
            top = maximum(top, load(block, z + c * stride))
        whole = zero
        for c in range(n):
            whole = whole + exp(load(block, z + c * stride) - top, lowest)
        log_whole = log(whole) + top
        for c in range(n):
            at = c * stride
            lost = within(log_whole - load(block, z + at), network)
            value = value + load(block, y + at) * lost
        return value
    for at in range(0, n * stride, stride):
        output, target = load(block, z + at), load(block, y + at)
        if network.loss == CROSS_ENTROPY:
            value = value - target * log(maximum(output, fill(block, network.tiny)))
        elif network.loss == BINARY_CROSS_ENTROPY:
            above = maximum(output, zero)
            rest = log1p_exp(output - above - above, lowest)
            value = value + target * within(above - output + rest, network)
            value = value + (1.0 - target) * within(above + rest, network)
        elif network.loss == SQUARED_ERROR:
            half = fill(block, 0.5 * network.factor)
            value = value + half * (output - target) * (output - target)
        elif network.loss == POISSON:
            log_target = log(maximum(target, fill(block, network.tiny)))
            value = value + target * (log_target - output) - target + exp(output, lowest)
        else:
            value = value + maximum(zero, zero - target * output)
    return value


@part
def within(lost, network):
    """Return −log p with p clipped, as :func:`rosenblatt.losses.base.clip_log`."""
    return minimum(maximum(lost, like(lost, network.least)), like(lost, network.most))


@section
def batch_loss(network, block, stride, count):
    """Return Σ s l over samples, a vector that holds the sums of its lanes.

    Lanes without a share are left out: what stands in them need not be a number.
    """
    none = fill(block, 0.0)
    lost = none
    for k in range(0, count, lanes_of(block)):
        share = load(block, network.shares * stride + k)
        value = sample_losses(network, block, stride, k) * share
        lost = lost + where_above(share, none, value, none)
    return lost


@part
def count_in(sums, epoch, which, params, lost, share):
    """Add a batch's share in an epoch to its loss (``which`` is 0) or to its penalty (1)."""
    at = (2 * epoch + which) * lanes_of(sums)
    store(sums, at, load(sums, at) + over_batch(params, lost) * share)


@part
def softmax_cross_entropy(lowest, n, block, z, y, s, dblock, stride, count):
    """Compute dz = s ⊙ (softmax(z) − y), as :class:`rosenblatt.losses.SoftmaxCrossEntropy`."""
    lanes = lanes_of(block)
    for k in range(0, count, lanes):
        whole = exponentials(lowest, n, block, z, dblock, z, stride, k)
        share = load(block, s * stride + k)
        scale = share / whole
        for u in range(n):
            at = (z + u) * stride + k
            d = load(dblock, at) * scale - load(block, (y + u) * stride + k) * share
            store(dblock, at, d)


@section
def elementwise(kind, lowest, tiny, factor, n, block, z, y, s, dblock, stride, count):
    """Dz of cross-entropy, binary cross-entropy, squared error and Poisson, as these losses."""
    lanes = lanes_of(block)
    for u in range(n):
        for k in range(0, count, lanes):
            value = load(block, (z + u) * stride + k)
            target = load(block, (y + u) * stride + k)
            share = load(block, s * stride + k)
            if kind == CROSS_ENTROPY:
                d = (like(value, 0.0) - share * target) / maximum(value, like(value, tiny))
            elif kind == BINARY_CROSS_ENTROPY:
                d = share * (sigmoid(value, lowest) - target)
            elif kind == POISSON:
                d = share * (exp(value, lowest) - target)
            else:
                d = share * (value - target) * like(value, factor)
            store(dblock, (z + u) * stride + k, d)


@section
def perceptron(params, per_mistake, block, z, y, s, dblock, stride, count):
    """Compute dz = −s y at the mistakes, as :class:`rosenblatt.losses.PerceptronCriterion`.

    With ``per_mistake``, s is divided by its sum over the mistakes of the batch.
    """
    lanes = lanes_of(block)
    mistaken = fill(block, 0.0)
    for k in range(0, count, lanes):
        score = load(block, z * stride + k)
        target = load(block, y * stride + k)
        share = load(block, s * stride + k)
        # sign(0) = +1: y = −1 is a mistake from 0 on, y = +1 below 0 only.
        none, one = like(score, 0.0), like(score, 1.0)
        says_minus = where_above(none, score, one, none)
        is_plus = where_above(target, none, one, none)
        wrong = is_plus * says_minus + (1.0 - is_plus) * (1.0 - says_minus)
        store(dblock, z * stride + k, (like(score, 0.0) - share * target) * wrong)
        mistaken = mistaken + share * wrong
    if per_mistake:
        whole = over_batch(params, mistaken)
        scale = where_above(whole, like(whole, 0.0), 1.0 / whole, like(whole, 0.0))
        for k in range(0, count, lanes):
            store(dblock, z * stride + k, load(dblock, z * stride + k) * scale)
