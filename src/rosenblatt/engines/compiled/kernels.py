"""Kernels in memory: of the same code for all members that differ in numbers alone."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.engines.base import Job, Samples
from rosenblatt.engines.compiled.build import Kernel
from rosenblatt.engines.compiled.cache import kernel
from rosenblatt.engines.compiled.dispatch import lowering_of, member_lanes, program_of
from rosenblatt.engines.compiled.driver import kernel_text
from rosenblatt.engines.compiled.graph import LoweringError, digest
from rosenblatt.engines.compiled.lowering import Lowering
from rosenblatt.engines.compiled.program import Program, evaluation_program
from rosenblatt.engines.compiled.settings import NONE, Settings, settings_of, structure_of
from rosenblatt.engines.compiled.target import Target
from rosenblatt.engines.compiled.tracer import TracingError
from rosenblatt.losses import Loss
from rosenblatt.models import Model
from rosenblatt.optimizers import Optimizer

Parts = tuple[Model, Loss, Optimizer]

ROWS_AT_ONCE = 8192
"""Samples of an evaluation that are summed in the dtype; larger sums are in float64."""


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


class Kernels:
    """What an engine has loaded. It keeps the parts of jobs, which it tells apart by their ids."""

    def __init__(self) -> None:
        self._evaluations: dict[Any, tuple[Loaded | None, Model, Loss]] = {}
        self._trainings: dict[Any, list[_Training]] = {}  # by kind of job
        self._structures: dict[tuple[int, ...], tuple[tuple[object, ...], Parts]] = {}
        self._apart: set[tuple[int, ...]] = set()  # of members that need kernels of their own

    def training(self, jobs: Sequence[Job]) -> tuple[Loaded, list[int]]:
        """Return the kernel that trains these members, and which of its settings each one has.

        Some members of a population are trained by the kernel of all of them.
        """
        job, in_lanes = jobs[0], member_lanes(jobs[0], Target.host())
        flags = job.data.sample_weight is not None, job.penalty > 0, job.sum_losses
        kind = flags, job.data.x.dtype, job.batch_size, in_lanes, job.population
        members = {_ids(one): _parts_of(one) for one in jobs}
        kernels = self._trainings.setdefault(kind, [])
        found = next((one for one in kernels if one.has(members)), None)
        if found is None:
            settings = settings_of([*members.values()])
            program = program_of(job, settings)
            dtype, size = job.data.x.dtype, job.batch_size
            loaded = load_program(program, settings, dtype, size, members=in_lanes)
            found = _Training(loaded, {ids: (i, members[ids]) for i, ids in enumerate(members)})
            kernels.append(found)
        return found.loaded, [found.members[_ids(one)][0] for one in jobs]

    def alike(self, jobs: Sequence[Job]) -> list[list[int]]:
        """Return the members by what one kernel can train: the same code on arrays of one size."""
        if len(jobs) == 1:
            return [[0]]
        kinds: dict[Any, list[int]] = {}
        for i, job in enumerate(jobs):
            flags = job.shuffle, job.order is None, job.penalty > 0, job.sum_losses
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
            with suppress(TracingError, LoweringError):
                program = evaluation_program(model, loss, dtype, is_weighted=is_weighted)
                loaded = load_program(program, NONE, dtype, ROWS_AT_ONCE)
            self._evaluations[key] = loaded, model, loss
        return self._evaluations[key][0]


def _are_same(parts: Parts, others: Parts) -> bool:
    with suppress(TracingError):
        return parts[0] is others[0] and not len(settings_of([parts, others]))
    return False


def _parts_of(job: Job) -> Parts:
    return job.model, job.loss, job.optimizer


def _ids(job: Job) -> tuple[int, ...]:
    """Return what tells apart the code that members are trained by."""
    return tuple(map(id, _parts_of(job)))
