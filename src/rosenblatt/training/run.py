"""Runs: trained weights with the history, the trajectory and the settings behind them."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from rosenblatt.data import Dataset
from rosenblatt.engines import State
from rosenblatt.errors import ConfigurationError, given, nearest
from rosenblatt.layers import Array, Params
from rosenblatt.training.history import History, data_frame
from rosenblatt.training.in_progress import Callback
from rosenblatt.training.predictor import Predictor
from rosenblatt.training.trajectory import NearPositions, Position, Trajectory

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from matplotlib.axes import Axes

    from rosenblatt.analysis import Explanation
    from rosenblatt.data import Standardizer
    from rosenblatt.losses import Loss
    from rosenblatt.optimizers import Optimizer
    from rosenblatt.optimizers.base import LearningRate
    from rosenblatt.runs import Contrast
    from rosenblatt.training.plan import Edit, Plan


@dataclass(frozen=True, eq=False)
class Run(Predictor):
    """A trained run, as :func:`rosenblatt.train` returns it.

    Attributes:
        params: the weights by name: the last, or those that the model or a callback chose.
        history: one row per evaluation.
        seed: the run's seed.
        metrics: the row of the history that was measured with ``params``: the last, or the best
            after early stopping. None where no evaluation measured them: the first loss was not
            finite, or other weights were chosen.
        weights: all weights of the end by name: "last", and a perceptron's "pocket" and "averaged".
        diverged: whether the loss stopped being finite, or ended beyond 1e30 times its start.
        directory: the run's folder, if it has one.

    The attributes of :class:`rosenblatt.training.Predictor` come with it.

    >>> import rosenblatt as rb
    >>> data = rb.data.moons(100, noise=0.2, seed=0)
    >>> run = rb.train(rb.MLP(2, [4], 2), data, epochs=10)
    >>> run.params["0.weight"].shape, run.predict([[0.0, 1.0]]).shape, run.at(epoch=3).update
    ((2, 4), (1,), 3)
    """

    history: History = field(kw_only=True)
    seed: int = field(kw_only=True)
    metrics: Mapping[str, float] | None = field(default=None, kw_only=True)
    weights: Mapping[str, Params] = field(default_factory=dict, kw_only=True)
    diverged: bool = field(default=False, kw_only=True)
    directory: Path | None = field(default=None, kw_only=True)
    _plan: "Plan | None" = field(default=None, kw_only=True)
    _trajectory: Trajectory | None = field(default=None, kw_only=True)

    def with_weights(self, name: str) -> "Run":
        """Return this run with other weights of its end: "last", "pocket" or "averaged".

        Raises:
            ConfigurationError: the run has none of that name.
        """
        if name not in self.weights:
            hint = nearest(name, self.weights)
            raise ConfigurationError(
                f"the run has no weights {name!r}; it has {', '.join(self.weights)}{hint}"
            )
        params = self.weights[name]
        return replace(self, params=params, metrics=self.metrics if params is self.params else None)

    def at(self, epoch: int | None = None, *, update: int | None = None) -> "RunAt":
        """Return the run after ``epoch`` epochs, or after ``update`` updates.

        The weights are recomputed from the nearest saved position. They are the run's own, to the
        last bit, on the same kind of machine with the same versions of the libraries.

        Raises:
            ConfigurationError: the run has no such position, or not exactly one of the two is
                given.

        >>> import rosenblatt as rb
        >>> data = rb.data.gaussians(20, seed=0)
        >>> run = rb.train(rb.MLP(2, [3], 2), data, epochs=8, batch_size=5)
        >>> run.at(3), run.at(update=37)["0.weight"].shape
        (RunAt(epoch=3, update=24), (2, 3))
        """
        return run_at(self, trajectory_of(self).position(epoch, update))

    def steps(self, by: Literal["epoch", "update"] = "epoch") -> "Steps":
        """Return the run after every epoch, or after every update, as a sequence.

        >>> import rosenblatt as rb
        >>> data = rb.data.gaussians(20, seed=0)
        >>> steps = rb.train(rb.MLP(2, [3], 2), data, epochs=8).steps()
        >>> len(steps), steps[2], next(reversed(steps))
        (9, RunAt(epoch=2, update=2), RunAt(epoch=8, update=8))
        """
        return Steps(self, trajectory_of(self), by)

    def fork(
        self,
        epoch: int | None = None,
        *,
        update: int | None = None,
        learning_rate: "LearningRate | None" = None,
        optimizer: "Optimizer | str | None" = None,
        loss: "Loss | str | None" = None,
        batch_size: int | None = None,
        edit: "Edit | None" = None,
        epochs: int | None = None,
        callbacks: Sequence[Callback] = (),
        run_dir: str | PathLike[str] | None = None,
    ) -> "Run":
        """Train a branch from one of this run's positions, on the same random streams.

        Without a change it has the bits of this run.

        Args:
            epoch: the epoch after which it branches off; or
            update: the update after which it branches off.
            learning_rate: another learning rate or schedule, from there on.
            optimizer: another update rule, or the same with other settings. Slots of the same name
                and shape continue; others start at zero. Adam's correction of that start counts
                all updates of the run.
            loss: another loss, which the model and the labels must fit.
            batch_size: another batch size; only at the end of an epoch.
            edit: a function that takes the weights by name and returns others, or changes them in
                place; or a dict of weights. Weights that are not named stay.
            epochs: the number of epochs in all; by default that of this run.
            callbacks: callbacks of the branch.
            run_dir: a folder for the branch, as for :func:`rosenblatt.train`.

        Returns:
            The branch. Its history begins with this run's, up to the position.

        Raises:
            ConfigurationError: the run has no such position, or a setting cannot work.
            ShapeError: edited weights do not fit the model.
        """
        from rosenblatt.training.forks import Changes, fork

        changes = Changes(
            learning_rate=learning_rate,
            optimizer=optimizer,
            loss=loss,
            batch_size=batch_size,
            edit=edit,
        )
        position = trajectory_of(self).position(epoch, update)
        return fork(self, position, changes, epochs=epochs, callbacks=callbacks, run_dir=run_dir)

    def save(
        self,
        path: str | PathLike[str],
        *,
        feature_names: Sequence[str] | None = None,
        standardizer: "Standardizer | None" = None,
        label: str | None = None,
    ) -> None:
        """Write the model and its weights, as :func:`rosenblatt.save_model` does."""
        from rosenblatt.training.storage.saved_model import save_model

        save_model(path, self, feature_names=feature_names, standardizer=standardizer, label=label)

    def plot(self, column: str = "loss", *, ax: "Axes | None" = None) -> "Axes":
        """Draw the loss, the accuracy or a column against the epoch; see :meth:`History.plot`."""
        return self.history.plot(column, ax=ax)

    def plot_boundary(self, data: Dataset | None = None, *, ax: "Axes | None" = None) -> "Axes":
        """Draw the regions in which each class is predicted, with samples.

        Args:
            data: the samples; by default those that the run was trained on, with the test set.
            ax: where to draw; a new figure by default, which is ``ax.figure``.

        Raises:
            ConfigurationError: the model does not classify, or has not two inputs.
        """
        from rosenblatt.plotting import new_figure, plot_decision_regions

        test = None
        if data is None:
            plan = plan_of(self)
            data, test = plan.train, plan.test
        if data.classes is None or self.model.n_inputs != 2:
            raise ConfigurationError(
                "a boundary can be drawn for a classifier of two inputs; this model has "
                f"{self.model.n_inputs} inputs and predicts {self.task} targets"
            )
        if ax is None:
            ax = new_figure()[1][0]
        plot_decision_regions(
            ax,
            lambda points: self.loss.predict(self.outputs(points)),
            data.X,
            data.y,
            data.class_names,
            X_test=None if test is None else test.X,
            y_test=None if test is None else test.y,
            feature_names=data.feature_names,
        )
        return ax

    def contrast(
        self, other: "Run", *, data: Dataset | None = None, epochs: Iterable[int] | None = None
    ) -> "Contrast":
        """Return where and how far this run and another differ; see :func:`rosenblatt.contrast`."""
        # Through the root package: the module that compares runs depends on this one.
        import rosenblatt

        return rosenblatt.contrast(self, other, data=data, epochs=epochs)

    def explain(
        self, samples: Any = None, y: npt.ArrayLike | None = None, *, differences: int = 1000
    ) -> "Explanation":
        """Return every number of the next update; see :func:`rosenblatt.analysis.explain`."""
        import rosenblatt

        return rosenblatt.analysis.explain(self, samples, y, differences=differences)

    def __repr__(self) -> str:
        end = f"stopped: {self.stopped}" if self.stopped else f"{self.history!r}"
        return f"Run({self.model!r}, seed={self.seed}, {end})"

    def _repr_html_(self) -> str:
        from rosenblatt.training.notebook import run_html

        return run_html(self)


def plan_of(run: Run) -> "Plan":
    """Return the plan of the call that trained a run.

    Raises:
        ConfigurationError: the run was not made by :func:`rosenblatt.train`.
    """
    if run._plan is None:
        raise ConfigurationError("this run was not made by rb.train, so its data is unknown")
    return run._plan


def trajectory_of(run: Run) -> Trajectory:
    """Return the positions that a run passed through.

    Raises:
        ConfigurationError: the run was not made by :func:`rosenblatt.train`.
    """
    if run._trajectory is None:
        raise ConfigurationError("this run was not made by rb.train, so its trajectory is unknown")
    return run._trajectory


@dataclass(frozen=True, eq=False, repr=False)
class RunAt(Predictor, Mapping[str, Array]):
    """A run at one moment; a mapping of its weights by name.

    Attributes:
        epoch: the number of epochs done.
        batch: the number of batches done of the next epoch.
        state: the state from which the engine continues: last weights and optimizer slots.
        weights: all weights by name: "last", and a perceptron's "pocket" and "averaged".
        run: the run, where it is known.

    >>> import rosenblatt as rb
    >>> data = rb.data.moons(100, noise=0.2, seed=0)
    >>> run = rb.train(rb.MLP(2, [4], 2), data, epochs=10, batch_size=10)
    >>> moment = run.at(update=25)
    >>> moment.update, moment.params["0.weight"].shape
    (25, (2, 4))
    """

    epoch: int = field(kw_only=True)
    batch: int = field(kw_only=True)
    state: State = field(kw_only=True)
    weights: Mapping[str, Params] = field(kw_only=True)
    run: Run | None = field(default=None, kw_only=True)

    def explain(
        self, samples: Any = None, y: npt.ArrayLike | None = None, *, differences: int = 1000
    ) -> "Explanation":
        """Return every number of the next update; see :func:`rosenblatt.analysis.explain`."""
        import rosenblatt

        return rosenblatt.analysis.explain(self, samples, y, differences=differences)

    @property
    def update(self) -> int:
        """The number of updates done."""
        return self.state.update

    def __getitem__(self, name: str) -> Array:
        return self.params[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.params)

    def __len__(self) -> int:
        return len(self.params)

    def __repr__(self) -> str:
        return f"RunAt(epoch={self.epoch}, update={self.update})"


def run_at(run: Run, position: Position) -> RunAt:
    """Return a run at one of its positions."""
    state = position.state
    weights = {"last": state.params}
    for rule in run.model.selections:
        weights[rule.name] = rule.chosen(state.selection_state[rule.name])
    return RunAt(
        run.model,
        run.loss,
        weights[run.model.selected],
        classes=run.classes,
        feature_names=run.feature_names,
        settings=run.settings,
        epoch=position.epoch,
        batch=position.batch,
        state=state,
        weights=weights,
        run=run,
    )


class Steps(Sequence[RunAt]):
    """A run after every epoch or update, each computed when it is asked for.

    Going back is as fast as going forward: positions on the way are saved.
    """

    def __init__(self, run: Run, trajectory: Trajectory, by: Literal["epoch", "update"]) -> None:
        if by not in ("epoch", "update"):
            raise ConfigurationError(f'by must be "epoch" or "update", got {given(by)}')
        self._run, self._trajectory = run, trajectory
        self._near = NearPositions()
        first, last = trajectory.first_update, trajectory.last.update
        stride = 1
        if by == "epoch":
            stride = trajectory.job.updates_per_epoch
            # Complete epochs only, counted back from the last one.
            last -= trajectory.last.batch
            first += (last - first) % stride
        self._updates = range(first, last + 1, stride)

    def __len__(self) -> int:
        return len(self._updates)

    def __getitem__(self, which: Any) -> Any:
        if isinstance(which, slice):
            return [self._at(update) for update in self._updates[which]]
        return self._at(self._updates[which])

    def __iter__(self) -> Iterator[RunAt]:
        return map(self._at, self._updates)

    def __reversed__(self) -> Iterator[RunAt]:
        return map(self._at, reversed(self._updates))

    def _at(self, update: int) -> RunAt:
        return run_at(self._run, self._near.at_update(self._trajectory, update))


class RunGroup(Sequence[Run]):
    """The runs of :func:`rosenblatt.train_many`, in the order of their seeds.

    >>> import rosenblatt as rb
    >>> data = rb.data.moons(100, noise=0.2, seed=0)
    >>> runs = rb.train_many(rb.MLP(2, [4], 2), data, seeds=range(3), epochs=10)
    >>> runs.seeds, runs.final("train_loss").shape, runs[1].seed
    ([0, 1, 2], (3,), 1)
    """

    def __init__(self, runs: Iterable[Run]) -> None:
        self._runs = list(runs)

    def __len__(self) -> int:
        return len(self._runs)

    def __getitem__(self, which: Any) -> Any:
        return RunGroup(self._runs[which]) if isinstance(which, slice) else self._runs[which]

    @property
    def seeds(self) -> list[int]:
        """The seeds, in order."""
        return [run.seed for run in self._runs]

    def final(self, column: str) -> npt.NDArray[np.float64]:
        """Return the last value of a history column in every run, (len(runs),).

        It is NaN for a run without a row, whose first loss was not finite. After early stopping the
        last row does not belong to the run's weights; ``run.metrics`` does.
        """
        last = (run.history[column][-1] if run.history else math.nan for run in self._runs)
        return np.fromiter(last, dtype=np.float64, count=len(self))

    def to_arrow(self) -> "pa.Table":
        """Return all histories as one Arrow table, with a column ``seed`` before the others."""
        import pyarrow as pa

        tables = [
            run.history.to_arrow().add_column(
                0, "seed", pa.array([run.seed] * len(run.history), pa.uint64())
            )
            for run in self._runs
            if run.history
        ]
        return pa.concat_tables(tables) if tables else pa.table({})

    def to_pandas(self) -> "pd.DataFrame":
        """Return all histories as one pandas data frame, with a column ``seed``.

        Raises:
            ConfigurationError: pandas is not installed.
        """
        return data_frame(self.to_arrow().to_pydict())

    def plot(self, column: str = "loss", *, ax: "Axes | None" = None) -> "Axes":
        """Draw the median over the runs, with the bands of 50 % and 90 % of them.

        Args:
            column: "loss" or "accuracy", drawn for every set that has it; or one column's name.
            ax: where to draw; a new figure by default, which is ``ax.figure``.
        """
        from rosenblatt.plotting.histories import plot_histories

        histories = [
            {name: run.history[name] for name in run.history.columns}
            for run in self._runs
            if run.history
        ]
        return plot_histories(histories, column, ax=ax)

    def __repr__(self) -> str:
        return f"RunGroup({len(self)} runs)"

    def _repr_html_(self) -> str:
        from rosenblatt.training.notebook import group_html

        return group_html(self)
