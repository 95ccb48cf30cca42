"""A run's path through weight space: where it has been, and any other place by training again.

Every update is a function of the state before it, the seed and its own place, so the weights at any
update are had from the nearest place before it that was kept. They are those of the run to the last
bit, on the same engine and the same kind of machine.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from rosenblatt.checks import whole_number
from rosenblatt.engines import Engine, Job, State
from rosenblatt.errors import ConfigurationError, FileError

SECONDS_APART = 0.5
"""Places are kept so far apart in training time, so that no other is further away than that."""
MOST_BYTES = 1 << 27
"""Places take no more memory than this: where they would, every other one is given up."""


@dataclass(frozen=True)
class Place:
    """Where a run is: ``epoch`` epochs and ``batch`` batches of the next are done.

    ``mistakes`` have been made so far, as :class:`rosenblatt.engines.Sums` counts them.
    """

    epoch: int
    batch: int
    state: State
    mistakes: int = 0

    @property
    def update(self) -> int:
        """How many updates are done."""
        return self.state.update


def next_stretch(job: Job, epoch: int, batch: int, most: int) -> tuple[range, range | None]:
    """Return what an engine is to train next: whole epochs, or batches of one.

    Args:
        job: what is trained.
        epoch: how many epochs are done.
        batch: how many batches of the next are done.
        most: how many updates at most, at least 1.

    Returns:
        The epochs, and if it is one only and not the whole of it, which of its batches.
    """
    per_epoch = job.updates_per_epoch
    if batch == 0 and most >= per_epoch:
        return range(epoch + 1, epoch + 1 + most // per_epoch), None
    return range(epoch + 1, epoch + 2), range(batch, min(per_epoch, batch + most))


def after_stretch(job: Job, epoch: int, epochs: range, batches: range | None) -> tuple[int, int]:
    """Return how many epochs, and batches of the next, are done after a stretch."""
    if batches is None or batches.stop == job.updates_per_epoch:
        return epochs[-1], 0
    return epoch, batches.stop


class Trail:
    """Places kept while a run goes on: the first, and then one every half second of training.

    Args:
        population: how many runs at the same time share the memory that there is for places.
    """

    def __init__(self, population: int = 1) -> None:
        self.places: list[Place] = []
        self._most_bytes = MOST_BYTES // population
        self._apart = SECONDS_APART
        self._since = 0.0

    def pass_by(self, place: Place, seconds: float) -> None:
        """Keep a place that took so many seconds to reach, if the last is far enough away."""
        self._since += seconds
        if self.places and self._since < self._apart:
            return
        self.places.append(place)
        self._since = 0.0
        if len(self.places) > 2 and len(self.places) * _bytes_of(place.state) > self._most_bytes:
            self.places = self.places[::2]
            self._apart *= 2


def _bytes_of(state: State) -> int:
    """Return how much memory weights and slots take; what selections keep is of their size."""
    sets = [state.params, *state.slots.values()]
    return sum(int(value.nbytes) for one in sets for value in one.values())


class Mark(Protocol):
    """A place that was kept, in memory or in a file."""

    @property
    def update(self) -> int:
        """How many updates are done there."""

    def place(self) -> Place:
        """Return the place."""


@dataclass(frozen=True)
class InMemory:
    """A mark whose place is at hand."""

    kept: Place

    @property
    def update(self) -> int:
        """How many updates are done there."""
        return self.kept.update

    def place(self) -> Place:
        """Return the place."""
        return self.kept


@dataclass(frozen=True, eq=False)
class Path:
    """From the first to the last update of a run, with the places on it that were kept.

    ``marks`` are the kept places, the first of them first, and ``last`` is where the run is now.
    """

    job: Job
    engine: Engine
    marks: Sequence[Mark]
    last: Place

    @property
    def first_update(self) -> int:
        """The first update that can be visited."""
        return self.marks[0].update

    def visit(self, epoch: int | None, update: int | None) -> Place:
        """Return the place after so many epochs, or so many updates, one of the two.

        Raises:
            ConfigurationError: the run was never there; or none or both are given.
            FileError: no mark before it can be read.
        """
        if epoch is not None and update is None:
            return self.at(self.update_of(epoch))
        if update is not None and epoch is None:
            return self.at(update)
        raise ConfigurationError("say an epoch, or an update: one of the two")

    def update_of(self, epoch: int) -> int:
        """Return how many updates are done after ``epoch`` epochs.

        Raises:
            ConfigurationError: the run was never there.
        """
        epoch = whole_number(epoch, "epoch", at_least=0)
        done = (self.last.epoch - epoch) * self.job.updates_per_epoch + self.last.batch
        update = self.last.update - done
        if not self.first_update <= update <= self.last.update:
            epochs = (self.last.update - self.first_update) // self.job.updates_per_epoch
            raise ConfigurationError(
                f"the run was at epochs {self.last.epoch - epochs} to {self.last.epoch}, "
                f"not at {epoch}"
            )
        return update

    def at(self, update: int) -> Place:
        """Return the place after ``update`` updates, from the nearest mark before it.

        Raises:
            ConfigurationError: the run was never there.
            FileError: no mark before it can be read.
        """
        update = whole_number(update, "update", at_least=0)
        if not self.first_update <= update <= self.last.update:
            raise ConfigurationError(
                f"the run was at updates {self.first_update} to {self.last.update}, not at {update}"
            )
        if update == self.last.update:
            return self.last
        before = [mark for mark in self.marks if mark.update <= update]
        before.sort(key=lambda mark: mark.update, reverse=True)
        for mark in before[:-1]:
            with suppress(FileError):
                return self.walk(mark.place(), update)
        return self.walk(before[-1].place(), update)

    def walk(self, place: Place, update: int) -> Place:
        """Return the place at ``update``, from one at or before it, by training again."""
        job, epoch, batch, state = self.job, place.epoch, place.batch, place.state
        mistakes = place.mistakes
        while state.update < update:
            stretch = next_stretch(job, epoch, batch, update - state.update)
            state, sums = self.engine.run(job, state, *stretch)
            if sums.divergence:
                raise ConfigurationError(f"update {update} cannot be visited: {sums.divergence}")
            epoch, batch = after_stretch(job, epoch, *stretch)
            mistakes += sums.mistakes
        return Place(epoch, batch, state, mistakes)
