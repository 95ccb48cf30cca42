"""The positions a run passed through, each recomputable from the nearest saved one before it.

An update is a function of the state before it, of the seed and of its number. Training again from a
saved position therefore gives the run's own weights, to the last bit, on the same engine and the
same kind of machine.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Protocol

from rosenblatt.checks import whole_number
from rosenblatt.engines import Engine, Job, State
from rosenblatt.errors import ConfigurationError, FileError

SAVED_ON_THE_WAY = 32
"""Positions saved between the start and the target of a step, for steps in reverse order."""
MOST_BYTES_NEAR = 1 << 27
"""Memory for them, in bytes."""


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


@dataclass(eq=False)
class NearPositions:
    """Positions of a trajectory that are computed one after another, forward or back.

    Going back is as fast as going forward: some positions on the way to the last few targets are
    saved.
    """

    positions: list[Position] = field(default_factory=list)

    def at_update(self, trajectory: Trajectory, update: int) -> Position:
        """Return the position after ``update`` updates."""
        saved: list[SavedPosition] = [PositionInMemory(one) for one in self.positions]
        near = replace(trajectory, saved=[*trajectory.saved, *saved])
        start = max(saved.update for saved in near.saved if saved.update <= update)
        position = near.at_update(start)
        self.positions.sort(key=lambda one: abs(one.update - update))
        most = MOST_BYTES_NEAR // max(bytes_of(position.state), 1)
        del self.positions[min(4 * SAVED_ON_THE_WAY, most) :]
        for stop in _on_the_way(start, update, max(1, min(SAVED_ON_THE_WAY, most))):
            position = near.train_to(position, stop)
            self.positions.append(position)
        return position


def bytes_of(state: State) -> int:
    """Return the bytes of weights and slots; a selection's state is of the same size."""
    groups = [state.params, *state.slots.values()]
    return sum(int(array.nbytes) for arrays in groups for array in arrays.values())


def _on_the_way(start: int, stop: int, most: int) -> list[int]:
    """Return updates after ``start`` up to ``stop``, evenly spaced, about ``most`` of them."""
    if start == stop:
        return []
    apart = max(1, (stop - start) // most)
    return [*range(start + apart, stop, apart), stop]
