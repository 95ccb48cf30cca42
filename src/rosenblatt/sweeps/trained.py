"""Networks of a sweep after their training, and what a measure of them is."""

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.data import Dataset
from rosenblatt.engines import Job
from rosenblatt.layers import Params
from rosenblatt.models import Model
from rosenblatt.sweeps.variants import Cell
from rosenblatt.training.predictor import Predictor

Column = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TrainedNetwork(Predictor):
    """A network of a sweep after its training, as a measure of your own is given it.

    Attributes:
        row: its settings, its seed and its final losses and accuracies, by column.
        start: the initial weights by name.
        train: the training set.
        test: the test set, or None.

    The attributes and methods of :class:`rosenblatt.training.Predictor` come with it: ``model``,
    ``params``, ``predict(X)``.

    >>> import rosenblatt as rb
    >>> def distance(network):  # how far the weights have moved
    ...     return float(abs(network.params["0.weight"] - network.start["0.weight"]).max())
    >>> data, rates = rb.data.moons(40, seed=0), {"learning_rate": [0.01, 1.0]}
    >>> sweep = rb.sweep(rb.MLP(2, [3], 2), data, over=rates, epochs=5, measure=[distance])
    >>> slow, fast = sweep.column("distance").tolist()
    >>> slow < fast
    True
    """

    row: Mapping[str, Any] = field(default_factory=dict, kw_only=True)
    start: Params = field(default_factory=dict, kw_only=True)
    train: Dataset | None = field(default=None, kw_only=True)
    test: Dataset | None = field(default=None, kw_only=True)


@dataclass(frozen=True, eq=False)
class Trained:
    """Networks of one group after their training, in packed arrays.

    Attributes:
        model: of all of them, as far as weights have shapes.
        cells: of each network.
        jobs: of each network; models that differ in initial weights alone are one object.
        seeds: the seed of each.
        params: the final weights, (P, networks).
        start: the initial weights, (P, networks).
        diverged: which networks have.
        final: the losses and accuracies at the end, by name, (networks,).
        last_epoch: the epoch after which training has ended.
        epochs: the epochs after which networks were measured on the way, (evaluations,).
        history: the measurements of each epoch, by name, (evaluations, networks).
    """

    model: Model
    cells: Sequence[Cell]
    jobs: Sequence[Job]
    seeds: Sequence[int]
    params: npt.NDArray[Any]
    start: npt.NDArray[Any]
    diverged: npt.NDArray[np.bool_]
    final: Mapping[str, Column]
    last_epoch: int
    epochs: npt.NDArray[np.int64]
    history: Mapping[str, npt.NDArray[np.float64]]

    def weights(self, numbers: npt.NDArray[Any], i: int) -> Params:
        """Return the weights of network i by name."""
        params, at = {}, 0
        for name, shape in self.model.shapes.items():
            size = math.prod(shape)
            params[name] = numbers[at : at + size, i].reshape(shape).copy()
            at += size
        return params

    def alike(self) -> list[list[int]]:
        """Return the networks that have not diverged by model, loss and rows."""
        found: dict[tuple[int, ...], list[int]] = {}
        for i in np.flatnonzero(~self.diverged).tolist():
            job = self.jobs[i]
            key = id(job.model), id(job.loss), id(self.cells[i].sets)
            found.setdefault(key, []).append(i)
        return [*found.values()]


class Measure(ABC):
    """A column of numbers, one for each network; NaN for those that have diverged."""

    name: str

    @property
    def on_the_way(self) -> tuple[str, ...]:
        """The losses and accuracies of epochs before the last that the measure needs."""
        return ()

    @property
    def identity(self) -> str:
        """What determines the numbers: results under the same identity are the same."""
        return self.name

    def check(self, cell: Cell) -> None:  # noqa: B027 - most can measure all networks
        """Check that networks of a cell can be measured, before they are trained.

        Raises:
            ConfigurationError: they cannot.
        """

    @abstractmethod
    def of(self, trained: Trained) -> Column:
        """Return the numbers of networks, (networks,)."""
