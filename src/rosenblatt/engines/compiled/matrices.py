"""Training one wide model: its products in BLAS, with passes over whole vectors around them.

The reference is ``_run_epoch`` of :mod:`rosenblatt.engines.reference`, as for
:mod:`rosenblatt.engines.compiled.lanes`, whose blocks these are: the samples of a unit are
contiguous, so that everything but a linear layer is what it is there. BLAS takes a matrix with its
rows or its columns contiguous, so what goes into a first linear layer stays in rows, as it lies in
the data: copying a row is faster than spreading it over the units.

Only a batch's own columns take part in products and sums. The passes work on the rest of the last
vector too; what stands there is never used.

A team of threads shares the units of a layer. BLAS has a thread of its own that waits for its half
of every product, which is fine while no other process wants that core, and else tens of times
slower; and what it computes depends on how many threads there are.
"""

from typing import Any, NamedTuple

from rosenblatt.engines.compiled import lane_layers as layers
from rosenblatt.engines.compiled import lanes
from rosenblatt.engines.compiled.blas import Matrix, multiply, transposed
from rosenblatt.engines.compiled.lane_losses import batch_loss, count_in
from rosenblatt.engines.compiled.lanes import (
    draw_mask,
    layer_of,
    loss_gradient,
    set_scales,
    set_shrink,
)
from rosenblatt.engines.compiled.order import set_orders
from rosenblatt.engines.compiled.team import (
    WORK,
    claim,
    finish,
    is_closed,
    is_done,
    open_work,
    stand_back,
)
from rosenblatt.engines.compiled.updates import penalize_range, update_range
from rosenblatt.engines.compiled.vector import (
    fill,
    kernel,
    lanes_of,
    load,
    part,
    read,
    routine,
    store,
    write,
)

MOST_PARTS = 4
"""In more and smaller parts BLAS would mostly prepare what it multiplies."""
LEAST_PRODUCTS = 1 << 16
"""A part has so many products, some microseconds, or it is not worth sharing."""
MANY_UNITS = 256
"""Fewer than these are shared by two: parts that are narrow keep BLAS from its best."""
GRAIN = 8
"""The units of a part are a multiple of this, so that BLAS works on whole vectors."""
PASS, UPDATE = 16, 64
"""A number in a pass, and in a step of the optimizer, takes as long as so many products."""
NUMBERS_AT_ONCE = 1024
"""So many gradients and parameters stay in the nearest cache from the penalty to the step."""
PATIENCE = 1000
"""After so many looks for work, some tens of microseconds, a thread lets others use its core."""
GATHER, FORWARD, BACKWARD, GRADIENTS, STEP = range(5)
KIND, ROW, END, WIDTH, START, SIZE, AT_ONCE, BEFORE, ALONE = range(WORK, WORK + 9)
"""What stands on the board: the kind of work, which row of the table it is about, how many units it
has and a part of it; where in the order a batch begins, how large it is, whether its gradients go
into the parameters at once, and how many updates were done before it; and whether nobody helps."""


class Scratch(NamedTuple):
    """Room to work in, as :class:`rosenblatt.engines.compiled.lanes.Scratch`.

    ``gemm`` is the address of BLAS's product, ``board`` tells a team its work, and ``factor`` (2,)
    is by what gradients are multiplied, and the learning rate; ``shrink`` as there. Into ``added``,
    vectors, goes what the penalty of each part's weights is.
    """

    block: Any
    dblock: Any
    orders: Any
    scales: Any
    stride: int
    piece: int
    gemm: int
    board: Any
    factor: Any
    shrink: Any
    added: Any


@kernel
def train(network, data, schedule, rule, state, scratch, order_keys, dropout_keys):
    """Train through the epochs of ``schedule``, in place."""
    n_samples, board = len(data.rows), scratch.board
    step, sums, params = schedule.update, schedule.sums, state.params
    for epoch in range(schedule.first_epoch, schedule.first_epoch + schedule.n_epochs):
        set_orders(schedule, scratch.orders, order_keys, epoch)
        for start in range(schedule.first_row, schedule.stop_row, schedule.batch_size):
            stop = min(start + schedule.batch_size, n_samples)
            eta = schedule.rates[min(step - schedule.update, len(schedule.rates) - 1)]
            # A step of plain gradient descent is taken by the product that makes the gradient.
            at_once = rule.fused and stop - start <= scratch.piece
            write(board, AT_ONCE, at_once)
            write(scratch.factor, 0, -eta if at_once else 1.0)
            set_scales(network, data, params, scratch, start, stop, 1.0)
            lost = fill(scratch.block, 0.0)
            for first in range(start, stop, scratch.piece):
                write(board, START, first)
                write(board, SIZE, min(scratch.piece, stop - first))
                forward(network, data, rule, state, scratch, dropout_keys, step, first - start)
                count = whole_vectors(scratch.block, read(board, SIZE))
                if len(sums) > 0:
                    lost = lost + batch_loss(network, scratch.block, scratch.stride, count)
                loss_gradient(network, params, scratch, count)
                backward(network, data, rule, state, scratch)
            share = (stop - start) / n_samples
            if len(sums) > 0:
                count_in(sums, epoch - schedule.first_epoch, 0, params, lost, share)
            if not at_once:
                write(scratch.factor, 1, eta)
                write(board, BEFORE, step)
                if rule.penalized:
                    set_shrink(data, scratch, start, stop)
                added = take_step(network, data, rule, state, scratch)
                if rule.penalized and len(sums) > 0:
                    count_in(sums, epoch - schedule.first_epoch, 1, params, added, share)
            step += 1


@kernel
def help_out(network, data, rule, state, scratch):
    """Take part in what a thread that trains opens, until it says that there is no more."""
    idle = 0
    while not is_closed(scratch.board):
        idle = 0 if take_parts(network, data, rule, state, scratch) else idle + 1
        if idle > PATIENCE:
            stand_back()


@routine
def share(network, data, rule, state, scratch, kind, i, units, per_unit):
    """Do work of a kind, about row i of the table, on units that take so many products each."""
    board = scratch.board
    n_parts = 1 if read(board, ALONE) else parts_for(units, per_unit)
    width = (units + GRAIN * n_parts - 1) // (GRAIN * n_parts) * GRAIN
    write(board, KIND, kind)
    write(board, ROW, i)
    write(board, END, units)
    write(board, WIDTH, width)
    open_work(board, (units + width - 1) // width)
    take_parts(network, data, rule, state, scratch)
    looks = 0
    while not is_done(board):
        looks += 1
        if looks > PATIENCE:
            stand_back()


@part
def parts_for(units, per_unit):
    """Return in how many parts to share units that take so many products each."""
    if units * per_unit < 2 * LEAST_PRODUCTS:
        return 1
    return 2 if units < MANY_UNITS else MOST_PARTS


@routine
def take_parts(network, data, rule, state, scratch):
    """Do parts of the present work as long as there are any to claim; return how many."""
    board, done = scratch.board, 0
    number = claim(board)
    while number >= 0:
        kind, i, width = read(board, KIND), read(board, ROW), read(board, WIDTH)
        first = number * width
        stop = min(first + width, read(board, END))
        if kind == GATHER:
            gather(network, data, scratch, first, stop)
        elif kind == FORWARD:
            layer_forward(network, state.params, scratch, i, first, stop)
        elif kind == BACKWARD:
            layer_backward(network, state.params, scratch, i, first, stop)
        elif kind == STEP:
            step_of_part(rule, state, scratch, read(board, BEFORE), number, first, stop)
        elif read(board, AT_ONCE):
            gradients(network, state.params, scratch, i, first, stop)
        else:
            gradients(network, state.grads, scratch, i, first, stop)
        finish(board)
        done += 1
        number = claim(board)
    return done


@part
def whole_vectors(block, size):
    """Return how many numbers so many samples take up."""
    width = lanes_of(block)
    return (size + width - 1) // width * width


@part
def forward(network, data, rule, state, scratch, dropout_keys, step, first):
    """Walk the layers from first to last; ``first`` is the first sample's place in the batch."""
    block, stride, size = scratch.block, scratch.stride, read(scratch.board, SIZE)
    count = whole_vectors(block, size)
    if network.layers[0, 0] == layers.LINEAR:
        share(network, data, rule, state, scratch, GATHER, 0, size, network.n_inputs * PASS)
    else:
        lanes.gather(network, data, state.params, scratch, read(scratch.board, START), size)
    for i in range(len(network.layers)):
        kind, n_in, n_out, _, _, x, y, mask, layer, _ = layer_of(network, i)
        if kind == layers.SOFTMAX:
            layers.softmax_forward(network.lowest, n_out, block, x, y, stride, count)
        elif kind == layers.DROPOUT:
            rate = network.settings[i, 0]
            draw_mask(rate, layer, n_out, block, mask, stride, count, dropout_keys, step, first)
            layers.product(n_out, block, x, block, mask, block, y, stride, count)
        else:
            each = n_in if kind == layers.LINEAR else PASS
            share(network, data, rule, state, scratch, FORWARD, i, n_out, each * size)


@part
def backward(network, data, rule, state, scratch):
    """Walk the layers from last to first; the inputs need no gradient."""
    block, dblock, stride = scratch.block, scratch.dblock, scratch.stride
    size = read(scratch.board, SIZE)
    count = whole_vectors(block, size)
    for i in range(len(network.layers) - 1, -1, -1):
        kind, n_in, n_out, _, _, x, y, mask, _, _ = layer_of(network, i)
        if kind == layers.SOFTMAX:
            layers.softmax_backward(n_out, block, y, dblock, x, y, stride, count)
        elif kind == layers.DROPOUT:
            layers.product(n_out, dblock, y, block, mask, dblock, x, stride, count)
        elif kind == layers.LINEAR:
            # The gradients may change the weights that dx is made of.
            if i > 0:
                share(network, data, rule, state, scratch, BACKWARD, i, n_in, n_out * size)
            share(network, data, rule, state, scratch, GRADIENTS, i, n_in, n_out * size)
        else:
            share(network, data, rule, state, scratch, BACKWARD, i, n_in, PASS * size)


@part
def take_step(network, data, rule, state, scratch):
    """Add the penalty to the gradients and take a step; return the penalty's share in the loss."""
    params, added = state.flat_params, scratch.added
    width = lanes_of(params)
    none = fill(params, 0.0)
    for number in range(MOST_PARTS):
        store(added, number * width, none)
    share(network, data, rule, state, scratch, STEP, 0, len(params) // width, width * UPDATE)
    total = none
    for number in range(MOST_PARTS):
        total = total + load(added, number * width)
    return total


@routine
def step_of_part(rule, state, scratch, step, number, first, stop):
    """Add the penalty to the gradients of some vectors of parameters, and take a step with them."""
    params = state.flat_params
    width = lanes_of(params)
    added = fill(params, 0.0)
    for at in range(first * width, stop * width, NUMBERS_AT_ONCE):
        end = min(at + NUMBERS_AT_ONCE, stop * width)
        if rule.penalized:
            added = added + penalize_range(state, load(scratch.shrink, 0), at, end)
        update_range(rule, state, read(scratch.factor, 1), step, at, end)
    store(scratch.added, number * width, added)


@part
def gather(network, data, scratch, first, stop):
    """Put the inputs of samples into rows, their targets and shares into the block."""
    block, stride, orders = scratch.block, scratch.stride, scratch.orders
    n, width, shares = network.n_inputs, network.shares, network.shares * stride
    start, size = read(scratch.board, START), read(scratch.board, SIZE)
    for k in range(first, stop):
        row = read(orders, start + k)
        for column in range(n):
            write(block, k * n + column, read(data.rows, row * width + column))
    # What is left of the last vector takes the last sample's targets, and no share in the loss.
    for k in range(first, whole_vectors(block, size) if stop == size else stop):
        row = read(orders, start + min(k, size - 1))
        for column in range(n, width):
            write(block, column * stride + k, read(data.rows, row * width + column))
        share = scratch.scales[0] if k < size else 0.0
        if len(data.weights) > 0:
            share *= data.weights[row]
        write(block, shares + k, share)


@part
def columns(block, unit, stride):
    """Return the units of a block from one on, as a matrix with a column for each."""
    return Matrix(block, unit * stride, 1, stride)


@part
def inputs_of(network, scratch, i, x, first):
    """Return what goes into row i of the table, as a matrix with a row for each sample.

    Its columns begin with that of input ``first``.
    """
    if i == 0:
        return Matrix(scratch.block, first, network.n_inputs, 1)
    return columns(scratch.block, x + first, scratch.stride)


@routine
def layer_forward(network, params, scratch, i, first, stop):
    """Compute some units of y = x W + b or y = f(x), as ``forward`` of the layer of that kind."""
    block, stride, size = scratch.block, scratch.stride, read(scratch.board, SIZE)
    count = whole_vectors(block, size)
    kind, n_in, n_out, w, b, x, y, _, _, _ = layer_of(network, i)
    setting, n = network.settings[i, 0], stop - first
    if kind != layers.LINEAR:
        lowest = network.lowest
        layers.activation_forward(
            kind, setting, lowest, n, block, x + first, y + first, stride, count
        )
        return
    for u in range(first, stop):
        bias = fill(block, read(params, b + u) if b >= 0 else 0.0)
        for k in range(0, count, lanes_of(block)):
            store(block, (y + u) * stride + k, bias)
    weights, sums = Matrix(params, w + first, n_out, 1), columns(block, y + first, stride)
    inputs = inputs_of(network, scratch, i, x, 0)
    multiply(scratch.gemm, size, n, n_in, 1.0, inputs, weights, 1.0, sums)
    if setting == 0.0:
        at = y + first
        layers.activation_forward(layers.RELU, 0.0, 0.0, n, block, at, at, stride, count)


@routine
def layer_backward(network, params, scratch, i, first, stop):
    """Compute some units of dx = dy Wᵀ or dx = dy ⊙ f′, as ``backward`` of the layer."""
    block, dblock, stride = scratch.block, scratch.dblock, scratch.stride
    size = read(scratch.board, SIZE)
    count = whole_vectors(block, size)
    kind, _, n_out, w, _, x, y, _, _, _ = layer_of(network, i)
    n, dx, dy = stop - first, x + first, y + first
    if kind != layers.LINEAR:
        slope = network.settings[i, 0]
        layers.activation_backward(kind, slope, n, block, dy, dblock, dx, dy, stride, count)
        return
    weights = transposed(Matrix(params, w + first * n_out, n_out, 1))
    dsums, dinputs = columns(dblock, y, stride), columns(dblock, dx, stride)
    multiply(scratch.gemm, size, n, n_out, 1.0, dsums, weights, 0.0, dinputs)
    if network.settings[i, 1] == 0.0:
        layers.activation_backward(layers.RELU, 0.0, n, block, dx, dblock, dx, dx, stride, count)


@routine
def gradients(network, changed, scratch, i, first, stop):
    """Add dW = xᵀ dy and db = Σ dy, multiplied, to gradients or parameters.

    As :meth:`rosenblatt.layers.Linear.backward`, of the weights of some inputs and as large a share
    of the biases: threads write to rows that are apart.
    """
    dblock, stride, size = scratch.dblock, scratch.stride, read(scratch.board, SIZE)
    _, n_in, n_out, w, b, x, y, _, _, _ = layer_of(network, i)
    by = read(scratch.factor, 0)
    inputs = transposed(inputs_of(network, scratch, i, x, first))
    dsums, dweights = columns(dblock, y, stride), Matrix(changed, w + first * n_out, n_out, 1)
    multiply(scratch.gemm, stop - first, n_out, size, by, inputs, dsums, 1.0, dweights)
    if b >= 0:
        for u in range(first * n_out // n_in, stop * n_out // n_in):
            at = (y + u) * stride
            whole = read(dblock, at)
            for k in range(at + 1, at + size):
                whole += read(dblock, k)
            write(changed, b + u, read(changed, b + u) + by * whole)
