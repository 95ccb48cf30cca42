"""A finished run: its weights, its history, and predictions with them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.data import Dataset
from rosenblatt.engines import Metrics, ReferenceEngine
from rosenblatt.errors import ConfigurationError, nearest
from rosenblatt.layers import Array, Params
from rosenblatt.losses import Loss
from rosenblatt.models import Model
from rosenblatt.training.history import History
from rosenblatt.training.samples import prepare


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
        row: the row of the history that was measured with ``params``: the last one, or the best
            after early stopping. None where no evaluation measured them: the first loss was not
            finite already, or the weights are others that the run kept or a callback made.
        stopped: why the run ended before its last epoch, or None.
        diverged: whether that was because the loss stopped being finite.
        settings: everything the run was called with, as plain values.
        selected: all the weights that were kept, by name: "last", and a perceptron's "pocket" and
            "averaged".
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

    def outputs(self, X: npt.ArrayLike) -> Array:
        """Return the model's outputs (logits, scores or values), (N, K), for X (N, D)."""
        x = self.model.check_inputs(X, np.result_type(*self.params.values()))
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
        """Return the mean loss and the accuracy on ``data``.

        Raises:
            DataError: a label that was not in the training data.
        """
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
