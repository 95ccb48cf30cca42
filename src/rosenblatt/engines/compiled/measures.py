"""Loss and accuracy of weights on samples, a sample in each lane."""

from typing import Any, NamedTuple

import numpy as np

from rosenblatt.engines.compiled import lane_losses as losses
from rosenblatt.engines.compiled.lanes import forward
from rosenblatt.engines.compiled.vector import (
    fill,
    first_lanes,
    kernel,
    lanes_of,
    load,
    maximum,
    part,
    read,
    section,
    total,
    where_above,
    write,
)

SAMPLES_AT_ONCE = 256


class Block(NamedTuple):
    """What a forward pass needs of the scratch space."""

    block: Any
    stride: int


@kernel
def evaluate(network, data, members, block, stride, loss_sums, correct):
    """Add each member's weighted losses to ``loss_sums``, its right answers to ``correct``.

    members is (M, n_params), loss_sums and correct (M,). The reference is ``evaluate`` of
    :class:`rosenblatt.engines.reference.ReferenceEngine`.
    """
    scratch = Block(block, stride)
    n_samples = len(data.rows)
    no_keys = np.zeros(1, dtype=np.uint64)
    for start in range(0, n_samples, SAMPLES_AT_ONCE):
        size = min(SAMPLES_AT_ONCE, n_samples - start)
        count = place(network, data, block, stride, start, size)
        for member in range(len(members)):
            forward(network, members[member], scratch, count, no_keys, 0, -1)
            lost, right = fill(block, 0.0), fill(block, 0.0)
            for k in range(0, count, lanes_of(block)):
                share = load(block, network.shares * stride + k)
                lost = lost + losses.sample_losses(network, block, stride, k) * share
                right = right + right_answers(network, block, stride, k) * first_lanes(
                    block, size - k
                )
            loss_sums[member] += total(lost)
            correct[member] += total(right)


@part
def place(network, data, block, stride, start, size):
    """Copy samples and their weights into the block; return how many numbers wide they are."""
    count = (size + lanes_of(block) - 1) // lanes_of(block) * lanes_of(block)
    width = network.shares
    for column in range(width):
        for k in range(size):
            write(block, column * stride + k, read(data.rows, (start + k) * width + column))
    weighted = len(data.weights) > 0
    for k in range(count):
        weight = 1.0 if k < size else 0.0
        if weighted and k < size:
            weight = read(data.weights, start + k)
        write(block, network.shares * stride + k, weight)
    return count


@section
def right_answers(network, block, stride, k):
    """Return 1 where a sample is predicted right, else 0, as ``n_correct`` of the loss."""
    n, zero, one = network.n_outputs, fill(block, 0.0), fill(block, 1.0)
    z, y = network.outputs * stride + k, network.targets * stride + k
    said, true = zero, zero
    if network.loss == losses.PERCEPTRON:
        # sign(0) = +1
        said = where_above(zero, load(block, z), zero, one)
        true = where_above(load(block, y), zero, one, zero)
    elif network.loss == losses.BINARY_CROSS_ENTROPY:
        for at in range(0, n * stride, stride):
            yes = where_above(load(block, z + at), zero, one, zero)
            wrong = yes - where_above(load(block, y + at), fill(block, 0.5), one, zero)
            said = said + wrong * wrong
    else:
        most, most_true = load(block, z), load(block, y)
        for c in range(1, n):
            output, target = load(block, z + c * stride), load(block, y + c * stride)
            said = where_above(output, most, fill(block, float(c)), said)
            true = where_above(target, most_true, fill(block, float(c)), true)
            most, most_true = maximum(most, output), maximum(most_true, target)
    apart = said - true
    return where_above(apart * apart, fill(block, 0.5), zero, one)
