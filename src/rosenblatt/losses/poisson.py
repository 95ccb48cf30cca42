"""Poisson deviance: the loss of regression on counts."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from rosenblatt.errors import DataError
from rosenblatt.layers.base import Array, Cache
from rosenblatt.losses.base import Loss, check_shapes, mean_shares
from rosenblatt.losses.squared_error import SquaredError


@dataclass(frozen=True)
class Poisson(Loss):
    """L = Σ_i s_i Σ_k [y_ik log(y_ik / μ_ik) − y_ik + μ_ik], μ = e^z;  dz = s ⊙ (μ − y).

    Outputs z are logarithms of the expected counts μ, targets are counts or rates y ≥ 0, both
    (N, K), and 0 log 0 = 0; s_i = 1/N without weights. L is half the deviance of a Poisson
    distribution (McCullagh and Nelder, *Generalized Linear Models*, 1989, table 2.1).

    >>> loss = Poisson()
    >>> L, cache = loss.forward(np.array([[0.0]]), np.array([[0.0]]))
    >>> L, loss.backward(cache)
    (1.0, array([[1.]]))
    """

    task: ClassVar[Literal["classification", "regression"]] = "regression"

    def encode(self, y: npt.ArrayLike, n_outputs: int) -> Array:
        """Return targets (N, K) as floats from counts (N, K), or (N,) where there is one output.

        Raises:
            DataError: a count is below 0.
        """
        targets = SquaredError().encode(y, n_outputs)
        if np.any(targets < 0):
            row = int(np.argmax((targets < 0).any(axis=1)))
            raise DataError(
                f"row {row} of y is below 0, counting from 0; the Poisson loss is for counts"
            )
        return targets

    def n_classes(self, n_outputs: int) -> int | None:
        """Return None: values have no classes."""
        return None

    def per_sample(self, outputs: Array, targets: Array) -> Array:
        """Return the sum of each sample's terms, (N,)."""
        check_shapes(outputs, targets)
        return _terms(outputs, np.exp(outputs), targets).sum(axis=1)

    def forward(
        self, outputs: Array, targets: Array, sample_weight: Array | None = None
    ) -> tuple[float, Cache]:
        """Return (L, cache)."""
        check_shapes(outputs, targets, sample_weight)
        s, mu = mean_shares(outputs, sample_weight), np.exp(outputs)
        return float((s * _terms(outputs, mu, targets)).sum()), (mu, targets, s)

    def backward(self, cache: Cache) -> Array:
        """Return dz = s ⊙ (μ − y)."""
        mu, y, s = cache
        return s * (mu - y)

    def predict(self, outputs: Array) -> npt.NDArray[Any]:
        """Return the expected counts μ: (N,) for one output, (N, K) for several."""
        mu = np.exp(outputs)
        return mu[:, 0] if mu.shape[1] == 1 else mu

    def n_correct(self, outputs: Array, targets: Array) -> float:
        """Return NaN: values are not right or wrong."""
        return float("nan")


def _terms(z: Array, mu: Array, y: Array) -> Array:
    log_y = np.log(np.where(y > 0, y, 1))
    return y * (log_y - z) - y + mu
