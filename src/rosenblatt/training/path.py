"""A run's path through weight space: where it has been, and any other place by training again.

Every update is a function of the state before it, the seed and its own place, so the weights at any
update are had from the nearest place before it that was kept. They are those of the run to the last
bit, on the same engine and the same kind of machine.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from rosenblatt.engines import Engine, Job, State
from rosenblatt.errors import ConfigurationError

SECONDS_APART = 0.5
"""Places are kept so far apart in training time, so that no other is further away than that."""
MOST_BYTES = 1 << 27
"""Places take no more memory than this: where they would, every other one is given up."""


@dataclass(frozen=True)
class Place:
    """Where a run is: ``epoch`` epochs and ``batch`` batches of the next are done."""

    epoch: int
    batch: int
    state: State

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


def after_stretch(
    job: Job, epoch: int, epochs: range, batches: range | None
) -> tuple[int, int]:
    """Return how many epochs, and batches of the next, are done after a stretch."""
    if batches is None or batches.stop == job.updates_per_epoch:
        return epochs[-1], 0
    return epoch, batches.stop


class Trail:
    """Places kept while a run goes on: the first, and then one every half second of training."""

    def __init__(self) -> None:
        self.places: list[Place] = []
        self._apart = SECONDS_APART
        self._last = 0.0

    def pass_by(self, place: Place, seconds: float) -> None:
        """Keep a place, if the last that was kept is far enough away in seconds of training."""
        if self.places and seconds - self._last < self._apart:
            return
        self.places.append(place)
        self._last = seconds
        if len(self.places) * _bytes_of(place.state) > MOST_BYTES and len(self.places) > 2:
            self.places = self.places[::2]
            self._apart *= 2


def _bytes_of(state: State) -> int:
    """Return how much memory weights and slots take; what selections keep is of their size."""
    sets = [state.params, *state.slots.values()]
    return sum(int(value.nbytes) for one in sets for value in one.values())


@dataclass(frozen=True, eq=False)
class Path:
    """From the first to the last update of a run, with the places on it that were kept.

    ``marks`` are the kept places, in order: the update of each, and what returns it.
    """

    job: Job
    engine: Engine
    marks: Sequence[tuple[int, Callable[[], Place]]]
    last: Place

    @property
    def first_update(self) -> int:
        """The first update that can be visited."""
        return self.marks[0][0]

    def at_epoch(self, epoch: int) -> Place:
        """Return the place after ``epoch`` epochs.

        Raises:
            ConfigurationError: the run was never there.
        """
        back = (self.last.epoch - epoch) * self.job.updates_per_epoch + self.last.batch
        update = self.last.update - back
        if not self.first_update <= update <= self.last.update:
            first = self.marks[0][1]()
            low = first.epoch + (first.batch > 0)
            raise ConfigurationError(
                f"the run was at epochs {low} to {self.last.epoch}, not at {epoch}"
            )
        return self.at_update(update)

    def at_update(self, update: int) -> Place:
        """Return the place after ``update`` updates.

        Raises:
            ConfigurationError: the run was never there.
        """
        if not self.first_update <= update <= self.last.update:
            raise ConfigurationError(
                f"the run was at updates {self.first_update} to {self.last.update}, not at {update}"
            )
        if update == self.last.update:
            return self.last
        nearest = max((mark for mark in self.marks if mark[0] <= update), key=lambda one: one[0])
        return self.walk(nearest[1](), update)

    def walk(self, place: Place, update: int) -> Place:
        """Return the place at ``update``, from one at or before it, by training again."""
        job, epoch, batch, state = self.job, place.epoch, place.batch, place.state
        while state.update < update:
            epochs, batches = next_stretch(job, epoch, batch, update - state.update)
            state, _ = self.engine.run(job, state, epochs, batches)
            epoch, batch = after_stretch(job, epoch, epochs, batches)
        return Place(epoch, batch, state)


def path_of(job: Job, engine: Engine, places: Sequence[Place], last: Place) -> Path:
    """Return the path of a run whose kept places are in memory."""

    def giving(place: Place) -> Callable[[], Place]:
        return lambda: place

    marks: list[tuple[int, Any]] = [(place.update, giving(place)) for place in places]
    return Path(job, engine, marks, last)
