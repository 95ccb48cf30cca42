"""The perceptron criterion: how far the misclassified samples are on the wrong side."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from rosenblatt.errors import ConfigurationError, ShapeError, nearest
from rosenblatt.layers.base import Array, Cache
from rosenblatt.losses.base import Loss, check_shapes, class_indices, mean_shares

SCALES = ("samples", "sum", "mistakes")


@dataclass(frozen=True)
class PerceptronCriterion(Loss):
    """L = s Σ_{mistakes} −y_i z_i;  dz_i = −s y_i at a mistake, else 0.

    Outputs are scores z = w·x + b (N, 1), targets are y = ±1 (N, 1). Sample i is a mistake where
    sign(z_i) ≠ y_i, with sign(0) = +1. One step of gradient descent on L is then the perceptron's
    batch rule w ← w + η s Σ_{mistakes} y_i x_i (Duda, Hart and Stork, *Pattern Classification*,
    2001, equations 5.16 to 5.18).

    Args:
        scale: what s is: "samples" 1/N, "sum" 1, "mistakes" 1/(number of mistakes).

    Sample weights multiply each mistake and its count: with them, N is Σ w and the number of
    mistakes is Σ_{mistakes} w. ``per_sample`` is max(0, −y z) whatever the scale, so losses
    measured after an epoch compare across scales.

    >>> loss = PerceptronCriterion(scale="sum")
    >>> L, cache = loss.forward(np.array([[2.0], [-3.0], [0.0]]), np.array([[1.0], [1.0], [-1.0]]))
    >>> L, loss.backward(cache).T
    (3.0, array([[-0., -1.,  1.]]))
    """

    scale: Literal["samples", "sum", "mistakes"] = "samples"

    def __post_init__(self) -> None:
        if self.scale not in SCALES:
            raise ConfigurationError(
                f"unknown scale {self.scale!r} of the perceptron criterion; known: "
                f"{', '.join(SCALES)}{nearest(str(self.scale), SCALES)}"
            )

    def encode(self, y: npt.ArrayLike, n_outputs: int) -> Array:
        """Return targets ±1 (N, 1) from class indices: 1 is +1, 0 is −1."""
        if n_outputs != 1:
            raise ShapeError(
                f"the perceptron criterion needs a model with 1 output, got {n_outputs}"
            )
        return 2 * class_indices(y, 2).astype(np.float64)[:, np.newaxis] - 1

    def n_classes(self, n_outputs: int) -> int | None:
        """Return 2: the sign of the score tells two classes apart."""
        return 2

    def per_sample(self, outputs: Array, targets: Array) -> Array:
        """Return max(0, −y z), the criterion of each sample, (N,)."""
        check_shapes(outputs, targets)
        return np.maximum(0, -targets * outputs)[:, 0]

    def forward(
        self, outputs: Array, targets: Array, sample_weight: Array | None = None
    ) -> tuple[float, Cache]:
        """Return (L, cache)."""
        check_shapes(outputs, targets, sample_weight)
        mistakes = (outputs >= 0) != (targets > 0)
        if self.scale == "samples":
            s = mean_shares(outputs, sample_weight)
        else:
            s = 1.0 if sample_weight is None else sample_weight[:, np.newaxis]
            if self.scale == "mistakes":
                count = float((s * mistakes).sum())
                s = s / count if count > 0 else s
        doutputs = -s * targets * mistakes
        return float((doutputs * outputs).sum()), doutputs

    def backward(self, cache: Cache) -> Array:
        """Return dz = −s y at the mistakes, 0 elsewhere, (N, 1)."""
        doutputs: Array = cache
        return doutputs

    def predict(self, outputs: Array) -> npt.NDArray[np.int64]:
        """Return the class index of sign(z): 1 where z ≥ 0, else 0, (N,)."""
        return (outputs[:, 0] >= 0).astype(np.int64)


def distance_loss(scores: Array, targets: Array, weight: Array) -> float:
    """Return Σ_{mistakes} −y_i z_i / ‖w‖: how far, in the units of x, mistakes are from the line.

    Args:
        scores: z = w·x + b, (N, 1).
        targets: y = ±1, (N, 1).
        weight: w, (D, 1). Where w = 0 there is no line, and the result is 0.
    """
    norm = float(np.linalg.norm(weight))
    return float(np.maximum(0, -targets * scores).sum()) / norm if norm > 0 else 0.0
