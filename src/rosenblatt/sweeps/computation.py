"""Computation of a sweep: its networks, trained as far as their results are not known."""

import os
import shlex
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from rosenblatt.checks import whole_number
from rosenblatt.errors import ConfigurationError, given
from rosenblatt.random import check_seed
from rosenblatt.sweeps.budgets import Budget
from rosenblatt.sweeps.chunks import Measured
from rosenblatt.sweeps.execution import train_networks
from rosenblatt.sweeps.grid import MOST_NETWORKS, grid_of
from rosenblatt.sweeps.groups import MOST_LANES, groups_of
from rosenblatt.sweeps.halving import Plan, halving_of, plan_of
from rosenblatt.sweeps.measures import Custom, measures_of
from rosenblatt.sweeps.networks import Networks
from rosenblatt.sweeps.proposals import Proposals, propose
from rosenblatt.sweeps.ranges import as_plain
from rosenblatt.sweeps.result import Sweep
from rosenblatt.sweeps.trained import Measure
from rosenblatt.sweeps.variants import Base
from rosenblatt.sweeps.workers import executor_of

if TYPE_CHECKING:
    from rosenblatt.sweeps.folder import SweepFolder


@dataclass(frozen=True)
class Call:
    """The arguments that the networks of a sweep follow from, besides their base."""

    over: Any
    seeds: Any
    measure: Any
    eval_every: Any
    halving: Any = None
    paired: bool = True
    engine: str = "auto"

    def plain(self, networks: Networks, plan: Plan | None) -> dict[str, Any]:
        """Return the arguments as JSON holds them; functions by their names."""
        measures = networks.measures
        return {
            "over": as_plain(self.over),
            "seeds": list(networks.seeds),
            "measure": [one.name for one in measures if not isinstance(one, Custom)],
            "functions": [one.name for one in measures if isinstance(one, Custom)],
            "eval_every": networks.eval_every,
            "paired": networks.paired,
            "engine": self.engine,
            "halving": None if plan is None else plan.plain(),
        }


@dataclass(frozen=True)
class How:
    """The arguments that change nothing in the results, as those of :func:`sweep`."""

    executor: Any = "threads"
    max_seconds: float | None = None
    max_epochs: int | None = None
    progress: bool = True


def compute(
    base: Base,
    call: Call,
    folder: str | os.PathLike[str] | None,
    settings: Mapping[str, Any] | None,
    how: How,
    proposals: Proposals | None = None,
) -> Sweep:
    """Train what is not known yet, and return the sweep.

    Args:
        base: what all networks have in common.
        call: what they are.
        folder: where results are written as they come, or None.
        settings: of a sweep over a file of settings.
        how: who trains, and for how long.
        proposals: who chooses the cells, if that is a sampler.
    """
    budget = Budget(how.max_seconds, how.max_epochs)
    with executor_of(how.executor) as executor:
        if proposals is not None:
            options = {"show": False, "executor": executor, "budget": budget}
            return _proposed(base, call, folder, proposals, options, show=how.progress)
        networks = networks_of(base, call)
        halving = halving_of(call.halving)
        plan = None if halving is None else plan_of(halving, networks)
        more: dict[str, Any] = {"show": how.progress, "executor": executor, "budget": budget}
        if folder is None:
            return _trained(networks, plan, None, more)
        return _trained_in(Path(folder), networks, call, plan, settings, more)


def _trained_in(
    folder: Path,
    networks: Networks,
    call: Call,
    plan: Plan | None,
    settings: Mapping[str, Any] | None,
    how: Mapping[str, Any],
) -> Sweep:
    """Return the sweep in a folder, after training what the folder does not have."""
    from rosenblatt.sweeps.base_files import write_base
    from rosenblatt.sweeps.folder import SweepFolder

    place = SweepFolder(folder)
    try:
        with place.locked():
            place.begin(networks, call.plain(networks, plan), settings)
            if settings is None:
                write_base(place.path, networks.base)
            return _trained(networks, plan, place, how)
    except KeyboardInterrupt:
        advice = f"go on with: rosenblatt sweep resume {shlex.quote(str(folder))}"
        raise KeyboardInterrupt(advice if place.exists else "") from None


def _trained(
    networks: Networks, plan: Plan | None, folder: "SweepFolder | None", how: Mapping[str, Any]
) -> Sweep:
    """Return the sweep, after training what its folder does not have."""
    if plan is not None:
        from rosenblatt.sweeps.halved_training import train_halved

        halved = train_halved(networks, plan, folder, how)
        return Sweep(networks, *halved.measured, halved.computed, halved.epochs, halved.all_epochs)
    wanted = np.arange(len(networks))
    if folder is None:
        found, missing = train_networks(networks, wanted.tolist(), **how)
    else:
        from rosenblatt.sweeps.folder_training import train_missing

        found, missing = train_missing(folder, networks, wanted, how)
    return Sweep(networks, *found, ~missing)


def _proposed(
    base: Base,
    call: Call,
    folder: str | os.PathLike[str] | None,
    proposals: Proposals,
    how: Mapping[str, Any],
    *,
    show: bool,
) -> Sweep:
    """Return the sweep over cells that a sampler chooses."""
    from rosenblatt.sweeps.base_files import write_base
    from rosenblatt.sweeps.folder import SweepFolder
    from rosenblatt.sweeps.folder_training import train_missing

    if halving_of(call.halving) is not None:
        raise ConfigurationError("a sweep has either halving or a sampler")
    seeds = _seeds(call.seeds, MOST_NETWORKS)
    place = None if folder is None else SweepFolder(Path(folder))
    known: Measured | None = None

    def train(
        cells: Sequence[Mapping[str, Any]],
    ) -> tuple[Networks, Measured, npt.NDArray[np.bool_]]:
        nonlocal known
        # The bits of a network must not depend on how many are proposed with it.
        networks = networks_of(base, replace(call, over=list(cells)), always_lanes=True)
        if place is not None:
            plain = call.plain(networks, None) | {"over": as_plain(cells)}
            place.begin(networks, plain | {"sampler": type(proposals.sampler).__name__}, None)
            write_base(place.path, base)
            everything = np.arange(len(networks))
            return networks, *train_missing(place, networks, everything, how)
        n_before = 0 if known is None else len(known[0])
        padding = (0, len(networks) - n_before)
        if known is not None:
            columns = {
                name: np.pad(column, padding, constant_values=np.nan)
                for name, column in known[1].items()
            }
            known = np.pad(known[0], padding), columns
        new = range(n_before, len(networks))
        known, missing = train_networks(networks, new, known=known, **how)
        return networks, known, missing

    measures = [measure.name for measure in _measures_of(base, call)]
    try:
        with nullcontext() if place is None else place.locked():
            return propose(proposals, base, call.over, seeds, measures, train, show=show)
    except KeyboardInterrupt:
        advice = "go on with the same call of rb.sweep"
        raise KeyboardInterrupt("" if place is None else advice) from None


def _measures_of(base: Base, call: Call) -> list[Measure]:
    sets = base.sets
    columns = [
        f"{name}_{metric}"
        for name, there in (("train", True), ("test", sets.test), ("validation", sets.validation))
        if there
        for metric in ("loss", "accuracy")
    ]
    return measures_of(call.measure, columns)


def networks_of(base: Base, call: Call, *, always_lanes: bool = False) -> Networks:
    """Return the networks of a sweep, all settings checked.

    Args:
        base: what all have in common.
        call: what they are.
        always_lanes: whether networks are lanes of a population however few they are.
    """
    grid = grid_of(call.over, base.allowed)
    cells = [base.cell(settings) for settings in grid.cells]
    checked = _seeds(call.seeds, MOST_NETWORKS // len(cells))
    measures = _measures_of(base, call)
    eval_every = whole_number(call.eval_every, "eval_every", at_least=1)
    kinds = {(id(cell.sets), id(cell.job.loss)): cell for cell in cells}
    for measure in measures:
        for cell in kinds.values():
            measure.check(cell)
    on_the_way = {column for measure in measures for column in measure.on_the_way}
    # The updates of full batches compute these losses anyway.
    sum_losses = eval_every == 1 and on_the_way == {"train_loss"}
    return Networks(
        base=base,
        grid=grid,
        cells=cells,
        seeds=checked,
        groups=groups_of(
            cells, MOST_LANES if always_lanes else len(checked), call.engine, sum_losses=sum_losses
        ),
        measures=measures,
        eval_every=eval_every,
        paired=bool(call.paired),
    )


def _seeds(seeds: object, most: int) -> tuple[int, ...]:
    if not np.iterable(seeds) or isinstance(seeds, str):
        raise ConfigurationError(f"seeds must be several, such as range(10), got {given(seeds)}")
    checked = tuple(check_seed(seed) for seed in islice(seeds, most + 1))
    if len(checked) > most:
        raise ConfigurationError(
            f"there are more than {most} seeds for each cell, and a sweep has at most "
            f"{MOST_NETWORKS} networks"
        )
    if not checked:
        raise ConfigurationError("a sweep needs at least one seed")
    if len(set(checked)) < len(checked):
        twice = next(seed for seed in checked if checked.count(seed) > 1)
        raise ConfigurationError(f"seeds has {twice} twice")
    return checked
