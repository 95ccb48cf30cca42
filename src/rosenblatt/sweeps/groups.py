"""Networks that train together: as lanes of one population, or each by itself."""

import math
import warnings
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any

from rosenblatt.engines import ENGINES, Engine, Job, expected_seconds
from rosenblatt.errors import ConfigurationError, nearest
from rosenblatt.sweeps.variants import Cell

if TYPE_CHECKING:
    from rosenblatt.engines.compiled.engine import CompiledEngine

SECONDS_PER_CHUNK = 8.0
"""Expected seconds of the networks of one file, which are lost if a sweep is killed. Most take a
quarter of what is expected of them, and that divided by the number of cores."""
MOST_PER_CHUNK = 4096
MOST_LANES = 32
"""At least this number of networks fills the lanes of a kernel, on any processor."""


@dataclass(frozen=True)
class Mode:
    """How the networks of a group train, in plain values; with their cells, it gives their bits.

    Attributes:
        engine: the name of the engine.
        is_packed: whether they train as one population, in packed arrays.
        population: the population that their jobs name.
        own_settings: whether the numbers of their settings are inputs of the kernel.
        sum_losses: whether training returns the training loss before each epoch.
    """

    engine: str
    is_packed: bool
    population: int
    own_settings: bool
    sum_losses: bool


@dataclass(frozen=True, eq=False)
class Group:
    """Cells whose networks train in the same way.

    Attributes:
        cells: their positions among the cells of the sweep.
        jobs: of each cell, by its position.
        engine: trains them.
        is_packed: whether they train as one population, in packed arrays.
        lanes: the members of a kernel's call; 0 if a network has all lanes.
        chunk: the networks of one file.
        slots: the names of the optimizer's slots, in the engine's order.
    """

    cells: tuple[int, ...]
    jobs: dict[int, Job]
    engine: Engine
    is_packed: bool
    lanes: int
    chunk: int
    slots: tuple[str, ...] = ()

    def free(self) -> None:
        """Give back memory that the training of other groups does not need."""
        if self.is_packed:
            self.engine.free()  # type: ignore[attr-defined]

    @property
    def mode(self) -> Mode:
        """How the networks train."""
        job = self.jobs[self.cells[0]]
        of_job = job.population, job.own_settings, job.sum_losses
        return Mode(self.engine.name, self.is_packed, *of_job)

    @property
    def rounding(self) -> str:
        """What determines how numbers are rounded, besides the network itself."""
        losses = " losses" if self.has_losses else ""
        return f"{self.engine.name} {self.lanes}{losses}"

    @property
    def has_losses(self) -> bool:
        """Whether training returns the training loss before each epoch."""
        return self.jobs[self.cells[0]].sum_losses


def groups_of(
    cells: Sequence[Cell], n_seeds: int, engine: str, *, sum_losses: bool = False
) -> list[Group]:
    """Return the groups of a sweep, in the order of their first cells.

    Networks are in one group if they agree in everything but numbers: in shapes, kinds of layers,
    loss and optimizer, in the number of rows, the batch size, the epochs and the dtype.

    Args:
        cells: of the sweep.
        n_seeds: the seeds of each cell.
        engine: "auto", or the name of one.
        sum_losses: whether the training loss before each epoch is wanted and nothing else on the
            way: where an epoch is one update, the update's own loss is taken.

    Raises:
        ConfigurationError: there is no engine of that name, or "compiled" cannot compile a part.
    """
    if engine not in ("auto", *ENGINES):
        known = ", ".join(("auto", *ENGINES))
        raise ConfigurationError(
            f"unknown engine {engine!r}; known: {known}{nearest(engine, ('auto', *ENGINES))}"
        )
    by_kind: dict[Hashable, list[int]] = {}
    bases: dict[Hashable, Hashable] = {}
    for i, cell in enumerate(cells):
        by_kind.setdefault(_kind(cell, engine, bases), []).append(i)
    compiled: Engine | None = None
    groups = []
    for places in by_kind.values():
        first = cells[places[0]].job
        if engine == "reference" or first.model.selections:
            groups.append(_one_by_one(cells, places, engine))
            continue
        compiled = compiled or ENGINES["compiled"]()
        found = _packed(cells, places, n_seeds, engine, compiled, sum_losses)  # type: ignore[arg-type]
        groups.extend(found)
    return groups


def group_in_mode(cells: Sequence[Cell], mode: Mode, engine: Engine) -> Group:
    """Return a group of some cells of another group, which train as there, to the same bits.

    Args:
        cells: all cells of the new group.
        mode: of the other group.
        engine: an engine of the mode's name.
    """
    places = tuple(range(len(cells)))
    jobs = [cell.job for cell in cells]
    if not mode.is_packed:
        return Group(places, dict(enumerate(jobs)), engine, False, 0, 0)
    from rosenblatt.engines.compiled.dispatch import member_lanes
    from rosenblatt.engines.compiled.target import Target

    changes = {name: getattr(mode, name) for name in ("population", "own_settings", "sum_losses")}
    jobs = _with_shared_models(jobs, changes)
    slots = engine.load_together(jobs)  # type: ignore[attr-defined]
    lanes = member_lanes(jobs[0], Target.host())
    return Group(places, dict(enumerate(jobs)), engine, True, lanes, 0, slots)


def _kind(cell: Cell, engine: str, known: dict[Hashable, Hashable]) -> Hashable:
    """Return what networks agree in that train together; ``known`` are kinds without optimizers."""
    job = cell.job
    key = id(job.model), id(job.loss), id(job.data), job.batch_size, job.shuffle, cell.epochs
    if key not in known:
        known[key] = _kind_without_optimizer(cell, engine)
    kind = known[key]
    if engine == "reference" or job.model.selections:
        return kind
    from rosenblatt.engines.compiled.settings import structure_of_part

    return kind, structure_of_part(job.optimizer)


def _kind_without_optimizer(cell: Cell, engine: str) -> Hashable:
    job = cell.job
    kind: tuple[Hashable, ...] = (
        cell.epochs,
        job.batch_size,
        job.shuffle,
        len(job.data),
        job.data.sample_weight is None,
        str(job.data.x.dtype),
        tuple(job.model.shapes.items()),
    )
    if engine == "reference" or job.model.selections:
        return kind
    from rosenblatt.engines.compiled.settings import structure_of_part

    return *kind, *map(structure_of_part, (*job.model.layers, job.loss))


def _one_by_one(cells: Sequence[Cell], places: Sequence[int], engine: str) -> Group:
    """Return a group whose networks train one after the other."""
    trains = ENGINES["reference" if engine == "auto" else engine]()
    first = cells[places[0]]
    jobs = {i: cells[i].job for i in places}
    return Group(tuple(places), jobs, trains, False, 0, _chunk(first, trains, 2))


def _packed(
    cells: Sequence[Cell],
    places: Sequence[int],
    n_seeds: int,
    engine: str,
    compiled: "CompiledEngine",
    sum_losses: bool,
) -> list[Group]:
    """Return cells as groups that kernels train, of the same code as far as it goes."""
    from rosenblatt.engines.compiled.dispatch import large_population, member_lanes
    from rosenblatt.engines.compiled.graph import LoweringError
    from rosenblatt.engines.compiled.target import Target
    from rosenblatt.engines.compiled.tracer import TracingError

    first = cells[places[0]]
    population = large_population(first.job.batch_size, len(places) * n_seeds)
    changes = {
        "own_settings": True,
        "population": population,
        "sum_losses": sum_losses and _has_loss_of_epochs(first.job),
    }
    jobs = _with_shared_models([cells[i].job for i in places], changes)

    def group(some: Sequence[int], of_jobs: Sequence[Job]) -> Group:
        slots = compiled.load_together(of_jobs)
        lanes = member_lanes(of_jobs[0], Target.host())
        found = dict(zip(some, of_jobs, strict=True))
        at_least = MOST_LANES if lanes else 2
        chunk = _chunk(first, compiled, at_least)
        return Group(tuple(some), found, compiled, True, lanes, chunk, slots)

    try:
        return [group(places, jobs)]
    except (TracingError, LoweringError):
        pass
    # Code that chooses by its numbers, or computes with them before they are known.
    groups = []
    apart: dict[Hashable, list[int]] = {}
    for at, job in enumerate(jobs):
        apart.setdefault((id(job.model), repr(job.loss), _without_rate(job.optimizer)), []).append(
            at
        )
    for members in apart.values():
        some, mine = [places[at] for at in members], [jobs[at] for at in members]
        population = large_population(mine[0].batch_size, len(some) * n_seeds)
        mine = [replace(job, population=population) for job in mine]
        for own_settings in (True, False):
            mine = [replace(job, own_settings=own_settings) for job in mine]
            try:
                groups.append(group(some, mine))
                break
            except (TracingError, LoweringError) as error:
                reason = str(error)
        else:
            if engine == "compiled":
                raise ConfigurationError(
                    f'the compiled engine cannot compile {reason}; take engine="reference", or '
                    '"auto", which chooses'
                )
            warnings.warn(
                f"the compiled engine cannot compile {reason}; the reference engine trains",
                stacklevel=5,
            )
            groups.append(_one_by_one(cells, some, "reference"))
    return groups


def _has_loss_of_epochs(job: Job) -> bool:
    """Return whether the loss of an epoch's updates is the training loss before the epoch."""
    is_full = job.updates_per_epoch == 1 and job.data.sample_weight is None
    # Of a criterion that divides by the mistakes, no engine sums the losses.
    is_mean = getattr(job.loss, "scale", "samples") == "samples"
    return is_full and is_mean and not job.model.is_random


def _with_shared_models(jobs: Sequence[Job], changes: Mapping[str, Any]) -> list[Job]:
    """Return jobs with changes, in which models are one object where they can be.

    They can where they differ in initial weights alone.
    """
    shared: dict[Hashable, Job] = {}
    codes: dict[tuple[int, int], Hashable] = {}
    found = []
    for job in jobs:
        ids = id(job.model), id(job.loss)
        if ids not in codes:
            codes[ids] = _code(job)
        first = shared.setdefault(codes[ids], job)
        shares: dict[str, Any] = {} if first is job else {"model": first.model, "loss": first.loss}
        found.append(replace(job, **changes, **shares))
    return found


def _code(job: Job) -> Hashable:
    parts: list[Hashable] = [type(job.model), repr(job.loss), type(job.loss)]
    for layer in job.model.layers:
        if not is_dataclass(layer):
            parts.append(id(layer))
            continue
        names = [one.name for one in fields(layer) if one.name != "weight_init"]
        parts.append((type(layer), *(repr(getattr(layer, name)) for name in names)))
    return tuple(parts)


def _without_rate(optimizer: Any) -> Hashable:
    if not is_dataclass(optimizer):
        return id(optimizer)
    names = [one.name for one in fields(optimizer) if one.name != "learning_rate"]
    return (type(optimizer), *(repr(getattr(optimizer, name)) for name in names))


def _chunk(cell: Cell, engine: Engine, at_least: int) -> int:
    """Return the networks of one file: a power of 2 that follows from the work alone."""
    job = replace(cell.job, optimizer=replace(cell.job.optimizer, learning_rate=0.1))  # type: ignore[type-var]
    each = expected_seconds(engine, job, cell.epochs)
    wanted = max(1.0, SECONDS_PER_CHUNK / max(each, 1e-12))
    return int(min(MOST_PER_CHUNK, max(at_least, 2 ** math.floor(math.log2(wanted)))))
