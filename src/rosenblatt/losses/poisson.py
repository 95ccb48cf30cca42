"""Poisson deviance: the loss of regression on counts."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.errors import DataError
from rosenblatt.layers.base import Array
from rosenblatt.losses.base import RegressionLoss


@dataclass(frozen=True)
class Poisson(RegressionLoss):
    """l = Σ_k [y_k log(y_k / μ_k) − y_k + μ_k], μ = e^z;  dz = μ − y.

    Outputs z are logarithms of the expected counts μ, targets are counts or rates y ≥ 0, both
    (N, K), and 0 log 0 = 0. L is half the deviance of a Poisson distribution (McCullagh and Nelder,
    *Generalized Linear Models*, 1989, table 2.1).

    >>> Poisson().over_batch(np.array([[0.0]]), np.array([[0.0]]))
    (1.0, array([[1.]]))
    """

    aliases = ("poisson_deviance",)

    @property
    def formulas(self) -> tuple[str, ...]:
        return (
            "mu[n, k] = exp(z[n, k])",
            "l[n] = sum(k, (y[n, k] * log(y[n, k] / mu[n, k]) if y[n, k] > 0 else 0)"
            " - y[n, k] + mu[n, k])",
            "dl[n, k] = mu[n, k] - y[n, k]",
        )

    def value_and_gradient(self, z: Array, y: Array) -> tuple[Array, Array]:
        """Return the terms y log(y / μ) − y + μ and dz = μ − y, both (N, K)."""
        mu = np.exp(z)
        log_y = np.log(np.where(y > 0, y, 1))
        return y * (log_y - z) - y + mu, mu - y

    def encode(self, y: npt.ArrayLike, n_outputs: int) -> Array:
        """Return targets (N, K) as floats from counts (N, K), or (N,) where there is one output.

        Raises:
            DataError: a count is below 0.
        """
        targets = super().encode(y, n_outputs)
        if np.any(targets < 0):
            row = int(np.argmax((targets < 0).any(axis=1)))
            raise DataError(
                f"row {row} of y is below 0, counting from 0; the Poisson loss is for counts"
            )
        return targets

    def predict(self, outputs: Array) -> npt.NDArray[Any]:
        """Return the expected counts μ: (N,) for one output, (N, K) for several."""
        return super().predict(np.exp(outputs))
