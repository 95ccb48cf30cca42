"""Moments of a run: its weights at any update, and a walk through them in both directions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy.typing as npt

from rosenblatt.data import Dataset
from rosenblatt.engines import Metrics, State
from rosenblatt.errors import ConfigurationError, given
from rosenblatt.layers import Array, Params
from rosenblatt.training.path import InMemory, Mark, Path, Place

if TYPE_CHECKING:
    from rosenblatt.training.run import Run

STOPS = 32
"""On the way to a moment so many places are remembered, for a walk that turns round."""


@dataclass(frozen=True, eq=False)
class Moment(Mapping[str, Array]):
    """A run after some update: its weights by name, and what they predict.

    Attributes:
        epoch: how many epochs are done.
        batch: how many batches of the next epoch are done.
        state: what the engine goes on from: the last weights, and the optimizer's slots.
        run: the run, with these weights in place of its own.
    """

    epoch: int
    batch: int
    state: State
    run: "Run"

    @property
    def update(self) -> int:
        """How many updates are done."""
        return self.state.update

    @property
    def params(self) -> Params:
        """The weights by name: the last, or those that the model selects."""
        return self.run.params

    @property
    def selected(self) -> dict[str, Params]:
        """All weights that are kept, by name: "last", and a perceptron's others."""
        return self.run.selected

    def outputs(self, X: npt.ArrayLike) -> Array:
        """Return the model's outputs (N, K) for X (N, D)."""
        return self.run.outputs(X)

    def predict(self, X: npt.ArrayLike) -> npt.NDArray[Any]:
        """Return the predicted labels or values (N,) for X (N, D)."""
        return self.run.predict(X)

    def predict_proba(self, X: npt.ArrayLike) -> Array:
        """Return P(class | x), (N, C)."""
        return self.run.predict_proba(X)

    def evaluate(self, data: Dataset) -> Metrics:
        """Return the mean loss and the accuracy on ``data``."""
        return self.run.evaluate(data)

    def __getitem__(self, name: str) -> Array:
        return self.params[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.params)

    def __len__(self) -> int:
        return len(self.params)

    def __repr__(self) -> str:
        return f"Moment(epoch={self.epoch}, update={self.update})"


def moment_at(run: "Run", place: Place) -> Moment:
    """Return the moment of a run at a place on its path."""
    model, state = run.model, place.state
    selected = {"last": state.params}
    for rule in model.selections:
        selected[rule.name] = rule.chosen(state.kept[rule.name])
    there = replace(run, params=selected[model.selected], selected=selected, row=None)
    return Moment(place.epoch, place.batch, state, there)


class Scrub(Sequence[Moment]):
    """The moments of a run in order, each computed when it is asked for.

    To go back is as quick as to go forward: places on the way to a moment are remembered.
    """

    def __init__(self, run: "Run", path: Path, step: Literal["epoch", "update"]) -> None:
        if step not in ("epoch", "update"):
            raise ConfigurationError(f'step must be "epoch" or "update", got {given(step)}')
        self._run, self._path = run, path
        self._places: list[Place] = []
        first, last = path.first_update, path.last.update
        stride = 1
        if step == "epoch":
            stride = path.job.updates_per_epoch
            # The epochs that ended on the path; the first of them, counted back from the last.
            last -= path.last.batch
            first += (last - first) % stride
        self._updates = range(first, last + 1, stride)

    def __len__(self) -> int:
        return len(self._updates)

    def __getitem__(self, which: Any) -> Any:
        if isinstance(which, slice):
            return [self._at(update) for update in self._updates[which]]
        return self._at(self._updates[which])

    def __iter__(self) -> Iterator[Moment]:
        return map(self._at, self._updates)

    def __reversed__(self) -> Iterator[Moment]:
        return map(self._at, reversed(self._updates))

    def _at(self, update: int) -> Moment:
        marks: list[Mark] = [InMemory(place) for place in self._places]
        near = replace(self._path, marks=[*self._path.marks, *marks])
        start = max(mark.update for mark in near.marks if mark.update <= update)
        place = near.at(start)
        self._places.sort(key=lambda one: abs(one.update - update))
        del self._places[4 * STOPS :]
        for stop in _between(start, update):
            place = near.walk(place, stop)
            self._places.append(place)
        return moment_at(self._run, place)


def _between(start: int, stop: int) -> list[int]:
    """Return updates from after ``start`` to ``stop``, evenly apart and not too many."""
    if start == stop:
        return []
    apart = max(1, (stop - start) // STOPS)
    return [*range(start + apart, stop, apart), stop]
