"""Cross-entropy of probabilities: the loss of a classifier that ends in a softmax layer."""

from dataclasses import dataclass

import numpy as np

from rosenblatt.layers.base import Array
from rosenblatt.losses.base import Loss


@dataclass(frozen=True)
class CategoricalCrossEntropy(Loss):
    """l = −Σ_j y_j log p_j;  dp = −y / p.

    Outputs are probabilities p (N, C), for instance of a :class:`Softmax` layer, as in Keras. A
    probability below the smallest normal number of its type (2.2e-308 in float64) counts as that
    number, so that the loss and the gradient stay finite where p has underflowed to 0. What has
    underflowed cannot be brought back: to train, give logits to :class:`SoftmaxCrossEntropy`.
    (Goodfellow, Bengio and Courville, *Deep Learning*, 2016, equation 5.65 and section 6.2.2.3.)

    >>> p, y = np.array([[0.25, 0.75]]), np.array([[1.0, 0.0]])
    >>> L, dp = CategoricalCrossEntropy().over_batch(p, y)
    >>> round(L, 6), dp
    (1.386294, array([[-4., -0.]]))
    """

    aliases = ("categorical_crossentropy",)
    takes = "probabilities"

    @property
    def formulas(self) -> tuple[str, ...]:
        return (
            "l[n] = -sum(k, y[n, k] * log(z[n, k]))",
            "dl[n, k] = -(y[n, k] / z[n, k])",
        )

    def value_and_gradient(self, z: Array, y: Array) -> tuple[Array, Array]:
        """Return the terms −y log p and dp = −y / p, both (N, C)."""
        p = np.maximum(z, np.finfo(z.dtype).tiny)
        return -(y * np.log(p)), -y / p

    def probabilities(self, outputs: Array) -> Array:
        """Return the outputs, which are probabilities already, (N, C)."""
        return outputs
