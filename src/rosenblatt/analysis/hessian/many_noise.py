"""Gradient noise of many networks on the same samples, in machine code."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.analysis.hessian.compiled_products import LEAST_NUMBERS
from rosenblatt.analysis.hessian.curvature import gradient_noise_scale
from rosenblatt.analysis.hessian.objective import NoiseScale, objective_of
from rosenblatt.analysis.hessian.vectors import count, flatten
from rosenblatt.engines import Samples
from rosenblatt.errors import ShapeError
from rosenblatt.layers import Params
from rosenblatt.losses import Loss
from rosenblatt.models import Model

SQUARES = "squares"
"""The name of Σ_i ‖g_i‖² among the sums of a program."""

_VIEWS = frozenset({"T", "reshape", "index"})


def gradient_noise_scales(
    model: Model,
    members: Sequence[Params],
    X: npt.ArrayLike,
    y: npt.ArrayLike,
    *,
    loss: Loss | str | None = None,
) -> list[NoiseScale]:
    """Return what :func:`gradient_noise_scale` returns, for each of many networks.

    Σ_i ‖g_i‖² and G are sums over samples that one pass gives, where the gradient of each parameter
    is xᵀ dy or Σ dy: a sample then adds ‖x_i‖² ‖dy_i‖², or ‖dy_i‖² (Goodfellow, *Efficient
    per-example gradient computations*, arXiv:1510.01799). Other layers, and little work, are
    computed network by network.

    Args:
        model: a :class:`Sequential`, an MLP or a perceptron.
        members: parameters by name, of each network.
        X: samples, (N, D), at least 2.
        y: class indices (N,), or values for a regression loss.
        loss: the model's default loss where none is named.

    Raises:
        ShapeError: arrays do not fit the model, or there is one sample only.
        DataError: a label is not one of the model's classes.

    >>> import rosenblatt as rb
    >>> model = rb.MLP(1, [], 1, init="zeros")
    >>> squares = rb.losses.HalfSquaredError()
    >>> members = [model.init(seed) for seed in range(2)]
    >>> found = gradient_noise_scales(model, members, [[0.0], [0.0]], [1.0, 3.0], loss=squares)
    >>> [noise.value for noise in found]  # the gradients are −1 and −3
    [0.5, 0.5]
    """
    if not members:
        return []
    first = objective_of(model, members[0], X, y, loss, None, None)
    n = len(first.x)
    if n < 2:
        raise ShapeError("a covariance needs at least 2 samples, got 1")
    sums = None
    if n * count(model.shapes) * len(members) >= LEAST_NUMBERS:
        rows = np.stack([flatten(model.check_params(one, np.float64)) for one in members])
        sums = _sums(model, first.loss, rows, Samples(first.x, first.targets, None))
    if sums is None:
        return [gradient_noise_scale(model, params, X, y, loss=loss) for params in members]
    gradients, squares = sums
    of_gradients = ((gradients / n) ** 2).sum(axis=1)
    # Rounding may take the difference below 0 where all g_i are equal.
    traces = np.maximum(0.0, squares - n * of_gradients) / (n - 1)
    return [*map(NoiseScale, traces.tolist(), of_gradients.tolist())]


def _sums(
    model: Model, loss: Loss, rows: npt.NDArray[np.float64], samples: Samples
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]] | None:
    """Return Σ g_i (members, P) and Σ ‖g_i‖² (members,), or None where this cannot be compiled."""
    from rosenblatt.engines.compiled.engine import CompiledEngine
    from rosenblatt.engines.compiled.graph import LoweringError
    from rosenblatt.engines.compiled.kernels import ROWS_AT_ONCE, load_program
    from rosenblatt.engines.compiled.program import gradient_program
    from rosenblatt.engines.compiled.settings import NONE
    from rosenblatt.engines.compiled.tracer import Traced, TracingError

    def with_squares(gradients: dict[str, Traced]) -> dict[str, Traced]:
        total = sum(_squares_of(gradient) for gradient in gradients.values())
        return {**gradients, SQUARES: total.sum()}

    try:
        program = gradient_program(model, loss, np.float64, sums_of=with_squares)
        loaded = load_program(program, NONE, np.float64, ROWS_AT_ONCE)
    except (LoweringError, TracingError):
        return None
    totals = CompiledEngine().totals(loaded, rows, samples)
    gradients = [
        sum(part.reshape(len(rows), -1) for label, part in totals.items() if _name(label) == name)
        for name in model.shapes
    ]
    squares: Any = sum(
        part.reshape(-1) for label, part in totals.items() if _name(label) == SQUARES
    )
    return np.hstack(gradients), squares


def _name(label: str) -> str:
    return label.split("+")[0]


def _squares_of(gradient: Any) -> Any:
    """Return ‖g_i‖² of each sample, (B, 1), of a traced gradient that is a sum over samples.

    Raises:
        TracingError: it is no product or sum whose terms are the samples'.
    """
    from rosenblatt.engines.compiled.tracer import Traced, TracingError

    node = gradient.node
    while node.op in _VIEWS and math.prod(node.shape) == math.prod(node.args[0].shape):
        node = node.args[0]
    parts = [Traced(gradient.graph, arg, gradient.dtype) for arg in node.args]
    if node.op == "matmul" and parts[0].ndim == parts[1].ndim == 2:
        x, dy = parts[0].T, parts[1]
        return (x * x).sum(axis=1, keepdims=True) * (dy * dy).sum(axis=1, keepdims=True)
    if node.op == "rsum" and node.attr == 0 and parts[0].ndim == 2:
        return (parts[0] * parts[0]).sum(axis=1, keepdims=True)
    raise TracingError("a gradient that is no sum over samples", node.origin)
