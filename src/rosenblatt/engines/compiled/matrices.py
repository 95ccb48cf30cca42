"""Training one wide model: its products in BLAS, with passes over whole vectors around them.

The reference is ``_run_epoch`` of :mod:`rosenblatt.engines.reference`, as for
:mod:`rosenblatt.engines.compiled.lanes`, whose blocks these are: the samples of a unit are
contiguous, so that everything but a linear layer is what it is there. BLAS takes a matrix with its
rows or its columns contiguous, so what goes into a first linear layer stays in rows, as it lies in
the data: copying a row is faster than spreading it over the units, and where rows are visited in
order, nothing is copied.

Only a batch's own columns take part in products and sums. The passes work on the rest of the last
vector too; what stands there is never used.
"""

from typing import Any, NamedTuple

from rosenblatt.engines.compiled import lane_layers as layers
from rosenblatt.engines.compiled import lanes
from rosenblatt.engines.compiled.blas import Matrix, multiply, transposed
from rosenblatt.engines.compiled.lanes import draw_mask, layer_of, loss_gradient, set_scales
from rosenblatt.engines.compiled.order import shuffle
from rosenblatt.engines.compiled.updates import update
from rosenblatt.engines.compiled.vector import fill, kernel, lanes_of, part, read, store, write


class Scratch(NamedTuple):
    """Room to work in, as :class:`rosenblatt.engines.compiled.lanes.Scratch`; BLAS's product."""

    block: Any
    dblock: Any
    orders: Any
    scales: Any
    stride: int
    piece: int
    gemm: int


@kernel
def train(network, data, schedule, rule, state, scratch, order_keys, dropout_keys):
    """Train through the epochs of ``schedule``, in place."""
    n_samples, params = len(data.rows), state.params
    step = schedule.update
    for epoch in range(schedule.first_epoch, schedule.first_epoch + schedule.n_epochs):
        if schedule.shuffle:
            shuffle(scratch.orders[0], order_keys[0], epoch)
        for start in range(0, n_samples, schedule.batch_size):
            stop = min(start + schedule.batch_size, n_samples)
            eta = schedule.rates[min(step - schedule.update, len(schedule.rates) - 1)]
            # A step of plain gradient descent is taken by the product that makes the gradient.
            at_once = rule.fused and stop - start <= scratch.piece
            changed, by = (params, -eta) if at_once else (state.grads, 1.0)
            set_scales(network, data, params, scratch, start, stop, 1.0)
            for first in range(start, stop, scratch.piece):
                size = min(scratch.piece, stop - first)
                inputs = gather(network, data, schedule.shuffle, scratch, first, size)
                forward(network, params, scratch, inputs, size, dropout_keys, step, first - start)
                loss_gradient(network, params, scratch, whole_vectors(scratch.block, size))
                backward(network, params, changed, by, scratch, inputs, size)
            if not at_once:
                update(rule, state, eta, step)
            step += 1


@part
def whole_vectors(block, size):
    """Return how many numbers so many samples take up."""
    width = lanes_of(block)
    return (size + width - 1) // width * width


@part
def gather(network, data, is_shuffled, scratch, start, size):
    """Put inputs, targets and shares of samples into place; return the inputs, (size, n_inputs)."""
    block, stride, n = scratch.block, scratch.stride, network.n_inputs
    if network.layers[0, 0] != layers.LINEAR:
        # The block stands for parameters (n,), which tell that there is one model.
        lanes.gather(network, data, block, scratch, start, size)
        return Matrix(block, 0, 1, stride)
    width, shares = network.shares, network.shares * stride
    for k in range(whole_vectors(block, size)):
        # A vector's columns that hold no sample take the last one's targets, and no share in it.
        row = read(scratch.orders, start + min(k, size - 1))
        for column in range(n, width):
            write(block, column * stride + k, read(data.rows, row * width + column))
        share = scratch.scales[0] if k < size else 0.0
        if len(data.weights) > 0:
            share *= data.weights[row]
        write(block, shares + k, share)
    if not is_shuffled:
        return Matrix(data.rows.reshape(-1), start * width, width, 1)
    for k in range(size):
        row = read(scratch.orders, start + k)
        for column in range(n):
            write(block, k * n + column, read(data.rows, row * width + column))
    return Matrix(block, 0, n, 1)


@part
def forward(network, params, scratch, inputs, size, dropout_keys, step, first):
    """Walk the layers from first to last; ``first`` is the first sample's place in the batch."""
    block, stride, count = scratch.block, scratch.stride, whole_vectors(scratch.block, size)
    for i in range(len(network.layers)):
        kind, n_in, n_out, w, b, x, y, mask, layer, _ = layer_of(network, i)
        setting = network.settings[i, 0]
        if kind == layers.LINEAR:
            samples = inputs if i == 0 else Matrix(block, x * stride, 1, stride)
            linear_forward(scratch, params, w, b, n_in, n_out, samples, y, size)
            if setting == 0.0:
                layers.activation_forward(layers.RELU, 0.0, 0.0, n_out, block, y, y, stride, count)
        elif kind == layers.SOFTMAX:
            layers.softmax_forward(network.lowest, n_out, block, x, y, stride, count)
        elif kind == layers.DROPOUT:
            draw_mask(setting, layer, n_out, block, mask, stride, count, dropout_keys, step, first)
            layers.product(n_out, block, x, block, mask, block, y, stride, count)
        else:
            layers.activation_forward(
                kind, setting, network.lowest, n_out, block, x, y, stride, count
            )


@part
def linear_forward(scratch, params, w, b, n_in, n_out, x, y, size):
    """Compute y = x W + b, as :meth:`rosenblatt.layers.Linear.forward`."""
    block, stride = scratch.block, scratch.stride
    for u in range(n_out):
        bias = fill(block, read(params, b + u) if b >= 0 else 0.0)
        for k in range(0, size, lanes_of(block)):
            store(block, (y + u) * stride + k, bias)
    weights, sums = Matrix(params, w, n_out, 1), Matrix(block, y * stride, 1, stride)
    multiply(scratch.gemm, size, n_out, n_in, 1.0, x, weights, 1.0, sums)


@part
def backward(network, params, changed, by, scratch, inputs, size):
    """Walk the layers from last to first; add ``by`` times the gradients to ``changed``."""
    block, dblock, stride = scratch.block, scratch.dblock, scratch.stride
    count = whole_vectors(block, size)
    for i in range(len(network.layers) - 1, -1, -1):
        kind, n_in, n_out, w, b, x, y, mask, _, _ = layer_of(network, i)
        setting = network.settings[i, 0]
        if kind == layers.LINEAR:
            dy = Matrix(dblock, y * stride, 1, stride)
            if i > 0:
                # Before the gradients, which may change the weights.
                weights, dx = Matrix(params, w, n_out, 1), Matrix(dblock, x * stride, 1, stride)
                multiply(scratch.gemm, size, n_in, n_out, 1.0, dy, transposed(weights), 0.0, dx)
                if network.settings[i, 1] == 0.0:
                    layers.activation_backward(
                        layers.RELU, 0.0, n_in, block, x, dblock, x, x, stride, count
                    )
            samples = inputs if i == 0 else Matrix(block, x * stride, 1, stride)
            gradients(scratch, changed, by, w, b, n_in, n_out, samples, dy, size)
        elif kind == layers.SOFTMAX:
            layers.softmax_backward(n_out, block, y, dblock, x, y, stride, count)
        elif kind == layers.DROPOUT:
            layers.product(n_out, dblock, y, block, mask, dblock, x, stride, count)
        else:
            layers.activation_backward(kind, setting, n_out, block, y, dblock, x, y, stride, count)


@part
def gradients(scratch, changed, by, w, b, n_in, n_out, x, dy, size):
    """Add ``by`` times dW = xᵀ dy and db = Σ dy, as :meth:`rosenblatt.layers.Linear.backward`."""
    weights = Matrix(changed, w, n_out, 1)
    multiply(scratch.gemm, n_in, n_out, size, by, transposed(x), dy, 1.0, weights)
    if b >= 0:
        for u in range(n_out):
            at = dy.at + u * dy.per_column
            whole = read(dy.array, at)
            for k in range(at + 1, at + size):
                whole += read(dy.array, k)
            write(changed, b + u, read(changed, b + u) + by * whole)
