"""Rows of the benchmark: the training that each measures."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from rosenblatt.errors import ConfigurationError, nearest

CHECKED_UPDATES = 200
"""Weights are compared after this many updates, or more."""


@dataclass(frozen=True)
class Work:
    """One piece of training, the same for every contender.

    Attributes:
        id: its name on the command line.
        title: its name in tables.
        data: "moons" (two classes in R²), "gaussians" (two in R², overlapping) or "digits-like"
            (as many classes as outputs, in as many dimensions as inputs).
        rows: N, the training samples.
        widths: inputs, hidden units, outputs. Of a perceptron, (D, 1).
        activation: of the hidden layers.
        init: how weights are drawn, from the seed of each member.
        optimizer: "sgd" or "adam".
        learning_rate: constant.
        batch_size: B; the rows are shuffled in every epoch unless B = N.
        members: models trained with the seeds 0, 1, ...; contenders may train them at once.
        epochs: a fixed number, or None: as many as fill a slice of time.
        dtype: "float64" or "float32".
        threads: how many each contender has; 0 for all cores.
        eval_every: epochs between measurements on training and test set (of this engine only), or
            None: at the beginning and the end.
        slice_seconds: how long one turn should take.
        asked: for some contenders, how many times slower than this engine they ought to be.
    """

    id: str
    title: str
    data: Literal["moons", "gaussians", "digits-like"] = "moons"
    rows: int = 800
    widths: tuple[int, ...] = (2, 20, 2)
    activation: Literal["relu", "tanh"] = "relu"
    init: str = "normal"
    optimizer: Literal["sgd", "adam"] = "sgd"
    learning_rate: float = 0.01
    batch_size: int = 1
    members: int = 1
    epochs: int | None = None
    dtype: Literal["float64", "float32"] = "float64"
    threads: int = 1
    eval_every: int | None = None
    slice_seconds: float = 0.4
    asked: Mapping[str, float] = field(default_factory=dict)

    @property
    def is_perceptron(self) -> bool:
        """Whether it is the perceptron's batch rule: one output, its sign."""
        return self.widths[-1] == 1

    @property
    def shuffles(self) -> bool:
        """Whether each epoch has an order of its own."""
        return self.batch_size < self.rows

    @property
    def n_batches(self) -> int:
        """Updates per epoch."""
        return math.ceil(self.rows / self.batch_size)

    @property
    def check_epochs(self) -> int:
        """Epochs after which weights are compared with the reference engine's."""
        return max(2, math.ceil(CHECKED_UPDATES / self.n_batches))

    def as_json(self) -> dict[str, Any]:
        """Return the work as JSON holds it; :meth:`from_json` takes it back."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Work":
        """Return the work that :meth:`as_json` wrote."""
        return cls(**{**values, "widths": tuple(values["widths"])})


BATCH_SIZES = (1, 10, 100, 800)
_ASKED_OF_ONE: Mapping[int, Mapping[str, float]] = {
    1: {"jax": 9.0, "pytorch": 1000.0},
    10: {"jax": 5.5},
    100: {"jax": 5.5},
    800: {"jax": 6.0},
}
_ASKED_OF_64 = {1: 5.0, 10: 9.0, 100: 6.5, 800: 25.0}

WORKS: tuple[Work, ...] = (
    *(
        Work(
            id=f"one-b{size}",
            title=f"one run, B = {size}",
            batch_size=size,
            asked=_ASKED_OF_ONE[size],
        )
        for size in BATCH_SIZES
    ),
    *(
        Work(
            id=f"population-b{size}",
            title=f"64 runs, B = {size}",
            batch_size=size,
            members=64,
            asked={"jax": _ASKED_OF_64[size]},
        )
        for size in BATCH_SIZES
    ),
    Work(
        id="adam",
        title="2-16-16-16-2 tanh, Adam, B = 32",
        widths=(2, 16, 16, 16, 2),
        activation="tanh",
        init="glorot",
        optimizer="adam",
        batch_size=32,
        asked={"jax": 3.5},
    ),
    Work(
        id="digits",
        title="64-100-10, Adam, B = 200",
        data="digits-like",
        rows=1797,
        widths=(64, 100, 10),
        init="glorot",
        optimizer="adam",
        learning_rate=0.001,
        batch_size=200,
        asked={"jax": 1.5},
    ),
    Work(
        id="wide",
        title="784-256-128-10, B = 128, float32, 20 000 rows, two threads",
        data="digits-like",
        rows=20_000,
        widths=(784, 256, 128, 10),
        init="he",
        batch_size=128,
        dtype="float32",
        threads=2,
        slice_seconds=3.0,
        asked={"jax": 1.0},
    ),
    Work(
        id="perceptron",
        title="200 perceptrons, batch rule, 160 rows, 1000 epochs",
        data="gaussians",
        rows=160,
        widths=(2, 1),
        batch_size=160,
        members=200,
        epochs=1000,
        asked={"jax": 5.0},
    ),
)
"""Every row in which contenders are compared."""

OTHER_ROWS: Mapping[str, str] = {
    "e6": "the whole of E6",
    "keeping": "E6 in folders, with a checkpoint each second",
    "scaling": "time and memory against size",
    "import": "import rosenblatt",
}
"""The other rows: what they measure, by id."""


def find_rows(only: Sequence[str] | None) -> tuple[str, ...]:
    """Return the ids of the rows asked for, in the order of the tables; all of them for None.

    Raises:
        ConfigurationError: there is no row of that name.

    >>> find_rows(["import", "one-b10"])
    ('one-b10', 'import')
    """
    known = (*(work.id for work in WORKS), *OTHER_ROWS)
    if only is None:
        return known
    for name in only:
        if name not in known:
            raise ConfigurationError(
                f'there is no row "{name}"; the rows are {", ".join(known)}{nearest(name, known)}'
            )
    return tuple(name for name in known if name in only)
