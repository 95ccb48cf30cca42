"""The contract of losses: one formula per sample, and what every loss shares.

``encode(y, n_outputs)``                         labels (N,) → targets, the shape of the outputs
``value_and_gradient(outputs, targets)``         → (l, ∂l/∂outputs), sample by sample
``over_batch(outputs, targets, sample_weight)``  → (L, ∂L/∂outputs), for training

A loss defines ``value_and_gradient``. The rest follows from it here: L = Σ_i s_i l_i is the mean
over samples, where s_i is the sample's share of the mean, 1/N or with sample weights w_i / Σ_k w_k.
Targets have exactly the shape of the outputs; nothing is broadcast.
"""

import math
from abc import ABC, abstractmethod
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from rosenblatt.errors import ConfigurationError, DataError, ShapeError
from rosenblatt.layers.base import Array

Task = Literal["classification", "regression"]


class Loss(ABC):
    """The contract of a loss. Subclasses are frozen dataclasses, one per file.

    Here the outputs are (N, C), one for each class; :class:`RegressionLoss` is for values.

    >>> import numpy as np
    >>> import rosenblatt as rb
    >>> class Brier(rb.losses.Loss):  # l = Σ_k (p_k − y_k)², of probabilities p
    ...     takes = "probabilities"
    ...     def value_and_gradient(self, z, y):
    ...         return (z - y) ** 2, 2 * (z - y)
    >>> Brier().over_batch(np.array([[0.75, 0.25]]), np.array([[1.0, 0.0]]))
    (0.125, array([[-0.5,  0.5]]))
    """

    aliases: ClassVar[tuple[str, ...]] = ()
    """Other names under which the registry finds the class."""

    task: ClassVar[Task] = "classification"

    takes: ClassVar[Literal["logits", "probabilities", "values"]] = "logits"
    """What the model's outputs are. Probabilities come from a Softmax layer at the model's end."""

    @property
    def formulas(self) -> tuple[str, ...]:
        """The equations of ``l[n]`` and of its gradient ``dl[n, k]``, for one sample.

        For :meth:`rosenblatt.Run.explain`, in the notation of
        :mod:`rosenblatt.analysis.explain_formulas`: of outputs z[n, k], targets y[n, k], the
        settings by their names, and what they define themselves. Empty: none are known.
        """
        return ()

    @abstractmethod
    def value_and_gradient(self, z: Array, y: Array) -> tuple[Array, Array]:
        """Return the loss of each sample and its gradient, for outputs z and targets y (N, K).

        The values are l (N,) or (N, 1), or terms (N, K) whose sum over the outputs is l. The
        gradient is ∂l_i/∂z_ik, (N, K).
        """

    def over_batch(
        self, outputs: Array, targets: Array, sample_weight: Array | None = None
    ) -> tuple[float, Array]:
        """Return L = Σ_i s_i l_i and ∂L/∂outputs (N, K), for sample weights (N,) or None."""
        check_shapes(outputs, targets, sample_weight)
        s = self.shares(outputs, targets, sample_weight)
        values, gradient = self.value_and_gradient(outputs, targets)
        return float((s * _as_columns(values)).sum()), s * gradient

    def per_sample(self, outputs: Array, targets: Array) -> Array:
        """Return l_i, the loss of each sample, (N,)."""
        check_shapes(outputs, targets)
        values, _ = self.value_and_gradient(outputs, targets)
        return _as_columns(values).sum(axis=1)

    def shares(self, outputs: Array, targets: Array, sample_weight: Array | None) -> Array:
        """Return each sample's share s_i in L: 1/N, or w_i / Σ_k w_k, shape (N, 1).

        Weights that are all 0 are shares of 0.
        """
        if sample_weight is None:
            return np.full((len(outputs), 1), 1.0 / len(outputs), outputs.dtype)
        total = sample_weight.sum()
        return (sample_weight / total if total > 0 else sample_weight)[:, np.newaxis]

    def encode(self, y: npt.ArrayLike, n_outputs: int) -> Array:
        """Return the targets (N, n_outputs) for labels or values y.

        Class indices (N,) become one-hot rows; distributions over classes (N, C) are checked.

        Raises:
            DataError: a label that the outputs have no place for.
            ShapeError: y does not fit the outputs.
        """
        given = np.asarray(y)
        if given.ndim != 2:
            return one_hot(given, n_outputs)
        if given.shape[1] != n_outputs:
            raise ShapeError(
                f"targets are {given.shape}; {n_outputs} outputs need (N, {n_outputs})"
            )
        if not are_distributions(given):
            raise DataError("each row of class targets must be a distribution: no negatives, sum 1")
        return given.astype(np.float64)

    def n_classes(self, n_outputs: int) -> int | None:
        """Return how many classes ``n_outputs`` outputs tell apart; None where there are none."""
        return n_outputs

    def predict(self, outputs: Array) -> npt.NDArray[Any]:
        """Return the most probable class of each sample (N,), or the predicted values."""
        return outputs.argmax(axis=1)

    def probabilities(self, outputs: Array) -> Array:
        """Return P(class | x), shape (N, C)."""
        raise ConfigurationError(f"{type(self).__name__} gives no probabilities; use predict")

    def is_correct(self, outputs: Array, targets: Array) -> npt.NDArray[np.bool_]:
        """Return whether each sample is predicted right, (N,)."""
        return self.predict(outputs) == self.predict(targets)

    def n_correct(self, outputs: Array, targets: Array) -> float:
        """Return how many samples are predicted right; NaN for regression."""
        return float(self.is_correct(outputs, targets).sum())


class RegressionLoss(Loss):
    """The contract of a loss on values: outputs and targets are (N, K), K values per sample.

    >>> import rosenblatt as rb
    >>> issubclass(rb.losses.MeanSquaredError, RegressionLoss)
    True
    """

    task = "regression"
    takes = "values"

    def encode(self, y: npt.ArrayLike, n_outputs: int) -> Array:
        """Return targets (N, K) as floats from values (N, K), or (N,) where there is one output."""
        values = np.asarray(y, dtype=np.float64)
        targets = values[:, np.newaxis] if values.ndim == 1 else values
        if targets.ndim != 2 or targets.shape[1] != n_outputs:
            raise ShapeError(
                f"targets are {values.shape}; {n_outputs} outputs need (N, {n_outputs})"
            )
        return targets

    def n_classes(self, n_outputs: int) -> int | None:
        return None

    def predict(self, outputs: Array) -> npt.NDArray[Any]:
        """Return the outputs: (N,) for one output, (N, K) for several."""
        return outputs[:, 0] if outputs.shape[1] == 1 else outputs

    def n_correct(self, outputs: Array, targets: Array) -> float:
        return float("nan")


def check_shapes(outputs: Array, targets: Array, sample_weight: Array | None = None) -> None:
    """Refuse targets or weights that would only fit by broadcasting."""
    if outputs.shape != targets.shape:
        raise ShapeError(
            f"outputs are {outputs.shape} and targets {targets.shape}; they must be equal"
        )
    if sample_weight is not None and sample_weight.shape != outputs.shape[:1]:
        raise ShapeError(
            f"sample_weight is {sample_weight.shape}; {len(outputs)} samples need ({len(outputs)},)"
        )


def _as_columns(values: Array) -> Array:
    """Return values (N,) as a column (N, 1), so that shares (N, 1) multiply them row by row."""
    return values[:, np.newaxis] if values.ndim == 1 else values


def clip_log(log_p: Array, clip: float) -> Array:
    """Return log p with p moved into [clip, 1 − clip], for a clip above 0."""
    return np.clip(log_p, math.log(clip), math.log1p(-clip))


def class_indices(y: npt.ArrayLike, n_classes: int) -> npt.NDArray[np.int64]:
    """Return y as class indices (N,), each checked to be one of 0 ... n_classes - 1."""
    labels = np.asarray(y)
    if labels.ndim != 1:
        raise ShapeError(f"class labels must have shape (N,), got {labels.shape}")
    if labels.dtype.kind not in "iub":
        raise DataError(
            f"class labels must be whole numbers, got {labels.dtype}; a Dataset turns other labels "
            "into class indices"
        )
    if len(labels) and not (labels.min() >= 0 and labels.max() < n_classes):
        wrong = labels.min() if labels.min() < 0 else labels.max()
        raise DataError(
            f"label {wrong} is not one of the {n_classes} classes 0 ... {n_classes - 1}"
        )
    return labels.astype(np.int64)


def one_hot(y: npt.ArrayLike, n_classes: int) -> Array:
    """Return targets (N, C): 1 at each sample's class, 0 elsewhere.

    >>> one_hot([1, 0], 3)
    array([[0., 1., 0.],
           [1., 0., 0.]])
    """
    return np.eye(n_classes)[class_indices(y, n_classes)]


def are_distributions(y: npt.NDArray[Any]) -> bool:
    """Return whether y is a table (N, C) whose rows are distributions over classes."""
    return y.ndim == 2 and bool(np.all(y >= 0)) and np.allclose(y.sum(axis=1), 1)
