"""Moments along a run, for analyses that look at several of its positions."""

import numpy as np
import numpy.typing as npt

from rosenblatt.engines import Samples
from rosenblatt.engines.choice import expected_seconds
from rosenblatt.errors import ConfigurationError
from rosenblatt.training.run import Run, RunAt, trajectory_of
from rosenblatt.training.trajectory import Position, Trajectory

AFFORDABLE = 1.0
"""Seconds of training again, up to which the moments lie where they are asked for."""


def run_and_update(run: Run | RunAt, at: int | None) -> tuple[Run, int]:
    """Return a run and a number of updates: ``at``, or that of a moment, or that of the end.

    Raises:
        ConfigurationError: the run has no such update, or its training is unknown.
    """
    if isinstance(run, Run):
        trajectory = trajectory_of(run)
        update = trajectory.last.update if at is None else at
        if not trajectory.first_update <= update <= trajectory.last.update:
            raise ConfigurationError(
                f"the run has updates {trajectory.first_update} to {trajectory.last.update}, and "
                f"update {update} was asked for"
            )
        return run, update
    if run.run is None:
        raise ConfigurationError("this moment was not made by run.at, so its data is unknown")
    return run.run, run.update if at is None else at


def moments_of(trajectory: Trajectory, n: int, last: int) -> list[Position]:
    """Return up to ``n`` positions of a run, evenly spaced, its first and update ``last`` included.

    Of a run whose training takes longer than a second, positions between are the nearest that are
    saved.
    """
    first = trajectory.first_update
    updates = np.unique(np.linspace(first, last, max(n, 2)).round().astype(np.int64))
    epochs = -(-(last - first) // trajectory.job.updates_per_epoch)
    if expected_seconds(trajectory.engine, trajectory.job, epochs) > AFFORDABLE:
        saved = np.array([position.update for position in trajectory.saved])
        saved = saved[saved <= last]
        nearest = np.abs(saved[:, np.newaxis] - updates[1:-1]).argmin(axis=0)
        updates = np.unique([first, *saved[nearest], last])
    loads = {position.update: position for position in trajectory.saved}
    positions: list[Position] = []
    for update in updates.tolist():
        if update == trajectory.last.update:
            position = trajectory.last
        elif update in loads:
            position = loads[update].load()
        else:
            before = max(saved for saved in loads if saved <= update)
            start = positions[-1] if positions else loads[before].load()
            if start.update < before:
                start = loads[before].load()
            position = trajectory.train_to(start, update)
        positions.append(position)
    return positions


def in_float64(data: Samples) -> Samples:
    """Return samples in float64."""
    weight = data.sample_weight
    return Samples(
        data.x.astype(np.float64, copy=False),
        data.targets.astype(np.float64, copy=False),
        None if weight is None else weight.astype(np.float64, copy=False),
    )


Floats = npt.NDArray[np.float64]
