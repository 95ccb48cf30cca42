"""Loss and accuracy of weights on samples, compiled."""

import math
from typing import Any, NamedTuple

import numpy as np

from rosenblatt.engines.compiled import lane_losses as losses
from rosenblatt.engines.compiled.lanes import forward
from rosenblatt.engines.compiled.vector import kernel, lanes_of, part

SAMPLES_AT_ONCE = 256


class Block(NamedTuple):
    """What a forward pass needs of the scratch space."""

    block: Any
    stride: int


@kernel
def evaluate(network, data, members, block, stride, losses, correct):
    """Add each member's weighted losses to ``losses``, and its right answers to ``correct``.

    members is (M, n_params), losses and correct (M,). The reference is ``evaluate`` of
    :class:`rosenblatt.engines.reference.ReferenceEngine`.
    """
    scratch = Block(block, stride)
    lanes = lanes_of(block)
    n_samples = len(data.rows)
    targets = data.rows[:, network.n_inputs :]
    no_keys = np.zeros(1, dtype=np.uint64)
    for start in range(0, n_samples, SAMPLES_AT_ONCE):
        size = min(SAMPLES_AT_ONCE, n_samples - start)
        count = (size + lanes - 1) // lanes * lanes
        for k in range(size):
            for d in range(network.n_inputs):
                block[d * stride + k] = data.rows[start + k, d]
        for member in range(len(members)):
            forward(network, members[member], scratch, count, no_keys, 0, -1)
            for k in range(size):
                row, at = start + k, network.outputs * stride + k
                share = 1.0 if len(data.weights) == 0 else data.weights[row]
                losses[member] += sample_loss(network, block, at, stride, targets, row) * share
                correct[member] += is_right(network, block, at, stride, targets, row)


@part
def sample_loss(network, block, at, stride, targets, row):
    """Return the loss of one sample, as ``per_sample`` of the loss of that name."""
    n = network.n_outputs
    value = 0.0
    if network.loss == losses.SOFTMAX_CROSS_ENTROPY:
        top = block[at]
        for c in range(1, n):
            top = max(top, block[at + c * stride])
        whole = 0.0
        for c in range(n):
            whole += math.exp(np.float64(block[at + c * stride] - top))
        log_whole = math.log(whole)
        for c in range(n):
            value -= targets[row, c] * (np.float64(block[at + c * stride] - top) - log_whole)
        return value
    for c in range(n):
        z, y = np.float64(block[at + c * stride]), np.float64(targets[row, c])
        if network.loss == losses.CROSS_ENTROPY:
            value -= y * math.log(max(z, network.tiny))
        elif network.loss == losses.BINARY_CROSS_ENTROPY:
            value += max(z, 0.0) - z * y + math.log1p(math.exp(-abs(z)))
        elif network.loss == losses.SQUARED_ERROR:
            value += 0.5 * (z - y) ** 2
        else:
            value += max(0.0, -y * z)
    return value


@part
def is_right(network, block, at, stride, targets, row):
    """Return whether one sample is predicted right, as ``n_correct`` of the loss of that name."""
    n = network.n_outputs
    if network.loss == losses.PERCEPTRON:
        return (block[at] >= 0) == (targets[row, 0] > 0)
    if network.loss == losses.BINARY_CROSS_ENTROPY:
        wrong = 0
        for c in range(n):
            wrong += (block[at + c * stride] > 0) != (targets[row, c] > 0.5)
        return wrong == 0
    said, true = 0, 0
    for c in range(1, n):
        if block[at + c * stride] > block[at + said * stride]:
            said = c
        if targets[row, c] > targets[row, true]:
            true = c
    return said == true
