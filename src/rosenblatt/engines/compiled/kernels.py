"""Kernels in memory: of the same code for all members that differ in numbers alone."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from operator import attrgetter, is_
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from rosenblatt.engines.base import Job, Samples
from rosenblatt.engines.compiled.build import Kernel
from rosenblatt.engines.compiled.cache import kernel, user_folder
from rosenblatt.engines.compiled.dispatch import lowering_of, member_lanes, program_of
from rosenblatt.engines.compiled.driver import kernel_text
from rosenblatt.engines.compiled.graph import LoweringError, digest
from rosenblatt.engines.compiled.lowering import Lowering
from rosenblatt.engines.compiled.program import Program, evaluation_program
from rosenblatt.engines.compiled.settings import (
    NONE,
    Settings,
    code_of,
    settings_of,
    structure_of,
)
from rosenblatt.engines.compiled.target import Target
from rosenblatt.engines.compiled.tracer import TracingError
from rosenblatt.losses import Loss
from rosenblatt.models import Model
from rosenblatt.optimizers import Optimizer

Parts = tuple[Model, Loss, Optimizer]
T = TypeVar("T")

ROWS_AT_ONCE = 8192
"""Samples of an evaluation that are summed in the dtype; larger sums are in float64."""

MOST_KEPT = 64
"""Kernels with their lowerings that later calls find without tracing again, some 500 kB each."""

LISTS_REMEMBERED = 8
"""Lists of jobs whose kernels an engine finds at once."""


@dataclass(frozen=True)
class Loaded:
    """A kernel in memory, and the lowering that says what its arrays look like."""

    lowering: Lowering
    settings: Settings
    run: Kernel
    help: Kernel | None = None


def load_program(
    program: Program,
    settings: Settings,
    dtype: npt.DTypeLike,
    batch_size: int,
    *,
    members: int = 0,
) -> Loaded:
    """Compile or load the kernel of a program, with this number of members in the lanes, or 0.

    Raises:
        LoweringError: an operation of the program has no lowering.
    """
    target = Target.host()
    lowering = lowering_of(program, target, dtype, batch_size, members=members)
    # The program's key does not have the chosen lowering and its constants.
    chosen = type(lowering).__name__, lowering.workspace
    key = digest(program.key, np.dtype(dtype).str, batch_size, members, chosen)
    library = kernel(key, lambda: kernel_text(lowering), target, lowering.exports)
    return Loaded(lowering, settings, *map(library.function, lowering.exports))


@dataclass(frozen=True)
class _Training:
    """A kernel and the members that it trains: their settings' column and parts, by their ids."""

    loaded: Loaded
    members: dict[tuple[int, ...], tuple[int, Parts]]

    def has(self, others: Mapping[tuple[int, ...], Parts]) -> bool:
        """Return whether it trains others too: the same members, but for their learning rates."""
        for ids, parts in others.items():
            if ids not in self.members:
                columns = (column for column, one in self.members.values() if _are_same(one, parts))
                column = next(columns, None)
                if column is None:
                    return False
                self.members[ids] = column, parts
        return True


_kept: OrderedDict[tuple[object, ...], Loaded] = OrderedDict()
_lock = threading.Lock()


def _keep(
    code: tuple[object, ...] | None, rest: tuple[object, ...], make: Callable[[], Loaded]
) -> Loaded:
    """Return a kernel that an earlier call has made of the same code, else a new one.

    Args:
        code: as :func:`code_of` returns it; None for a kernel that is not kept.
        rest: all else that determines the kernel, on this machine.
        make: makes the kernel.
    """
    if code is None:
        return make()
    key = code, rest, user_folder()
    with _lock:
        loaded = _kept.get(key)
        if loaded is not None:
            _kept.move_to_end(key)
            return loaded
    loaded = make()
    with _lock:
        _kept[key] = loaded
        if len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return loaded


class Remembered(Generic[T]):
    """Results for the last few lists of jobs, which are told apart by identity."""

    def __init__(self) -> None:
        self._entries: tuple[tuple[tuple[Job, ...], T], ...] = ()

    def of(self, jobs: Sequence[Job], make: Callable[[Sequence[Job]], T]) -> T:
        """Return the result for these jobs, made if it is not there."""
        for known, result in self._entries:
            if len(known) == len(jobs) and all(map(is_, known, jobs)):
                return result
        result = make(jobs)
        self._entries = ((tuple(jobs), result), *self._entries[: LISTS_REMEMBERED - 1])
        return result


class Kernels:
    """What an engine has loaded. It keeps the parts of jobs, which it tells apart by their ids."""

    def __init__(self) -> None:
        self._alike = Remembered[list[list[int]]]()
        self._of_jobs = Remembered[tuple[Loaded, list[int]]]()
        self._evaluations: dict[Any, tuple[Loaded | None, Model, Loss]] = {}
        self._trainings: dict[Any, list[_Training]] = {}  # by kind of job
        self._structures: dict[tuple[int, ...], tuple[tuple[object, ...], Parts]] = {}
        self._apart: set[tuple[int, ...]] = set()  # of members that need kernels of their own

    def training(self, jobs: Sequence[Job]) -> tuple[Loaded, list[int]]:
        """Return the kernel that trains these members, and which of its settings each one has.

        Some members of a population are trained by the kernel of all of them.
        """
        return self._of_jobs.of(jobs, self._training)

    def _training(self, jobs: Sequence[Job]) -> tuple[Loaded, list[int]]:
        job, in_lanes = jobs[0], member_lanes(jobs[0], Target.host())
        flags = job.data.sample_weight is not None, job.penalty > 0, job.sum_losses
        kind = flags, job.data.x.dtype, job.batch_size, in_lanes, job.population, job.own_settings
        members = {_ids(one): _parts_of(one) for one in jobs}
        kernels = self._trainings.setdefault(kind, [])
        found = next((one for one in kernels if one.has(members)), None)
        if found is None:
            settings = settings_of([*members.values()], every=job.own_settings)
            dtype, size = job.data.x.dtype, job.batch_size

            def load() -> Loaded:
                program = program_of(job, settings)
                return load_program(program, settings, dtype, size, members=in_lanes)

            code = None if settings else code_of(*_parts_of(job))
            loaded = _keep(code, (flags, dtype, size, in_lanes), load)
            found = _Training(loaded, {ids: (i, members[ids]) for i, ids in enumerate(members)})
            kernels.append(found)
        return found.loaded, [found.members[_ids(one)][0] for one in jobs]

    def alike(self, jobs: Sequence[Job]) -> list[list[int]]:
        """Return the members by what one kernel can train: the same code on arrays of one size."""
        return self._alike.of(jobs, self._by_kind)

    def _by_kind(self, jobs: Sequence[Job]) -> list[list[int]]:
        first = _work_of(jobs[0])
        if all(all(map(is_, _work_of(job), first)) for job in jobs[1:]):
            return [[*range(len(jobs))]]
        kinds: dict[Any, list[int]] = {}
        for i, job in enumerate(jobs):
            flags = (
                job.shuffle,
                job.order is None,
                job.penalty > 0,
                job.sum_losses,
                job.own_settings,
            )
            shape = len(job.data), job.batch_size, job.data.sample_weight is None
            # Perceptrons share their samples and their criterion.
            shared = (id(job.data), job.loss) if job.model.selections else None
            own = _ids(job) if _ids(job) in self._apart else self._structure(job)
            key = flags, shape, tuple(job.model.shapes.items()), shared, own
            kinds.setdefault(key, []).append(i)
        return [alike for kind in kinds.values() for alike in self._by_code(jobs, kind)]

    def _structure(self, job: Job) -> tuple[object, ...]:
        if _ids(job) not in self._structures:
            parts = _parts_of(job)
            self._structures[_ids(job)] = structure_of(parts), parts
        return self._structures[_ids(job)][0]

    def _by_code(self, jobs: Sequence[Job], kind: list[int]) -> list[list[int]]:
        """Return members by their code, if they differ in more than numbers that can be traced."""
        parts: dict[tuple[int, ...], list[int]] = {}
        for i in kind:
            parts.setdefault(_ids(jobs[i]), []).append(i)
        if len(parts) > 1 and not jobs[kind[0]].model.selections:
            try:
                self.training([jobs[i] for i in kind])
            except TracingError:
                # For good, so that no bit depends on who still trains.
                self._apart.update(parts)
                return [*parts.values()]
        return [kind]

    def evaluation(self, model: Model, loss: Loss, data: Samples) -> Loaded | None:
        """Return the kernel that measures loss and accuracy, or None where there can be none."""
        dtype, is_weighted = data.x.dtype, data.sample_weight is not None
        key = dtype, is_weighted, id(model), id(loss)
        if key not in self._evaluations:
            loaded = None

            def load() -> Loaded:
                program = evaluation_program(model, loss, dtype, is_weighted=is_weighted)
                return load_program(program, NONE, dtype, ROWS_AT_ONCE)

            with suppress(TracingError, LoweringError):
                loaded = _keep(code_of(model, loss), (dtype, is_weighted), load)
            self._evaluations[key] = loaded, model, loss
        return self._evaluations[key][0]


def _are_same(parts: Parts, others: Parts) -> bool:
    with suppress(TracingError):
        return parts[0] is others[0] and not len(settings_of([parts, others]))
    return False


def _parts_of(job: Job) -> Parts:
    return job.model, job.loss, job.optimizer


_work_of = attrgetter(
    "model",
    "loss",
    "optimizer",
    "data",
    "batch_size",
    "shuffle",
    "order",
    "penalty",
    "sum_losses",
    "own_settings",
)
"""All in which the members of a population usually agree: they share these objects."""


def _ids(job: Job) -> tuple[int, ...]:
    """Return what tells apart the code that members are trained by."""
    return tuple(map(id, _parts_of(job)))
