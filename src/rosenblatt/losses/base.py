"""What every loss is: a function of outputs and targets of one shape, and its gradient.

``encode(y, n_outputs)``       labels (N,) → targets, the shape of the outputs; checked here, once
``forward(outputs, targets)``  → (L, cache)
``backward(cache)``            → doutputs = ∂L/∂outputs

L is the mean over samples, L = Σ_i s_i l_i, where s_i is the sample's share of the mean: 1/N, or
with sample weights w_i / Σ_k w_k. Targets have exactly the shape of the outputs; nothing is
broadcast.
"""

import math
from abc import ABC, abstractmethod
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from rosenblatt.errors import ConfigurationError, DataError, ShapeError
from rosenblatt.layers.base import Array, Cache


class Loss(ABC):
    """The contract of a loss. Subclasses are frozen dataclasses, one per file."""

    task: ClassVar[Literal["classification", "regression"]] = "classification"

    @abstractmethod
    def encode(self, y: npt.ArrayLike, n_outputs: int) -> Array:
        """Return the targets (N, n_outputs) for labels or values y.

        Raises:
            DataError: a label that the outputs have no place for.
            ShapeError: y does not fit the outputs.
        """

    def n_classes(self, n_outputs: int) -> int | None:
        """Return how many classes ``n_outputs`` outputs tell apart; None where there are none."""
        return n_outputs

    @abstractmethod
    def per_sample(self, outputs: Array, targets: Array) -> Array:
        """Return l_i, the loss of each sample, (N,)."""

    @abstractmethod
    def forward(
        self, outputs: Array, targets: Array, sample_weight: Array | None = None
    ) -> tuple[float, Cache]:
        """Return (L, cache) for outputs and targets of one shape (N, K), weights (N,)."""

    @abstractmethod
    def backward(self, cache: Cache) -> Array:
        """Return ∂L/∂outputs (N, K)."""

    @abstractmethod
    def predict(self, outputs: Array) -> npt.NDArray[Any]:
        """Return what the outputs say: class indices (N,), or values."""

    def probabilities(self, outputs: Array) -> Array:
        """Return P(class | x), shape (N, C)."""
        raise ConfigurationError(f"{type(self).__name__} gives no probabilities; use predict")

    def n_correct(self, outputs: Array, targets: Array) -> float:
        """Return how many samples are predicted right; NaN for regression."""
        return float(np.sum(self.predict(outputs) == self.predict(targets)))


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


def mean_shares(outputs: Array, sample_weight: Array | None) -> Array | float:
    """Return each sample's share in the mean: 1/N for all, or w_i / Σ_k w_k, shape (N, 1)."""
    if sample_weight is None:
        return 1.0 / len(outputs)
    total = sample_weight.sum()
    return (sample_weight / total if total > 0 else sample_weight)[:, np.newaxis]


def clip_log(log_p: Array, clip: float) -> Array:
    """Return log p with p moved into [clip, 1 − clip]; as it is where ``clip`` is 0."""
    return np.clip(log_p, math.log(clip), math.log1p(-clip)) if clip else log_p


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


def class_targets(y: npt.ArrayLike, n_classes: int) -> Array:
    """Return targets (N, C) from class indices (N,), or from distributions over classes (N, C)."""
    given = np.asarray(y)
    if given.ndim != 2:
        return one_hot(given, n_classes)
    if given.shape[1] != n_classes:
        raise ShapeError(f"targets are {given.shape}; {n_classes} outputs need (N, {n_classes})")
    if not (np.all(given >= 0) and np.allclose(given.sum(axis=1), 1)):
        raise DataError("each row of class targets must be a distribution: no negatives, sum 1")
    return given.astype(np.float64)
