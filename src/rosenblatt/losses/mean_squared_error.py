"""The mean squared error: the loss of regression as other libraries print it."""

from dataclasses import dataclass

from rosenblatt.layers.base import Array
from rosenblatt.losses.base import RegressionLoss


@dataclass(frozen=True)
class MeanSquaredError(RegressionLoss):
    """l = ‖z − y‖² / K;  dz = 2 (z − y) / K.

    Outputs z and targets y have shape (N, K). L is the mean over samples and outputs, as in
    scikit-learn's ``mean_squared_error`` and PyTorch's ``MSELoss``. It is 2/K times
    :class:`HalfSquaredError`, so gradient descent needs K/2 times its learning rate.

    >>> import numpy as np
    >>> L, dz = MeanSquaredError().over_batch(np.array([[3.0], [1.0]]), np.array([[1.0], [1.0]]))
    >>> L, dz.T
    (2.0, array([[2., 0.]]))
    """

    aliases = ("mse",)

    @property
    def formulas(self) -> tuple[str, ...]:
        return (
            "l[n] = sum(k, (z[n, k] - y[n, k]) ** 2) / K",
            "dl[n, k] = 2 * (z[n, k] - y[n, k]) / K",
        )

    def value_and_gradient(self, z: Array, y: Array) -> tuple[Array, Array]:
        """Return the terms (z − y)² / K and dz = 2 (z − y) / K, both (N, K)."""
        difference, n_outputs = z - y, z.shape[1]
        return difference**2 / n_outputs, 2 / n_outputs * difference
