"""Training with samples in the lanes of vectors: of one model, or of a model per lane.

The reference is ``_run_epoch`` of :mod:`rosenblatt.engines.reference`: the same batches in the same
order, and for each of them forward, loss, backward, update.
"""

from typing import Any, NamedTuple

from numba import njit

from rosenblatt.engines.compiled import lane_layers as layers
from rosenblatt.engines.compiled import lane_losses as losses
from rosenblatt.engines.compiled.order import fold, shuffle, uniform
from rosenblatt.engines.compiled.updates import update

FAST = layers.FAST


class Network(NamedTuple):
    """A model as numbers.

    ``layers`` (n_layers, 8): kind, n_in, n_out, w, b, first unit of x, of y, and of a dropout mask;
    ``settings`` (n_layers,): slope or rate. Then the units of the outputs, targets and shares in a
    block, and the loss.
    """

    layers: Any
    settings: Any
    n_units: int
    n_inputs: int
    n_outputs: int
    outputs: int
    targets: int
    shares: int
    loss: int
    reduction: int
    lowest: float
    tiny: float


class Data(NamedTuple):
    """Samples by column: x (D, N), targets (K, N), weights (N,), or (0,) where there are none."""

    x: Any
    targets: Any
    weights: Any


class Schedule(NamedTuple):
    """When: epochs from ``first`` on, updates from ``update`` on, with a rate for each."""

    first_epoch: int
    n_epochs: int
    batch_size: int
    shuffle: bool
    update: int
    rates: Any


class Rule(NamedTuple):
    """The update rule and its numbers, see :mod:`rosenblatt.engines.compiled.updates`.

    ``fused``: plain gradient descent, whose steps are taken as soon as a gradient is known.
    """

    kind: int
    a: float
    b: float
    epsilon: float
    fused: bool


class State(NamedTuple):
    """Parameters and slots, and as flat arrays; changed in place."""

    params: Any
    grads: Any
    flat_params: Any
    flat_grads: Any
    first: Any
    second: Any
    decay: Any


class Scratch(NamedTuple):
    """Blocks for values and gradients, (n_units, stride) flat; orders (members, N)."""

    block: Any
    dblock: Any
    orders: Any
    stride: int


@njit(fastmath=FAST, nogil=True, cache=True)
def train(network, data, schedule, rule, state, scratch, order_keys, dropout_keys):
    """Train through the epochs of ``schedule``, in place.

    order_keys and dropout_keys have one key per member: one, or one per lane.
    """
    n_samples = data.x.shape[1]
    step = schedule.update
    for epoch in range(schedule.first_epoch, schedule.first_epoch + schedule.n_epochs):
        if schedule.shuffle:
            for member in range(len(order_keys)):
                shuffle(scratch.orders[member], order_keys[member], epoch)
        for start in range(0, n_samples, schedule.batch_size):
            size = min(schedule.batch_size, n_samples - start)
            count = gather(network, data, state.params, scratch, start, size)
            forward(network, state.params, scratch, count, dropout_keys, step, True)
            loss_gradient(network, state.params, scratch, count)
            eta = schedule.rates[step - schedule.update]
            if rule.fused:
                backward(network, state.params, state.grads, scratch, count, eta)
            else:
                backward(network, state.params, state.grads, scratch, count, None)
                update(rule, state, eta, step)
            step += 1


@njit(fastmath=FAST)
def gather(network, data, params, scratch, start, size):
    """Copy a batch into the block; return how many numbers wide it is.

    One member fills lane after lane, and lanes that are left over repeat its last sample with no
    share. With a member per lane, every vector holds one sample of each.
    """
    block, stride, orders = scratch.block, scratch.stride, scratch.orders
    lanes = 64 // block.itemsize
    if params.ndim == 1:
        count = (size + lanes - 1) // lanes * lanes
        _gather_member(network, data, block, stride, orders[0, start : start + size], 0, 1)
        for unit in range(network.n_inputs):
            block[unit * stride + size : unit * stride + count] = block[unit * stride + size - 1]
        for unit in range(network.targets, network.shares):
            block[unit * stride + size : unit * stride + count] = block[unit * stride + size - 1]
        block[network.shares * stride + size : network.shares * stride + count] = 0.0
        return count
    for lane in range(lanes):
        order = orders[min(lane, len(orders) - 1), start : start + size]
        _gather_member(network, data, block, stride, order, lane, lanes)
    return size * lanes


@njit(fastmath=FAST)
def _gather_member(network, data, block, stride, rows, first, apart):
    """Copy rows, their targets and shares to every ``apart``-th place from ``first`` on."""
    n = len(rows)
    for d in range(network.n_inputs):
        column = data.x[d]
        for k in range(n):
            block[d * stride + first + k * apart] = column[rows[k]]
    for c in range(network.n_outputs):
        column = data.targets[c]
        at = (network.targets + c) * stride + first
        for k in range(n):
            block[at + k * apart] = column[rows[k]]
    at = network.shares * stride + first
    whole = 1.0
    if len(data.weights) == 0:
        if network.reduction == 0:
            whole = n
        for k in range(n):
            block[at + k * apart] = 1.0 / whole
        return
    if network.reduction == 0:
        whole = 0.0
        for k in range(n):
            whole += data.weights[rows[k]]
    for k in range(n):
        block[at + k * apart] = data.weights[rows[k]] / (whole if whole > 0.0 else 1.0)


@njit(fastmath=FAST)
def forward(network, params, scratch, count, dropout_keys, step, training):
    """Walk the layers from first to last."""
    block, stride = scratch.block, scratch.stride
    for i in range(len(network.layers)):
        kind, n_in, n_out, w, b, x, y, mask = network.layers[i]
        if kind == layers.LINEAR:
            layers.linear_forward(params, w, b, n_in, n_out, block, x, y, stride, count)
        elif kind == layers.SOFTMAX:
            layers.softmax_forward(network.lowest, n_out, block, x, y, stride, count)
        elif kind == layers.DROPOUT:
            if training:
                draw_mask(
                    network.settings[i], i, n_out, block, mask, scratch, count, dropout_keys, step
                )
            else:
                block[mask * stride : (mask + n_out) * stride] = 1.0
            layers.product(n_out, block, x, block, mask, block, y, stride, count)
        else:
            layers.activation_forward(
                kind, network.settings[i], network.lowest, n_out, block, x, y, stride, count
            )


@njit(fastmath=FAST)
def draw_mask(rate, layer, n, block, mask, scratch, count, keys, step):
    """Draw the dropout mask of one layer, as :meth:`rosenblatt.layers.Dropout.forward`."""
    members = len(keys)
    scale = 1.0 / (1.0 - rate) if rate < 1.0 else 0.0
    lanes = 64 // block.itemsize
    for k in range(count):
        member = 0 if members == 1 else min(k % lanes, members - 1)
        row = k if members == 1 else k // lanes
        key = fold(fold(keys[member], step), layer)
        for u in range(n):
            kept = uniform(key, row * n + u) >= rate
            block[(mask + u) * scratch.stride + k] = scale if kept else 0.0


@njit(fastmath=FAST)
def loss_gradient(network, params, scratch, count):
    """Write ∂L/∂outputs into the gradient block."""
    block, dblock, stride = scratch.block, scratch.dblock, scratch.stride
    n, z, y, s = network.n_outputs, network.outputs, network.targets, network.shares
    if network.loss == losses.SOFTMAX_CROSS_ENTROPY:
        losses.softmax_cross_entropy(network.lowest, n, block, z, y, s, dblock, stride, count)
    elif network.loss == losses.PERCEPTRON:
        losses.perceptron(params, network.reduction == 2, block, z, y, s, dblock, stride, count)
    else:
        losses.elementwise(
            network.loss, network.lowest, network.tiny, n, block, z, y, s, dblock, stride, count
        )


@njit(fastmath=FAST)
def backward(network, params, grads, scratch, count, eta):
    """Walk the layers from last to first; the first needs no gradient of its input."""
    block, dblock, stride = scratch.block, scratch.dblock, scratch.stride
    for i in range(len(network.layers) - 1, -1, -1):
        kind, n_in, n_out, w, b, x, y, mask = network.layers[i]
        if kind == layers.LINEAR:
            # Before the gradients, which may change the weights.
            if i > 0:
                layers.linear_backward(params, w, n_in, n_out, dblock, x, y, stride, count)
            layers.linear_gradients(
                params, grads, w, b, n_in, n_out, block, x, dblock, y, stride, count, eta
            )
        elif kind == layers.SOFTMAX:
            layers.softmax_backward(n_out, block, y, dblock, x, y, stride, count)
        elif kind == layers.DROPOUT:
            layers.product(n_out, dblock, y, block, mask, dblock, x, stride, count)
        else:
            layers.activation_backward(
                kind, network.settings[i], n_out, block, y, dblock, x, y, stride, count
            )
