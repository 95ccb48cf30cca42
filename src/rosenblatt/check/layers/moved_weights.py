"""The gradients of a layer whose backward pass moves its weights itself."""

import copy
from typing import Any

import numpy as np

from rosenblatt.check.limits.sandbox import FailedError
from rosenblatt.check.numbers.compare import same
from rosenblatt.check.source.state import leaves
from rosenblatt.check.source.subjects import Subject, seeded

CLEAR = 0.1
"""Smallest entry of a gradient, as a part of the largest, whose sign is compared."""


def gradients_of_moves(
    subject: Subject,
    x: Any,
    worked: Any,
    returned: Any,
    dout: Any,
    rate: float,
    numeric: dict[str, Any],
) -> dict[str, Any]:
    """Return the gradients by which weights are moved, where a move is not the gradient alone.

    Of a move with weight decay, the gradient is what depends on ``dout``. The first move of
    momentum, RMSProp or Adam has the signs of the gradient: with these signs, it counts as right.
    """
    kept = {leaf.path: leaf.array for leaf in leaves(worked)}

    def moves(factor: float) -> dict[str, Any]:
        obj = copy.deepcopy(worked)
        seeded(subject.backward, obj, factor * dout, copy.deepcopy(x), copy.deepcopy(returned))
        after = {leaf.path: leaf.array for leaf in leaves(obj)}
        return {path: kept[path] - after[path] for path in numeric if path in after and path != "x"}

    try:
        one, two, three = (moves(factor) for factor in (1.0, 2.0, 3.0))
    except (FailedError, TypeError, ValueError):
        return {}
    result = {}
    for path, move in one.items():
        by_gradient = two[path] - move
        if not np.any(move) or same(by_gradient, move):
            continue
        if same(three[path] - two[path], by_gradient):
            result[path] = by_gradient / rate
        elif _has_signs(move, numeric[path]):
            result[path] = numeric[path]
    return result


def _has_signs(move: Any, gradient: Any) -> bool:
    """Return whether the clear entries of a gradient have the signs of a move."""
    gradient = np.reshape(gradient, move.shape)
    clear = np.abs(gradient) > CLEAR * np.abs(gradient).max()
    return bool(clear.any()) and np.array_equal(np.sign(move[clear]), np.sign(gradient[clear]))
