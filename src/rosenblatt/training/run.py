"""A finished run: its weights, its history, and predictions with them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from os import PathLike
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from rosenblatt.checks import check_is
from rosenblatt.data import Dataset
from rosenblatt.data.containers import ordered
from rosenblatt.engines import Metrics, ReferenceEngine
from rosenblatt.errors import ConfigurationError, nearest
from rosenblatt.layers import Array, Params
from rosenblatt.losses import Loss
from rosenblatt.models import Model
from rosenblatt.training.history import History
from rosenblatt.training.samples import prepare

if TYPE_CHECKING:
    from rosenblatt.optimizers.base import LearningRate
    from rosenblatt.training.callbacks import Callback
    from rosenblatt.training.fork import Edit
    from rosenblatt.training.moment import Moment, Scrub
    from rosenblatt.training.path import Path
    from rosenblatt.training.plan import Plan


@dataclass(frozen=True, eq=False)
class Run:
    """What :func:`train` returns.

    Attributes:
        model: the model that was trained.
        loss: the loss it was trained with.
        params: the weights, by name: the last, or those the model or a callback chose.
        history: one row per evaluation.
        seed: the run's seed.
        classes: the label of each class index; None for regression.
        feature_names: the columns of the training data, in order; empty where they are not known.
        row: the row of the history that was measured with ``params``: the last one, or the best
            after early stopping. None where no evaluation measured them: the first loss was not
            finite already, or the weights are others that the run kept or a callback made.
        stopped: why the run ended before its last epoch, or None.
        diverged: whether that was because the loss stopped being finite, or ended
            beyond 1e30 times its start.
        settings: everything the run was called with, as plain values.
        selected: all the weights that were kept, by name: "last", and a perceptron's "pocket" and
            "averaged".
        folder: where the run is kept, if it is.
        plan: what the call that trained it was going to do.
        path: where it has been: what :meth:`at`, :meth:`scrub` and :meth:`fork` start from.
    """

    model: Model
    loss: Loss
    params: Params
    history: History
    seed: int
    classes: tuple[Any, ...] | None = None
    row: dict[str, float] | None = None
    stopped: str | None = None
    diverged: bool = False
    settings: dict[str, Any] = field(default_factory=dict)
    selected: dict[str, Params] = field(default_factory=dict)
    folder: FilePath | None = None
    plan: "Plan | None" = None
    path: "Path | None" = None
    feature_names: tuple[str, ...] = ()

    def outputs(self, X: npt.ArrayLike) -> Array:
        """Return the model's outputs (logits, scores or values), (N, K), for X (N, D).

        Where the columns of X have names (a data frame, an Arrow table, a mapping), they are put in
        the order of ``feature_names``. This is so for all predictions.

        Raises:
            DataError: a feature is missing or unknown, or a value is no finite number.
            ShapeError: X is no table of D columns.
        """
        inputs = ordered(X, self.feature_names)
        x = self.model.check_inputs(inputs, np.result_type(*self.params.values()))
        return self.model.forward(self.params, x)[0]

    def predict(self, X: npt.ArrayLike) -> npt.NDArray[Any]:
        """Return the predicted labels (N,), as they were in the training data; or values."""
        predicted = self.loss.predict(self.outputs(X))
        if self.classes is None or predicted.ndim != 1:
            return predicted
        return np.array(self.classes)[predicted]

    def predict_proba(self, X: npt.ArrayLike) -> Array:
        """Return P(class | x), (N, C), columns in the order of ``classes``.

        Raises:
            ConfigurationError: the loss has no probabilities (perceptron, regression).
        """
        return self.loss.probabilities(self.outputs(X))

    def evaluate(self, data: Dataset) -> Metrics:
        """Return the mean loss and the accuracy on ``data``, whose columns are matched by name.

        Raises:
            ConfigurationError: ``data`` is no dataset.
            DataError: a label that was not in the training data, or other features.
        """
        check_is("data", data, Dataset)
        data = data.order_as(self.feature_names)
        if self.classes is not None:
            data = data.encode_as(self.classes)
        dtype = np.result_type(*self.params.values())
        samples = prepare(self.model, self.loss, data, dtype)
        return ReferenceEngine().evaluate(self.model, self.loss, self.params, samples)

    def with_weights(self, name: str) -> "Run":
        """Return this run with other weights that it kept: "last", "pocket" or "averaged".

        Raises:
            ConfigurationError: the run kept none of that name.
        """
        if name not in self.selected:
            known = ", ".join(self.selected)
            hint = nearest(name, self.selected)
            raise ConfigurationError(f"the run kept no weights {name!r}; it kept {known}{hint}")
        params = self.selected[name]
        return replace(self, params=params, row=self.row if params is self.params else None)

    def at(self, epoch: int | None = None, *, update: int | None = None) -> "Moment":
        """Return the run's weights after ``epoch`` epochs, or after ``update`` updates.

        They are computed again from the nearest place that was kept, and are those that the run had
        to the last bit: on the same kind of machine, with the same versions of the libraries.

        Raises:
            ConfigurationError: the run was never there; or not one of the two is given.

        >>> import rosenblatt as rb
        >>> data = rb.data.gaussians(20, seed=0)
        >>> run = rb.train(rb.MLP(2, [3], 2), data, epochs=8, batch_size=5)
        >>> run.at(3), run.at(update=37)["0.weight"].shape
        (Moment(epoch=3, update=24), (2, 3))
        """
        from rosenblatt.training.moment import moment_at

        return moment_at(self, self._known_path().visit(epoch, update))

    def scrub(self, step: Literal["epoch", "update"] = "epoch") -> "Scrub":
        """Return all moments of the run, as a sequence to walk through in both directions.

        Args:
            step: what lies between two moments: an "epoch" or an "update".

        >>> import rosenblatt as rb
        >>> data = rb.data.gaussians(20, seed=0)
        >>> moments = rb.train(rb.MLP(2, [3], 2), data, epochs=8).scrub()
        >>> len(moments), moments[2], next(reversed(moments))
        (9, Moment(epoch=2, update=2), Moment(epoch=8, update=8))
        """
        from rosenblatt.training.moment import Scrub

        return Scrub(self, self._known_path(), step)

    def fork(
        self,
        at: int | None = None,
        *,
        update: int | None = None,
        learning_rate: "LearningRate | None" = None,
        batch_size: int | None = None,
        edit: "Edit | None" = None,
        epochs: int | None = None,
        callbacks: "Sequence[Callback]" = (),
        run_dir: str | PathLike[str] | None = None,
    ) -> "Run":
        """Train a second branch, from some moment of this run on and on the same random streams.

        Without a change it is this run again, to the last bit.

        Args:
            at: after which epoch it branches off; or
            update: after which update.
            learning_rate: another learning rate, or schedule, from there on.
            batch_size: another batch size; only at the end of an epoch.
            edit: a function that is given the weights by name and returns others, or changes them
                in place; or the weights themselves, those that are not named staying as they are.
            epochs: how many epochs there are in all; by default as many as this run was to have.
            callbacks: what watches the branch.
            run_dir: a folder for the branch, as for :func:`rosenblatt.train`.

        Returns:
            The branch. Its history begins with this run's, up to where it branches off.

        Raises:
            ConfigurationError: the run was never there, or a setting that cannot work.
            ShapeError: edited weights that do not fit the model.
        """
        from rosenblatt.training.fork import fork

        return fork(
            self,
            self._known_path().visit(at, update),
            learning_rate=learning_rate,
            batch_size=batch_size,
            edit=edit,
            epochs=epochs,
            callbacks=callbacks,
            run_dir=run_dir,
        )

    def _known_path(self) -> "Path":
        if self.path is None:
            raise ConfigurationError("it is not known how this run came about: train made no part")
        return self.path

    def __repr__(self) -> str:
        end = f"stopped: {self.stopped}" if self.stopped else f"{self.history!r}"
        return f"Run({self.model!r}, seed={self.seed}, {end})"


class Runs(Sequence[Run]):
    """The runs of :func:`train_many`, in the order of their seeds."""

    def __init__(self, runs: Sequence[Run]) -> None:
        self._runs = list(runs)

    def __len__(self) -> int:
        return len(self._runs)

    def __getitem__(self, which: Any) -> Any:
        return Runs(self._runs[which]) if isinstance(which, slice) else self._runs[which]

    @property
    def seeds(self) -> list[int]:
        """The seeds, in order."""
        return [run.seed for run in self._runs]

    def final(self, column: str) -> npt.NDArray[np.float64]:
        """Return the last value of a history column in every run, (len(runs),).

        It is NaN for a run that has none, because its first loss was not finite already. After
        early stopping the last row is not that of the run's weights, which is ``run.row``.
        """
        last = (run.history[column][-1] if run.history else math.nan for run in self._runs)
        return np.fromiter(last, dtype=np.float64, count=len(self))

    def __repr__(self) -> str:
        return f"Runs({len(self)} runs)"
