"""Softmax and cross-entropy in one: the loss of a classifier that outputs logits."""

from dataclasses import dataclass

import numpy as np

from rosenblatt.checks import real_field
from rosenblatt.layers.base import Array
from rosenblatt.layers.softmax import softmax
from rosenblatt.losses.base import Loss, clip_log


@dataclass(frozen=True)
class SoftmaxCrossEntropy(Loss):
    """l = −Σ_j y_j log p_j with p = softmax(z);  dz = p − y.

    Outputs are logits z (N, C), targets y (N, C) one-hot or distributions. log p_j = z_j −
    log Σ_k e^{z_k} is computed with the row's maximum subtracted (log-sum-exp), so that the loss is
    finite at any finite logits: the probability is never formed and then logged. (Bishop, *Pattern
    Recognition and Machine Learning*, 2006, equations 4.108 and 4.109.)

    Args:
        clip: in l, and in l alone, p counts as no less than this and no more than 1 − this, from 0
            to ½. Then a sample loses −log(clip) at most, as scikit-learn reports it.

    >>> SoftmaxCrossEntropy().over_batch(np.array([[1000.0, 0.0]]), np.array([[0.0, 1.0]]))
    (1000.0, array([[ 1., -1.]]))
    """

    aliases = ("cross_entropy", "log_loss", "ce")
    clip: float = 0.0

    def __post_init__(self) -> None:
        real_field(self, "clip", at_least=0, at_most=0.5)

    @property
    def formulas(self) -> tuple[str, ...]:
        p = "min(max(p[n, k], clip), 1 - clip)" if self.clip else "p[n, k]"
        return (
            "p[n, k] = exp(z[n, k]) / sum(c, exp(z[n, c]))",
            f"l[n] = -sum(k, y[n, k] * log({p}))",
            "dl[n, k] = p[n, k] - y[n, k]",
        )

    def value_and_gradient(self, z: Array, y: Array) -> tuple[Array, Array]:
        """Return the terms −y log p and dz = p − y, both (N, C)."""
        shifted = z - z.max(axis=1, keepdims=True)
        e = np.exp(shifted)
        total = e.sum(axis=1, keepdims=True)
        log_p = shifted - np.log(total)
        if self.clip:
            log_p = clip_log(log_p, self.clip)
        return -(y * log_p), e / total - y

    def probabilities(self, outputs: Array) -> Array:
        """Return softmax(z), (N, C)."""
        return softmax(outputs)
