"""The first update at which the weights of two runs differ."""

from dataclasses import dataclass

import numpy as np

from rosenblatt.errors import ConfigurationError
from rosenblatt.layers import Linear, Params
from rosenblatt.training import Run
from rosenblatt.training.run import plan_of
from rosenblatt.training.trajectory import Position, Trajectory

EpochBatch = tuple[int, int]
"""A place of a run: how many epochs are done, and how many batches of the next."""


@dataclass(frozen=True)
class FirstDifference:
    """The first place at which the weights of two runs differ.

    Attributes:
        epoch: how many epochs are done there.
        batch: how many batches of the next epoch are done.
        updates: how many updates each of the two runs has done there.
        same_until: the last place, (epoch, batch), at which they are known to have been the same:
            just before it, or the same place where weights were edited there. None where they
            differ from the start.
        exact: whether nothing lies in between. It is False where the epochs of the runs have
            different numbers of updates, and for a branch of a branch, whose past is not its own.
    """

    epoch: int
    batch: int
    updates: tuple[int, int]
    same_until: EpochBatch | None
    exact: bool

    def __str__(self) -> str:
        first, second = self.updates
        there = _named((self.epoch, self.batch))
        update = f"update {first}" if first == second else f"updates {first} and {second}"
        if self.exact:
            return f"after {there} ({update})"
        if self.same_until is None:
            return f"by the end of {there} ({update}), the first place that both are known at"
        return f"between the ends of {_named(self.same_until)} and {there} ({update})"


def _named(at: EpochBatch) -> str:
    """Return what messages call a place.

    >>> _named((300, 0)), _named((300, 3))
    ('epoch 300', 'batch 3 of epoch 301')
    """
    epoch, batch = at
    return f"batch {batch} of epoch {epoch + 1}" if batch else f"epoch {epoch}"


class Replay:
    """A run's trajectory replayed forwards, each position from the one before it.

    ``columns`` has, for each column of the other run's data, its position among this run's; it is
    None where both have the same order.
    """

    columns: list[int] | None = None

    def __init__(self, run: Run, trajectory: Trajectory) -> None:
        self.run, self.trajectory = run, trajectory
        self._position: Position | None = None

    @property
    def per_epoch(self) -> int:
        """How many updates an epoch has."""
        return self.trajectory.job.updates_per_epoch

    @property
    def last(self) -> EpochBatch:
        """The last place."""
        return self.trajectory.last.epoch, self.trajectory.last.batch

    @property
    def first(self) -> EpochBatch:
        """The first place."""
        epoch, batch = self.last
        done = self.trajectory.last.update - self.trajectory.first_update
        return divmod(epoch * self.per_epoch + batch - done, self.per_epoch)

    @property
    def epochs(self) -> range:
        """The epochs at whose end the run was."""
        epoch, batch = self.first
        return range(epoch + (batch > 0), self.last[0] + 1)

    def update_at(self, epoch: int, batch: int = 0) -> int:
        """Return how many updates are done at a place."""
        last = self.trajectory.last
        return last.update - (last.epoch - epoch) * self.per_epoch - (last.batch - batch)

    def at(self, epoch: int, batch: int = 0) -> Position:
        """Return a place: from the one before, unless a mark is nearer."""
        update, here = self.update_at(epoch, batch), self._position
        ends = update == self.trajectory.last.update
        near = max(saved.update for saved in self.trajectory.saved if saved.update <= update)
        if here is None or ends or not near <= here.update <= update:
            self._position = self.trajectory.at_update(update)
        else:
            self._position = self.trajectory.train_to(here, update)
        return self._position

    def weights(self, epoch: int, batch: int = 0) -> Params:
        """Return the weights at a place, those of the inputs in the order of ``columns``."""
        return self.by_column(self.at(epoch, batch).state.params)

    def by_column(self, params: Params) -> Params:
        """Return weights of this run with the rows of the first layer in the order of ``columns``.

        Raises:
            ConfigurationError: the first layer is not linear, so it has no row for each column.
        """
        if self.columns is None:
            return params
        first = next(iter(params)).partition(".")[0]
        layer = self.run.model.layers[int(first)]
        if not isinstance(layer, Linear) or layer.n_inputs != len(self.columns):
            raise ConfigurationError(
                "the runs have the same columns in different orders, and their first layer with "
                f"weights, a {type(layer).__name__}, has no row for each column; train both on "
                "columns in one order"
            )
        name = f"{first}.weight"
        return {**params, name: params[name][self.columns]}


def find_first_difference(a: Replay, b: Replay, shared: list[int]) -> FirstDifference | None:
    """Return where two runs part, or None where they never do.

    Weights are compared at the first place that both runs were at, and at the end of every epoch
    from there on. The first epoch at whose end they differ is walked through again, one update at
    a time, where the epochs of both have as many.

    Args:
        a: a run.
        b: another, whose weights have the same shapes.
        shared: the evaluated epochs that a branch has from the run that it branched off.

    Raises:
        ConfigurationError: there is no place that both were at.
    """
    alike = a.per_epoch == b.per_epoch
    first, last = _in_common(a, b, alike)
    if differ(a.weights(*first), b.weights(*first)):
        before = (shared[-1], 0) if shared else None
        if _branches_there(a, b, first) or _branches_there(b, a, first):
            before = first
        return _first_difference(a, b, first, before, exact=first in ((0, 0), before))
    same = first
    for epoch in range(first[0] + 1, last[0] + 1):
        if differ(a.weights(epoch), b.weights(epoch)):
            if not alike:
                return _first_difference(a, b, (epoch, 0), same, exact=False)
            return _within(a, b, same, (epoch, 0))
        same = (epoch, 0)
    return _within(a, b, same, last) if last[1] else None


def _branches_there(run: Replay, branch: Replay, first: EpochBatch) -> bool:
    """Return whether the branch began at this place of the run, with its weights before an edit."""
    before_edit = plan_of(branch.run).before_edit
    if before_edit is None:
        return False
    there = run.at(*first)
    return branch.first == first and all(
        np.array_equal(value, there.state.params[name]) for name, value in before_edit.items()
    )


def differ(first: Params, second: Params) -> bool:
    """Return whether weights differ in any bit of their values."""
    return not all(np.array_equal(first[name], second[name], equal_nan=True) for name in first)


def departures(a: Replay, b: Replay, first_difference: FirstDifference) -> tuple[Params, Params]:
    """Return the weights of each run from which they part: the same where they were."""
    at = (first_difference.epoch, first_difference.batch)
    if first_difference.same_until is not None and first_difference.same_until >= max(
        a.first, b.first
    ):
        at = first_difference.same_until
    return a.weights(*at), b.weights(*at)


def _in_common(a: Replay, b: Replay, alike: bool) -> tuple[EpochBatch, EpochBatch]:
    """Return the first and the last place that both runs were at."""
    if alike:
        first, last = max(a.first, b.first), min(a.last, b.last)
    else:
        # Where epochs have different numbers of updates, only their ends compare.
        first = (max(a.epochs.start, b.epochs.start), 0)
        last = (min(a.epochs.stop, b.epochs.stop) - 1, 0)
    if first > last:
        ranges = [f"{replay.epochs.start} to {replay.epochs.stop - 1}" for replay in (a, b)]
        raise ConfigurationError(
            f"the runs have no epoch in common: the first was at epochs {ranges[0]}, the second "
            f"at {ranges[1]}; contrast runs that overlap"
        )
    return first, last


def _within(a: Replay, b: Replay, same: EpochBatch, until: EpochBatch) -> FirstDifference | None:
    """Return the first place after ``same``, and up to ``until``, at which the runs differ."""
    per_epoch = a.per_epoch
    before = same
    start, stop = (epoch * per_epoch + batch for epoch, batch in (same, until))
    for position in range(start + 1, stop + 1):
        at = divmod(position, per_epoch)
        if differ(a.weights(*at), b.weights(*at)):
            return _first_difference(a, b, at, before, exact=True)
        before = at
    return None


def _first_difference(
    a: Replay, b: Replay, at: EpochBatch, before: EpochBatch | None, *, exact: bool
) -> FirstDifference:
    return FirstDifference(*at, (a.update_at(*at), b.update_at(*at)), before, exact)
