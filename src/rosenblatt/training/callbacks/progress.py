"""The progress of a run on standard error."""

from contextlib import ExitStack
from typing import Any

from rosenblatt.progress_bar import Bar, written_loss
from rosenblatt.training.in_progress import Callback, RunInProgress

NAN = float("nan")


class Progress(Callback):
    """Show the progress of a run: a bar with the time left on a terminal, else a line now and then.

    Args:
        test: the name of the set given as ``test=``: "validation" if it decides when to stop.

    >>> import rosenblatt as rb
    >>> run = rb.train(rb.MLP(2, [2], 2), rb.data.moons(40), epochs=2, callbacks=[rb.Progress()])
    >>> run.history[-1]["epoch"]
    2
    """

    def __init__(self, test: str = "test") -> None:
        self.test = test
        self._shown = ExitStack()
        self._bar: Bar | None = None

    def on_start(self, run: RunInProgress) -> None:
        """Start the bar."""
        epochs = run.epochs
        # A batch of all samples is the default of train, which surprises many users.
        note = " (1 update each)" if run.job.updates_per_epoch == 1 else ""
        bar = Bar(epochs, lambda done: f"epoch {done}/{epochs}{note}")
        self._bar = self._shown.enter_context(bar)
        if run.rows:
            # The epochs before a resumed run do not predict how long the rest takes.
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
        for name, label in (("validation", "validation"), ("test", self.test)):
            loss, accuracy = (row.get(f"{name}_{which}", NAN) for which in ("loss", "accuracy"))
            if loss == loss:
                parts.append(f"{label} loss {written_loss(loss)}")
            if accuracy == accuracy:
                parts.append(f"{label} accuracy {100 * accuracy:.2f} %")
        return ", ".join(parts)
