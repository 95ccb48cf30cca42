"""Derivatives of the usual losses by recorded outputs, right and with known mistakes."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from rosenblatt.check.numbers.compare import consists_of
from rosenblatt.check.numbers.reference import sigmoid, softmax


def forms_of(y: Any, shape: tuple[int, ...]) -> list[Any]:
    """Return targets in the shape of the outputs: turned, or one-hot of labels."""
    size = int(np.prod(shape, dtype=int))
    if y.size == size:
        if y.ndim == 2 and y.shape == shape[::-1] and y.shape != shape and 1 not in shape:
            return [y.T]
        return [y.reshape(shape)]
    # A label is below the number of classes.
    whole = y.size and (y == np.round(y)).all() and y.min() >= 0 and y.max() < max(shape, default=0)
    if not whole or len(shape) not in (1, 2) or y.ndim > 2:
        return []
    labels = y.ravel().astype(int)
    if len(shape) == 1 and y.size == 1 and shape[0] > 1 and labels[0] < shape[0]:
        return [np.eye(shape[0])[labels[0]]]
    if len(shape) == 2 and y.size == shape[0] and shape[1] > 1 and labels.max() < shape[1]:
        return [np.eye(shape[1])[labels]]
    if len(shape) == 2 and y.size == shape[1] and shape[0] > 1 and labels.max() < shape[0]:
        return [np.eye(shape[0])[labels].T]
    return []


def probabilities(s: Any) -> int | None:
    """Return the axis along which outputs add up to 1."""
    if (s < 0).any() or (s > 1).any():
        return None
    for axis in reversed(range(s.ndim)):
        if s.shape[axis] > 1 and np.allclose(s.sum(axis=axis), 1):
            return axis
    return None


def _class_axes(s: Any, stacked: bool) -> list[int]:
    """Return the axes that may have one entry per class: of stacked calls, not the first."""
    return [axis for axis in reversed(range(s.ndim)) if s.shape[axis] > 1 and (axis or not stacked)]


def right_tops(s: Any, y: Any, stacked: bool = False) -> Iterator[tuple[str, Any]]:
    """Yield (loss, ∂L/∂s) of the losses of outputs or of sums ``s``.

    The rows of ``stacked`` values were computed one after the other.
    """
    d = s - y
    axes = _class_axes(s, stacked)
    yield "squared", d
    yield from robust_tops(d)
    if (y >= 0).all():
        with np.errstate(all="ignore"):
            yield "Poisson of logarithms", np.exp(s) - y
            if (s > 0).all():
                yield "Poisson", 1 - y / s
    binary, signs = consists_of(y, 0, 1), consists_of(y, -1, 1)
    inside = bool(((s >= 0) & (s <= 1)).all())
    with np.errstate(all="ignore"):
        # A single label 1 may be one of 0 and 1.
        if inside and (binary or not signs):
            p = np.clip(s, 1e-12, 1 - 1e-12)
            yield "binary cross-entropy", d / (p * (1 - p))
            if probabilities(s) is not None or (s.size == 1 and binary):
                yield "cross-entropy", -y / p
        if binary or not signs:
            yield "logistic", sigmoid(s) - y
            for axis in axes:
                yield f"softmax {axis}", softmax(s, axis) - y
        if binary:
            yield "perceptron", (s >= 0) * 1.0 - y
            yield "perceptron ", (s > 0) * 1.0 - y
            for axis in axes:
                best = (s == s.max(axis=axis, keepdims=True)) * 1.0
                yield f"perceptron of classes {axis}", best - y
                own = (s * y).sum(axis=axis, keepdims=True)
                over = ((s - own + 1 > 0) & (y == 0)) * 1.0
                yield f"hinge of classes {axis}", over - y * over.sum(axis=axis, keepdims=True)
            y = 2 * y - 1
        if binary or signs:
            yield "hinge", -y * (y * s < 1)
            yield "squared hinge", -y * np.maximum(0, 1 - y * s)
            yield "perceptron of signs", -y * (y * s <= 0)
            yield "difference of signs", np.where(s >= 0, 1.0, -1.0) - y
            yield "logistic of signs", -y * sigmoid(-y * s)
    if d.size == 1 or np.ptp(np.sign(d)):
        # A distance from numbers that are all above is the value itself, or its ascent.
        yield "absolute", np.sign(d)


def robust_tops(d: Any) -> Iterator[tuple[str, Any]]:
    """Yield the derivatives of smooth losses of residuals that grow as their absolute value."""
    yield "log-cosh", np.tanh(d)
    yield "pseudo-Huber", d / np.sqrt(1 + d * d)


def clipped_tops(d: Any, recorded: dict[int, Any]) -> list[tuple[str, Any]]:
    """Return (loss, ∂L/∂s) of Huber losses of differences, clipped as recorded values or at ±1.

    Values are the slope of a Huber loss if they are a multiple of the small differences, and one
    number with the sign of the large ones.

    Args:
        d: the differences.
        recorded: arrays (K, n) of K values of each size n.

    >>> d = np.array([0.2, -3.0, 0.4])
    >>> [loss for loss, _ in clipped_tops(d, {3: np.array([[0.1, -0.25, 0.2], [0.2, 3.0, 0.4]])})]
    ['Huber 0.5', 'Huber 1']
    """
    if d.size < 2:
        return []
    flat = d.ravel()
    values = recorded.get(d.size, np.zeros((0, d.size)))
    values = values[(np.sign(values) == np.sign(flat)).all(axis=1)]
    limits = {1.0}
    for slope in values:
        with np.errstate(all="ignore"):
            factors = slope / flat
        top = float(np.nan_to_num(factors).max())
        if top > 0 and not (factors >= top * (1 - 1e-9)).all():
            limit = float(np.abs(slope).max()) / top
            if np.allclose(slope, top * np.clip(flat, -limit, limit), rtol=1e-9, atol=0):
                limits.add(round(limit, 9))
    return [(f"Huber {limit:.6g}", np.clip(d, -limit, limit)) for limit in sorted(limits)]


def wrong_tops(s: Any, y: Any, stacked: bool = False) -> Iterator[tuple[str, Any]]:
    """Yield (mistake, what is taken for ∂L/∂s)."""
    d = s - y
    axes = _class_axes(s, stacked)
    binary, signs = consists_of(y, 0, 1), consists_of(y, -1, 1)
    inside = bool(((s >= 0) & (s <= 1)).all())
    with np.errstate(all="ignore"):
        yield "sign", s + y
        if inside and probabilities(s) is not None:
            yield "softmax-diagonal-only", d
        if binary and not inside:
            p = sigmoid(s)
            yield "activation-derivative-at-output", (p - y) * sigmoid(p) * (1 - sigmoid(p))
            yield "activation-derivative-at-output", (p - y) * s * (1 - s)
            for axis in axes:
                q = softmax(s, axis)
                yield "softmax-diagonal-only", (q - y) * q * (1 - q)
                yield "softmax-diagonal-only", -y * (1 - q)
        t = np.tanh(s)
        yield "activation-derivative-missing", t - y
        yield "activation-derivative-at-output", (t - y) * (1 - np.tanh(t) ** 2)
        yield "activation-derivative-at-output", (t - y) * (1 - s**2)
        if signs:
            yield "relu-wrong-side", -y * (y * s > 1)
        if s.ndim and len(s) > 1:
            for shift in (1, -1):
                rolled = np.roll(y, shift, axis=0)
                if not np.array_equal(rolled, y):
                    yield "labels-misaligned", s - rolled
