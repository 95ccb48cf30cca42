"""Training one wide model of few weights: each thread works on samples of its own.

The reference is ``_run_epoch`` of :mod:`rosenblatt.engines.reference`. A batch is cut into shards
of samples. Whoever is free walks all layers for a shard, as
:mod:`rosenblatt.engines.compiled.matrices` does for a batch, and gathers its gradients apart. So
what a layer puts out stays in the cache of the core that needs it next: where weights are few,
fetching it from another core would take longer than the products that it goes into.
"""

from typing import Any, NamedTuple

from rosenblatt.engines.compiled.lane_losses import batch_loss, count_in
from rosenblatt.engines.compiled.lanes import State, loss_gradient, set_scales, set_shrink
from rosenblatt.engines.compiled.matrices import (
    PATIENCE,
    SIZE,
    UPDATE,
    backward,
    forward,
    parts_for,
    step_of_part,
    whole_vectors,
)
from rosenblatt.engines.compiled.matrices import START as FIRST_SAMPLE
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

SHARDS = 2
"""So many make a batch, and more would each want code of its own."""
LEAST_SAMPLES = 64
"""Of fewer samples the products would be too small for BLAS."""
SHARD, STEP = range(2)
KIND, START, STOP, BEFORE, UNITS, WIDTH = range(WORK, WORK + 6)
"""What stands on the board: the kind of work; where in the order a batch begins and ends, and how
many updates were done before it; of a step, how many vectors it has and a part of it."""


class Scratch(NamedTuple):
    """Room to work in: that of each shard, as for :mod:`.matrices`, and its gradients.

    ``gradients`` are those of all shards in one array, of which ``grads`` are views: to take a view
    out of a tuple is counted, and two threads would wait for each other's counting. ``size`` is how
    many samples a shard has. ``board``, ``factor``, ``shrink`` and ``added`` are for all, as there,
    and so are the ``orders``.
    """

    shards: Any
    grads: Any
    gradients: Any
    orders: Any
    size: int
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
            write(board, START, start)
            write(board, STOP, stop)
            write(board, BEFORE, step)
            write(scratch.factor, 1, eta)
            if rule.penalized:
                set_shrink(data, scratch, start, stop)
            n_shards = (stop - start + scratch.size - 1) // scratch.size
            hand_out(network, data, rule, state, scratch, dropout_keys, SHARD, n_shards)
            vectors = len(state.flat_params) // lanes_of(params)
            n_parts = parts_for(vectors, lanes_of(params) * UPDATE)
            write(board, UNITS, vectors)
            write(board, WIDTH, (vectors + n_parts - 1) // n_parts)
            hand_out(network, data, rule, state, scratch, dropout_keys, STEP, n_parts)
            if len(sums) > 0:
                share, row = (stop - start) / n_samples, epoch - schedule.first_epoch
                lost, added = fill(params, 0.0), fill(params, 0.0)
                for number in range(n_shards):
                    lost = lost + load(scratch.shards[number].added, 0)
                for number in range(n_parts):
                    added = added + load(scratch.added, number * lanes_of(params))
                count_in(sums, row, 0, params, lost, share)
                if rule.penalized:
                    count_in(sums, row, 1, params, added, share)
            step += 1


@kernel
def help_out(network, data, rule, state, scratch, dropout_keys):
    """Take part in what a thread that trains hands out, until it says that there is no more."""
    idle = 0
    while not is_closed(scratch.board):
        done = take_parts(network, data, rule, state, scratch, dropout_keys)
        idle = 0 if done else idle + 1
        if idle > PATIENCE:
            stand_back()


@routine
def hand_out(network, data, rule, state, scratch, dropout_keys, kind, n_parts):
    """Let the team do work of a kind, and wait until it is done."""
    write(scratch.board, KIND, kind)
    open_work(scratch.board, n_parts)
    take_parts(network, data, rule, state, scratch, dropout_keys)
    looks = 0
    while not is_done(scratch.board):
        looks += 1
        if looks > PATIENCE:
            stand_back()


@routine
def take_parts(network, data, rule, state, scratch, dropout_keys):
    """Do parts of the present work as long as there are any to claim; return how many."""
    board, done = scratch.board, 0
    number = claim(board)
    while number >= 0:
        if read(board, KIND) == SHARD:
            run_shard(network, data, rule, state, scratch, dropout_keys, number)
        else:
            first = number * read(board, WIDTH)
            stop = min(first + read(board, WIDTH), read(board, UNITS))
            add_gradients(state, scratch, first, stop)
            step_of_part(rule, state, scratch, read(board, BEFORE), number, first, stop)
        finish(board)
        done += 1
        number = claim(board)
    return done


@routine
def run_shard(network, data, rule, state, scratch, dropout_keys, number):
    """Walk all layers forward and backward for a shard; leave its gradients and what it lost."""
    own, grads, board = scratch.shards[number], scratch.grads[number], scratch.board
    start, stop = read(board, START), read(board, STOP)
    first = start + number * scratch.size
    write(own.board, FIRST_SAMPLE, first)
    write(own.board, SIZE, min(scratch.size, stop - first))
    own_state = State(
        state.params,
        grads,
        state.flat_params,
        grads,
        state.first,
        state.second,
        state.decay,
        state.penalty,
    )
    set_scales(network, data, state.params, own, start, stop, 1.0)
    step = read(board, BEFORE)
    forward(network, data, rule, own_state, own, dropout_keys, step, first - start)
    count = whole_vectors(own.block, read(own.board, SIZE))
    store(own.added, 0, batch_loss(network, own.block, own.stride, count))
    loss_gradient(network, state.params, own, count)
    backward(network, data, rule, own_state, own)


@part
def add_gradients(state, scratch, first, stop):
    """Add up the shards' gradients of some vectors of parameters, and clear them."""
    grads, gradients = state.flat_grads, scratch.gradients
    width, size, none = lanes_of(grads), len(grads), fill(grads, 0.0)
    for i in range(first * width, stop * width, width):
        total = none
        for at in range(i, len(gradients), size):
            total = total + load(gradients, at)
            store(gradients, at, none)
        store(grads, i, total)
