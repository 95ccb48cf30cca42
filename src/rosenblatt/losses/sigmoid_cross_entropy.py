"""Sigmoid and cross-entropy in one: the loss of one yes-or-no question per output."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.checks import real_field
from rosenblatt.errors import DataError, ShapeError
from rosenblatt.layers.base import Array
from rosenblatt.layers.sigmoid import sigmoid
from rosenblatt.losses.base import Loss, class_indices, clip_log


@dataclass(frozen=True)
class SigmoidCrossEntropy(Loss):
    """l = −Σ_k [y_k log p_k + (1 − y_k) log(1 − p_k)], p = σ(z);  dz = p − y.

    Outputs are logits z: (N, 1) for two classes, or (N, K) for K independent labels per sample,
    with targets y in [0, 1] of the same shape. With log p = min(z, 0) − log(1 + e^−|z|) and
    log(1 − p) = min(−z, 0) − log(1 + e^−|z|), every term is finite at any finite logit. (Bishop,
    *Pattern Recognition and Machine Learning*, 2006, equations 4.90 and 4.91.) PyTorch calls it
    ``BCEWithLogitsLoss`` and takes the mean over K, which is a sum here.

    Args:
        clip: in l, and in l alone, p counts as no less than this and no more than 1 − this, from 0
            to ½. Then a label loses −log(clip) at most, as scikit-learn reports it.

    >>> SigmoidCrossEntropy().over_batch(np.array([[-1000.0]]), np.array([[1.0]]))
    (1000.0, array([[-1.]]))
    """

    aliases = (
        "binary_cross_entropy",
        "binary_crossentropy",
        "bce",
        "bce_with_logits",
    )
    clip: float = 0.0

    def __post_init__(self) -> None:
        real_field(self, "clip", at_least=0, at_most=0.5)

    @property
    def formulas(self) -> tuple[str, ...]:
        p = "min(max(p[n, k], clip), 1 - clip)" if self.clip else "p[n, k]"
        return (
            "p[n, k] = 1 / (1 + exp(-z[n, k]))",
            f"l[n] = -sum(k, y[n, k] * log({p}) + (1 - y[n, k]) * log(1 - {p}))",
            "dl[n, k] = p[n, k] - y[n, k]",
        )

    def value_and_gradient(self, z: Array, y: Array) -> tuple[Array, Array]:
        """Return the terms −y log p − (1 − y) log(1 − p) and dz = p − y, both (N, K)."""
        rest = np.log1p(np.exp(-np.abs(z)))
        log_p, log_not_p = np.minimum(z, 0) - rest, np.minimum(-z, 0) - rest
        if self.clip:
            log_p, log_not_p = clip_log(log_p, self.clip), clip_log(log_not_p, self.clip)
        return -y * log_p - (1 - y) * log_not_p, sigmoid(z) - y

    def encode(self, y: npt.ArrayLike, n_outputs: int) -> Array:
        """Return targets (N, 1) from class indices 0 and 1, or check a table of targets (N, K)."""
        given = np.asarray(y)
        if given.ndim == 1:
            if n_outputs != 1:
                raise ShapeError(
                    f"SigmoidCrossEntropy on labels (N,) needs 1 output, the model has {n_outputs}"
                )
            return class_indices(given, 2).astype(np.float64)[:, np.newaxis]
        if given.ndim != 2 or given.shape[1] != n_outputs:
            raise ShapeError(
                f"targets are {given.shape}; {n_outputs} outputs need (N, {n_outputs})"
            )
        if not np.all((given >= 0) & (given <= 1)):
            raise DataError("targets of SigmoidCrossEntropy must lie from 0 to 1")
        return given.astype(np.float64)

    def n_classes(self, n_outputs: int) -> int | None:
        """Return 2 for one output; K outputs are K questions, not classes."""
        return 2 if n_outputs == 1 else None

    def predict(self, outputs: Array) -> npt.NDArray[Any]:
        """Return 1 where z > 0, else 0: (N,) for one output, (N, K) for several."""
        positive = (outputs > 0).astype(np.int64)
        return positive[:, 0] if outputs.shape[1] == 1 else positive

    def probabilities(self, outputs: Array) -> Array:
        """Return (1 − p, p) (N, 2) for one output; for K labels the probability of each, (N, K)."""
        p = sigmoid(outputs)
        return np.hstack([sigmoid(-outputs), p]) if outputs.shape[1] == 1 else p

    def is_correct(self, outputs: Array, targets: Array) -> npt.NDArray[np.bool_]:
        """Return whether each sample has every label predicted right, (N,)."""
        return ((outputs > 0) == (targets > 0.5)).all(axis=1)
