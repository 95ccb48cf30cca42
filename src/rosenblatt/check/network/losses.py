"""The gradients by the outputs of the losses that a recorded update may move down."""

from typing import Any

import numpy as np

from rosenblatt.check.network.network import Step
from rosenblatt.check.numbers.reference import FUNCTIONS, sigmoid, softmax, through

Gradients = dict[str, Any]


def usual_tops(step: Step, y: Any) -> list[tuple[str, Any]]:
    """Return ∂L/∂z of the usual losses, by name; each loss times any positive number."""
    z, name = step.net.sums[-1], step.net.activations[-1]
    a = FUNCTIONS[name](z)
    d = a - y
    tops = [("squared", through(name, z, d))]
    if name in ("sigmoid", "softmax"):
        tops.insert(0, ("cross-entropy", d))
    if name == "softmax":
        tops = tops[:2]
    if name == "identity":
        tops.append(("softmax", softmax(z) - y if z.shape[1] > 1 else sigmoid(z) - y))
        tops.append(("logistic", sigmoid(z) - y))
    return tops


def known_tops(step: Step) -> list[tuple[str, Any, Any]]:
    """Return (loss, targets, ∂L/∂z) of the losses whose values were recorded."""
    z, name = step.net.sums[-1], step.net.activations[-1]
    result = []
    for title, _, (y, gradient) in step.losses:
        kind, loss = title.split(" ", 1)
        top = gradient if kind == "z" or name == "identity" else through(name, z, gradient)
        if kind == "a" and loss.startswith("cross-entropy") and name == "softmax":
            top = (softmax(z) - y) * (np.abs(gradient).max() * 0 + _scale(loss, y))
        if kind == "a" and loss.startswith("binary") and name == "sigmoid":
            top = (sigmoid(z) - y) * _scale(loss, y)
        result.append((loss, y, top))
    return result


def _scale(loss: str, y: Any) -> float:
    return {"mean": 1 / y.size, "batch": 1 / len(y), "sum": 1.0}[loss.rsplit(" ", 1)[1]]


def common_factor(observed: Gradients, predicted: Gradients) -> float | None:
    """Return c where every observed movement is c times the predicted gradient."""
    keys = [k for k in observed if k in predicted]
    a = np.concatenate([np.ravel(observed[k]) for k in keys])
    b = np.concatenate([np.ravel(predicted[k]) for k in keys])
    square = float(b @ b)
    if not square or not np.isfinite(square) or not np.isfinite(a).all():
        return None
    c = float(a @ b) / square
    if c == 0:
        return None
    for key in keys:
        scale = max(
            np.abs(observed[key]).max(initial=0), abs(c) * np.abs(predicted[key]).max(initial=0)
        )
        top = max(np.abs(a).max(), abs(c) * np.abs(b).max())
        if (np.abs(observed[key] - c * predicted[key]) > 1e-5 * scale + 1e-9 * top).any():
            return None
    return c


def agrees_with_rate(c: float, rates: list[float]) -> bool:
    """Return whether a factor is one of the learning rates."""
    return any(abs(c / rate - 1) < 1e-4 for rate in rates)
