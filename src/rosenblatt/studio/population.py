"""Many seeds of the same settings, trained as one population."""

import numpy as np

from rosenblatt.studio.prepared import Prepared
from rosenblatt.studio.shown import Curve, Population
from rosenblatt.training import LiveTraining

EPOCHS = 300
"""The number of epochs of a population where the settings have none."""
SHOWN = 24
"""The number of members whose weights are shown."""


class PopulationTraining:
    """A population that trains up to a number of epochs.

    Args:
        prepared: the settings of all members.
        seeds: their number; the first has the seed of the settings.
        epochs: the number of epochs.
        key: tells this population's curve from others.
    """

    def __init__(self, prepared: Prepared, seeds: int, epochs: int | None, key: int) -> None:
        first = prepared.seed
        self.prepared, self.key = prepared, key
        self.epochs = epochs or prepared.epochs or EPOCHS
        self.live = LiveTraining(
            prepared.model,
            prepared.train,
            seeds=range(first, first + seeds),
            **prepared.keywords(),
        )

    @property
    def is_running(self) -> bool:
        """Whether epochs are left."""
        return self.live.is_running and self.live.epoch < self.epochs

    def train_for(self, seconds: float) -> None:
        """Train for a short while."""
        per_epoch = self.live.plan.job.updates_per_epoch
        self.live.train_for(seconds, self.epochs * per_epoch - self.live.update)
        if not self.is_running:
            self.live.evaluate()

    def shown(self) -> Population:
        """Return the population at this moment."""
        live = self.live
        metrics = live.metrics
        has_test = not np.isnan(metrics[:, 2]).all()
        column = (3 if has_test else 1) if self.prepared.data.classes is not None else 0
        final = metrics[:, column]
        return Population(
            seeds=tuple(live.seeds),
            params=tuple(live.params_of(i) for i in range(min(SHOWN, len(live.seeds)))),
            final=final,
            failed=self._failed(final),
            epoch=live.epoch,
            curve=Curve((self.key, live.curve.thinned), live.curve.places, live.curve.values),
        )

    def _failed(self, final: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float:
        """Return the share that has diverged, or is far behind the best.

        A classifier is far behind where it has learnt less than half of what the best one has
        learnt beyond guessing.
        """
        stopped = np.array(self.live.stopped_members)
        classes = self.prepared.data.classes
        if classes is None or np.isnan(final).all():
            return float(stopped.mean())
        guessing = float(np.bincount(self.prepared.train.y).max() / len(self.prepared.train))
        halfway = guessing + 0.5 * (float(np.nanmax(final)) - guessing)
        return float((stopped | ~(final >= halfway)).mean())
