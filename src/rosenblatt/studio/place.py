"""The shown branch, and the shown position of its path."""

import math

import numpy as np
import numpy.typing as npt

from rosenblatt.engines.base import Samples
from rosenblatt.studio.tree import Branch

SLOW_MEASURING = 0.2
"""Seconds of a measurement from which on earlier updates are not measured again."""


class Place:
    """Where in the tree a session is.

    Attributes:
        branch: the shown branch.
        position: the shown position, of the branch or of one from which it began.
        ended: why training has stopped there, if it has.
        measuring: seconds that the last measurement while training took.
    """

    def __init__(self, branch: Branch) -> None:
        self.branch, self.position = branch, branch.live.position
        self.ended: str | None = None
        self.measuring = 0.0

    @property
    def update(self) -> int:
        """The shown update."""
        return self.position.update

    @property
    def epoch(self) -> float:
        """The number of epochs done there, with the part of the one that is begun."""
        per_epoch = self.branch.live.plan.job.updates_per_epoch
        return self.position.epoch + self.position.batch / per_epoch

    def show(self, branch: Branch, update: int | None = None) -> None:
        """Show another branch, by default at its newest update."""
        self.branch, self.ended = branch, None
        target = branch.newest if update is None else min(update, branch.newest)
        self.position = branch.position_at(max(target, branch.root.at))

    def move_to(self, update: int) -> None:
        """Show an update of the shown branch; beyond the newest it is trained first."""
        branch = self.branch
        self.ended = None
        if update > branch.newest and branch.last is None:
            branch.live.train(update - branch.live.update)
            branch.live.evaluate()
            self.show_newest()
        else:
            self.position = branch.position_at(min(max(update, branch.root.at), branch.newest))

    def show_newest(self) -> None:
        """Show where the branch is now that it has been trained."""
        self.branch.note_end()
        self.position = self.branch.last or self.branch.live.position

    def metrics(self, *, now: bool) -> npt.NDArray[np.float64]:
        """Return loss and accuracy on the training set, then on the test set, (4,).

        Args:
            now: measure the newest position; else its last measurement will do.
        """
        live, update = self.branch.live, self.update
        if self.branch.last is None and update == live.update:
            if now:
                live.evaluate()
            return live.metrics[0]
        owner = self.branch.owner(update).live
        if self.measuring > SLOW_MEASURING:
            # The newest measurement before.
            row = int(np.searchsorted(owner.curve.places[:, 1], update, "right"))
            return owner.curve.values[max(row - 1, 0), 0]
        plan, job = owner.plan, owner.plan.job
        sets: list[Samples | None] = [job.data, plan.test_samples]
        values: list[float] = []
        for samples in sets:
            if samples is None:
                values += [math.nan, math.nan]
                continue
            params = self.position.state.params
            measured = plan.engine.evaluate(job.model, job.loss, params, samples)
            values += [measured.loss, measured.accuracy]
        return np.array(values)
