"""The compiled engine: what the reference engine computes, in machine code."""

import math
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt

from rosenblatt.engines.base import Engine, Job, Metrics, Samples, State, Sums
from rosenblatt.engines.compiled import lanes, measures, perceptron, units
from rosenblatt.engines.compiled.program import (
    CACHE_LINE,
    LANES,
    Packed,
    aligned,
    columns_of,
    data_of,
    pack_perceptron,
    program_of,
    unpack_perceptron,
)
from rosenblatt.engines.reference import ReferenceEngine
from rosenblatt.layers import Params
from rosenblatt.losses import Loss, PerceptronCriterion
from rosenblatt.losses.perceptron_criterion import SCALES
from rosenblatt.models import Model
from rosenblatt.optimizers import Optimizer
from rosenblatt.random import Key

MOST_SINGLE = 3
"""Up to so many members train one by one: a vector with a model per lane would be mostly empty."""


LEAST_SAMPLES = 4
"""In smaller batches of one model units fill the vectors better than samples do."""
VECTORS_AT_ONCE = 8
"""Samples worked on at once are so many vectors, that their values stay in the nearest cache."""


class CompiledEngine(Engine):
    """Trains in kernels that Numba compiles for the processor at hand.

    One model has samples in the lanes of vectors; a population has a model in each lane, and its
    groups are spread over the cores.
    """

    def __init__(self) -> None:
        self._reference = ReferenceEngine()
        self._columns: dict[int, tuple[Samples, lanes.Data]] = {}

    def start(self, job: Job, params: Params) -> State:
        """Return the state before the first update."""
        return self._reference.start(job, params)

    def run(self, job: Job, state: State, epochs: range) -> tuple[State, Sums]:
        """Train through ``epochs`` and return the state after them."""
        return self._run_group([job], [state], epochs)[0]

    def run_many(
        self, jobs: Sequence[Job], states: Sequence[State], epochs: range
    ) -> list[tuple[State, Sums]]:
        """Train members that differ in seed and state only, and return their states in order."""
        width = LANES[jobs[0].data.x.dtype]
        size = 1 if len(jobs) <= MOST_SINGLE else width
        groups = [slice(start, start + size) for start in range(0, len(jobs), size)]
        with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            done = [
                pool.submit(self._run_group, jobs[group], states[group], epochs) for group in groups
            ]
            return [result for group in done for result in group.result()]

    def evaluate(self, model: Model, loss: Loss, params: Params, data: Samples) -> Metrics:
        """Return loss and accuracy of ``params`` on all of ``data``."""
        columns = self._data(data)
        network = program_of(model, loss, data.x.dtype, by_unit=False).network
        packed = np.concatenate([value.ravel() for value in params.values()])
        losses, correct = np.zeros(1), np.zeros(1)
        stride = measures.SAMPLES_AT_ONCE
        block = aligned((network.n_units * stride,), data.x.dtype)
        measures.evaluate(network, columns, packed, block, stride, losses, correct)
        total = len(data) if data.sample_weight is None else float(data.sample_weight.sum())
        accuracy = correct[0] / len(data) if loss.task == "classification" else math.nan
        return Metrics(float(losses[0]) / total, float(accuracy))

    def _run_perceptron(self, job: Job, state: State, epochs: range) -> tuple[State, Sums]:
        """Train a perceptron, keeping its averaged and its pocket weights."""
        schedule = _schedule(job, state, epochs)
        kept = pack_perceptron(state)
        assert isinstance(job.loss, PerceptronCriterion)
        scale = SCALES.index(job.loss.scale)
        has_bias = "0.bias" in state.params
        order_key = _keys([job], "order")[0]
        perceptron.train(columns_of(job.data), schedule, scale, has_bias, kept, order_key)
        after = unpack_perceptron(state, kept, state.update + len(schedule.rates))
        if not _is_finite(after):
            return self._reference.run(job, state, epochs)
        return after, Sums(mistakes=int(kept.counts[perceptron.MISTAKEN]))

    def _run_group(
        self, jobs: Sequence[Job], states: Sequence[State], epochs: range
    ) -> list[tuple[State, Sums]]:
        """Train one member, or a member in each lane."""
        job = jobs[0]
        if job.model.selections:
            return [
                self._run_perceptron(member, state, epochs)
                for member, state in zip(jobs, states, strict=True)
            ]
        schedule = _schedule(job, states[0], epochs)
        by_unit = len(jobs) == 1 and _few_samples(job)
        program = program_of(job.model, job.loss, job.data.x.dtype, by_unit=by_unit)
        packed = Packed(program, job, list(states))
        kernel, make_scratch = (units, _row_of_units) if by_unit else (lanes, _blocks_of_vectors)
        kernel.train(
            program.network,
            self._data(job.data),
            schedule,
            packed.rule,
            packed.state,
            make_scratch(program.network, job, len(jobs)),
            _keys(jobs, "order"),
            _keys(jobs, "dropout"),
        )
        return [
            # Where a member went astray, the reference engine finds out after which update.
            (after, Sums()) if _is_finite(after) else self._reference.run(member, before, epochs)
            for member, before, after in zip(
                jobs, states, packed.unpack(schedule.update + len(schedule.rates)), strict=True
            )
        ]

    def _data(self, samples: Samples) -> lanes.Data:
        """Return samples as the kernels take them, made once for each set."""
        known = self._columns.get(id(samples))
        if known is None:
            known = samples, data_of(samples)
            self._columns[id(samples)] = known
        return known[1]


def _is_finite(state: State) -> bool:
    return all(bool(np.isfinite(value).all()) for value in state.params.values())


def _keys(jobs: Sequence[Job], name: str) -> npt.NDArray[np.uint64]:
    return np.array([Key.of(job.seed, name).value for job in jobs], dtype=np.uint64)


def _schedule(job: Job, state: State, epochs: range) -> lanes.Schedule:
    n_updates = len(epochs) * math.ceil(len(job.data) / job.batch_size)
    return lanes.Schedule(
        first_epoch=epochs.start,
        n_epochs=len(epochs),
        batch_size=job.batch_size,
        shuffle=job.shuffle and job.batch_size < len(job.data),
        update=state.update,
        rates=_rates(job.optimizer, state.update, n_updates),
    )


def _rates(optimizer: Optimizer, first: int, count: int) -> npt.NDArray[np.float64]:
    """Return the learning rate of each update."""
    if not callable(optimizer.learning_rate):
        return np.full(count, float(optimizer.learning_rate))
    return np.array([float(optimizer.rate(first + i)) for i in range(count)])


def _few_samples(job: Job) -> bool:
    """Return whether units fill vectors better than the samples of a batch do."""
    return job.batch_size < LEAST_SAMPLES and not isinstance(job.loss, PerceptronCriterion)


def _row_of_units(network: lanes.Network, job: Job, members: int) -> lanes.Scratch:
    """Return the room in which units are in the lanes, with a 1 for each output."""
    dtype = job.data.x.dtype
    block = aligned((network.n_units,), dtype)
    block[network.shares : network.shares + network.n_outputs] = 1.0
    return lanes.Scratch(
        block=block,
        dblock=aligned((network.n_units,), dtype),
        orders=np.arange(len(job.data))[np.newaxis],
        scales=np.zeros(0, dtype=dtype),
        stride=1,
        piece=1,
    )


def _blocks_of_vectors(network: lanes.Network, job: Job, members: int) -> lanes.Scratch:
    """Return the room in which samples or models are in the lanes."""
    dtype = job.data.x.dtype
    width = LANES[dtype]
    # What the perceptron's criterion counts over a batch cannot be counted by parts.
    whole = isinstance(job.loss, PerceptronCriterion) and job.loss.scale == "mistakes"
    n_vectors = job.batch_size if members > 1 else -(-job.batch_size // width)
    n_vectors = n_vectors if whole else min(n_vectors, VECTORS_AT_ONCE)
    # A cache line more, so that a power of two does not make the units fight for the same places.
    stride = n_vectors * width + CACHE_LINE // dtype.itemsize
    return lanes.Scratch(
        block=aligned((network.n_units * stride,), dtype),
        dblock=aligned((network.n_units * stride,), dtype),
        orders=np.tile(np.arange(len(job.data)), (width if members > 1 else 1, 1)),
        scales=aligned((width,), dtype),
        stride=stride,
        piece=n_vectors if members > 1 else n_vectors * width,
    )
