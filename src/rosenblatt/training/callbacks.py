"""What may watch a run, and end it: three hooks, what resuming asks for, and the usual callbacks.

A run whose loss stops being finite is ended by the trainer itself, with or without callbacks.
"""

import csv
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TextIO

from rosenblatt.checks import real_number, whole_number
from rosenblatt.errors import ConfigurationError, FileError, nearest
from rosenblatt.layers import Params
from rosenblatt.training.history import COLUMNS

if TYPE_CHECKING:
    from rosenblatt.training.training import Training


class Callback:
    """Does nothing at each of the three moments of a run; subclass it and override some.

    A callback reads ``training``: its settings, ``row`` (the newest evaluation) and ``params`` (the
    weights that were evaluated). It ends the run by ``training.stop(reason)``, and chooses other
    weights for it by ``training.keep(params, row)`` in ``on_end``. Where one callback serves
    several runs, ``on_start`` begins afresh.

    One that remembers something of a run says so in ``state``: a checkpoint keeps it, and where the
    run is resumed from there, ``restore`` gets it back after ``on_start``. ``training.rows`` then
    holds the evaluations up to the checkpoint, of which the callback is not told again.

    Attributes:
        serves_many: whether it keeps runs that go on at the same time apart, by their seeds. Then
            :func:`rosenblatt.train_many` trains them together, else one after the other.
    """

    serves_many: ClassVar[bool] = False

    def on_start(self, training: "Training") -> None:
        """Before the first update and the first evaluation."""

    def on_evaluation(self, training: "Training") -> None:
        """After every evaluation, also that of epoch 0."""

    def on_end(self, training: "Training") -> None:
        """After the last evaluation, however the run ended."""

    def state(self, training: "Training") -> dict[str, Any]:
        """Return what is remembered of this run: plain values and arrays, in dicts by name."""
        return {}

    def restore(self, training: "Training", state: dict[str, Any]) -> None:
        """Remember again what ``state`` returned of this run."""

    def settings(self) -> dict[str, Any]:
        """Return the constructor's arguments by name, as plain values."""
        return {}


@dataclass
class _Watched:
    """What early stopping remembers of a run: its best evaluation, and how many came after it."""

    score: float = math.inf
    row: dict[str, float] = field(default_factory=dict)
    params: Params = field(default_factory=dict)
    waited: int = 0


class EarlyStopping(Callback):
    """End a run that no longer improves, and go back to its best weights.

    Args:
        monitor: the column of the history to watch; a name with "accuracy" should grow, any other
            should fall.
        patience: how many evaluations without improvement end the run, at least 1.
        min_delta: by how much the monitored value must improve to count, at least 0.

    The set that decides when to stop is no longer a test set: give a validation set as ``test=``,
    and measure on data that played no part.
    """

    serves_many: ClassVar[bool] = True

    def __init__(
        self, monitor: str = "test_loss", *, patience: int = 10, min_delta: float = 0.0
    ) -> None:
        if monitor not in COLUMNS:
            raise ConfigurationError(
                f"cannot monitor {monitor!r}; a history has {', '.join(COLUMNS)}"
                f"{nearest(monitor, COLUMNS)}"
            )
        self.monitor = monitor
        self.patience = whole_number(patience, "patience", at_least=1)
        self.min_delta = real_number(min_delta, "min_delta", at_least=0)
        self._watched: dict[int, _Watched] = {}

    def on_start(self, training: "Training") -> None:
        """Begin to watch a run."""
        if self.monitor.startswith("test") and training.test is None:
            raise ConfigurationError(f"early stopping watches {self.monitor}: pass test=")
        self._watched[id(training)] = _Watched()

    def on_evaluation(self, training: "Training") -> None:
        """Compare with the best so far; end the run after too many rows without improvement."""
        watched, value = self._watched[id(training)], training.row[self.monitor]
        score = -value if "accuracy" in self.monitor else value
        if score < watched.score - self.min_delta:
            best = _Watched(score, dict(training.row), training.params)
            self._watched[id(training)] = best
            return
        watched.waited += 1
        if watched.waited >= self.patience:
            best_epoch = (
                f"best at epoch {watched.row['epoch']}" if watched.row else "it was never finite"
            )
            training.stop(
                f"{self.monitor} has not improved for {self.patience} evaluations; {best_epoch}"
            )

    def on_end(self, training: "Training") -> None:
        """Go back to the best weights."""
        watched = self._watched.pop(id(training))
        if watched.params:
            training.keep(watched.params, watched.row)

    def state(self, training: "Training") -> dict[str, Any]:
        """Return the best evaluation, its weights, and how many came after it."""
        return vars(self._watched[id(training)])

    def restore(self, training: "Training", state: dict[str, Any]) -> None:
        """Remember them again."""
        params = state["params"]
        if params:
            params = training.job.model.check_params(params, training.job.data.x.dtype)
        self._watched[id(training)] = _Watched(
            float(state["score"]), dict(state["row"]), params, int(state["waited"])
        )

    def settings(self) -> dict[str, Any]:
        """Return the constructor's arguments by name."""
        return {"monitor": self.monitor, "patience": self.patience, "min_delta": self.min_delta}


class Snapshots(Callback):
    """Keep the weights of evaluated epochs: a run's path.

    Args:
        epochs: which of the evaluated epochs; all of them where none are named.

    Attributes:
        params: the weights by seed and epoch.

    >>> import rosenblatt as rb
    >>> data, path = rb.data.gaussians(20, seed=0), Snapshots([0, 4])
    >>> runs = rb.train_many(rb.MLP(2, [], 2), data, seeds=[5, 6], epochs=8, callbacks=[path])
    >>> sorted(path.params), sorted(path.params[5])
    ([5, 6], [0, 4])
    """

    serves_many: ClassVar[bool] = True

    def __init__(self, epochs: Iterable[int] | None = None) -> None:
        self.epochs = None if epochs is None else frozenset(epochs)
        self.params: dict[int, dict[int, Params]] = {}

    def on_start(self, training: "Training") -> None:
        """Begin a path."""
        self.params[training.seed] = {}

    def on_evaluation(self, training: "Training") -> None:
        """Keep the weights, which nothing changes any more."""
        if self.epochs is None or training.epoch in self.epochs:
            self.params[training.seed][training.epoch] = training.params

    def state(self, training: "Training") -> dict[str, Any]:
        """Return the path so far."""
        return {str(epoch): params for epoch, params in self.params[training.seed].items()}

    def restore(self, training: "Training", state: dict[str, Any]) -> None:
        """Remember it again."""
        self.params[training.seed] = {int(epoch): params for epoch, params in state.items()}

    def settings(self) -> dict[str, Any]:
        """Return the constructor's arguments by name."""
        return {"epochs": None if self.epochs is None else sorted(self.epochs)}


class CSVLog(Callback):
    """Write every evaluation to a CSV file as soon as it is made.

    Args:
        path: the file; "{seed}" in its name is replaced by the run's seed.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = str(path)
        self._file: TextIO | None = None
        self._writer: Any = None

    def on_start(self, training: "Training") -> None:
        """Open the file, and write the rows that a resumed run has already.

        Raises:
            FileError: it cannot be written.
        """
        path = Path(self.path.replace("{seed}", str(training.seed)))
        try:
            self._file = path.open("w", newline="", encoding="utf-8")
        except OSError as error:
            raise FileError(f"cannot write the log {path}: {error.strerror}") from error
        self._writer = None
        for row in training.rows:
            self._write(row)

    def on_evaluation(self, training: "Training") -> None:
        """Write one row."""
        self._write(training.row)

    def on_end(self, training: "Training") -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def settings(self) -> dict[str, Any]:
        """Return the constructor's arguments by name."""
        return {"path": self.path}

    def _write(self, row: dict[str, float]) -> None:
        """Write one row, and the header before the first."""
        if self._file is None:
            return
        if self._writer is None:
            self._writer = csv.DictWriter(self._file, fieldnames=list(row))
            self._writer.writeheader()
        self._writer.writerow(row)
        self._file.flush()
