"""The progress of a run on standard error."""

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from rosenblatt.progress import Bar, written_loss
from rosenblatt.training.callbacks import Callback

if TYPE_CHECKING:
    from rosenblatt.training.training import Training


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

    def on_start(self, training: "Training") -> None:
        """Start the bar."""
        epochs = training.epochs
        self._bar = self._shown.enter_context(Bar(epochs, lambda done: f"epoch {done}/{epochs}"))
        if training.rows:
            # What a resumed run has behind it says nothing about how long the rest takes.
            self._bar.resume(training.epoch, self._summary(training.row))

    def on_evaluation(self, training: "Training") -> None:
        """Move the bar, or print a line if the last is some seconds old."""
        if self._bar is not None:
            self._bar.show(training.row["epoch"], self._summary(training.row))

    def on_end(self, training: "Training") -> None:
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
