"""Training of many networks in packed arrays, without an object or a history for each."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from rosenblatt.engines import Job, Samples, expected_seconds
from rosenblatt.layers import Params
from rosenblatt.sweeps.grid import naming_network
from rosenblatt.sweeps.groups import Group
from rosenblatt.sweeps.positions import PackedPosition
from rosenblatt.sweeps.trained import Trained
from rosenblatt.sweeps.variants import Cell
from rosenblatt.training.in_progress import USELESS_GROWTH
from rosenblatt.training.loop import SECONDS_PER_SEGMENT

if TYPE_CHECKING:
    from rosenblatt.engines.compiled.engine import CompiledEngine

MOST_NUMBERS = 1 << 24
"""Initial weights that are kept, because other networks begin with them too."""

Numbers = npt.NDArray[Any]


class Starts:
    """Initial weights as columns of numbers, drawn once for each seed and model.

    Models are told apart by identity: the cells of the sweep keep them.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[int, int, str], Numbers] = {}
        self._numbers = 0

    def of(self, cell: Cell, seed: int) -> Numbers:
        """Return the initial weights of a network, (P,)."""
        dtype = cell.job.data.x.dtype
        key = id(cell.job.model), seed, dtype.str
        found = self._kept.get(key)
        if found is None:
            with naming_network(cell.settings, seed):
                params = cell.job.model.init(seed, dtype)
            found = np.concatenate([value.ravel() for value in params.values()])
            if self._numbers > MOST_NUMBERS:
                self._kept, self._numbers = {}, 0
            self._kept[key] = found
            self._numbers += len(found)
        return found


def train_packed(
    group: Group,
    cells: Sequence[Cell],
    members: Sequence[tuple[int, int]],
    starts: Starts,
    every: int | None,
    progress: Callable[[float], None] = lambda share: None,
    *,
    until: int | None = None,
    begin: PackedPosition | None = None,
    keep: Callable[[PackedPosition], None] | None = None,
) -> Trained:
    """Train networks of a group and measure them.

    Training in parts gives the bits of training at once: orders, masks and learning rates are
    functions of the update, and the measures on the way are made at the same epochs.

    Args:
        group: the group, which is packed.
        cells: all cells of the sweep.
        members: of each network, the position of its cell and its seed.
        starts: the initial weights.
        every: epochs between measurements on the way; None for the end alone.
        progress: is told the share that is done.
        until: the epochs after which training ends; by default all of the cells.
        begin: the position to train on from; by default the start.
        keep: is given the position at the end, from which training can be continued.
    """
    engine: CompiledEngine = group.engine  # type: ignore[assignment]
    mine = [cells[i] for i, _ in members]
    jobs = [_with_seed(group.jobs[i], seed) for i, seed in members]
    job, epochs = jobs[0], mine[0].epochs if until is None else until
    start = np.stack([starts.of(cells[i], seed) for i, seed in members], axis=1)
    numbers = [start, *_slots(group.slots, jobs, start)]
    per_update = expected_seconds(engine, job, 1) / job.updates_per_epoch * max(1, group.lanes)
    most = max(1, int(SECONDS_PER_SEGMENT / max(per_update, 1e-9)))
    if job.sum_losses:
        every = None  # the training returns the losses of the way
    measured: list[tuple[int, Mapping[str, npt.NDArray[np.float64]]]] = []
    epoch = batch = 0
    if begin is not None and begin.epoch <= epochs and begin.fits(numbers):
        epoch, numbers, measured = begin.epoch, list(begin.numbers), begin.rows
    elif every is not None:
        measured.append((0, _measure(engine, jobs, mine, start)))
    update = first = epoch * job.updates_per_epoch
    while epoch < epochs:
        goal = epochs if every is None else min(epochs, (epoch // every + 1) * every)
        left = (goal - epoch) * job.updates_per_epoch - batch
        segment = job.next_segment(epoch, batch, min(most, left))
        numbers, of_epochs = engine.run_packed(jobs, numbers, update, segment)
        measured += [(epoch + i, {"train_loss": losses}) for i, losses in enumerate(of_epochs)]
        epoch, batch = job.after_segment(epoch, *segment)
        update = epoch * job.updates_per_epoch + batch
        if every is not None and batch == 0 and epoch == goal:
            measured.append((epoch, _measure(engine, jobs, mine, numbers[0])))
        progress((update - first) / (epochs * job.updates_per_epoch - first))
    params = numbers[0]
    if every is not None and (not measured or measured[-1][0] != epochs):
        # The position that training began from was that of the end already.
        measured.append((epochs, _measure(engine, jobs, mine, params)))
    if keep is not None:
        # An evaluation that only the end of this part makes is no part of the way.
        on_the_way = [row for row in measured if row[0] % (every or 1) == 0]
        keep(PackedPosition.of(epochs, numbers, on_the_way))
    is_last = bool(measured) and measured[-1][0] == epochs
    final = measured[-1][1] if is_last else _measure(engine, jobs, mine, params)
    if job.sum_losses:
        measured.append((epochs, {"train_loss": final["train_loss"]}))
    diverged = _diverged(engine, jobs, mine, start, params, final["train_loss"])
    return Trained(
        model=job.model,
        cells=mine,
        jobs=jobs,
        seeds=[seed for _, seed in members],
        params=params,
        start=start,
        diverged=diverged,
        final={name: np.where(diverged, np.nan, column) for name, column in final.items()},
        last_epoch=epochs,
        epochs=np.array([at for at, _ in measured], dtype=np.int64),
        history=_history([columns for _, columns in measured]),
    )


def _with_seed(job: Job, seed: int) -> Job:
    return job if job.seed == seed else replace(job, seed=seed)


def _history(
    measured: Sequence[Mapping[str, npt.NDArray[np.float64]]],
) -> dict[str, npt.NDArray[np.float64]]:
    """Return what was measured on the way, (evaluations, networks); NaN after a divergence."""
    if not measured:
        return {}
    columns = {name: np.array([one[name] for one in measured]) for name in measured[0]}
    lost = ~np.isfinite(columns["train_loss"])
    return {name: np.where(lost, np.nan, values) for name, values in columns.items()}


def _slots(names: Sequence[str], jobs: Sequence[Job], start: Numbers) -> list[Numbers]:
    """Return the optimizers' slots before the first update, (P, members) each."""
    optimizer = jobs[0].optimizer
    shapes = jobs[0].model.shapes
    if type(optimizer).__module__.startswith("rosenblatt."):
        # All of the package's begin with zeros.
        return [np.zeros_like(start) for _ in names]
    columns = [job.optimizer.init(_by_name(start[:, i], shapes)) for i, job in enumerate(jobs)]
    return [
        np.stack(
            [np.concatenate([slots[slot][name].ravel() for name in shapes]) for slots in columns],
            axis=1,
        )
        for slot in names
    ]


def _by_name(numbers: Numbers, shapes: dict[str, tuple[int, ...]]) -> Params:
    params, at = {}, 0
    for name, shape in shapes.items():
        size = math.prod(shape)
        params[name] = numbers[at : at + size].reshape(shape)
        at += size
    return params


def _measure(
    engine: "CompiledEngine", jobs: Sequence[Job], cells: Sequence[Cell], params: Numbers
) -> dict[str, npt.NDArray[np.float64]]:
    """Return losses and accuracies on all sets, by name."""
    sets: dict[str, list[Samples]] = {"train": [job.data for job in jobs]}
    for name, samples in (
        ("test", [cell.test for cell in cells]),
        ("validation", [cell.validation for cell in cells]),
    ):
        if samples[0] is not None:
            sets[name] = samples  # type: ignore[assignment]
    found = {}
    rows = np.ascontiguousarray(params.T)
    for name, of_networks in sets.items():
        loss, accuracy = np.empty(len(jobs)), np.empty(len(jobs))
        alike: dict[tuple[int, int, int], list[int]] = {}
        for i, (job, data) in enumerate(zip(jobs, of_networks, strict=True)):
            alike.setdefault((id(job.model), id(job.loss), id(data)), []).append(i)
        for some in alike.values():
            job, data = jobs[some[0]], of_networks[some[0]]
            loss[some], accuracy[some] = engine.evaluate_packed(
                job.model, job.loss, rows[some], data
            )
        found[f"{name}_loss"], found[f"{name}_accuracy"] = loss, accuracy
    return found


def _diverged(
    engine: "CompiledEngine",
    jobs: Sequence[Job],
    cells: Sequence[Cell],
    start: Numbers,
    params: Numbers,
    losses: npt.NDArray[np.float64],
) -> npt.NDArray[np.bool_]:
    """Return which networks have diverged, as :func:`rosenblatt.train` defines it."""
    diverged = ~np.isfinite(params).all(axis=0) | ~np.isfinite(losses)
    with np.errstate(invalid="ignore"):
        large = np.flatnonzero((losses > USELESS_GROWTH) & ~diverged).tolist()
    if large:
        first = _measure(
            engine, [jobs[i] for i in large], [cells[i] for i in large], start[:, large]
        )["train_loss"]
        diverged[large] = losses[large] > USELESS_GROWTH * np.maximum(first, 1.0)
    return np.asarray(diverged)
