"""Measurements of a run: one row per evaluation."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from rosenblatt.errors import ConfigurationError, nearest

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from matplotlib.axes import Axes

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

``epoch`` 0 is before the first update. ``updates`` and ``examples`` count since the start.
``seconds`` is the time spent training, without evaluations. ``learning_rate`` is that of the next
update. All sets are measured with the same weights: those after ``updates`` updates. Accuracies are
fractions. A column without a meaning (no test set, or the accuracy of a regression) is NaN.
"""
VALIDATION_COLUMNS = ("validation_loss", "validation_accuracy")
"""Columns of a run that has a validation set, after those of the test set."""
MISTAKES = "mistakes"
"""The last column of a perceptron: samples misclassified when visited, since the start."""
WHOLE_COLUMNS = ("epoch", "updates", "examples", MISTAKES)
"""The columns of whole numbers."""


def check_columns(names: Sequence[str]) -> bool:
    """Return whether these are the columns of a history, in order."""
    rest = tuple(names)[len(COLUMNS) :]
    if tuple(names[: len(COLUMNS)]) != COLUMNS:
        return False
    return rest in ((), (MISTAKES,), VALIDATION_COLUMNS, (*VALIDATION_COLUMNS, MISTAKES))


class RowBuffer:
    """Rows of a growing history as an array, which is extended by the new rows alone."""

    def __init__(self) -> None:
        self._rows: list[dict[str, float]] = []
        self._values: npt.NDArray[np.float64] = np.empty((0, 0))

    def array(self, rows: list[dict[str, float]]) -> npt.NDArray[np.float64]:
        """Return ``rows`` as (R, C). Since the last call, rows may only have been appended."""
        if rows is not self._rows or len(rows) < len(self._values) or not len(self._values):
            self._rows, self._values = rows, np.empty((0, len(rows[0]) if rows else 0))
        if len(rows) > len(self._values):
            new = [list(row.values()) for row in rows[len(self._values) :]]
            self._values = np.concatenate([self._values, np.array(new, dtype=np.float64)])
        return self._values


class History(Sequence[Mapping[str, float]]):
    """A table of evaluations. ``history["test_loss"]`` is a column, ``history[-1]`` a row.

    Rows are shared, not copied: do not change them.

    >>> history = History([{"epoch": 0, "train_loss": 0.7}, {"epoch": 10, "train_loss": 0.5}])
    >>> history["train_loss"]
    array([0.7, 0.5])
    >>> history[-1]
    {'epoch': 10, 'train_loss': 0.5}
    """

    def __init__(self, rows: Sequence[Mapping[str, float]]) -> None:
        self._rows = list(rows)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(self._rows[0]) if self._rows else COLUMNS

    def to_arrow(self) -> "pa.Table":
        """Return the history as an Arrow table."""
        import pyarrow as pa

        return pa.table({name: self[name] for name in self.columns})

    def to_pandas(self) -> "pd.DataFrame":
        """Return the history as a pandas data frame.

        Raises:
            ConfigurationError: pandas is not installed.
        """
        return data_frame({name: self[name] for name in self.columns})

    def plot(self, column: str = "loss", *, ax: "Axes | None" = None) -> "Axes":
        """Draw a measurement of all sets against the epoch, and return the axes.

        Args:
            column: "loss" or "accuracy", drawn for every set that has it; or one column's name.
            ax: where to draw; a new figure by default, which is ``ax.figure``.
        """
        from rosenblatt.plotting.histories import plot_history

        return plot_history({name: self[name] for name in self.columns}, column, ax=ax)

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Mapping[str, float]]:
        return iter(self._rows)

    def __getitem__(self, which: Any) -> Any:
        if not isinstance(which, str):
            return self._rows[which]
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

    def _repr_html_(self) -> str:
        from rosenblatt.training.notebook import history_html

        return history_html(self)


def data_frame(columns: Mapping[str, Any]) -> "pd.DataFrame":
    """Return columns as a pandas data frame.

    Raises:
        ConfigurationError: pandas is not installed.
    """
    try:
        import pandas as pd
    except ImportError as error:
        raise ConfigurationError("to_pandas needs pandas: pip install pandas") from error
    return pd.DataFrame(columns)
