"""The perceptron criterion: how far the misclassified samples are on the wrong side."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from rosenblatt.errors import ConfigurationError, nearest
from rosenblatt.layers.base import Array
from rosenblatt.losses.signed import SignedLoss

SCALES = ("samples", "sum", "mistakes")


@dataclass(frozen=True)
class PerceptronCriterion(SignedLoss):
    """l = max(0, −y z);  dz = −y at a mistake, else 0.

    Outputs are scores z = w·x + b (N, 1), targets are y = ±1 (N, 1). Sample i is a mistake where
    sign(z_i) ≠ y_i, with sign(0) = +1. L = s Σ_{mistakes} −y_i z_i, and one step of gradient
    descent on L is the perceptron's batch rule w ← w + η s Σ_{mistakes} y_i x_i (Duda, Hart and
    Stork, *Pattern Classification*, 2001, equations 5.16 to 5.18).

    Args:
        scale: the factor s: "samples" 1/N, "sum" 1, "mistakes" 1/(number of mistakes).

    Sample weights multiply each mistake and its count: with them, N is Σ w and the number of
    mistakes is Σ_{mistakes} w. ``per_sample`` is l whatever the scale, so losses measured after an
    epoch compare across scales.

    >>> z, y = np.array([[2.0], [-3.0], [0.0]]), np.array([[1.0], [1.0], [-1.0]])
    >>> L, dz = PerceptronCriterion(scale="sum").over_batch(z, y)
    >>> L, dz.T
    (3.0, array([[-0., -1.,  1.]]))
    """

    scale: Literal["samples", "sum", "mistakes"] = "samples"

    def __post_init__(self) -> None:
        if self.scale not in SCALES:
            raise ConfigurationError(
                f"unknown scale {self.scale!r} of the perceptron criterion; known: "
                f"{', '.join(SCALES)}{nearest(str(self.scale), SCALES)}"
            )

    @property
    def formulas(self) -> tuple[str, ...]:
        return (
            "sign[n, k] = 1 if z[n, k] >= 0 else -1",
            "l[n] = sum(k, max(0, -(y[n, k] * z[n, k])))",
            "dl[n, k] = -y[n, k] if sign[n, k] != y[n, k] else 0",
        )

    def value_and_gradient(self, z: Array, y: Array) -> tuple[Array, Array]:
        """Return l = z dz, which is linear in z, and dz = −y at the mistakes, 0 elsewhere."""
        dz = -y * _mistakes(z, y)
        return dz * z, dz

    def shares(self, outputs: Array, targets: Array, sample_weight: Array | None) -> Array:
        """Return s for each sample, times its weight where there are weights, (N, 1)."""
        if self.scale == "samples":
            return super().shares(outputs, targets, sample_weight)
        if sample_weight is None:
            sample_weight = np.ones(len(outputs), outputs.dtype)
        s = sample_weight[:, np.newaxis]
        if self.scale == "mistakes":
            count = float((s * _mistakes(outputs, targets)).sum())
            s = s / count if count > 0 else s
        return s


def _mistakes(z: Array, y: Array) -> npt.NDArray[np.bool_]:
    """Return whether sign(z) ≠ y, with sign(0) = +1, (N, 1)."""
    return (z >= 0) != (y > 0)


def distance_loss(scores: Array, targets: Array, weight: Array) -> float:
    """Return Σ_{mistakes} −y_i z_i / ‖w‖: how far, in the units of x, mistakes are from the line.

    Args:
        scores: z = w·x + b, (N, 1).
        targets: y = ±1, (N, 1).
        weight: w, (D, 1). Where w = 0 there is no line, and the result is 0.

    >>> import numpy as np
    >>> w = np.array([[3.0], [4.0]])  # of length 5
    >>> scores, targets = np.array([[10.0], [-5.0]]), np.array([[1.0], [1.0]])
    >>> distance_loss(scores, targets, w)  # the second is on the wrong side
    1.0
    """
    norm = float(np.linalg.norm(weight))
    return float(np.maximum(0, -targets * scores).sum()) / norm if norm > 0 else 0.0
