"""What a page shows at one moment, immutable: a frame is made of it in another thread."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.layers import Params
from rosenblatt.studio.plane import Plane
from rosenblatt.studio.prepared import Prepared

Floats = npt.NDArray[np.float64]

MOST_POINTS = 2000
"""The number of samples that are shown."""
MOST_CELLS = 50_000
"""The number of their features in all."""
COLUMNS = (
    "epoch",
    "update",
    "seconds",
    "train_loss",
    "train_accuracy",
    "test_loss",
    "test_accuracy",
)


@dataclass(frozen=True, eq=False)
class Points:
    """The samples that are shown, those of the training set first."""

    prepared: Prepared

    @cached_property
    def rows(self) -> npt.NDArray[np.int64]:
        """Their rows in training and test set together, evenly chosen where there are many."""
        n = len(self.prepared.numbers)
        most = min(MOST_POINTS, MOST_CELLS // self.prepared.data.n_features)
        if n <= most:
            return np.arange(n)
        return np.linspace(0, n - 1, max(most, 2)).astype(np.int64)

    @cached_property
    def is_test(self) -> npt.NDArray[np.bool_]:
        """Whether each of them is a row of the test set."""
        return self.rows >= len(self.prepared.train)

    @cached_property
    def inputs(self) -> Floats:
        """The inputs of the model for each of them, (N, D)."""
        test = self.prepared.test
        sets = [self.prepared.train.X] + ([] if test is None else [test.X])
        return np.concatenate(sets)[self.rows]

    @cached_property
    def targets(self) -> npt.NDArray[Any]:
        """The class index or the value of each, (N,) or (N, K)."""
        test = self.prepared.test
        sets = [self.prepared.train.y] + ([] if test is None else [test.y])
        return np.concatenate(sets)[self.rows]

    @cached_property
    def numbers(self) -> npt.NDArray[np.int64]:
        """Their numbers in the data, by which edits name them."""
        return self.prepared.numbers[self.rows]


@dataclass(frozen=True, eq=False)
class Curve:
    """The rows of a curve so far; ``key`` changes when earlier rows do."""

    key: tuple[int, int]
    places: Floats
    values: Floats

    def rows(self, start: int) -> Floats:
        """Return rows from ``start`` on, with the columns of COLUMNS."""
        return np.concatenate([self.places[start:], self.values[start:, 0]], axis=1)


@dataclass(frozen=True, eq=False)
class Population:
    """Many seeds at one moment."""

    seeds: tuple[int, ...]
    params: tuple[Params, ...]
    final: Floats
    failed: float
    epoch: float
    curve: Curve


@dataclass(frozen=True, eq=False)
class Shown:
    """The state of a session for a frame. ``structure`` counts changes of the description."""

    structure: int
    branch: int
    update: int
    epoch: float
    newest: int
    playing: bool
    ended: str | None
    rate: dict[str, float]
    metrics: Floats
    params: Params
    prepared: Prepared
    points: Points
    plane: Plane
    curve: Curve
    many: Population | None = None
    extra: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def drawn(self) -> Params:
        """The weights in the precision of pictures."""
        return {name: value.astype(np.float32) for name, value in self.params.items()}
