"""Training one model with its units in the lanes of vectors, one sample at a time.

The reference is ``_run_epoch`` of :mod:`rosenblatt.engines.reference`, as for
:mod:`rosenblatt.engines.compiled.lanes`, whose blocks these are with one number per unit. The units
of a layer fill whole vectors; those that are left over stay 0.

The weights of a linear layer lie in one of two ways. Where the outputs are in the lanes, a row
holds the weights of one input, and y is a sum of rows; where the inputs are, a row holds the
weights of one output, and dx is a sum of rows. The other product then needs the sum over the lanes
of each row, so the first layer, which needs no dx, has outputs in the lanes, and so has a layer
with fewer inputs than outputs; all others have inputs.
"""

from rosenblatt.engines.compiled import lane_layers as layers
from rosenblatt.engines.compiled import lane_losses as losses
from rosenblatt.engines.compiled.elementary import exp
from rosenblatt.engines.compiled.lane_layers import cut, descend
from rosenblatt.engines.compiled.lanes import draw_mask, layer_of, set_shrink
from rosenblatt.engines.compiled.order import set_orders
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
    total,
    with_lane,
    write,
)


@kernel
def train(network, data, schedule, rule, state, scratch, order_keys, dropout_keys):
    """Train through the epochs of ``schedule``, in place."""
    n_samples = len(data.rows)
    step, sums = schedule.update, schedule.sums
    order = scratch.orders[0]
    params, grads = state.params, state.grads
    for epoch in range(schedule.first_epoch, schedule.first_epoch + schedule.n_epochs):
        set_orders(schedule, scratch.orders, order_keys, epoch)
        for start in range(schedule.first_row, schedule.stop_row, schedule.batch_size):
            stop = min(start + schedule.batch_size, n_samples)
            eta = schedule.rates[min(step - schedule.update, len(schedule.rates) - 1)]
            at_once = rule.fused and stop - start == 1 and eta > 0.0
            scale = eta if at_once else 1.0
            if stop - start > 1 or len(data.weights) > 0:
                scale /= total_weight(data, order, start, stop)
            lost = 0.0
            for k in range(start, stop):
                share = scale
                if len(data.weights) > 0:
                    share *= data.weights[order[k]]
                place(network, data, scratch, order[k])
                forward(network, params, scratch, dropout_keys, step, k - start)
                if len(sums) > 0:
                    lost += share * sample_loss(network, scratch)
                loss_gradient(network, scratch, share)
                if at_once:
                    backward(network, params, grads, scratch, True)
                else:
                    backward(network, params, grads, scratch, None)
            if len(sums) > 0 or rule.penalized:
                lost /= eta if at_once else 1.0
                settle(data, schedule, rule, state, scratch, start, stop, epoch, lost)
            if not at_once:
                update(rule, state, eta, step)
            step += 1


@section
def settle(data, schedule, rule, state, scratch, start, stop, epoch, lost):
    """Count what a batch has lost, and apply the penalty; called, because it is rarely asked."""
    sums, share = schedule.sums, (stop - start) / len(data.rows)
    if len(sums) > 0:
        add_up(sums, epoch - schedule.first_epoch, 0, lost, share)
    if rule.penalized:
        set_shrink(data, scratch, start, stop)
        added = penalize(state, load(scratch.shrink, 0))
        if len(sums) > 0:
            add_up(sums, epoch - schedule.first_epoch, 1, total(added), share)


@section
def sample_loss(network, scratch):
    """Return the loss of the sample in the block.

    Among vectors that begin at its outputs, the first lane is where a sample's would be.
    """
    store(scratch.scales, 0, losses.sample_losses(network, scratch.block, 1, 0))
    return read(scratch.scales, 0)


@part
def add_up(sums, epoch, which, lost, share):
    """As :func:`rosenblatt.engines.compiled.lane_losses.count_in`, for a number."""
    at = (2 * epoch + which) * lanes_of(sums)
    write(sums, at, read(sums, at) + lost * share)


@part
def total_weight(data, order, start, stop):
    """Return by what the weights of a batch are divided, 1 where they are all 0."""
    if len(data.weights) == 0:
        return float(stop - start)
    whole = 0.0
    for k in range(start, stop):
        whole += data.weights[order[k]]
    return whole if whole > 0.0 else 1.0


@part
def place(network, data, scratch, row):
    """Copy one sample into the block."""
    first = row * data.rows.shape[1]
    for column in range(network.n_inputs):
        write(scratch.block, column, read(data.rows, first + column))
    first += network.n_inputs
    for column in range(network.n_outputs):
        write(scratch.block, network.targets + column, read(data.rows, first + column))


@part
def forward(network, params, scratch, dropout_keys, step, k):
    """Walk the layers from first to last; k is the sample's place in the batch, for dropout."""
    block = scratch.block
    for i in range(len(network.layers)):
        kind, n_in, n_out, w, b, x, y, mask, layer, by_input = layer_of(network, i)
        setting = network.settings[i, 0]
        width = padded(block, n_out)
        if kind == layers.LINEAR and by_input:
            forward_by_input(params, w, b, n_in, n_out, setting, block, x, y)
        elif kind == layers.LINEAR:
            forward_by_output(params, w, b, n_in, n_out, setting, block, x, y)
        elif kind == layers.SOFTMAX:
            ones = network.shares
            whole = exponentials(network.lowest, n_out, block, x, ones, block, y)
            for v in range(0, width, lanes_of(block)):
                store(block, y + v, load(block, y + v) / whole)
        elif kind == layers.DROPOUT:
            draw_mask(setting, layer, n_out, block, mask, 1, 1, dropout_keys, step, k)
            layers.product(1, block, x, block, mask, block, y, 1, width)
        else:
            layers.activation_forward(kind, setting, network.lowest, 1, block, x, y, 1, width)
            if kind == layers.SIGMOID:
                # Units that are not there would be ½.
                for u in range(n_out, width):
                    write(block, y + u, 0.0)


@part
def padded(block, n):
    """Return how many numbers n units take up: whole vectors."""
    lanes = lanes_of(block)
    return (n + lanes - 1) // lanes * lanes


@part
def forward_by_output(params, w, b, n_in, n_out, low, block, x, y):
    """Compute y = max(x W + b, low), as :meth:`rosenblatt.layers.Linear.forward`: a sum of rows."""
    width = padded(block, n_out)
    for i in range(0, n_in, 2):
        is_pair, row = i + 1 < n_in, w + i * width
        x0, x1 = read(block, x + i), read(block, x + i + 1) if is_pair else 0.0
        next_row = row + width if is_pair else row
        for v in range(0, width, lanes_of(block)):
            s = fill(block, 0.0)
            if i > 0:
                s = load(block, y + v)
            elif b >= 0:
                s = load(params, b + v)
            s = s + load(params, row + v) * x0 + load(params, next_row + v) * x1
            if i + 2 >= n_in:
                s = cut(s, low, None, 0)
            store(block, y + v, s)


@part
def forward_by_input(params, w, b, n_in, n_out, low, block, x, y):
    """Compute y = max(x W + b, low), as :meth:`rosenblatt.layers.Linear.forward`: sums in rows."""
    width, lanes = padded(block, n_in), lanes_of(block)
    for v in range(0, n_out, lanes):
        z = fill(block, 0.0)
        for j in range(v, min(v + lanes, n_out), 2):
            is_pair, row = j + 1 < n_out, w + j * width
            next_row = row + width if is_pair else row
            s0 = fill(block, 0.0)
            s1 = s0
            for k in range(0, width, lanes):
                xk = load(block, x + k)
                s0 = s0 + load(params, row + k) * xk
                s1 = s1 + load(params, next_row + k) * xk
            z = with_lane(z, j - v, total(s0))
            if is_pair:
                z = with_lane(z, j - v + 1, total(s1))
        if b >= 0:
            z = z + load(params, b + v)
        store(block, y + v, cut(z, low, None, 0))


@part
def backward(network, params, grads, scratch, at_once):
    """Walk the layers from last to first; the first needs no gradient of its input."""
    block, dblock = scratch.block, scratch.dblock
    for i in range(len(network.layers) - 1, -1, -1):
        kind, n_in, n_out, w, b, x, y, mask, _, by_input = layer_of(network, i)
        width = padded(block, n_out)
        if kind == layers.LINEAR:
            if b >= 0:
                for v in range(0, width, lanes_of(block)):
                    descend(params, grads, b + v, load(dblock, y + v), at_once)
            low = network.settings[i, 1]
            if by_input:
                backward_by_input(params, grads, w, n_in, n_out, low, block, x, dblock, y, at_once)
            else:
                backward_by_output(
                    params, grads, w, n_in, n_out, low, block, x, dblock, y, i == 0, at_once
                )
        elif kind == layers.SOFTMAX:
            along = fill(block, 0.0)
            for v in range(0, width, lanes_of(block)):
                along = along + load(dblock, y + v) * load(block, y + v)
            mean = total(along)
            for v in range(0, width, lanes_of(block)):
                store(dblock, x + v, (load(dblock, y + v) - mean) * load(block, y + v))
        elif kind == layers.DROPOUT:
            layers.product(1, dblock, y, block, mask, dblock, x, 1, width)
        else:
            slope = network.settings[i, 0]
            layers.activation_backward(kind, slope, 1, block, y, dblock, x, y, 1, width)


@part
def backward_by_input(params, grads, w, n_in, n_out, low, block, x, dblock, dy, at_once):
    """Take in dW = xᵀ dy and compute dx = dy Wᵀ ⊙ [x > low]: a sum of rows."""
    width = padded(block, n_in)
    for j in range(0, n_out, 2):
        is_pair, row = j + 1 < n_out, w + j * width
        next_row = row + width if is_pair else row
        d0, d1 = read(dblock, dy + j), read(dblock, dy + j + 1) if is_pair else 0.0
        for v in range(0, width, lanes_of(block)):
            xv = load(block, x + v)
            s = load(params, row + v) * d0 + load(params, next_row + v) * d1
            descend(params, grads, row + v, xv * d0, at_once)
            if is_pair:
                descend(params, grads, next_row + v, xv * d1, at_once)
            if j > 0:
                s = s + load(dblock, x + v)
            if j + 2 >= n_out:
                s = cut(s, low, block, x + v)
            store(dblock, x + v, s)


@part
def backward_by_output(params, grads, w, n_in, n_out, low, block, x, dblock, dy, is_first, at_once):
    """Take in dW = xᵀ dy and, but for the first layer, dx = dy Wᵀ ⊙ [x > low]: sums in rows."""
    width = padded(block, n_out)
    for i in range(0, n_in, 2):
        is_pair, row = i + 1 < n_in, w + i * width
        next_row = row + width if is_pair else row
        x0, x1 = read(block, x + i), read(block, x + i + 1) if is_pair else 0.0
        s0 = fill(block, 0.0)
        s1 = s0
        for v in range(0, width, lanes_of(block)):
            dv = load(dblock, dy + v)
            if not is_first:
                s0 = s0 + load(params, row + v) * dv
                s1 = s1 + load(params, next_row + v) * dv
            descend(params, grads, row + v, dv * x0, at_once)
            if is_pair:
                descend(params, grads, next_row + v, dv * x1, at_once)
        if not is_first:
            write(dblock, x + i, total(s0) if x0 > low else 0.0)
            if is_pair:
                write(dblock, x + i + 1, total(s1) if x1 > low else 0.0)


@part
def exponentials(lowest, n, block, z, ones, out, e):
    """Write e^(z − max z), and 0 where no unit is; return the sum of all."""
    top = read(block, z)
    for u in range(1, n):
        top = max(top, read(block, z + u))
    whole = fill(block, 0.0)
    for v in range(0, n, lanes_of(block)):
        value = exp(load(block, z + v) - top, lowest) * load(block, ones + v)
        store(out, e + v, value)
        whole = whole + value
    return total(whole)


@part
def loss_gradient(network, scratch, share):
    """Write ∂L/∂outputs into the gradient block, as the losses of :mod:`lane_losses`."""
    block, dblock = scratch.block, scratch.dblock
    n, z, y, ones = network.n_outputs, network.outputs, network.targets, network.shares
    if network.loss == losses.SOFTMAX_CROSS_ENTROPY:
        whole = exponentials(network.lowest, n, block, z, ones, dblock, z)
        for v in range(0, n, lanes_of(block)):
            d = load(dblock, z + v) * (share / whole) - load(block, y + v) * share
            store(dblock, z + v, d)
        return
    losses.elementwise(
        network.loss,
        network.lowest,
        network.tiny,
        network.factor,
        1,
        block,
        z,
        y,
        ones,
        dblock,
        1,
        padded(block, n),
    )
    for v in range(0, n, lanes_of(block)):
        store(dblock, z + v, load(dblock, z + v) * share)
