"""Predictions of trained weights, on arrays and on tables whose columns have names."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.checks import check_is
from rosenblatt.data import Dataset
from rosenblatt.data.containers import ordered
from rosenblatt.engines import Metrics, ReferenceEngine, Samples
from rosenblatt.errors import ShapeError
from rosenblatt.layers import Array, Params
from rosenblatt.losses import Loss
from rosenblatt.models import Model


@dataclass(frozen=True, eq=False)
class Predictor:
    """A model with trained weights.

    Attributes:
        model: the model.
        loss: the loss it was trained with.
        params: the weights by name.
        classes: the label of each class index; None for regression.
        feature_names: the columns of the training data, in order; empty where they are not known.
        settings: all settings of the run, as plain values.
        stopped: the reason why training ended before its last epoch, or None.

    >>> import rosenblatt as rb
    >>> data = rb.data.gaussians(20, means=[(2, 2), (-2, -2)], seed=0)
    >>> run = rb.train(rb.MLP(2, [], 2), data, epochs=20, optimizer=rb.SGD(0.5))
    >>> isinstance(run, Predictor), run.predict([[2.0, 2.0], [-2.0, -2.0]]).tolist(), run.classes
    (True, [0, 1], (0, 1))
    """

    model: Model
    loss: Loss
    params: Params
    classes: tuple[Any, ...] | None = field(default=None, kw_only=True)
    feature_names: tuple[str, ...] = field(default=(), kw_only=True)
    settings: Mapping[str, Any] = field(default_factory=dict, kw_only=True)
    stopped: str | None = field(default=None, kw_only=True)

    @property
    def task(self) -> str:
        """The task of the model: "classification" or "regression"."""
        return self.loss.task

    def outputs(self, X: npt.ArrayLike) -> Array:
        """Return the model's outputs (logits, scores or values), (N, K), for X (N, D).

        If the columns of X have names (a data frame, an Arrow table, a mapping), they are put in
        the order of ``feature_names``. This holds for all predictions.

        Raises:
            DataError: a feature is missing or unknown, or a value is not a finite number.
            ShapeError: X is not a table of D columns.
        """
        x = self.model.check_inputs(self._inputs(X), np.result_type(*self.params.values()))
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

    def score(self, X: npt.ArrayLike, y: npt.ArrayLike) -> float:
        """Return the accuracy on X (N, D) and labels y (N,); R² for values y (N,) or (N, K).

        R² = 1 − Σ (y − ŷ)² / Σ (y − ȳ)², the mean over the K outputs, as scikit-learn's ``score``.

        Raises:
            ShapeError: y does not have the shape of the predictions.
        """
        predicted, y = self.predict(X), np.asarray(y)
        if predicted.ndim == 2 and y.ndim == 1:
            y = y[:, None]
        if y.shape != predicted.shape:
            raise ShapeError(f"y has the shape {y.shape} and the predictions {predicted.shape}")
        if self.task == "classification":
            return float(np.mean(predicted == y))
        from sklearn.metrics import r2_score

        return float(r2_score(y, predicted))

    def evaluate(self, data: Dataset) -> Metrics:
        """Return the mean loss and the accuracy on ``data``, whose columns are matched by name.

        Raises:
            ConfigurationError: ``data`` is not a dataset.
            DataError: a label that was not in the training data, or other features.
        """
        check_is("data", data, Dataset)
        data = data.order_as(self.feature_names)
        if self.classes is not None:
            data = data.encode_as(self.classes)
        dtype = np.result_type(*self.params.values())
        samples = Samples.of(self.model, self.loss, data, dtype)
        return ReferenceEngine().evaluate(self.model, self.loss, self.params, samples)

    def _inputs(self, X: npt.ArrayLike) -> npt.ArrayLike:
        """Return X as the model takes it."""
        return ordered(X, self.feature_names)
