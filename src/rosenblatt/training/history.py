"""What was measured during a run: one row per evaluation."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from rosenblatt.errors import ConfigurationError, nearest

if TYPE_CHECKING:
    import pyarrow as pa

COLUMNS = (
    "epoch",
    "updates",
    "examples",
    "seconds",
    "learning_rate",
    "train_loss",
    "train_accuracy",
    "test_loss",
    "test_accuracy",
)
"""The columns of every history.

``epoch`` 0 is before the first update. ``updates`` and ``examples`` count what was done since the
start, ``seconds`` the time spent training (not evaluating). ``learning_rate`` is that of the next
update. Both sets are measured with the same weights: those after ``updates`` updates. Accuracies
are fractions. A column that has no meaning (no test set, or the accuracy of a regression) is NaN. A
perceptron's history also has ``mistakes``: the samples misclassified when visited, since the start.
"""


class Columns:
    """Rows that grow, as an array that grows with them: each row is looked at but once."""

    def __init__(self) -> None:
        self._rows: list[dict[str, float]] = []
        self._values: npt.NDArray[np.float64] = np.empty((0, 0))

    def of(self, rows: list[dict[str, float]]) -> npt.NDArray[np.float64]:
        """Return ``rows`` as (R, C). To them, rows may only have been added since the last time."""
        if rows is not self._rows or len(rows) < len(self._values) or not len(self._values):
            self._rows, self._values = rows, np.empty((0, len(rows[0]) if rows else 0))
        if len(rows) > len(self._values):
            new = [list(row.values()) for row in rows[len(self._values) :]]
            self._values = np.concatenate([self._values, np.array(new, dtype=np.float64)])
        return self._values


WHOLE = ("epoch", "updates", "examples", "mistakes")
"""The columns that hold whole numbers."""


class History(Sequence[Mapping[str, float]]):
    """A table of evaluations. ``history["test_loss"]`` is a column, ``history[-1]`` a row.

    >>> history = History([{"epoch": 0, "train_loss": 0.7}, {"epoch": 10, "train_loss": 0.5}])
    >>> history["train_loss"]
    array([0.7, 0.5])
    >>> history[-1]
    {'epoch': 10, 'train_loss': 0.5}
    """

    def __init__(self, rows: Sequence[Mapping[str, float]]) -> None:
        self._rows = [dict(row) for row in rows]

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(self._rows[0]) if self._rows else COLUMNS

    @property
    def table(self) -> "pa.Table":
        """The history as an Arrow table."""
        import pyarrow as pa

        return pa.table({name: self[name] for name in self.columns})

    def rows(self) -> list[dict[str, float]]:
        """Return the rows as dicts."""
        return [dict(row) for row in self._rows]

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[dict[str, float]]:
        return iter(self.rows())

    def __getitem__(self, which: Any) -> Any:
        if not isinstance(which, str):
            return self.rows()[which]
        if which not in self.columns:
            hint = nearest(which, self.columns)
            raise ConfigurationError(
                f"a history has no column {which!r}; it has {', '.join(self.columns)}{hint}"
            )
        column: npt.NDArray[Any] = np.array([row[which] for row in self._rows])
        return column

    def __repr__(self) -> str:
        if not self._rows:
            return "History(empty)"
        last = ", ".join(f"{name}={value:.6g}" for name, value in self._rows[-1].items())
        return f"History({len(self)} rows; last: {last})"
