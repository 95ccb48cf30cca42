"""The positions a run passed through, each recomputable from the nearest saved one before it.

An update is a function of the state before it, of the seed and of its number. Training again from a
saved position therefore gives the weights that the run had, to the last bit, on the same engine and
the same kind of machine.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from rosenblatt.checks import whole_number
from rosenblatt.engines import Engine, Job, State
from rosenblatt.errors import ConfigurationError, FileError

SECONDS_APART = 0.5
"""Seconds of training between saved positions: recomputing any other takes no longer than this."""
MOST_BYTES = 1 << 27
"""Memory for saved positions, in bytes. Every other one is dropped when they would take more."""

Segment = tuple[range, range | None]
"""Consecutive updates for one call of an engine: epochs, and the batches of the only epoch if that
epoch is not complete."""


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


def next_segment(job: Job, epoch: int, batch: int, most: int) -> Segment:
    """Return the segment after ``epoch`` epochs and ``batch`` batches, of at most ``most`` updates.

    It has whole epochs, or batches of one epoch.
    """
    per_epoch = job.updates_per_epoch
    if batch == 0 and most >= per_epoch:
        return range(epoch + 1, epoch + 1 + most // per_epoch), None
    return range(epoch + 1, epoch + 2), range(batch, min(per_epoch, batch + most))


def after_segment(job: Job, epoch: int, epochs: range, batches: range | None) -> tuple[int, int]:
    """Return the epochs and the batches of the next epoch that are done after a segment."""
    if batches is None or batches.stop == job.updates_per_epoch:
        return epochs[-1], 0
    return epoch, batches.stop


class PositionLog:
    """Positions saved in memory during a run: the first, then one per half second of training.

    Args:
        population: the number of runs that share the memory.
    """

    def __init__(self, population: int = 1) -> None:
        self.positions: list[Position] = []
        self._most_bytes = MOST_BYTES // population
        self._seconds_apart = SECONDS_APART
        self._seconds_since_last = 0.0

    def add(self, position: Position, seconds: float) -> None:
        """Save a position that took ``seconds`` to reach, if the last one is far enough away."""
        self._seconds_since_last += seconds
        if self.positions and self._seconds_since_last < self._seconds_apart:
            return
        self.positions.append(position)
        self._seconds_since_last = 0.0
        saved = self.positions
        if len(saved) > 2 and len(saved) * _bytes_of(position.state) > self._most_bytes:
            self.positions = saved[::2]
            self._seconds_apart *= 2


def _bytes_of(state: State) -> int:
    """Return the bytes of weights and slots; a selection's state is of the same size."""
    groups = [state.params, *state.slots.values()]
    return sum(int(array.nbytes) for arrays in groups for array in arrays.values())


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
            segment = next_segment(job, epoch, batch, update - state.update)
            state, stats = self.engine.run(job, state, *segment)
            if stats.divergence:
                raise ConfigurationError(
                    f"update {update} cannot be recomputed: {stats.divergence}"
                )
            epoch, batch = after_segment(job, epoch, *segment)
            mistakes += stats.mistakes
        return Position(epoch, batch, state, mistakes)
