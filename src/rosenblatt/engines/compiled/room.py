"""What a kernel is given beside the model: when, with which random numbers, and room to work in."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from rosenblatt.engines.base import Job, State
from rosenblatt.engines.compiled import lanes, matrices, shards
from rosenblatt.engines.compiled.blas import gemm_of
from rosenblatt.engines.compiled.memory import CACHE_LINE, aligned
from rosenblatt.engines.compiled.program import LANES
from rosenblatt.engines.compiled.team import new_board
from rosenblatt.losses import PerceptronCriterion
from rosenblatt.optimizers import Optimizer
from rosenblatt.optimizers.schedules import rates_of
from rosenblatt.random import Key

VECTORS_AT_ONCE = 8
"""Samples worked on at once are so many vectors, that their values stay in the nearest cache."""
ROWS_AT_ONCE = 1024
"""Of a wide model so many samples are worked on at once, which is enough for BLAS."""
RATES_AT_ONCE = 1 << 20
"""Of a schedule so many learning rates are worked out ahead, that they take no more than 8 MB."""


def parts_of(job: Job, epochs: range) -> Iterator[range]:
    """Yield the epochs in parts, for each of which the learning rates are worked out ahead.

    No epochs are one part: a kernel that is to be loaded is called with it.
    """
    if not len(epochs):
        yield epochs
        return
    is_schedule = callable(job.optimizer.learning_rate)
    size = max(1, RATES_AT_ONCE // job.updates_per_epoch) if is_schedule else None
    for start in range(epochs.start, epochs.stop, size or max(1, len(epochs))):
        yield range(start, min(start + size, epochs.stop) if size else epochs.stop)


def schedule_of(
    jobs: Sequence[Job], state: State, epochs: range, batches: range | None
) -> lanes.Schedule:
    """Return when members that train at once make updates, and how long their steps are."""
    job = jobs[0]
    ends = range(job.updates_per_epoch) if batches is None else batches
    in_order = job.batch_size < len(job.data)
    orders = np.zeros((0, 0, 0), dtype=np.int64)
    if job.order and in_order and len(epochs):
        orders = np.array([[one.order(epoch) for one in jobs if one.order] for epoch in epochs])
    n_sums = 2 * len(epochs) * LANES[job.data.x.dtype] if job.sum_losses else 0
    return lanes.Schedule(
        first_epoch=epochs.start,
        n_epochs=len(epochs),
        batch_size=job.batch_size,
        first_row=ends.start * job.batch_size,
        stop_row=min(ends.stop * job.batch_size, len(job.data)),
        shuffle=job.shuffle and in_order,
        update=state.update,
        rates=_rates(job.optimizer, state.update, updates_in(job, epochs, batches)),
        orders=orders,
        sums=aligned((n_sums,), job.data.x.dtype),
    )


def updates_in(job: Job, epochs: range, batches: range | None) -> int:
    """Return how many updates are made in ``epochs``, or in these batches of each."""
    return len(epochs) * (job.updates_per_epoch if batches is None else len(batches))


def _rates(optimizer: Optimizer, first: int, count: int) -> npt.NDArray[np.float64]:
    """Return the learning rate of each update; a constant one but once."""
    if not callable(optimizer.learning_rate):
        return np.array([float(optimizer.learning_rate)])
    return rates_of(optimizer.learning_rate, first, max(count, 1))


def keys_of(jobs: Sequence[Job], name: str) -> npt.NDArray[np.uint64]:
    """Return each member's key of the stream of that name."""
    return np.array([Key.of(job.seed, name).value for job in jobs], dtype=np.uint64)


def room_for_units(network: lanes.Network, job: Job) -> lanes.Scratch:
    """Return the room in which units are in the lanes, with a 1 for each output."""
    dtype = job.data.x.dtype
    # A vector more, for vectors that begin at the last unit.
    block = aligned((network.n_units + LANES[dtype],), dtype)
    block[network.shares : network.shares + network.n_outputs] = 1.0
    return lanes.Scratch(
        block=block,
        dblock=aligned((network.n_units,), dtype),
        orders=np.arange(len(job.data))[np.newaxis],
        scales=aligned((LANES[dtype],), dtype),
        stride=1,
        piece=1,
        shrink=aligned((LANES[dtype],), dtype),
    )


def room_for_samples(network: lanes.Network, job: Job, members: int) -> lanes.Scratch:
    """Return the room in which samples or, of several members, models are in the lanes."""
    dtype = job.data.x.dtype
    width = LANES[dtype]
    n_vectors = job.batch_size if members > 1 else -(-job.batch_size // width)
    n_vectors = n_vectors if _is_whole(job) else min(n_vectors, VECTORS_AT_ONCE)
    # A cache line more, so that a power of two does not make the units fight for the same places.
    stride = n_vectors * width + CACHE_LINE // dtype.itemsize
    return lanes.Scratch(
        block=aligned((network.n_units * stride,), dtype),
        dblock=aligned((network.n_units * stride,), dtype),
        orders=np.tile(np.arange(len(job.data)), (width if members > 1 else 1, 1)),
        scales=aligned((width,), dtype),
        stride=stride,
        piece=n_vectors if members > 1 else n_vectors * width,
        shrink=aligned((width,), dtype),
    )


def room_for_matrices(network: lanes.Network, job: Job) -> matrices.Scratch:
    """Return the room in which the samples of one wide model are columns of matrices."""
    dtype = job.data.x.dtype
    width = LANES[dtype]
    piece = job.batch_size if _is_whole(job) else min(job.batch_size, ROWS_AT_ONCE)
    stride = -(-piece // width) * width + CACHE_LINE // dtype.itemsize
    return matrices.Scratch(
        block=aligned((network.n_units * stride,), dtype),
        dblock=aligned((network.n_units * stride,), dtype),
        orders=np.arange(len(job.data))[np.newaxis],
        scales=aligned((width,), dtype),
        stride=stride,
        piece=piece,
        gemm=gemm_of(dtype),
        board=new_board(),
        factor=np.ones(2),
        shrink=aligned((width,), dtype),
        added=aligned((matrices.MOST_PARTS * width,), dtype),
    )


def room_for_shards(network: lanes.Network, size: int, job: Job) -> shards.Scratch:
    """Return the room in which threads have samples of their own; ``size`` is of the parameters."""
    dtype = job.data.x.dtype
    each = -(-job.batch_size // shards.SHARDS)
    one = replace(job, batch_size=each)
    rooms = [room_for_matrices(network, one) for _ in range(shards.SHARDS)]
    for room in rooms:
        room.board[matrices.ALONE] = True
    padded = -(-size // LANES[dtype]) * LANES[dtype]
    gradients = aligned((shards.SHARDS, padded), dtype)
    return shards.Scratch(
        shards=tuple(room._replace(orders=rooms[0].orders) for room in rooms),
        grads=tuple(gradients),
        gradients=gradients.reshape(-1),
        orders=rooms[0].orders,
        size=each,
        board=new_board(),
        factor=np.ones(2),
        shrink=aligned((LANES[dtype],), dtype),
        added=aligned((matrices.MOST_PARTS * LANES[dtype],), dtype),
    )


def _is_whole(job: Job) -> bool:
    """Return whether a batch cannot be worked on by parts: its loss counts over all of it."""
    return isinstance(job.loss, PerceptronCriterion) and job.loss.scale == "mistakes"
