"""A callback that stores the weights of evaluated epochs."""

from collections.abc import Iterable
from typing import Any, ClassVar

from rosenblatt.layers import Params
from rosenblatt.training.in_progress import Callback, RunInProgress


class Snapshots(Callback):
    """Store the weights of evaluated epochs.

    Args:
        epochs: which of the evaluated epochs; all of them by default.

    Attributes:
        params: the weights by seed and epoch.

    >>> import rosenblatt as rb
    >>> data, snapshots = rb.data.gaussians(20, seed=0), Snapshots([0, 4])
    >>> runs = rb.train_many(
    ...     rb.MLP(2, [], 2), data, seeds=[5, 6], epochs=8, callbacks=[snapshots])
    >>> sorted(snapshots.params), sorted(snapshots.params[5])
    ([5, 6], [0, 4])
    """

    serves_many: ClassVar[bool] = True

    def __init__(self, epochs: Iterable[int] | None = None) -> None:
        self.epochs = None if epochs is None else frozenset(epochs)
        self.params: dict[int, dict[int, Params]] = {}

    def on_start(self, run: RunInProgress) -> None:
        """Start without weights."""
        self.params[run.seed] = {}

    def on_evaluation(self, run: RunInProgress) -> None:
        """Store the weights, which nothing changes any more."""
        if self.epochs is None or run.epoch in self.epochs:
            self.params[run.seed][run.epoch] = run.params

    def state(self, run: RunInProgress) -> dict[str, Any]:
        """Return the stored weights by epoch."""
        return {str(epoch): params for epoch, params in self.params[run.seed].items()}

    def restore(self, run: RunInProgress, state: dict[str, Any]) -> None:
        """Take the stored weights from a checkpoint."""
        self.params[run.seed] = {int(epoch): params for epoch, params in state.items()}

    def settings(self) -> dict[str, Any]:
        """Return the constructor's arguments by name."""
        return {"epochs": None if self.epochs is None else sorted(self.epochs)}
