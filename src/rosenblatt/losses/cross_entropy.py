"""Cross-entropy of probabilities: the loss of a classifier that ends in a softmax layer."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rosenblatt.layers.base import Array, Cache
from rosenblatt.losses.base import Loss, check_shapes, class_targets, mean_shares


@dataclass(frozen=True)
class CrossEntropy(Loss):
    """L = −Σ_i s_i Σ_j y_ij log p_ij;  dp = −s ⊙ y / p.

    Outputs are probabilities p (N, C), for instance of a :class:`Softmax` layer; s_i = 1/N without
    weights. A probability below the smallest normal number of its type (2.2e-308 in float64) counts
    as that number, so that the loss and the gradient stay finite where p has underflowed to 0. What
    has underflowed cannot be brought back: to train, give logits to :class:`SoftmaxCrossEntropy`.
    (Goodfellow, Bengio and Courville, *Deep Learning*, 2016, equation 5.65 and section 6.2.2.3.)

    >>> loss = CrossEntropy()
    >>> L, cache = loss.forward(np.array([[0.25, 0.75]]), np.array([[1.0, 0.0]]))
    >>> round(L, 6), loss.backward(cache)
    (1.386294, array([[-4., -0.]]))
    """

    def encode(self, y: npt.ArrayLike, n_outputs: int) -> Array:
        """Return one-hot targets (N, C) from class indices (N,), or check given distributions."""
        return class_targets(y, n_outputs)

    def per_sample(self, outputs: Array, targets: Array) -> Array:
        """Return −Σ_j y_ij log p_ij, (N,)."""
        check_shapes(outputs, targets)
        return -(targets * np.log(_not_below_tiny(outputs))).sum(axis=1)

    def forward(
        self, outputs: Array, targets: Array, sample_weight: Array | None = None
    ) -> tuple[float, Cache]:
        """Return (L, cache)."""
        check_shapes(outputs, targets, sample_weight)
        p = _not_below_tiny(outputs)
        s = mean_shares(outputs, sample_weight)
        return -float((s * targets * np.log(p)).sum()), (p, targets, s)

    def backward(self, cache: Cache) -> Array:
        """Return dp = −s ⊙ y / p, (N, C)."""
        p, y, s = cache
        return -s * y / p

    def predict(self, outputs: Array) -> npt.NDArray[np.int64]:
        """Return the most probable class of each sample, (N,)."""
        return outputs.argmax(axis=1)

    def probabilities(self, outputs: Array) -> Array:
        """Return the outputs, which are probabilities already, (N, C)."""
        return outputs


def _not_below_tiny(p: Array) -> Array:
    return np.maximum(p, np.finfo(p.dtype).tiny)
