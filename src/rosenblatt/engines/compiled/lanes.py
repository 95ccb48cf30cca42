"""Training with samples in the lanes of vectors: of one model, or of a model per lane.

The reference is ``_run_epoch`` of :mod:`rosenblatt.engines.reference`: the same batches in the same
order, and for each of them forward, loss, backward, update.
"""

from typing import Any, NamedTuple

from rosenblatt.engines.compiled import lane_layers as layers
from rosenblatt.engines.compiled import lane_losses as losses
from rosenblatt.engines.compiled.order import fold, set_orders, uniform
from rosenblatt.engines.compiled.updates import penalize, update
from rosenblatt.engines.compiled.vector import (
    fill,
    kernel,
    lanes_of,
    load,
    part,
    read,
    section,
    store,
    write,
)


class Network(NamedTuple):
    """A model as numbers.

    ``layers`` (n_rows, 10): kind, n_in, n_out, w, b, first unit of x, of y, and of a dropout mask,
    which layer of the model it is, and how its weights lie in :mod:`.units`.
    ``settings`` (n_rows, 2): of a linear layer, 0 where a ReLU is worked out with it, else −∞,
    after it and before it; of others slope or rate. Other activations after a linear layer work in
    place.

    Then the first units of the outputs, targets and shares in a block (inputs and targets come
    first), and the loss, with the bounds of −log p where it clips and the ``factor`` of squared
    errors: 1 for half their sum, 2 / K for their mean.
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
    factor: float
    least: float
    most: float


class Data(NamedTuple):
    """Samples as rows (N, D + K) of inputs and targets; weights (N,), or (0,) for none."""

    rows: Any
    weights: Any


class Schedule(NamedTuple):
    """When: epochs and updates from the first ones on, with a rate for each update or for all.

    Of each epoch the batches from row ``first_row`` of its order to before ``stop_row`` are
    visited. ``orders`` (E, members, N) are the epochs' where they are given, else (0, 0, 0). Into
    ``sums``, (E, 2, lanes) flat, goes what epochs have lost, and what the penalty added; (0,) if
    nobody asks.
    """

    first_epoch: int
    n_epochs: int
    batch_size: int
    first_row: int
    stop_row: int
    shuffle: bool
    update: int
    rates: Any
    orders: Any
    sums: Any


class Rule(NamedTuple):
    """The update rule and its numbers, see :mod:`rosenblatt.engines.compiled.updates`.

    ``fused``: plain gradient descent, whose steps are taken as soon as a gradient is known.
    ``penalized``: whether weights have a penalty. ``epsilon_hat``: as Adam's.
    """

    kind: int
    a: float
    b: float
    epsilon: float
    fused: bool
    penalized: bool
    epsilon_hat: bool


class State(NamedTuple):
    """Parameters and slots, and as flat arrays; changed in place."""

    params: Any
    grads: Any
    flat_params: Any
    flat_grads: Any
    first: Any
    second: Any
    decay: Any
    penalty: Any


class Scratch(NamedTuple):
    """Room to work in.

    Blocks for values and gradients, (n_units, stride) flat; orders (1, N) or (lanes, N); by what
    each lane's weights are multiplied (lanes,); how many samples of a batch are worked on at once,
    so that the blocks stay in the nearest cache; and 1 over the weight of each lane's batch
    (lanes,).
    """

    block: Any
    dblock: Any
    orders: Any
    scales: Any
    stride: int
    piece: int
    shrink: Any


@kernel
def train(network, data, schedule, rule, state, scratch, order_keys, dropout_keys):
    """Train through the epochs of ``schedule``, in place.

    order_keys and dropout_keys have one key per member: one, or one per lane.
    """
    n_samples = len(data.rows)
    step, sums, params = schedule.update, schedule.sums, state.params
    for epoch in range(schedule.first_epoch, schedule.first_epoch + schedule.n_epochs):
        set_orders(schedule, scratch.orders, order_keys, epoch)
        for start in range(schedule.first_row, schedule.stop_row, schedule.batch_size):
            stop = min(start + schedule.batch_size, n_samples)
            eta = schedule.rates[min(step - schedule.update, len(schedule.rates) - 1)]
            at_once = (
                rule.fused
                and stop - start <= scratch.piece
                and network.reduction != losses.MISTAKES
                and eta > 0.0
            )
            by = eta if at_once else 1.0
            set_scales(network, data, params, scratch, start, stop, by)
            lost = fill(scratch.block, 0.0)
            for first in range(start, stop, scratch.piece):
                size = min(scratch.piece, stop - first)
                count = gather(network, data, params, scratch, first, size)
                forward(network, params, scratch, count, dropout_keys, step, first - start)
                if len(sums) > 0:
                    lost = lost + losses.batch_loss(network, scratch.block, scratch.stride, count)
                loss_gradient(network, params, scratch, count)
                if at_once:
                    backward(network, params, state.grads, scratch, count, True)
                else:
                    backward(network, params, state.grads, scratch, count, None)
            share = (stop - start) / n_samples
            if len(sums) > 0:
                losses.count_in(sums, epoch - schedule.first_epoch, 0, params, lost, share / by)
            if rule.penalized:
                set_shrink(data, scratch, start, stop)
                added = penalize(state, load(scratch.shrink, 0))
                if len(sums) > 0:
                    losses.count_in(sums, epoch - schedule.first_epoch, 1, params, added, share)
            if not at_once:
                update(rule, state, eta, step)
            step += 1


@part
def set_scales(network, data, params, scratch, start, stop, eta):
    """Set by what each lane multiplies its samples' weights for their shares in the loss."""
    scales, orders = scratch.scales, scratch.orders
    if len(data.weights) == 0 or network.reduction != losses.SAMPLES:
        scale = eta / (stop - start) if network.reduction == losses.SAMPLES else eta
        store(scales, 0, fill(scales, scale))
        return
    for lane in range(len(orders)):
        whole = 0.0
        for k in range(start, stop):
            whole += data.weights[orders[lane, k]]
        scales[lane] = eta / whole if whole > 0.0 else 0.0


@part
def set_shrink(data, scratch, start, stop):
    """Set 1 over the weight of each lane's batch, 0 where that is 0."""
    shrink, orders = scratch.shrink, scratch.orders
    store(shrink, 0, fill(shrink, 1.0 / (stop - start)))
    if len(data.weights) > 0:
        for lane in range(len(orders)):
            whole = 0.0
            for k in range(start, stop):
                whole += data.weights[orders[lane, k]]
            shrink[lane] = 1.0 / whole if whole > 0.0 else 0.0
        if len(orders) == 1:
            store(shrink, 0, fill(shrink, shrink[0]))


@part
def gather(network, data, params, scratch, start, size):
    """Copy samples into the block, and their shares; return how many numbers wide they are.

    One member fills lane after lane, and lanes that are left over repeat its last sample with no
    share. With a member per lane, every vector holds one sample of each.
    """
    block, stride, orders = scratch.block, scratch.stride, scratch.orders
    lanes, width, shares = lanes_of(block), network.shares, network.shares * stride
    weighted = len(data.weights) > 0
    if params.ndim == 1:
        count = (size + lanes - 1) // lanes * lanes
        for column in range(width):
            at = column * stride
            for k in range(size):
                row = read(orders, start + k)
                write(block, at + k, read(data.rows, row * width + column))
            for k in range(size, count):
                write(block, at + k, read(block, at + size - 1))
        for k in range(count):
            share = scratch.scales[0] if k < size else 0.0
            if weighted and k < size:
                share *= data.weights[orders[0, start + k]]
            write(block, shares + k, share)
        return count
    n_samples = orders.shape[1]
    for k in range(size):
        for column in range(width):
            at = column * stride + k * lanes
            for lane in range(lanes):
                row = read(orders, lane * n_samples + start + k)
                write(block, at + lane, read(data.rows, row * width + column))
        store(block, shares + k * lanes, load(scratch.scales, 0))
        if weighted:
            for lane in range(lanes):
                weight = data.weights[orders[lane, start + k]]
                write(block, shares + k * lanes + lane, scratch.scales[lane] * weight)
    return size * lanes


@part
def layer_of(network, i):
    """Return a row of the table, number by number: counting a view's references takes longer."""
    table, at = network.layers, i * network.layers.shape[1]
    return (
        read(table, at),
        read(table, at + 1),
        read(table, at + 2),
        read(table, at + 3),
        read(table, at + 4),
        read(table, at + 5),
        read(table, at + 6),
        read(table, at + 7),
        read(table, at + 8),
        read(table, at + 9),
    )


@part
def forward(network, params, scratch, count, dropout_keys, step, first):
    """Walk the layers from first to last.

    ``first`` is the place in the batch of the first sample, for dropout; < 0 if not training.
    """
    block, stride = scratch.block, scratch.stride
    for i in range(len(network.layers)):
        kind, n_in, n_out, w, b, x, y, mask, layer, _ = layer_of(network, i)
        setting = network.settings[i, 0]
        if kind == layers.LINEAR:
            layers.linear_forward(params, w, b, n_in, n_out, setting, block, x, y, stride, count)
        elif kind == layers.SOFTMAX:
            layers.softmax_forward(network.lowest, n_out, block, x, y, stride, count)
        elif kind == layers.DROPOUT:
            if first >= 0:
                draw_mask(
                    setting, layer, n_out, block, mask, stride, count, dropout_keys, step, first
                )
            else:
                block[mask * stride : (mask + n_out) * stride] = 1.0
            layers.product(n_out, block, x, block, mask, block, y, stride, count)
        else:
            layers.activation_forward(
                kind, setting, network.lowest, n_out, block, x, y, stride, count
            )


@section
def draw_mask(rate, layer, n, block, mask, stride, count, keys, step, first):
    """Draw the dropout mask of one layer, as :meth:`rosenblatt.layers.Dropout.forward`."""
    members = len(keys)
    scale = 1.0 / (1.0 - rate) if rate < 1.0 else 0.0
    lanes = lanes_of(block)
    for k in range(count):
        member = 0 if members == 1 else min(k % lanes, members - 1)
        row = first + (k if members == 1 else k // lanes)
        key = fold(fold(keys[member], step), layer)
        for u in range(n):
            kept = uniform(key, row * n + u) >= rate
            block[(mask + u) * stride + k] = scale if kept else 0.0


@part
def loss_gradient(network, params, scratch, count):
    """Write ∂L/∂outputs into the gradient block."""
    block, dblock, stride = scratch.block, scratch.dblock, scratch.stride
    n, z, y, s = network.n_outputs, network.outputs, network.targets, network.shares
    if network.loss == losses.SOFTMAX_CROSS_ENTROPY:
        losses.softmax_cross_entropy(network.lowest, n, block, z, y, s, dblock, stride, count)
    elif network.loss == losses.PERCEPTRON:
        losses.perceptron(
            params, network.reduction == losses.MISTAKES, block, z, y, s, dblock, stride, count
        )
    else:
        losses.elementwise(
            network.loss,
            network.lowest,
            network.tiny,
            network.factor,
            n,
            block,
            z,
            y,
            s,
            dblock,
            stride,
            count,
        )


@part
def backward(network, params, grads, scratch, count, at_once):
    """Walk the layers from last to first."""
    block, dblock, stride = scratch.block, scratch.dblock, scratch.stride
    for i in range(len(network.layers) - 1, -1, -1):
        kind, n_in, n_out, w, b, x, y, mask, _, _ = layer_of(network, i)
        setting = network.settings[i, 0]
        if kind == layers.LINEAR:
            low, is_first = network.settings[i, 1], i == 0
            layers.linear_backward(
                params,
                grads,
                w,
                b,
                n_in,
                n_out,
                low,
                block,
                x,
                dblock,
                y,
                stride,
                count,
                is_first,
                at_once,
            )
        elif kind == layers.SOFTMAX:
            layers.softmax_backward(n_out, block, y, dblock, x, y, stride, count)
        elif kind == layers.DROPOUT:
            layers.product(n_out, dblock, y, block, mask, dblock, x, stride, count)
        else:
            layers.activation_backward(kind, setting, n_out, block, y, dblock, x, y, stride, count)
