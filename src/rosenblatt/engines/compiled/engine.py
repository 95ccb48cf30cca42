"""The compiled engine: what the reference engine computes, in machine code."""

import math
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache
from itertools import pairwise
from typing import Any, ClassVar, TypeVar

import numpy as np
import numpy.typing as npt

from rosenblatt import cores
from rosenblatt.engines.base import Engine, EpochStats, Job, Metrics, Samples, Segment, State
from rosenblatt.engines.bookkeeping import first_state
from rosenblatt.engines.compiled.dispatch import (
    groups_of,
    missing_of_perceptrons,
)
from rosenblatt.engines.compiled.graph import LoweringError
from rosenblatt.engines.compiled.kernels import ROWS_AT_ONCE, Kernels, Loaded
from rosenblatt.engines.compiled.lowering import Lowering
from rosenblatt.engines.compiled.packing import Arrays, Table, flat, sums_of
from rosenblatt.engines.compiled.perceptrons import (
    count_mistakes,
    load_perceptrons,
    train_perceptrons,
)
from rosenblatt.engines.compiled.target import Target
from rosenblatt.engines.compiled.team import MOST_THREADS, helpers
from rosenblatt.engines.compiled.tracer import TracingError
from rosenblatt.engines.reference import ReferenceEngine
from rosenblatt.layers import Params
from rosenblatt.losses import Loss
from rosenblatt.models import Model
from rosenblatt.optimizers.schedules import rates_of
from rosenblatt.random import Key

S = TypeVar("S")
T = TypeVar("T")

NUMBERS_AT_ONCE = 1 << 20
"""Learning rates, and positions in given orders, that are computed ahead of a kernel's call."""


class CompiledEngine(Engine):
    """Trains in machine code that is compiled for the job: its layers, loss, optimizer and shapes.

    Members of a population are trained together, one in each lane of the processor's vectors, and
    groups of them are spread over the cores.
    """

    name: ClassVar[str] = "compiled"

    def __init__(self) -> None:
        self._reference = ReferenceEngine()
        self._pools: dict[int, ThreadPoolExecutor] = {}
        self._helpers: ThreadPoolExecutor | None = None
        self._kernels = Kernels()
        self._tables: list[Table] = []
        self._arrays_of: dict[tuple[int, int, int], tuple[Arrays, Loaded]] = {}

    def __reduce__(self) -> tuple[type["CompiledEngine"], tuple[()]]:
        # What it has made serves one process.
        return CompiledEngine, ()

    def start(self, job: Job, params: Params) -> State:
        """Return the state before the first update."""
        return self._reference.start(job, params)

    def start_many(self, jobs: Sequence[Job], members: Sequence[Params]) -> list[State]:
        """Return the states before the first update."""
        if not jobs[0].model.selections:
            return super().start_many(jobs, members)
        states: dict[int, State] = {}
        for alike in self._kernels.alike(jobs):
            counts = count_mistakes(jobs[alike[0]], [members[i] for i in alike])
            for i, errors in zip(alike, counts, strict=True):
                states[i] = first_state(jobs[i], members[i], errors)
        return [states[i] for i in range(len(jobs))]

    def missing(self, job: Job) -> list[str]:
        """Return what of a job cannot be compiled, by name and line, else compile or load it."""
        if job.model.selections:
            return missing_of_perceptrons(job)
        try:
            self._kernels.training([job])
        except (TracingError, LoweringError) as error:
            return [str(error)]
        return []

    def load(self, jobs: Sequence[Job], states: Sequence[State]) -> None:
        """Load or compile the kernels that will train these members."""
        for alike in self._kernels.alike(jobs):
            mine = [jobs[i] for i in alike]
            if mine[0].model.selections:
                load_perceptrons(mine)
            else:
                self._kernels.training(mine)

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
        """Train members, and return their states in order."""
        results: dict[int, tuple[State, EpochStats]] = {}
        with cores.at_work():
            for alike in self._kernels.alike(jobs):
                mine, starts = [jobs[i] for i in alike], [states[i] for i in alike]
                trained = self._train_alike(mine, starts, (epochs, batches))
                results.update(zip(alike, trained, strict=True))
        return [results[i] for i in range(len(jobs))]

    def evaluate(self, model: Model, loss: Loss, params: Params, data: Samples) -> Metrics:
        """Return loss and accuracy of ``params`` on all of ``data``."""
        return self.evaluate_many(model, loss, [params], data)[0]

    def evaluate_many(
        self, model: Model, loss: Loss, members: Sequence[Params], data: Samples
    ) -> list[Metrics]:
        """Return loss and accuracy of each member's parameters on all of ``data``."""
        loaded = self._kernels.evaluation(model, loss, data)
        if loaded is None:
            return self._reference.evaluate_many(model, loss, members, data)
        rows = flat(members, model.shapes).T
        totals = self.totals(loaded, rows, data)
        has_accuracy = "correct" in totals
        return [
            Metrics(
                loss=float(totals["loss"][i]) / data.weight,
                accuracy=float(totals["correct"][i]) / len(data) if has_accuracy else math.nan,
            )
            for i in range(len(members))
        ]

    def totals(
        self,
        loaded: Loaded,
        members: npt.NDArray[Any],
        samples: Samples,
        tangents: npt.NDArray[Any] | None = None,
    ) -> dict[str, npt.NDArray[np.float64]]:
        """Return the sums of a program over all samples, by name, (members, *shape).

        Args:
            loaded: the kernel of a program without update.
            members: all parameters of each member, (members, P).
            samples: all of them, which should be the same object in each call.
            tangents: a direction of each member, (members, P), where the program has one.
        """
        layout = loaded.lowering.layout
        table = self._table([samples])
        rows = range(len(samples))
        chunks = [rows[start : start + ROWS_AT_ONCE] for start in rows[::ROWS_AT_ONCE]]
        size = -(-len(members) // cores.available())
        shares = [slice(start, start + size) for start in range(0, len(members), size)]
        work = [(share, chunk) for share in shares for chunk in chunks]

        def add_up(part: tuple[slice, range]) -> npt.NDArray[Any]:
            (share, chunk), start = part, table.starts[id(samples)]
            directions = None if tangents is None else tangents[share]
            arrays = self._arrays(loaded, len(chunk))
            first_row = start + chunk.start
            return sums_of(arrays, loaded.run, members[share], table, first_row, directions)

        results = np.zeros((len(members), layout.n_sums))
        for (share, _), sums in zip(work, self._spread(add_up, work), strict=True):
            results[share] += sums
        return {
            name: results[:, layout.offsets[name] :][:, : math.prod(node.shape)].reshape(
                -1, *node.shape
            )
            for name, node in loaded.lowering.program.sums.items()
        }

    # Training

    def _train_alike(
        self, jobs: Sequence[Job], states: Sequence[State], segment: Segment
    ) -> list[tuple[State, EpochStats]]:
        """Train members that one kernel can train, in groups that are spread over the cores."""
        groups = groups_of(jobs, Target.host())
        n_threads = cores.share() if len(groups) == 1 else 1
        if jobs[0].model.selections:

            def train(group: slice) -> list[tuple[State, EpochStats]]:
                return train_perceptrons(jobs[group], states[group], segment)

        else:
            loaded, columns = self._kernels.training(jobs)
            table = self._table([job.data for job in jobs])

            def train(group: slice) -> list[tuple[State, EpochStats]]:
                members = range(len(jobs))[group]
                together = [members] if loaded.lowering.members else [[i] for i in members]
                results = []
                for some in together:
                    numbers = loaded.settings.of([columns[i] for i in some])
                    mine, starts = [jobs[i] for i in some], [states[i] for i in some]
                    results += self._train(loaded, mine, starts, numbers, table, segment, n_threads)
                return results

        return [result for group in self._spread(train, groups) for result in group]

    def _train(
        self,
        loaded: Loaded,
        jobs: Sequence[Job],
        states: Sequence[State],
        numbers: npt.NDArray[np.float64],
        table: Table,
        segment: Segment,
        n_threads: int,
    ) -> list[tuple[State, EpochStats]]:
        """Train one member, or a member in each lane, with helper threads if the kernel can."""
        (epochs, batches), job = segment, jobs[0]
        arrays = self._arrays(loaded, len(job.data))
        dtype = job.data.x.dtype
        starts = [table.starts[id(one.data)] for one in jobs]
        batches_of_epoch = range(job.updates_per_epoch) if batches is None else batches
        arrays.put_states(states)
        arrays.clear_sums()
        arrays.give(
            rows=table.rows,
            order_keys=arrays.per_member([_key(one.seed, "order") for one in jobs], np.uint64),
            random_keys=arrays.per_member([_key(one.seed, "dropout") for one in jobs], np.uint64),
            penalty=arrays.per_member([one.penalty for one in jobs], dtype),
            settings=arrays.settings_in_lanes(numbers),
            batch_size=job.batch_size,
            first_row=batches_of_epoch.start * job.batch_size,
            stop_row=min(batches_of_epoch.stop * job.batch_size, len(job.data)),
        )
        if table.weights is not None:
            arrays.give(weights=table.weights)
        has_orders = job.order is not None and job.batch_size < len(job.data)
        if job.shuffle and job.order is None and job.batch_size < len(job.data):
            arrays.shuffle(starts)
        else:
            arrays.take_in_order(starts)
        update, sums = states[0].update, []
        per_epoch = len(batches_of_epoch)
        n_sums = len(loaded.lowering.layout.statistics) + 1
        for part in _parts(jobs, epochs, per_epoch):
            if has_orders:
                arrays.give_orders(_orders(arrays, jobs, starts, part))
            rates = _rates(arrays, jobs, update, len(part) * per_epoch)
            statistics = np.zeros((len(part), n_sums, arrays.n_members), dtype)
            arrays.give(
                rates=rates,
                rate_stride=int(len(rates) > 1),
                sums=statistics,
                first_epoch=part.start,
                n_epochs=len(part),
                update=update,
            )
            with self._helped(loaded, arrays, n_threads):
                loaded.run(arrays.frame)
            update += len(part) * per_epoch
            sums.append(statistics)
        after = arrays.states(len(jobs), update)
        totals = np.concatenate(sums) if sums else np.zeros((0, n_sums, arrays.n_members), dtype)
        are_finite, results = arrays.are_finite(len(jobs)), []
        for i, state in enumerate(after):
            stats = _stats(job, loaded.lowering, totals[:, :, i].astype(np.float64))
            if (are_finite or _is_finite(state.params)) and np.isfinite(stats.losses).all():
                results.append((state, stats))
            else:
                # The reference engine finds the update after which a member diverged.
                results.append(self._reference.run(jobs[i], states[i], *segment))
        return results

    @contextmanager
    def _helped(self, loaded: Loaded, arrays: Arrays, n_threads: int) -> Iterator[None]:
        """Let other threads take part in a call of a kernel that can be helped."""
        help_out = loaded.help
        if help_out is None or n_threads == 1:
            yield
            return
        if self._helpers is None:
            self._helpers = ThreadPoolExecutor(max_workers=MOST_THREADS - 1)

        def take_part() -> None:
            help_out(arrays.frame)

        with helpers(n_threads - 1, arrays.workspace, take_part, self._helpers):
            yield

    # What is made once

    def _table(self, samples: Sequence[Samples]) -> Table:
        """Return the rows of all members' samples, which may be some of an earlier call's."""
        distinct = {id(one): one for one in samples}
        found = next((one for one in self._tables if distinct.keys() <= one.starts.keys()), None)
        if found is None:
            found = Table.of([*distinct.values()])
            self._tables.append(found)
        return found

    def _arrays(self, loaded: Loaded, n_rows: int) -> Arrays:
        """Return this thread's arrays for a kernel."""
        key = threading.get_ident(), id(loaded), n_rows
        if key not in self._arrays_of:
            self._arrays_of[key] = Arrays(loaded.lowering, n_rows), loaded
        return self._arrays_of[key][0]

    def _spread(self, work: Callable[[S], T], parts: Sequence[S]) -> list[T]:
        """Return what ``work`` makes of each part, worked on by all cores, in order."""
        share = 1 if len(parts) == 1 else cores.share()
        if share == 1:
            return [work(part) for part in parts]
        if share not in self._pools:
            self._pools[share] = ThreadPoolExecutor(max_workers=share)
        return list(self._pools[share].map(work, parts))


def _is_finite(params: Params) -> bool:
    return all(np.isfinite(value).all() for value in params.values())


@lru_cache(maxsize=4096)
def _key(seed: int, name: str) -> int:
    return Key.of(seed, name).value


def _parts(jobs: Sequence[Job], epochs: range, per_epoch: int) -> list[range]:
    """Return the epochs in parts, whose learning rates and orders fit into memory."""
    job, numbers = jobs[0], 0
    if any(callable(one.optimizer.learning_rate) for one in jobs):
        numbers += per_epoch
    if job.order:
        numbers += len(job.data)
    size = max(1, NUMBERS_AT_ONCE // (numbers * len(jobs)) if numbers else len(epochs))
    ends = [*range(epochs.start, epochs.stop, size), epochs.stop]
    return [range(*pair) for pair in pairwise(ends)]


def _orders(
    arrays: Arrays, jobs: Sequence[Job], starts: Sequence[int], epochs: range
) -> npt.NDArray[np.int32]:
    """Return the orders that the jobs give, (epochs, lanes, rows)."""
    orders = np.empty((len(epochs), arrays.n_members, arrays.n_rows), np.int32)
    for member, (job, start) in enumerate(zip(jobs, starts, strict=True)):
        assert job.order is not None
        for i, epoch in enumerate(epochs):
            orders[i, member] = job.order(epoch) + start
    orders[:, len(jobs) :] = orders[:, :1]
    return orders


def _rates(arrays: Arrays, jobs: Sequence[Job], first: int, count: int) -> npt.NDArray[Any]:
    """Return the learning rates of updates, (updates, lanes); one row where all are constant."""
    of_members = [job.optimizer.learning_rate for job in jobs]
    dtype = jobs[0].data.x.dtype
    if not any(callable(rate) for rate in of_members):
        return arrays.per_member(of_members, dtype)[np.newaxis]
    rates = {id(rate): rates_of(rate, first, count) for rate in of_members}
    columns = arrays.repeated([rates[id(rate)] for rate in of_members])
    return np.stack(columns, axis=1).astype(dtype)


def _stats(job: Job, lowering: Lowering, sums: npt.NDArray[np.float64]) -> EpochStats:
    """Return the statistics of epochs from their sums, (epochs, sums)."""
    if not job.sum_losses:
        return EpochStats()
    means = sums / len(job.data)
    place = lowering.layout.statistics.index("loss")
    return EpochStats(losses=tuple(means[:, place]), penalties=tuple(means[:, -1]))
