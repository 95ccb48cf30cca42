"""Softmax and cross-entropy in one: the loss of a classifier that outputs logits."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rosenblatt.checks import real_field
from rosenblatt.layers.base import Array, Cache
from rosenblatt.layers.softmax import softmax
from rosenblatt.losses.base import Loss, check_shapes, class_targets, clip_log, mean_shares


@dataclass(frozen=True)
class SoftmaxCrossEntropy(Loss):
    """L = −Σ_i s_i Σ_j y_ij log p_ij with p = softmax(z);  dz = s ⊙ (p − y).

    Outputs are logits z (N, C), targets y (N, C) one-hot or distributions, s_i = 1/N without
    weights. log p_ij = z_ij − log Σ_k e^{z_ik} is computed with the row's maximum subtracted
    (log-sum-exp), so that the loss is finite at any finite logits: the probability is never formed
    and then logged. (Bishop, *Pattern Recognition and Machine Learning*, 2006, equations 4.108 and
    4.109.)

    Args:
        clip: in L, and in L alone, p counts as no less than this and no more than 1 − this, from 0
            to ½. Then a sample loses −log(clip) at most, as scikit-learn reports it.

    >>> loss = SoftmaxCrossEntropy()
    >>> L, cache = loss.forward(np.array([[1000.0, 0.0]]), np.array([[0.0, 1.0]]))
    >>> L, loss.backward(cache)
    (1000.0, array([[ 1., -1.]]))
    """

    clip: float = 0.0

    def __post_init__(self) -> None:
        real_field(self, "clip", at_least=0, at_most=0.5)

    def encode(self, y: npt.ArrayLike, n_outputs: int) -> Array:
        """Return one-hot targets (N, C) from class indices (N,), or check given distributions."""
        return class_targets(y, n_outputs)

    def per_sample(self, outputs: Array, targets: Array) -> Array:
        """Return −Σ_j y_ij log p_ij, (N,)."""
        check_shapes(outputs, targets)
        shifted = outputs - outputs.max(axis=1, keepdims=True)
        log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        return -(targets * clip_log(log_p, self.clip)).sum(axis=1)

    def forward(
        self, outputs: Array, targets: Array, sample_weight: Array | None = None
    ) -> tuple[float, Cache]:
        """Return (L, cache)."""
        check_shapes(outputs, targets, sample_weight)
        shifted = outputs - outputs.max(axis=1, keepdims=True)
        e = np.exp(shifted)
        total = e.sum(axis=1, keepdims=True)
        log_p = shifted - np.log(total)
        s = mean_shares(outputs, sample_weight)
        value = -float((s * targets * clip_log(log_p, self.clip)).sum())
        return value, (e / total, targets, s)

    def backward(self, cache: Cache) -> Array:
        """Return dz = s ⊙ (p − y), (N, C)."""
        p, y, s = cache
        return s * (p - y)

    def predict(self, outputs: Array) -> npt.NDArray[np.int64]:
        """Return the most probable class of each sample, (N,)."""
        return outputs.argmax(axis=1)

    def probabilities(self, outputs: Array) -> Array:
        """Return softmax(z), (N, C)."""
        return softmax(outputs)
