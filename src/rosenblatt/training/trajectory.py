"""The positions a run passed through, each recomputable from the nearest saved one before it.

An update is a function of the state before it, of the seed and of its number. Training again from a
saved position therefore gives the run's own weights, to the last bit, on the same engine and the
same kind of machine.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from rosenblatt.checks import whole_number
from rosenblatt.engines import Engine, Job, State
from rosenblatt.errors import ConfigurationError, FileError


@dataclass(frozen=True)
class Position:
    """Where a run is: after ``epoch`` epochs and ``batch`` batches of the next.

    ``mistakes`` is the number of mistakes since the start, counted as in
    :class:`rosenblatt.engines.EpochStats`.
    """

    epoch: int
    batch: int
    state: State
    mistakes: int = 0

    @property
    def update(self) -> int:
        """The number of updates done."""
        return self.state.update


class SavedPosition(Protocol):
    """A position in memory or in a checkpoint file."""

    @property
    def update(self) -> int:
        """The number of updates done there."""

    def load(self) -> Position:
        """Return the position."""


@dataclass(frozen=True)
class PositionInMemory:
    """A saved position that needs no loading."""

    position: Position

    @property
    def update(self) -> int:
        """The number of updates done there."""
        return self.position.update

    def load(self) -> Position:
        """Return the position."""
        return self.position


@dataclass(frozen=True, eq=False)
class Trajectory:
    """All positions of a run from its first saved one to ``last``.

    ``saved`` are the saved positions in order. Any other is computed from the nearest before it.
    """

    job: Job
    engine: Engine
    saved: Sequence[SavedPosition]
    last: Position

    @property
    def first_update(self) -> int:
        """The first update that can be recomputed."""
        return self.saved[0].update

    def position(self, epoch: int | None = None, update: int | None = None) -> Position:
        """Return the position after an epoch or after an update; exactly one is given.

        Raises:
            ConfigurationError: the run has no such position, or none or both are given.
            FileError: no saved position before it can be read.
        """
        if epoch is not None and update is None:
            return self.at_update(self.update_of(epoch))
        if update is not None and epoch is None:
            return self.at_update(update)
        raise ConfigurationError("give an epoch or an update, not both")

    def update_of(self, epoch: int) -> int:
        """Return the number of updates after ``epoch`` epochs.

        Raises:
            ConfigurationError: the run has no such position.
        """
        epoch = whole_number(epoch, "epoch", at_least=0)
        from_there = (self.last.epoch - epoch) * self.job.updates_per_epoch + self.last.batch
        update = self.last.update - from_there
        if not self.first_update <= update <= self.last.update:
            epochs = (self.last.update - self.first_update) // self.job.updates_per_epoch
            raise ConfigurationError(
                f"the run has epochs {self.last.epoch - epochs} to {self.last.epoch}, "
                f"and epoch {epoch} was asked for"
            )
        return update

    def at_update(self, update: int) -> Position:
        """Return the position after ``update`` updates.

        Raises:
            ConfigurationError: the run has no such position.
            FileError: no saved position before it can be read.
        """
        update = whole_number(update, "update", at_least=0)
        if not self.first_update <= update <= self.last.update:
            raise ConfigurationError(
                f"the run has updates {self.first_update} to {self.last.update}, "
                f"and update {update} was asked for"
            )
        if update == self.last.update:
            return self.last
        before = [saved for saved in self.saved if saved.update <= update]
        before.sort(key=lambda saved: saved.update, reverse=True)
        for saved in before[:-1]:
            with suppress(FileError):
                return self.train_to(saved.load(), update)
        return self.train_to(before[-1].load(), update)

    def train_to(self, position: Position, update: int) -> Position:
        """Return the position at ``update``, by training again from one at or before it."""
        job, epoch, batch, state = self.job, position.epoch, position.batch, position.state
        mistakes = position.mistakes
        while state.update < update:
            segment = job.next_segment(epoch, batch, update - state.update)
            state, stats = self.engine.run(job, state, *segment)
            if stats.divergence:
                raise ConfigurationError(
                    f"update {update} cannot be recomputed: {stats.divergence}"
                )
            epoch, batch = job.after_segment(epoch, *segment)
            mistakes += stats.mistakes
        return Position(epoch, batch, state, mistakes)
