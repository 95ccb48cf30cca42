"""Squared error: the loss of regression."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from rosenblatt.errors import ShapeError
from rosenblatt.layers.base import Array, Cache
from rosenblatt.losses.base import Loss, check_shapes, mean_shares


@dataclass(frozen=True)
class SquaredError(Loss):
    """L = Σ_i s_i ½ ‖z_i − y_i‖²;  dz = s ⊙ (z − y).

    Outputs z and targets y have shape (N, K); s_i = 1/N without weights. With the half, following
    Bishop (*Pattern Recognition and Machine Learning*, 2006, equation 5.11); the sum runs over the
    K outputs and the mean over the samples.

    >>> loss = SquaredError()
    >>> L, cache = loss.forward(np.array([[3.0], [1.0]]), np.array([[1.0], [1.0]]))
    >>> L, loss.backward(cache).T
    (1.0, array([[1., 0.]]))
    """

    task: ClassVar[Literal["classification", "regression"]] = "regression"

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
        """Return None: values have no classes."""
        return None

    def per_sample(self, outputs: Array, targets: Array) -> Array:
        """Return ½ ‖z_i − y_i‖², (N,)."""
        check_shapes(outputs, targets)
        return 0.5 * ((outputs - targets) ** 2).sum(axis=1)

    def forward(
        self, outputs: Array, targets: Array, sample_weight: Array | None = None
    ) -> tuple[float, Cache]:
        """Return (L, cache)."""
        check_shapes(outputs, targets, sample_weight)
        s = mean_shares(outputs, sample_weight)
        difference = outputs - targets
        return float((s * 0.5 * difference**2).sum()), (difference, s)

    def backward(self, cache: Cache) -> Array:
        """Return dz = s ⊙ (z − y)."""
        difference, s = cache
        return s * difference

    def predict(self, outputs: Array) -> npt.NDArray[Any]:
        """Return the outputs: (N,) for one output, (N, K) for several."""
        return outputs[:, 0] if outputs.shape[1] == 1 else outputs

    def n_correct(self, outputs: Array, targets: Array) -> float:
        """Return NaN: values are not right or wrong."""
        return float("nan")
