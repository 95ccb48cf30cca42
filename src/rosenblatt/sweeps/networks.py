"""The networks of a sweep by number: their settings, their keys, and each as a run."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.engines import Job
from rosenblatt.sweeps.grid import Grid, naming_network
from rosenblatt.sweeps.groups import Group
from rosenblatt.sweeps.trained import Measure, Trained
from rosenblatt.sweeps.variants import Base, Cell
from rosenblatt.training.calls import train_plan
from rosenblatt.training.in_progress import PositionLog, RunInProgress
from rosenblatt.training.plan import Plan, make_plan
from rosenblatt.training.run import Run

KEY_BYTES = 16


@dataclass(frozen=True, eq=False)
class Networks:
    """The networks of a sweep: each cell with each seed, the seeds of a cell in a row.

    Attributes:
        base: what they have in common.
        grid: the cells as settings.
        cells: the cells.
        seeds: the seeds of each cell.
        groups: which train together.
        measures: what is measured of each.
        eval_every: epochs between measurements on the way, where a measure needs them.
        paired: whether networks of one seed have the same random streams.
    """

    base: Base
    grid: Grid
    cells: Sequence[Cell]
    seeds: Sequence[int]
    groups: Sequence[Group]
    measures: Sequence[Measure]
    eval_every: int
    paired: bool

    def __len__(self) -> int:
        return len(self.cells) * len(self.seeds)

    @property
    def every(self) -> int | None:
        """Epochs between measurements on the way; None if no measure needs them."""
        return self.eval_every if any(one.on_the_way for one in self.measures) else None

    def member(self, network: int) -> tuple[int, int]:
        """Return the position of a network's cell, and the seed that it trains with."""
        cell, place = divmod(network, len(self.seeds))
        seed = self.seeds[place]
        if self.paired:
            return cell, seed
        text = self.cells[cell].digest + seed.to_bytes(8, "little")
        return cell, int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little") >> 1

    @cached_property
    def group_of(self) -> Mapping[int, Group]:
        """The group of each cell, by the cell's position."""
        return {cell: group for group in self.groups for cell in group.cells}

    @cached_property
    def keys(self) -> list[bytes]:
        """What determines the results of each network, as a digest."""
        what = repr(([one.identity for one in self.measures], self.every))
        found = []
        for place, cell in enumerate(self.cells):
            text = f"{what} {self.group_of[place].rounding}".encode()
            of_cell = hashlib.blake2b(cell.digest + text, digest_size=KEY_BYTES)
            for i in range(len(self.seeds)):
                _, seed = self.member(place * len(self.seeds) + i)
                one = of_cell.copy()
                one.update(seed.to_bytes(8, "little"))
                found.append(one.digest())
        return found

    def key_after(self, network: int, epochs: int) -> bytes:
        """Return what determines the results of a network after some of its epochs."""
        all_epochs = self.cells[network // len(self.seeds)].epochs
        return key_at(self.keys[network], epochs, all_epochs)

    def of_group(self, group: Group) -> list[int]:
        """Return the numbers of a group's networks, in order."""
        n = len(self.seeds)
        return [cell * n + i for cell in group.cells for i in range(n)]

    def settings_columns(self) -> dict[str, list[Any]]:
        """Return the settings of all networks by name, then their seeds."""
        from rosenblatt.sweeps.grid import shown

        n = len(self.seeds)
        columns: dict[str, list[Any]] = {
            name: [value for cell in self.cells for value in [shown(cell.settings.get(name))] * n]
            for name in self.grid.names
        }
        columns["seed"] = list(self.seeds) * len(self.cells)
        if not self.paired:
            columns["run_seed"] = [self.member(i)[1] for i in range(len(self))]
        return columns

    def run(self, network: int, eval_every: int | None = None, epochs: int | None = None) -> Run:
        """Train a network again, alone, and return its run: it has the bits of the sweep's.

        Args:
            network: its number.
            eval_every: epochs between evaluations; by default those of the sweep.
            epochs: how far it trains; by default all the epochs of its cell.
        """
        plan = self.plan(network, eval_every, epochs)

        def members() -> list[RunInProgress]:
            found = plan.members()
            for member in found:
                # It trains alone, and has the memory for positions to itself.
                member.position_log = PositionLog()
            return found

        return train_plan(plan, members)[0]

    def plan(self, network: int, eval_every: int | None = None, epochs: int | None = None) -> Plan:
        """Return the plan of a network's training; arguments as of :meth:`run`."""
        place, seed = self.member(network)
        cell, group = self.cells[place], self.group_of[place]
        job: Job = group.jobs[place]
        plan = make_plan(
            cell.job.model,
            cell.sets.train,
            (seed,),
            {
                "test": cell.sets.test,
                "validation": cell.sets.validation,
                "loss": cell.job.loss,
                "optimizer": cell.job.optimizer,
                "epochs": cell.epochs if epochs is None else epochs,
                "batch_size": job.batch_size,
                "shuffle": job.shuffle,
                "eval_every": self.eval_every if eval_every is None else eval_every,
                "engine": "reference",
                "dtype": job.data.x.dtype.name,
            },
        )
        return replace(
            plan,
            job=replace(
                plan.job,
                population=job.population,
                own_settings=job.own_settings,
                sum_losses=job.sum_losses,
            ),
            engine=group.engine,
            settings=replace(plan.settings, engine=group.engine.name),
        )

    def train_each(self, networks: Sequence[int], epochs: int | None = None) -> Trained:
        """Train networks one after the other, where they cannot be packed.

        Args:
            networks: their numbers; all cells of a group have the same epochs.
            epochs: how far they train; by default all the epochs of their cells.
        """
        end = self.cells[self.member(networks[0])[0]].epochs if epochs is None else epochs
        runs = []
        for i in networks:
            cell, seed = self.member(i)
            with naming_network(self.cells[cell].settings, seed):
                runs.append(self.run(i, self.every or end, end))
        cells = [self.cells[self.member(i)[0]] for i in networks]
        model = cells[0].job.model
        diverged = np.array([run.diverged for run in runs])
        names = [one for one in runs[0].history.columns if one.endswith(("_loss", "_accuracy"))]
        # Also where all have diverged before the last.
        evaluated = [*range(0, end, self.every or end), end]
        history = {name: np.full((len(evaluated), len(runs)), np.nan) for name in names}
        final = {name: np.full(len(runs), np.nan) for name in names}
        for i, run in enumerate(runs):
            for name in names:
                if run.history:
                    history[name][: len(run.history), i] = run.history[name]
                if not run.diverged:
                    final[name][i] = run.history[name][-1]
        return Trained(
            model=model,
            cells=cells,
            jobs=[self.group_of[self.member(i)[0]].jobs[self.member(i)[0]] for i in networks],
            seeds=[self.member(i)[1] for i in networks],
            params=_columns([run.weights.get("last", run.params) for run in runs]),
            start=_columns([run.at(0).weights["last"] for run in runs]),
            diverged=diverged,
            final=final,
            last_epoch=end,
            epochs=np.asarray(evaluated, dtype=np.int64),
            history=history,
        )


def key_at(key: bytes, epochs: int, all_epochs: int) -> bytes:
    """Return the key of a network's results after some epochs, given that after all of them."""
    if epochs == all_epochs:
        return key
    text = key + epochs.to_bytes(8, "little")
    return hashlib.blake2b(text, digest_size=KEY_BYTES).digest()


def _columns(params: Sequence[Mapping[str, npt.NDArray[Any]]]) -> npt.NDArray[Any]:
    return np.stack(
        [np.concatenate([value.ravel() for value in one.values()]) for one in params], axis=1
    )
