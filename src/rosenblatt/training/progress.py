"""The progress of a run on standard error."""

import sys
import time
from typing import TYPE_CHECKING, Any

from rosenblatt.training.callbacks import Callback

if TYPE_CHECKING:
    from rosenblatt.training.trainer import Training

SECONDS_BETWEEN_LINES = 5.0


class Progress(Callback):
    """Show how far a run is: a bar with the time left on a terminal, else a line now and then."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._task: Any = None
        self._last_line = 0.0

    def on_start(self, training: "Training") -> None:
        """Start the bar."""
        self._last_line = time.monotonic()
        if not sys.stderr.isatty():
            return
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self._bar = Progress(
            TextColumn("epoch {task.completed:.0f}/{task.total:.0f}"),
            BarColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.description}"),
            console=Console(stderr=True),
        )
        self._bar.start()
        self._task = self._bar.add_task("", total=training.epochs)

    def on_evaluation(self, training: "Training") -> None:
        """Move the bar, or print a line if the last is some seconds old."""
        summary = _summary(training.row)
        if self._bar is not None:
            self._bar.update(self._task, completed=training.row["epoch"], description=summary)
        elif time.monotonic() - self._last_line >= SECONDS_BETWEEN_LINES:
            self._last_line = time.monotonic()
            print(f"epoch {training.row['epoch']}/{training.epochs}: {summary}", file=sys.stderr)

    def on_end(self, training: "Training") -> None:
        """Leave the terminal as it was."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


def _summary(row: dict[str, float]) -> str:
    parts = [f"train loss {row['train_loss']:.4f}"]
    if row["test_loss"] == row["test_loss"]:
        parts.append(f"test loss {row['test_loss']:.4f}")
    if row["test_accuracy"] == row["test_accuracy"]:
        parts.append(f"test accuracy {100 * row['test_accuracy']:.2f} %")
    return ", ".join(parts)
