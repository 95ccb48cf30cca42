"""Successive halving: the cells of a sweep that do badly stop early."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.checks import whole_number
from rosenblatt.errors import ConfigurationError, given, nearest
from rosenblatt.sweeps.chunks import Measured
from rosenblatt.sweeps.measures import is_better_high
from rosenblatt.sweeps.networks import Networks

Lookup = Callable[[npt.NDArray[np.int64], int], tuple[npt.NDArray[np.bool_], Measured]]
"""Returns which networks of a sweep have results after a number of epochs, and the results, given
the numbers of the networks that are wanted."""


@dataclass(frozen=True)
class Halving:
    """The settings of successive halving.

    All cells train to a first rung, a number of epochs. The best 1/η of them train on to the next
    rung, η times as far, and so on to the last, which is the number of epochs of the sweep. With n
    cells and R epochs there are s = min(⌊log_η(R / min_epochs)⌋, ⌈log_η n⌉) halvings, at the rungs

        r_k = ⌈R / η^(s − k)⌉,  k = 0, …, s,  where n_(k+1) = ⌈n_k / η⌉ cells train beyond r_k.

    With enough epochs for ⌈log_η n⌉ halvings, one cell is left at the end, and each rung takes
    about as many epochs of training as another.

    The seeds of a cell stay together: cells are compared by the mean of the measure over their
    seeds. A network that has diverged, or whose measure is NaN, is worse than any other: of two
    cells, the one with fewer of them is ahead, whatever the means of the rest. A cell without any
    number stops. Of cells that are equal, the earlier in the sweep is ahead.

    Source: Jamieson and Talwalkar, *Non-stochastic best arm identification and hyperparameter
    optimization*, AISTATS 2016, algorithm "Successive halving", which has η = 2; rungs in powers of
    η as in Li et al., *Hyperband*, JMLR 18, 2018.

    Attributes:
        factor: η, at least 2.
        min_epochs: the least epochs of a cell, r_0 or less.
        measure: what cells are compared by: a measure of the sweep. By default the loss on the
            validation set, or on the training set if there is no validation set; never that on the
            test set, which would no longer tell how good the chosen cell is.

    Raises:
        ConfigurationError: a number out of range.

    >>> Halving(factor=3).rungs(n_cells=27, epochs=81)
    (3, 9, 27, 81)
    >>> Halving(factor=2, min_epochs=25).rungs(n_cells=1000, epochs=100)
    (25, 50, 100)
    """

    factor: int = 3
    min_epochs: int = 1
    measure: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "factor", whole_number(self.factor, "factor", at_least=2))
        least = whole_number(self.min_epochs, "min_epochs", at_least=1)
        object.__setattr__(self, "min_epochs", least)

    def rungs(self, n_cells: int, epochs: int) -> tuple[int, ...]:
        """Return the epochs at which cells are compared, and the last at which training ends.

        Raises:
            ConfigurationError: there are too few epochs for one halving.
        """
        if n_cells > 1 and epochs < self.factor * self.min_epochs:
            raise ConfigurationError(
                f"halving by {self.factor} from {self.min_epochs} epochs needs at least "
                f"{self.factor * self.min_epochs} epochs, and the sweep has {epochs}"
            )
        halvings, cells, longest = 0, n_cells, self.min_epochs * self.factor
        while cells > 1 and longest <= epochs:
            halvings, cells = halvings + 1, -(-cells // self.factor)
            longest *= self.factor
        return tuple(-(-epochs // self.factor**k) for k in range(halvings, -1, -1))

    def measure_among(self, names: Sequence[str]) -> str:
        """Return the measure that cells are compared by.

        Raises:
            ConfigurationError: the sweep does not have it.
        """
        if self.measure is None:
            return "validation_loss" if "validation_loss" in names else "train_loss"
        if self.measure not in names:
            raise ConfigurationError(
                f"halving compares by {given(self.measure)}, which the sweep does not measure"
                f"{nearest(str(self.measure), names)}; known: {', '.join(names)}"
            )
        return self.measure

    def best(
        self, cells: npt.NDArray[np.int64], values: npt.NDArray[np.float64], *, highest: bool
    ) -> npt.NDArray[np.int64]:
        """Return the cells that train on, in order.

        Args:
            cells: the cells that are compared, (cells,), in order.
            values: the measure of their networks, (cells, seeds).
            highest: whether larger numbers are better.
        """
        has = np.isfinite(values)
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            means = np.where(has, values, 0.0).sum(axis=1) / has.sum(axis=1)
        order = np.lexsort((-means if highest else means, (~has).sum(axis=1)))
        order = order[np.asarray(has.any(axis=1))[order]]
        return np.sort(cells[order[: -(-len(cells) // self.factor)]])


def halving_of(value: object) -> Halving | None:
    """Return the halving that an argument or a file names: True, settings, or none.

    Raises:
        ConfigurationError: something else.
    """
    if value is None or value is False:
        return None
    if value is True:
        return Halving()
    if isinstance(value, Halving):
        return value
    if isinstance(value, Mapping):
        known = [one.name for one in fields(Halving)]
        for name in value:
            if name not in known:
                raise ConfigurationError(
                    f"halving has no {given(name)}{nearest(str(name), known)}; known: "
                    f"{', '.join(known)}"
                )
        return Halving(**value)
    raise ConfigurationError(
        f"halving must be True, or settings such as Halving(factor=3), got {given(value)}"
    )


@dataclass(frozen=True)
class Plan:
    """How the cells of a sweep are halved.

    Attributes:
        halving: the settings.
        rungs: the epochs at which cells are compared, and at which training ends.
        measure: what they are compared by.
    """

    halving: Halving
    rungs: tuple[int, ...]
    measure: str

    def plain(self) -> dict[str, Any]:
        """Return the plan as JSON holds it."""
        return {**asdict(self.halving), "rungs": list(self.rungs)}


def plan_from(plain: object, measures: Sequence[str]) -> Plan:
    """Return the plan that :meth:`Plan.plain` describes.

    Raises:
        ConfigurationError: it describes none.
    """
    if not isinstance(plain, Mapping):
        raise ConfigurationError(f"a halving is {given(plain)}, and no settings")
    settings = dict(plain)
    rungs = settings.pop("rungs", None)
    if not isinstance(rungs, list) or not rungs:
        raise ConfigurationError(f"the rungs of a halving are {given(rungs)}")
    checked = tuple(whole_number(rung, "rungs", at_least=1) for rung in rungs)
    if list(checked) != sorted(set(checked)):
        raise ConfigurationError(f"the rungs of a halving are {given(rungs)}, and do not grow")
    halving = halving_of(settings)
    assert halving is not None
    return Plan(halving, checked, halving.measure_among(measures))


def plan_of(halving: Halving, networks: Networks) -> Plan:
    """Return how the cells of a sweep are halved.

    Raises:
        ConfigurationError: cells have different numbers of epochs, or too few, or the measure is
            not one of the sweep.
    """
    epochs = {cell.epochs for cell in networks.cells}
    if len(epochs) > 1:
        raise ConfigurationError(
            f"with halving all cells have the same epochs, and over has "
            f"{', '.join(map(str, sorted(epochs)))}"
        )
    measure = halving.measure_among([one.name for one in networks.measures])
    return Plan(halving, halving.rungs(len(networks.cells), epochs.pop()), measure)


@dataclass(frozen=True)
class Halved:
    """The networks of a sweep after halving, each as it was when its training ended.

    Attributes:
        computed: whether each has the results of all rungs that it reached, (networks,).
        measured: which have diverged, and the measures.
        epochs: for how many epochs each has trained, (networks,); 0 of one without results.
        all_epochs: those of networks that did not stop early.
    """

    computed: npt.NDArray[np.bool_]
    measured: Measured
    epochs: npt.NDArray[np.int64]
    all_epochs: int


def halve(
    plan: Plan, n_networks: int, n_seeds: int, lookup: Lookup, names: Sequence[str]
) -> Halved:
    """Return the networks after halving.

    Args:
        plan: the rungs.
        n_networks: the networks of the sweep, those of a cell in a row.
        n_seeds: the networks of a cell.
        lookup: returns, or computes, the results after a number of epochs. Where it does not have
            those of all networks that are wanted, nothing is known of later rungs.
        names: the measures.
    """
    computed = np.zeros(n_networks, bool)
    diverged = np.zeros(n_networks, bool)
    epochs = np.zeros(n_networks, np.int64)
    measured = {name: np.full(n_networks, np.nan) for name in names}
    cells = np.arange(n_networks // n_seeds)
    for rung in plan.rungs:
        wanted = (cells[:, np.newaxis] * n_seeds + np.arange(n_seeds)).ravel()
        there, (of_rung, columns) = lookup(wanted, rung)
        computed[wanted] = there[wanted]
        new = wanted[there[wanted]]
        epochs[new], diverged[new] = rung, of_rung[new]
        for name in names:
            measured[name][new] = columns[name][new]
        if len(new) < len(wanted):
            break
        values = columns[plan.measure][wanted].reshape(-1, n_seeds)
        cells = plan.halving.best(cells, values, highest=is_better_high(plan.measure))
        if not len(cells):
            break
    return Halved(computed, (diverged, measured), epochs, plan.rungs[-1])
