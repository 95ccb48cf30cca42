"""The end of a run where a measured value first reaches a goal."""

from typing import ClassVar

from rosenblatt.training import Callback, RunInProgress


class Until(Callback):
    """End each run at the first evaluation at which a metric has reached its goal.

    Args:
        metric: a column of the history.
        at_least: the goal of a metric that should grow.
        at_most: the goal of a metric that should fall.
    """

    serves_many: ClassVar[bool] = True

    def __init__(
        self, metric: str, *, at_least: float | None = None, at_most: float | None = None
    ) -> None:
        self._metric = metric
        self._least = float("-inf") if at_least is None else at_least
        self._most = float("inf") if at_most is None else at_most

    def on_evaluation(self, run: RunInProgress) -> None:
        """End the run if it is there."""
        if self._least <= run.metrics[self._metric] <= self._most:
            run.stop(f"{self._metric} has reached its goal")
