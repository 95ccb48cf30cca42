"""``sweep``: training of the networks that settings describe."""

import os
import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from rosenblatt.checks import whole_number
from rosenblatt.data import as_dataset
from rosenblatt.errors import ConfigurationError, given
from rosenblatt.losses import Loss, as_loss
from rosenblatt.models import Model
from rosenblatt.optimizers import Optimizer, as_optimizer
from rosenblatt.random import check_seed
from rosenblatt.sweeps.budgets import Budget
from rosenblatt.sweeps.execution import train_networks
from rosenblatt.sweeps.grid import MOST_NETWORKS, grid_of
from rosenblatt.sweeps.groups import groups_of
from rosenblatt.sweeps.halving import Halving, Plan, halving_of, plan_of
from rosenblatt.sweeps.measures import Custom, TrainedNetwork, measures_of
from rosenblatt.sweeps.networks import Networks
from rosenblatt.sweeps.ranges import as_plain
from rosenblatt.sweeps.result import Sweep
from rosenblatt.sweeps.variants import Base, Sets
from rosenblatt.sweeps.workers import executor_of
from rosenblatt.training.calls import Data
from rosenblatt.training.plan import DEFAULT_OPTIMIZER, make_plan

if TYPE_CHECKING:
    from rosenblatt.sweeps.folder import SweepFolder


def sweep(
    model: Model,
    data: Data | npt.ArrayLike,
    y: npt.ArrayLike | None = None,
    *,
    over: Mapping[str, Any] | Sequence[Mapping[str, Any]],
    seeds: Iterable[int] = (0,),
    test: Data | None = None,
    validation: Data | None = None,
    loss: Loss | str | None = None,
    optimizer: Optimizer | str | None = None,
    epochs: int = 100,
    batch_size: int | None = None,
    shuffle: bool = True,
    dtype: npt.DTypeLike = "float64",
    measure: Sequence[str | Callable[[TrainedNetwork], float]] = (),
    eval_every: int = 1,
    halving: Halving | bool = False,
    paired: bool = True,
    engine: str = "auto",
    folder: str | os.PathLike[str] | None = None,
    executor: Any = "threads",
    max_seconds: float | None = None,
    max_epochs: int | None = None,
    progress: bool = True,
) -> Sweep:
    """Train a network for every combination of settings and every seed.

    Networks of equal shape, batch size and number of rows train together, each with its own
    learning rate, initial scale, momentum and other numbers; no run is kept of each.

    Args:
        model: the network where ``over`` says nothing else.
        data: the training set, as for :func:`rosenblatt.train`.
        y: its labels, if ``data`` is X alone.
        over: settings with their values, by the words of ``rosenblatt train mlp --config``:
            ``{"learning_rate": [0.01, 0.1], "hidden": [[8], [32, 32]], "init_scale": ...}``. Values
            are lists, arrays or ranges, which are combined, or come from
            :func:`rosenblatt.uniform` and :func:`rosenblatt.log_uniform`. Or a list of
            dictionaries, one for each cell.
        seeds: the seeds of each cell.
        test: a set to measure at the end.
        validation: another such set.
        loss: as for :func:`rosenblatt.train`, like the next five.
        optimizer: where ``over`` says nothing else.
        epochs: where ``over`` says nothing else.
        batch_size: where ``over`` says nothing else.
        shuffle: where ``over`` says nothing else.
        dtype: where ``over`` says nothing else.
        measure: measures besides the losses and accuracies at the end: "best(test_accuracy)",
            "first_epoch(test_accuracy>=0.9)", "largest_eigenvalue", "smallest_eigenvalue" and
            "trace" of the Hessian of the training loss, "distance" from the initial weights,
            "convergence" or divergence of the training loss
            (:func:`rosenblatt.analysis.trainability.convergence`), or a function of a
            :class:`rosenblatt.sweeps.TrainedNetwork` that returns a number.
        eval_every: epochs between evaluations, for measures of the way.
        halving: whether cells that do badly stop early: True, or a
            :class:`rosenblatt.sweeps.Halving`. What trains on has the bits of a network that was
            never paused. Cells are compared by their loss on the validation set, or on the training
            set without one, unless it names another measure.
        paired: whether all cells of a seed have the same initial draws and orders; otherwise each
            network has streams of its own.
        engine: "compiled", "reference" (one network after the other), or "auto": compiled where
            the network can be.
        folder: a folder for the results, which are written as they come. The same call continues
            after an interruption, and computes only what is new where ``over``, ``seeds`` or
            ``measure`` have changed.
        executor: who trains: "threads" of this process; "processes" of this machine, one for each
            core; or the workers of a Dask cluster, given its client or the address of its
            scheduler. The table is the same to the last bit.
        max_seconds: after this time, networks that are not trained are left out: their status is
            "not computed" and their measures are NaN. What had begun is dropped, but something is
            trained in each call, so that the same call with a folder, repeated, comes to the end.
        max_epochs: the epochs that this call may train, of all networks together.
        progress: whether to show on standard error how far it is.

    Raises:
        ConfigurationError: an unknown setting or measure, an empty list of values, or a value that
            cannot be, with the cell that has it; something in the model, the measures or the data
            that cannot be sent to other processes; a cluster that cannot be used.
        DataError, ShapeError: as :func:`rosenblatt.train`.
        FileError: the folder has another sweep, or cannot be written.
        KeyboardInterrupt: Ctrl-C was pressed; a folder has all results but the last few.

    >>> import rosenblatt as rb
    >>> data = rb.data.gaussians(50, means=[(2, 2), (-2, -2)], seed=0)
    >>> rates = {"learning_rate": [0.01, 0.1, 1.0]}
    >>> sweep = rb.sweep(rb.MLP(2, [4], 2), data, over=rates, seeds=range(2), epochs=20)
    >>> sweep, sweep.best("train_loss")["learning_rate"]
    (Sweep(6 networks; learning_rate: 3; seeds: 2), 1.0)
    """
    sets = Sets(
        as_dataset(data, y),
        None if test is None else as_dataset(test, name="test"),
        None if validation is None else as_dataset(validation, name="validation"),
    )
    # All that rosenblatt.train would refuse.
    checked = make_plan(
        model,
        sets.train,
        (0,),
        {
            "test": sets.test,
            "validation": sets.validation,
            "loss": loss,
            "optimizer": optimizer,
            "epochs": epochs,
            "batch_size": batch_size,
            "shuffle": shuffle,
            "eval_every": eval_every,
            "engine": "reference",
            "dtype": dtype,
        },
    )
    base = Base(
        model,
        sets,
        None if loss is None else as_loss(loss),
        DEFAULT_OPTIMIZER if optimizer is None else as_optimizer(optimizer),
        checked.settings.epochs,
        batch_size,
        shuffle,
        str(checked.settings.dtype),
    )
    call = Call(over, seeds, measure, eval_every, halving, paired, engine)
    how = How(executor, max_seconds, max_epochs, progress)
    return compute(base, call, folder, None, how)


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
) -> Sweep:
    """Train what is not known yet, and return the sweep.

    Args:
        base: what all networks have in common.
        call: what they are.
        folder: where results are written as they come, or None.
        settings: of a sweep over a file of settings.
        how: who trains, and for how long.
    """
    budget = Budget(how.max_seconds, how.max_epochs)
    with executor_of(how.executor) as executor:
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


def networks_of(base: Base, call: Call) -> Networks:
    """Return the networks of a sweep, all settings checked."""
    grid = grid_of(call.over, base.allowed)
    cells = [base.cell(settings) for settings in grid.cells]
    sets = base.sets
    columns = [
        f"{name}_{metric}"
        for name, there in (("train", True), ("test", sets.test), ("validation", sets.validation))
        if there
        for metric in ("loss", "accuracy")
    ]
    checked = _seeds(call.seeds, MOST_NETWORKS // len(cells))
    measures = measures_of(call.measure, columns)
    eval_every = whole_number(call.eval_every, "eval_every", at_least=1)
    on_the_way = {column for measure in measures for column in measure.on_the_way}
    # The updates of full batches compute these losses anyway.
    sum_losses = eval_every == 1 and on_the_way == {"train_loss"}
    return Networks(
        base=base,
        grid=grid,
        cells=cells,
        seeds=checked,
        groups=groups_of(cells, len(checked), call.engine, sum_losses=sum_losses),
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
