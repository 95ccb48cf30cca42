"""The compiled engine: what the reference engine computes, in machine code."""

import math
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from itertools import pairwise
from typing import Any, ClassVar, TypeVar

import numpy as np
import numpy.typing as npt

from rosenblatt import cores
from rosenblatt.engines.base import Engine, EpochStats, Job, Metrics, Samples, State
from rosenblatt.engines.bookkeeping import first_state, mean_metrics
from rosenblatt.engines.compiled import lanes, matrices, measures, shards, units, ways
from rosenblatt.engines.compiled.loading import load_kernel
from rosenblatt.engines.compiled.memory import aligned
from rosenblatt.engines.compiled.packing import Desk, flat
from rosenblatt.engines.compiled.perceptron import Columns, Rows
from rosenblatt.engines.compiled.perceptrons import (
    are_repeated,
    columns_of,
    overflows,
    pack_perceptrons,
    rows_of,
    run_batch,
    run_in_order,
    unpack_perceptrons,
)
from rosenblatt.engines.compiled.program import LANES, Program, data_of, program_of, rule_of
from rosenblatt.engines.compiled.room import (
    ROWS_AT_ONCE,
    keys_of,
    parts_of,
    room_for_matrices,
    room_for_samples,
    room_for_shards,
    room_for_units,
    schedule_of,
    updates_in,
)
from rosenblatt.engines.compiled.team import helpers
from rosenblatt.engines.reference import ReferenceEngine
from rosenblatt.engines.threads import blas_alone
from rosenblatt.layers import Params
from rosenblatt.losses import Loss, PerceptronCriterion
from rosenblatt.losses.perceptron_criterion import SCALES
from rosenblatt.models import Model

T = TypeVar("T")
Stretch = tuple[range, range | None]
"""Epochs, and if it is one only, which of its batches."""


class CompiledEngine(Engine):
    """Trains in kernels that Numba compiles for the processor at hand.

    What fills the lanes of its vectors is the units of one model when batches are small, else the
    samples of a batch; the models of a population, unless their batches are large enough alone.
    Where a network is wide, one model's samples are the columns of matrices, and BLAS multiplies
    them. Members are spread over the cores.
    """

    name: ClassVar[str] = "compiled"

    def __init__(self) -> None:
        self._reference = ReferenceEngine()
        self._pools: dict[int, ThreadPoolExecutor] = {}
        self._made: dict[tuple[Any, ...], tuple[Any, tuple[object, ...]]] = {}

    def __reduce__(self) -> tuple[type["CompiledEngine"], tuple[()]]:
        # What it has made serves one process.
        return CompiledEngine, ()

    def start(self, job: Job, params: Params) -> State:
        """Return the state before the first update."""
        return self._reference.start(job, params)

    def start_many(self, jobs: Sequence[Job], members: Sequence[Params]) -> list[State]:
        """Return the states before the first update, of members that differ in seed only."""
        job = jobs[0]
        if not job.model.selections:
            return super().start_many(jobs, members)
        measured = self.evaluate_many(job.model, job.loss, members, job.data)
        states = []
        for member, params, metrics in zip(jobs, members, measured, strict=True):
            errors = round((1 - metrics.accuracy) * len(job.data))
            states.append(first_state(member, params, errors))
        return states

    def load(self, jobs: Sequence[Job], states: Sequence[State]) -> None:
        """Load or compile the kernels that will train these members."""
        # More members than fill a vector are trained by the same kernels.
        some = slice(0, max(LANES.values()))
        self.run_many(jobs[some], states[some], range(1, 1))

    def run(
        self, job: Job, state: State, epochs: range, batches: range | None = None
    ) -> tuple[State, EpochStats]:
        """Train through ``epochs``, or some batches of one, and return the state after them."""
        return self.run_many([job], [state], epochs, batches)[0]

    def run_many(
        self,
        jobs: Sequence[Job],
        states: Sequence[State],
        epochs: range,
        batches: range | None = None,
    ) -> list[tuple[State, EpochStats]]:
        """Train members that differ in seed and state only, and return their states in order."""
        groups = ways.groups_of(jobs)

        def run(group: slice) -> list[tuple[State, EpochStats]]:
            stretch = epochs, batches
            return self._run_group(jobs[group], states[group], stretch, n_helpers)

        with cores.at_work(), _blas_alone(jobs[0].model):
            n_helpers = ways.helpers_for(jobs[0]) if len(groups) == 1 else 0
            return [result for group in self._spread(run, groups) for result in group]

    def evaluate(self, model: Model, loss: Loss, params: Params, data: Samples) -> Metrics:
        """Return loss and accuracy of ``params`` on all of ``data``."""
        return self.evaluate_many(model, loss, [params], data)[0]

    def evaluate_many(
        self, model: Model, loss: Loss, members: Sequence[Params], data: Samples
    ) -> list[Metrics]:
        """Return loss and accuracy of each member's parameters on all of ``data``."""
        if ways.is_wide(model):
            return [self._evaluate_wide(model, loss, params, data) for params in members]
        network = self._program(model, loss, data, by_unit=False).network
        rows = self._data(data)

        def measure(part: slice) -> list[Metrics]:
            return _measure(network, rows, members[part], data, loss)

        size = math.ceil(len(members) / cores.available()) if len(members) > 1 else 1
        parts = [slice(start, start + size) for start in range(0, len(members), size)]
        return [metrics for part in self._spread(measure, parts) for metrics in part]

    def _evaluate_wide(self, model: Model, loss: Loss, params: Params, data: Samples) -> Metrics:
        """Return loss and accuracy of a wide model, whose rows are spread over the cores."""
        ends = [*range(0, len(data), ROWS_AT_ONCE), len(data)]
        parts = [slice(*pair) for pair in pairwise(ends)]

        def measure(part: slice) -> tuple[float, float]:
            return self._reference.totals(model, loss, params, data.rows(part.start, part.stop))

        with _blas_alone(model):
            losses, correct = zip(*self._spread(measure, parts), strict=True)
        return mean_metrics((sum(losses), sum(correct)), data)

    def _spread(self, work: Callable[[slice], T], parts: Sequence[slice]) -> list[T]:
        """Return what ``work`` makes of each part, worked on by all cores, in order."""
        share = 1 if len(parts) == 1 else cores.share()
        if share == 1:
            return [work(part) for part in parts]
        if share not in self._pools:
            self._pools[share] = ThreadPoolExecutor(max_workers=share)
        return list(self._pools[share].map(work, parts))

    def _run_group(
        self, jobs: Sequence[Job], states: Sequence[State], stretch: Stretch, n_helpers: int
    ) -> list[tuple[State, EpochStats]]:
        """Train a member in each lane if the population fills them, else one by one."""
        if jobs[0].model.selections:
            return self._train_perceptrons(jobs, states, stretch)
        if not ways.is_in_lanes(jobs[0]):
            alone = zip(jobs, states, strict=True)
            return [self._train([job], [state], stretch, n_helpers)[0] for job, state in alone]
        # The last member that goes on stays in a lane, where it was when there were others.
        times = 2 if len(jobs) == 1 else 1
        return self._train([*jobs] * times, [*states] * times, stretch)[: len(jobs)]

    def _train(
        self, jobs: Sequence[Job], states: Sequence[State], stretch: Stretch, n_helpers: int = 0
    ) -> list[tuple[State, EpochStats]]:
        """Train one member, or a member in each lane."""
        epochs, batches = stretch
        job, members = jobs[0], len(jobs)
        kernel = ways.kernel_for(job) if members == 1 else lanes.train
        desk = self._desk(job, members, kernel)
        desk.lay_out(states)
        keys = keys_of(jobs, "order"), keys_of(jobs, "dropout")
        state, sums = states[0], []
        for part in parts_of(job, epochs):
            schedule = schedule_of(jobs, state, part, batches)
            sums.append(schedule.sums)
            network, data = desk.program.network, self._data(job.data)
            arguments = network, data, schedule, desk.rule, desk.state, desk.room, *keys
            load_kernel(kernel, (members > 1, job.data.x.dtype), *arguments)
            shared: tuple[Any, ...] = network, data, desk.rule, desk.state, desk.room
            if kernel is shards.train:
                shared = *shared, keys[1]
            with _helped(n_helpers, kernel, *shared):
                kernel(*arguments)
            updates = updates_in(job, part, batches)
            state = State(state.params, state.slots, state.update + updates)
        after = desk.pick_up(members, state.update)
        done = [(end, _sums_of(sums, lane)) for lane, end in enumerate(after)]
        if np.isfinite(desk.state.params).all():
            return done
        return [
            # Where a member went astray, the reference engine finds out after which update.
            one if _is_finite(one[0]) else self._reference.run(member, start, *stretch)
            for member, start, one in zip(jobs, states, done, strict=True)
        ]

    def _train_perceptrons(
        self, jobs: Sequence[Job], states: Sequence[State], stretch: Stretch
    ) -> list[tuple[State, EpochStats]]:
        """Train perceptrons, keeping their averaged and their pocket weights."""
        (epochs, batches), job, kept = stretch, jobs[0], pack_perceptrons(states)
        assert isinstance(job.loss, PerceptronCriterion)
        has_bias = "0.bias" in states[0].params
        how = SCALES.index(job.loss.scale), has_bias
        columns = self._once(("columns",), columns_of, job.data)
        state, may_overflow = states[0], np.zeros(len(jobs), dtype=np.bool_)
        for part in parts_of(job, epochs):
            schedule = schedule_of(jobs, state, part, batches)
            updates = updates_in(job, part, batches)
            may_overflow |= overflows(columns, schedule, updates, kept.params)
            if job.batch_size == len(job.data) > 1:
                run_batch(self._perceptron_rows(columns, job.population), schedule, *how, kept)
            else:
                run_in_order(columns, schedule, *how, kept, keys_of(jobs, "order"))
            state = State(state.params, state.slots, state.update + updates)
        after = unpack_perceptrons(kept, has_bias, state.update)
        for i in np.flatnonzero(may_overflow).tolist():
            # Where a member went astray, the reference engine finds out after which update.
            after[i] = self._reference.run(jobs[i], states[i], *stretch)
        return after

    def _perceptron_rows(self, columns: Columns, population: int) -> Rows:
        repeated = population > 1 and are_repeated(columns)
        return self._once(("perceptron", repeated), lambda data: rows_of(data, repeated), columns)

    def _desk(self, job: Job, members: int, kernel: Any) -> Desk:
        """Return this thread's desk for such members."""

        def make(*_: object) -> Desk:
            program = self._program(job.model, job.loss, job.data, by_unit=kernel is units.train)
            if kernel is units.train:
                return Desk(program, job, members, room_for_units(program.network, job))
            if kernel is matrices.train:
                return Desk(program, job, members, room_for_matrices(program.network, job))
            if kernel is shards.train:
                room = room_for_shards(program.network, program.size, job)
                return Desk(program, job, members, room)
            return Desk(program, job, members, room_for_samples(program.network, job, members))

        order = job.shuffle, job.order is None
        decay = getattr(job.optimizer, "weight_decay", 0.0)
        rule = rule_of(job.optimizer, job.penalty), decay, job.penalty
        name = ("desk", threading.get_ident(), members > 1, kernel, job.batch_size, order, rule)
        return self._once(name, make, job.model, job.loss, job.data)

    def _program(self, model: Model, loss: Loss, data: Samples, *, by_unit: bool) -> Program:
        def make(model: Model, loss: Loss) -> Program:
            return program_of(model, loss, data.x.dtype, by_unit=by_unit)

        return self._once(("program", by_unit, data.x.dtype), make, model, loss)

    def _data(self, samples: Samples) -> lanes.Data:
        return self._once(("rows",), data_of, samples)

    def _once(self, name: tuple[Any, ...], make: Callable[..., T], *objects: object) -> T:
        """Return what ``make`` makes of objects that do not change, made but once."""
        key = (*name, *(id(one) for one in objects))
        if key not in self._made:
            # The objects are kept too: while they live, no other has their id.
            self._made[key] = make(*objects), objects
        made: T = self._made[key][0]
        return made


def _helped(count: int, kernel: Any, *arguments: Any) -> AbstractContextManager[None]:
    """Let so many threads help a kernel to train a wide network with these arguments."""
    if count == 0:
        return nullcontext()
    help_out = shards.help_out if kernel is shards.train else matrices.help_out
    state, room = arguments[3:5]
    load_kernel(help_out, (state.params.dtype,), *arguments)
    return helpers(count, room.board, partial(help_out, *arguments))


def _blas_alone(model: Model) -> AbstractContextManager[object]:
    """Keep BLAS from having threads of its own while a wide network is at work."""
    if not ways.is_wide(model):
        return nullcontext()
    # The kernel calls SciPy's BLAS, and a library can be limited once it is loaded.
    import scipy.linalg.blas  # noqa: F401

    return blas_alone()


def _measure(
    network: lanes.Network,
    rows: lanes.Data,
    members: Sequence[Params],
    data: Samples,
    loss: Loss,
) -> list[Metrics]:
    """Return the metrics of each member."""
    params = np.stack([flat(one) for one in members])
    losses, correct = np.zeros(len(members)), np.zeros(len(members))
    stride = measures.SAMPLES_AT_ONCE
    block = aligned((network.n_units * stride,), data.x.dtype)
    arguments = network, rows, params, block, stride, losses, correct
    load_kernel(measures.evaluate, (data.x.dtype,), *arguments)
    measures.evaluate(*arguments)
    total = len(data) if data.sample_weight is None else float(data.sample_weight.sum())
    accuracy = (
        correct / len(data) if loss.task == "classification" else np.full(len(params), np.nan)
    )
    return [Metrics(float(a), float(b)) for a, b in zip(losses / total, accuracy, strict=True)]


def _sums_of(parts: Sequence[npt.NDArray[Any]], lane: int) -> EpochStats:
    """Return what the epochs have lost in one lane."""
    if not any(map(len, parts)):
        return EpochStats()
    lanes_each = LANES[parts[0].dtype]
    of_lane = np.concatenate(parts).reshape(-1, 2, lanes_each)[:, :, lane].astype(np.float64)
    return EpochStats(losses=tuple(of_lane[:, 0].tolist()), penalties=tuple(of_lane[:, 1].tolist()))


def _is_finite(state: State) -> bool:
    return all(bool(np.isfinite(value).all()) for value in state.params.values())
