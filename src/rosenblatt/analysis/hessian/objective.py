"""The mean loss as a function of the parameters: its value, gradients and Hessian."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.analysis.hessian.compiled_products import (
    LEAST_NUMBERS,
    CompiledProducts,
    compiled_products,
)
from rosenblatt.analysis.hessian.compiled_products import MOST_PARAMETERS as MOST_COMPILED
from rosenblatt.analysis.hessian.dual import Dual, one_float, tangents_of
from rosenblatt.analysis.hessian.vectors import count, flatten, of_layer, split, squared_norm
from rosenblatt.errors import ConfigurationError, DataError
from rosenblatt.layers import Array, Linear, Params
from rosenblatt.losses import Loss, as_loss
from rosenblatt.models import Model
from rosenblatt.models.base import check_loss
from rosenblatt.models.gradients import check_batch
from rosenblatt.random import Key

MOST_PARAMETERS = 4096
"""Of a dense Hessian, which then takes 128 MB."""


BLOCK_BYTES = 2**21
"""Bytes of one array of tangents: directions go through a pass in blocks of that size."""


KEPT_BYTES = 2**24
"""Bytes to keep between arrays of a pass, in which some ten blocks are alive at a time."""


@dataclass(frozen=True)
class NoiseScale:
    """Noise of the gradient of one sample, and the squared norm of the gradient of all.

    Attributes:
        trace_covariance: tr Σ, the sum of the variances of the entries of per-sample gradients.
        squared_norm: ‖G‖² of the gradient G of the mean loss.

    >>> import rosenblatt as rb
    >>> model = rb.MLP(1, [], 1, init="zeros")
    >>> noise = rb.analysis.hessian.gradient_noise_scale(
    ...     model, model.init(0), [[0.0], [0.0]], [1.0, 3.0], loss=rb.losses.HalfSquaredError()
    ... )
    >>> noise  # the gradients of the bias are −1 and −3
    NoiseScale(trace_covariance=2.0, squared_norm=4.0)
    >>> noise.value
    0.5
    """

    trace_covariance: float
    squared_norm: float

    @property
    def value(self) -> float:
        """B_simple = tr Σ / ‖G‖², in samples; infinite where G = 0."""
        return self.trace_covariance / self.squared_norm if self.squared_norm > 0 else float("inf")


@dataclass(frozen=True)
class Objective:
    """The mean loss on fixed samples as a function of the parameters: checked once, asked often."""

    model: Model
    loss: Loss
    params: Params
    x: Array
    targets: Array
    sample_weight: Array | None
    key: Key | None
    compiled: CompiledProducts | None = None

    @property
    def n_params(self) -> int:
        """P, how many numbers all parameters are."""
        return count(self.model.shapes)

    def value(self, params: Params) -> float:
        """Return L."""
        outputs, _ = self._forward(params)
        return self.loss.over_batch(outputs, self.targets, self.sample_weight)[0]

    def products(self, directions: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return H v for every row v of ``directions``, (K, P)."""
        if self.compiled:
            centre = np.tile(flatten(self.params), (len(directions), 1))
            return finite(self.compiled.of(centre, directions))
        widest = max(max(shape) for shape in self.model.shapes.values())
        per_direction = 8 * max(len(self.x) * widest, self.n_params)
        block = max(1, BLOCK_BYTES // per_direction)
        products = np.empty_like(directions)
        _keep_freed_memory()
        for start in range(0, len(directions), block):
            products[start : start + block] = self._products(directions[start : start + block])
        return finite(products)

    def prepared(self, n_products: int) -> "Objective":
        """Return the same, with products in machine code where they can be had and end sooner."""
        work = n_products * len(self.x) * self.n_params
        if self.key or self.n_params > MOST_COMPILED or work < LEAST_NUMBERS:
            return self
        samples = self.x, self.targets, self.sample_weight
        return replace(self, compiled=compiled_products(self.model, self.loss, *samples))

    def hessian(self) -> npt.NDArray[np.float64]:
        """Return H, (P, P)."""
        if self.n_params > MOST_PARAMETERS:
            raise ConfigurationError(
                f"a dense Hessian of {self.n_params} parameters would take "
                f"{8e-9 * self.n_params**2:.1f} GB; at most {MOST_PARAMETERS} are taken. "
                "hessian_extremes, hessian_trace with n_probes, and hessian_vector_product need "
                "no matrix"
            )
        rows = self.prepared(self.n_params).products(np.eye(self.n_params))
        return (rows + rows.T) / 2

    def noise_scale(self) -> NoiseScale:
        """Return tr Σ and ‖G‖² of the gradients of single samples."""
        n_samples = len(self.x)
        outputs, caches = self._forward(self.params)
        # The loss is a mean: row i of ∂L/∂outputs is sample i's share of it.
        _, dy = self.loss.over_batch(outputs, self.targets)
        _, grads = self.model.backward(self.params, caches, dy)
        of_gradient = squared_norm(grads)
        if all(type(layer) is Linear or not layer.shapes for layer in self.model.layers):
            total = self._squares_by_layer(caches, n_samples * dy)
        else:
            total = self._squares_by_sample(n_samples * dy)
        # Σ‖g_i − G‖² = Σ‖g_i‖² − N‖G‖²; rounding may take it below 0 where all g_i are equal.
        scatter = max(0.0, total - n_samples * of_gradient)
        return NoiseScale(scatter / (n_samples - 1), of_gradient)

    def _forward(self, params: Params) -> tuple[Array, list[Any]]:
        return self.model.forward(params, self.x, training=self.key is not None, key=self.key)

    def _products(self, directions: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return H v for every row v of a block, in one pass."""
        tangents = split(directions, self.model.shapes)
        params: Any = {name: Dual(value, tangents[name]) for name, value in self.params.items()}
        outputs, caches = self._forward(params)
        with one_float():
            _, dy = self.loss.over_batch(outputs, self.targets, self.sample_weight)
        _, grads = self.model.backward(params, caches, dy)
        k = len(directions)
        return np.hstack([tangents_of(grad, k).reshape(k, -1) for grad in grads.values()])

    def _squares_by_layer(self, caches: list[Any], dy: Array) -> float:
        """Return Σ_i ‖g_i‖² where all parameters are those of linear layers.

        There dW_i = x_iᵀ dy_i, so that ‖dW_i‖² = ‖x_i‖² ‖dy_i‖², and db_i = dy_i (Goodfellow,
        *Efficient per-example gradient computations*, arXiv:1510.01799).
        """
        total = 0.0
        own = [of_layer(self.params, i) for i in range(len(caches))]
        for layer, params, cache in reversed(
            list(zip(self.model.layers, own, caches, strict=True))
        ):
            if layer.shapes:
                squares = (cache**2).sum(axis=1) + ("bias" in layer.shapes)
                total += float(squares @ (dy**2).sum(axis=1))
            dy, _ = layer.backward(params, cache, dy)
        return total

    def _squares_by_sample(self, dy: Array) -> float:
        """Return Σ_i ‖g_i‖² for any layers, sample by sample."""
        total = 0.0
        for i in range(len(dy)):
            _, caches = self.model.forward(self.params, self.x[i : i + 1])
            total += squared_norm(self.model.backward(self.params, caches, dy[i : i + 1])[1])
        return total


def objective_of(
    model: Model,
    params: Params,
    X: npt.ArrayLike,
    y: npt.ArrayLike,
    loss: Loss | str | None,
    sample_weight: npt.ArrayLike | None,
    key: Key | None,
) -> Objective:
    """Check everything that a user gives, and return it in float64."""
    loss = model.default_loss if loss is None else as_loss(loss)
    check_loss(model, loss)
    x, targets, weight = check_batch(model, loss, X, y, sample_weight, np.float64)
    return Objective(model, loss, model.check_params(params, np.float64), x, targets, weight, key)


def finite(products: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return products with the Hessian, which must be finite.

    Raises:
        DataError: one is not.
    """
    if not np.isfinite(products).all():
        raise DataError("the curvature is not finite here; look at smaller weights or inputs")
    return products


def _keep_freed_memory() -> None:
    """Free a large array, never touched, before many of middling size are made and freed.

    The C library's allocator (glibc) gives memory back to the system beyond twice the largest block
    freed so far; every array of a pass would begin with page faults, and the pass take three times
    as long. Elsewhere this does nothing.
    """
    np.empty(KEPT_BYTES, np.uint8)
