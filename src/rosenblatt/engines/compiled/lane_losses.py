"""The gradient of each loss on a block of samples, one sample per lane.

Outputs z and targets y are units of the block, and so is the share s of each sample in the mean:
1/N, or its weight over the sum of weights, and 0 in lanes that hold no sample.
"""

from numba.extending import overload

from rosenblatt.engines.compiled.elementary import sigmoid
from rosenblatt.engines.compiled.lane_layers import exponentials
from rosenblatt.engines.compiled.vector import (
    INLINED,
    fill,
    lanes_of,
    like,
    load,
    maximum,
    part,
    section,
    store,
    total,
    where_above,
)

SOFTMAX_CROSS_ENTROPY, CROSS_ENTROPY, BINARY_CROSS_ENTROPY, SQUARED_ERROR, PERCEPTRON = range(5)
# Over what a loss is a mean: its samples, nothing, or its mistakes.
SAMPLES, SUM, MISTAKES = range(3)


def over_batch(params, vector):
    """Return the sum over a batch in every lane, of a vector that holds the sums of its lanes."""


@overload(over_batch, jit_options=INLINED)
def _over_batch(params, vector):
    if params.ndim == 1:
        return lambda params, vector: like(vector, total(vector))
    return lambda params, vector: vector


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
def elementwise(kind, lowest, tiny, n, block, z, y, s, dblock, stride, count):
    """Dz of cross-entropy, binary cross-entropy and squared error, as the losses of these names."""
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
            else:
                d = share * (value - target)
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
