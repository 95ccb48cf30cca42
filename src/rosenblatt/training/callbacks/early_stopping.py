"""A callback that ends a run without improvement and restores its best weights."""

import math
import warnings
from dataclasses import dataclass, field
from typing import Any, ClassVar

from rosenblatt.checks import real_number, whole_number
from rosenblatt.errors import ConfigurationError, nearest
from rosenblatt.layers import Params
from rosenblatt.training.history import COLUMNS, VALIDATION_COLUMNS
from rosenblatt.training.in_progress import Callback, RunInProgress

MONITORS = (*COLUMNS, *VALIDATION_COLUMNS)


@dataclass
class _Best:
    """The best evaluation of a run, and the number of evaluations since then."""

    score: float = math.inf
    row: dict[str, float] = field(default_factory=dict)
    params: Params = field(default_factory=dict)
    waited: int = 0


class EarlyStopping(Callback):
    """End a run that no longer improves, and go back to its best weights.

    Args:
        monitor: the column of the history to watch ("val_loss" means "validation_loss"). Accuracies
            should grow, all other columns should fall. By default the loss on the validation set;
            if the run has only a test set, the loss on that, with a warning.
        patience: the number of evaluations without improvement that ends the run, at least 1.
        min_delta: the least change of the monitored value that is an improvement, at least 0.

    The set that decides when to stop does not measure how well the model generalises: pass
    ``validation=`` for the decision, and ``test=`` for the measurement.

    >>> import rosenblatt as rb
    >>> data = rb.data.moons(60, noise=0.3, seed=0)
    >>> train, held_out = data.split(test_size=0.5, seed=0)
    >>> run = rb.train(rb.MLP(2, [8], 2), train, validation=held_out, optimizer=rb.SGD(5.0),
    ...     epochs=500, callbacks=[rb.EarlyStopping(patience=5)])
    >>> run.stopped.startswith("validation_loss has not improved for 5 evaluations")
    True
    """

    serves_many: ClassVar[bool] = True

    def __init__(
        self, monitor: str | None = None, *, patience: int = 10, min_delta: float = 0.0
    ) -> None:
        if monitor is not None:
            monitor = str(monitor)
            if monitor.startswith("val_"):
                monitor = f"validation_{monitor.removeprefix('val_')}"
            if monitor not in MONITORS:
                raise ConfigurationError(
                    f"cannot monitor {monitor!r}; a history has {', '.join(MONITORS)}"
                    f"{nearest(monitor, MONITORS)}"
                )
        self.monitor = monitor
        self.patience = whole_number(patience, "patience", at_least=1)
        self.min_delta = real_number(min_delta, "min_delta", at_least=0)
        self._watched: dict[int, _Best] = {}

    def on_start(self, run: RunInProgress) -> None:
        """Start to watch a run.

        Raises:
            ConfigurationError: the run does not measure the monitored column.
        """
        column = self._column(run)
        if column.startswith("validation") and run.validation is None:
            raise ConfigurationError(f"early stopping watches {column}: pass validation=")
        if column.startswith("test") and run.test is None:
            raise ConfigurationError(f"early stopping watches {column}: pass test=")
        if self.monitor is None and run.validation is None and not self._watched:
            warnings.warn(
                "early stopping watches the test set, which then no longer measures how well the "
                'model generalises; pass validation=, or say EarlyStopping("test_loss")',
                stacklevel=2,
            )
        self._watched[id(run)] = _Best()

    def on_evaluation(self, run: RunInProgress) -> None:
        """Compare with the best evaluation; end the run after too many without improvement."""
        best, column = self._watched[id(run)], self._column(run)
        value = run.metrics[column]
        score = -value if "accuracy" in column else value
        if score < best.score - self.min_delta:
            self._watched[id(run)] = _Best(score, dict(run.metrics), run.params)
            return
        best.waited += 1
        if best.waited >= self.patience:
            when = f"best at epoch {best.row['epoch']}" if best.row else "it was never finite"
            run.stop(f"{column} has not improved for {self.patience} evaluations; {when}")

    def on_end(self, run: RunInProgress) -> None:
        """Go back to the best weights."""
        best = self._watched.pop(id(run))
        if best.params:
            run.choose(best.params, best.row)

    def state(self, run: RunInProgress) -> dict[str, Any]:
        """Return the best evaluation, its weights, and the number of evaluations since then."""
        return vars(self._watched[id(run)])

    def restore(self, run: RunInProgress, state: dict[str, Any]) -> None:
        """Take the best evaluation from a checkpoint."""
        params = state["params"]
        if params:
            params = run.job.model.check_params(params, run.job.data.x.dtype)
        self._watched[id(run)] = _Best(
            float(state["score"]), dict(state["row"]), params, int(state["waited"])
        )

    def settings(self) -> dict[str, Any]:
        """Return the constructor's arguments by name."""
        return {"monitor": self.monitor, "patience": self.patience, "min_delta": self.min_delta}

    def _column(self, run: RunInProgress) -> str:
        """Return the column to watch."""
        if self.monitor is not None:
            return self.monitor
        return "test_loss" if run.validation is None and run.test is not None else "validation_loss"
