"""The progress of a run on standard error."""

from contextlib import ExitStack
from typing import Any

from rosenblatt.progress import Bar, written_loss
from rosenblatt.training.in_progress import Callback, RunInProgress


class Progress(Callback):
    """Show how far a run is: a bar with the time left on a terminal, else a line now and then.

    Args:
        test: what the set given as ``test=`` is called: "validation", where it decides when to
            stop.
    """

    def __init__(self, test: str = "test") -> None:
        self.test = test
        self._shown = ExitStack()
        self._bar: Bar | None = None

    def on_start(self, run: RunInProgress) -> None:
        """Start the bar."""
        epochs = run.epochs
        self._bar = self._shown.enter_context(Bar(epochs, lambda done: f"epoch {done}/{epochs}"))
        if run.rows:
            # What a resumed run has behind it says nothing about how long the rest takes.
            self._bar.resume(run.epoch, self._summary(run.metrics))

    def on_evaluation(self, run: RunInProgress) -> None:
        """Move the bar, or print a line if the last is some seconds old."""
        if self._bar is not None:
            self._bar.show(run.metrics["epoch"], self._summary(run.metrics))

    def on_end(self, run: RunInProgress) -> None:
        """Leave the terminal as it was."""
        self._shown.close()

    def settings(self) -> dict[str, Any]:
        """Return the constructor's arguments by name."""
        return {"test": self.test}

    def _summary(self, row: dict[str, float]) -> str:
        parts = [f"train loss {written_loss(row['train_loss'])}"]
        if row["test_loss"] == row["test_loss"]:
            parts.append(f"{self.test} loss {written_loss(row['test_loss'])}")
        if row["test_accuracy"] == row["test_accuracy"]:
            parts.append(f"{self.test} accuracy {100 * row['test_accuracy']:.2f} %")
        return ", ".join(parts)
