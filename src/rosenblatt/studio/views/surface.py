"""The prediction over the visible plane."""

from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.errors import ConfigurationError
from rosenblatt.losses import Loss


def surface(loss: Loss, outputs: npt.NDArray[Any], on_line: bool) -> npt.NDArray[np.float32]:
    """Return K numbers for each of N points, (K, N), from the model's outputs there.

    For two classes: P(class 1). For more: the class and its probability. For a regression: the
    values. On a line: the probability of each class, or the values.
    """
    if loss.task == "regression":
        values = np.asarray(loss.predict(outputs))
        return values.reshape(len(outputs), -1).T.astype(np.float32)
    p = probabilities(loss, outputs)
    if on_line:
        return p.T.astype(np.float32)
    if p.shape[1] == 2:
        return p[:, 1:].T.astype(np.float32)
    best = p.argmax(axis=1)
    return np.stack([best, p[np.arange(len(p)), best]]).astype(np.float32)


def probabilities(loss: Loss, outputs: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return P(class | x), (N, C); certainty where a loss has no probabilities."""
    try:
        return loss.probabilities(outputs)
    except ConfigurationError:
        best = np.asarray(loss.predict(outputs), dtype=np.int64)
        return np.eye(max(2, outputs.shape[1]))[best]
