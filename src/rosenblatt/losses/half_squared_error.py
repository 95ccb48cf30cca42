"""Half the squared error: the loss of regression whose gradient is the error itself."""

from dataclasses import dataclass

from rosenblatt.layers.base import Array
from rosenblatt.losses.base import RegressionLoss


@dataclass(frozen=True)
class HalfSquaredError(RegressionLoss):
    """l = ½ ‖z − y‖²;  dz = z − y.

    Outputs z and targets y have shape (N, K), and the sum runs over the K outputs: Bishop, *Pattern
    Recognition and Machine Learning*, 2006, equation 5.11. scikit-learn's ``MLPRegressor`` and
    optax's ``l2_loss`` have the half too. For one output, it is half of :class:`MeanSquaredError`.

    >>> import numpy as np
    >>> L, dz = HalfSquaredError().over_batch(np.array([[3.0], [1.0]]), np.array([[1.0], [1.0]]))
    >>> L, dz.T
    (1.0, array([[1., 0.]]))
    """

    aliases = ("squared_error", "l2", "l2_loss")

    @property
    def formulas(self) -> tuple[str, ...]:
        return (
            "l[n] = 0.5 * sum(k, (z[n, k] - y[n, k]) ** 2)",
            "dl[n, k] = z[n, k] - y[n, k]",
        )

    def value_and_gradient(self, z: Array, y: Array) -> tuple[Array, Array]:
        """Return the terms ½ (z − y)² and dz = z − y, both (N, K)."""
        difference = z - y
        return 0.5 * difference**2, difference
