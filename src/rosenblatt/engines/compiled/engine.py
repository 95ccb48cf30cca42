"""The compiled engine: what the reference engine computes, in machine code."""

import math
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
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
from rosenblatt.engines.compiled.kernels import ROWS_AT_ONCE, Kernels, Loaded, Remembered
from rosenblatt.engines.compiled.lowering import Lowering
from rosenblatt.engines.compiled.packing import (
    Arrays,
    Table,
    by_name,
    flat,
    in_lanes,
    numbers_of,
    settings_in_lanes,
    states_of,
    sums_of,
)
from rosenblatt.engines.compiled.perceptrons import (
    count_mistakes,
    load_perceptrons,
    train_perceptrons,
)
from rosenblatt.engines.compiled.permission import FORBIDDEN, may_run_own_code
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


@dataclass(frozen=True)
class _Group:
    """Members that a kernel trains in one call.

    Attributes:
        jobs: of the members.
        members: which they are.
        starts: where their samples begin in the table.
        fields: what each call reads, by the frame's names: learning rates, if they are constant.
    """

    jobs: Sequence[Job]
    members: slice
    starts: list[int]
    fields: dict[str, Any]


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
        self._groups = Remembered[list[_Group]]()
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
        if not may_run_own_code():
            return [FORBIDDEN]
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

    def load_together(self, jobs: Sequence[Job]) -> tuple[str, ...]:
        """Load or compile the one kernel that trains all of these members, or some of them.

        Returns:
            The names of the optimizer's slots, in the order in which :meth:`run_packed` has them.

        Raises:
            TracingError, LoweringError: they have no kernel in common, or none at all.
        """
        return self._kernels.training(jobs)[0].lowering.program.slot_names

    def free(self) -> None:
        """Give back the memory of samples and of kernels' arrays, until they are needed again."""
        self._groups = Remembered[list[_Group]]()
        self._tables.clear()
        self._arrays_of.clear()

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
        if self._kernels.evaluation(model, loss, data) is None:
            return self._reference.evaluate_many(model, loss, members, data)
        rows = flat(members, model.shapes).T
        losses, accuracies = self.evaluate_packed(model, loss, rows, data)
        return [*map(Metrics, losses.tolist(), accuracies.tolist())]

    def evaluate_packed(
        self, model: Model, loss: Loss, members: npt.NDArray[Any], data: Samples
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Return the losses and the accuracies of members, whose parameters are (members, P)."""
        loaded = self._kernels.evaluation(model, loss, data)
        if loaded is None:
            measured = self._reference.evaluate_many(
                model, loss, by_name(members.T, model.shapes), data
            )
            found = np.array([(one.loss, one.accuracy) for one in measured]).reshape(-1, 2)
            return found[:, 0], found[:, 1]
        totals = self.totals(loaded, members, data)
        correct = totals.get("correct", np.full(len(members), math.nan))
        return totals["loss"] / data.weight, correct / len(data)

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
        if jobs[0].model.selections:

            def train_some(members: slice) -> list[tuple[State, EpochStats]]:
                return train_perceptrons(jobs[members], states[members], segment)

            parts = groups_of(jobs, Target.host())
            return [result for some in self._spread(train_some, parts) for result in some]

        loaded, _ = self._kernels.training(jobs)
        lowering, update = loaded.lowering, states[0].update
        update_after = update + len(segment[0]) * len(_batches_of(jobs[0], segment))
        if lowering.layout.has_views:
            trained: dict[int, State] = {}

            def put(arrays: Arrays, members: slice) -> None:
                arrays.put_states(states[members])

            def take(arrays: Arrays, members: slice) -> None:
                trained[members.start] = arrays.state(update_after)

            sums = self._train_groups(jobs, update, segment, put, take)
            results, are_finite = [trained[i] for i in range(len(jobs))], False
        else:
            # The numbers of all members are packed and unpacked at once, unless they are large.
            after, sums = self._train_numbers(jobs, numbers_of(states, lowering), update, segment)
            results = states_of(after, lowering, update_after)
            are_finite = bool(np.isfinite(after[0]).all())
        if jobs[0].sum_losses:
            stats = [_stats(jobs[0], lowering, sums[:, :, i]) for i in range(len(jobs))]
        else:
            stats = [EpochStats()] * len(jobs)
        return [
            (state, of_epochs)
            if (are_finite or _is_finite(state.params))
            and all(map(math.isfinite, of_epochs.losses))
            # The reference engine finds the update after which a member diverged.
            else self._reference.run(jobs[i], states[i], *segment)
            for i, (state, of_epochs) in enumerate(zip(results, stats, strict=True))
        ]

    def run_packed(
        self,
        jobs: Sequence[Job],
        numbers: Sequence[npt.NDArray[Any]],
        update: int,
        segment: Segment,
    ) -> tuple[list[npt.NDArray[Any]], npt.NDArray[np.float64]]:
        """Train members that one kernel can train, and return their numbers and losses.

        The numbers are the parameters, (P, members), and then those of each slot, all in the order
        of the model. They are not finite for a member that has diverged. The losses are those of
        epochs, (epochs, members), or (0, members) if the jobs do not sum them.

        Args:
            jobs: of the members, which have no selections.
            numbers: before.
            update: the updates done before.
            segment: what to train.
        """
        with cores.at_work():
            after, sums = self._train_numbers(jobs, numbers, update, segment)
        if not jobs[0].sum_losses:
            return after, np.zeros((0, len(jobs)))
        loaded, _ = self._kernels.training(jobs)
        return after, sums[:, _place_of_loss(loaded.lowering)] / len(jobs[0].data)

    def run_packed_with_losses(
        self,
        jobs: Sequence[Job],
        numbers: Sequence[npt.NDArray[Any]],
        update: int,
        segment: Segment,
        out: Sequence[npt.NDArray[Any]] | None = None,
    ) -> tuple[list[npt.NDArray[Any]], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Train members as :meth:`run_packed` does, whose jobs have ``sum_losses``.

        Args:
            jobs: of the members.
            numbers: before.
            update: the updates done before.
            segment: what to train.
            out: arrays for the numbers afterwards, instead of new ones.

        Returns:
            The numbers, and the mean losses and penalties of the epochs, (epochs, members) each.
        """
        with cores.at_work():
            after, sums = self._train_numbers(jobs, numbers, update, segment, out)
        loaded, _ = self._kernels.training(jobs)
        means = sums / len(jobs[0].data)
        return after, means[:, _place_of_loss(loaded.lowering)], means[:, -1]

    def _train_numbers(
        self,
        jobs: Sequence[Job],
        before: Sequence[npt.NDArray[Any]],
        update: int,
        segment: Segment,
        out: Sequence[npt.NDArray[Any]] | None = None,
    ) -> tuple[list[npt.NDArray[Any]], npt.NDArray[np.float64]]:
        """Return the members' numbers after a segment, and its sums, (epochs, sums, members)."""
        after = [np.empty_like(numbers) for numbers in before] if out is None else [*out]

        def put(arrays: Arrays, members: slice) -> None:
            arrays.put_numbers([numbers[:, members] for numbers in before])

        def take(arrays: Arrays, members: slice) -> None:
            arrays.take_numbers([numbers[:, members] for numbers in after])

        return after, self._train_groups(jobs, update, segment, put, take)

    def _train_groups(
        self,
        jobs: Sequence[Job],
        update: int,
        segment: Segment,
        put: Callable[[Arrays, slice], None],
        take: Callable[[Arrays, slice], None],
    ) -> npt.NDArray[np.float64]:
        """Train members in groups that are spread over the cores; return the sums.

        Args:
            jobs: of members that one kernel can train.
            update: the updates done before.
            segment: what to train.
            put: lays out some of the members in a kernel's arrays.
            take: reads them afterwards.
        """
        loaded, _ = self._kernels.training(jobs)
        groups = self._groups.of(jobs, self._groups_of)
        n_threads = cores.share() if len(groups) == 1 else 1

        def train(group: _Group) -> npt.NDArray[np.float64]:
            arrays = self._arrays(loaded, len(group.jobs[0].data))
            put(arrays, group.members)
            sums = self._train(loaded, arrays, group, update, segment, n_threads)
            take(arrays, group.members)
            return sums

        return np.concatenate(self._spread(train, groups), axis=2)

    def _groups_of(self, jobs: Sequence[Job]) -> list["_Group"]:
        """Return members in groups that a kernel trains at once, with what it always reads."""
        loaded, columns = self._kernels.training(jobs)
        table = self._table([job.data for job in jobs])
        lowering, groups = loaded.lowering, []
        for members in groups_of(jobs, Target.host()):
            mine, dtype = jobs[members], lowering.dtype
            numbers = loaded.settings.of(columns[members])
            fields: dict[str, Any] = {
                "rows": table.rows,
                "order_keys": in_lanes(
                    [_key(job.seed, "order") for job in mine], np.uint64, lowering
                ),
                "random_keys": in_lanes(
                    [_key(job.seed, "dropout") for job in mine], np.uint64, lowering
                ),
                "penalty": in_lanes([job.penalty for job in mine], dtype, lowering),
                "settings": settings_in_lanes(numbers, lowering),
            }
            if table.weights is not None:
                fields["weights"] = table.weights
            rates = [job.optimizer.learning_rate for job in mine]
            if not any(map(callable, rates)):
                fields |= {"rates": in_lanes(rates, dtype, lowering), "rate_stride": 0}
            starts = [table.starts[id(job.data)] for job in mine]
            groups.append(_Group(mine, members, starts, fields))
        return groups

    def _train(
        self,
        loaded: Loaded,
        arrays: Arrays,
        group: "_Group",
        update: int,
        segment: Segment,
        n_threads: int,
    ) -> npt.NDArray[np.float64]:
        """Train a group by its kernel, with helper threads if the kernel can; return the sums.

        They are (epochs, sums, members).
        """
        epochs, jobs, job = segment[0], group.jobs, group.jobs[0]
        batches = _batches_of(job, segment)
        arrays.clear_sums()
        arrays.give(
            **group.fields,
            batch_size=job.batch_size,
            first_row=batches.start * job.batch_size,
            stop_row=min(batches.stop * job.batch_size, len(job.data)),
        )
        has_orders = job.order is not None and job.batch_size < len(job.data)
        if job.shuffle and job.order is None and job.batch_size < len(job.data):
            arrays.shuffle(group.starts)
        else:
            arrays.take_in_order(group.starts)
        sums, n_sums = [], len(loaded.lowering.layout.statistics) + 1
        for part in _parts(jobs, epochs, len(batches)):
            if has_orders:
                arrays.give_orders(_orders(arrays, jobs, group.starts, part))
            if "rates" not in group.fields:
                rates = _rates(arrays, jobs, update, len(part) * len(batches))
                arrays.give(rates=rates, rate_stride=int(len(rates) > 1))
            statistics = np.zeros((len(part), n_sums, arrays.n_members), job.data.x.dtype)
            arrays.give(
                sums=statistics,
                first_epoch=part.start,
                n_epochs=len(part),
                update=update,
            )
            self._run(loaded, arrays, n_threads)
            update += len(part) * len(batches)
            sums.append(statistics[:, :, : len(jobs)])
        return np.concatenate(sums, dtype=np.float64) if sums else np.zeros((0, n_sums, len(jobs)))

    def _run(self, loaded: Loaded, arrays: Arrays, n_threads: int) -> None:
        """Call a kernel, in which other threads take part if it can be helped."""
        help_out = loaded.help
        if help_out is None or n_threads == 1:
            loaded.run(arrays.frame)
            return
        if self._helpers is None:
            self._helpers = ThreadPoolExecutor(max_workers=MOST_THREADS - 1)

        def take_part() -> None:
            help_out(arrays.frame)

        with helpers(n_threads - 1, arrays.workspace, take_part, self._helpers):
            loaded.run(arrays.frame)

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
        n_threads = 1 if len(parts) == 1 else min(len(parts), cores.share())
        if n_threads == 1:
            return [work(part) for part in parts]
        if n_threads not in self._pools:
            self._pools[n_threads] = ThreadPoolExecutor(max_workers=n_threads - 1)
        waiting = deque(enumerate(parts))
        results: dict[int, T] = {}

        def take_part() -> None:
            while waiting:
                try:
                    i, part = waiting.popleft()
                except IndexError:
                    return  # Another thread has taken the last part.
                results[i] = work(part)

        others = [self._pools[n_threads].submit(take_part) for _ in range(n_threads - 1)]
        try:
            take_part()
        finally:
            waiting.clear()
            for other in others:
                other.result()
        return [results[i] for i in range(len(parts))]


def _is_finite(params: Params) -> bool:
    return all(np.isfinite(value).all() for value in params.values())


@lru_cache(maxsize=4096)
def _key(seed: int, name: str) -> int:
    return Key.of(seed, name).value


def _batches_of(job: Job, segment: Segment) -> range:
    """Return the batches of each epoch of a segment."""
    return range(job.updates_per_epoch) if segment[1] is None else segment[1]


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
            np.add(job.order(epoch), start, out=orders[i, member], casting="same_kind")
    orders[:, len(jobs) :] = orders[:, :1]
    return orders


def _rates(arrays: Arrays, jobs: Sequence[Job], first: int, count: int) -> npt.NDArray[Any]:
    """Return the learning rates of updates by schedules, (updates, lanes)."""
    of_members = [job.optimizer.learning_rate for job in jobs]
    rates = {id(rate): rates_of(rate, first, count) for rate in of_members}
    columns = arrays.repeated([rates[id(rate)] for rate in of_members])
    return np.stack(columns, axis=1).astype(jobs[0].data.x.dtype)


def _place_of_loss(lowering: Lowering) -> int:
    return lowering.layout.statistics.index("loss")


def _stats(job: Job, lowering: Lowering, sums: npt.NDArray[np.float64]) -> EpochStats:
    """Return the statistics of epochs from their sums, (epochs, sums)."""
    if not job.sum_losses:
        return EpochStats()
    means = sums / len(job.data)
    return EpochStats(
        losses=tuple(means[:, _place_of_loss(lowering)]), penalties=tuple(means[:, -1])
    )
