"""The contract of models: layers in a row, and one ordered dict with all their parameters.

The parameters of layer i are named ``"<i>.weight"``, ``"<i>.bias"``; everything that handles them
(optimizers, engines, files) shares these names.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from rosenblatt.checks import whole_number
from rosenblatt.errors import ConfigurationError, DataError, ShapeError
from rosenblatt.layers import Array, Layer, Params, RandomLayer, Sigmoid, Softmax, input_width
from rosenblatt.layers.base import Cache
from rosenblatt.losses import (
    CategoricalCrossEntropy,
    HalfSquaredError,
    Loss,
    SigmoidCrossEntropy,
    SoftmaxCrossEntropy,
)
from rosenblatt.models.selection import Selection
from rosenblatt.random import Key, stream

_ON_LOGITS, _ON_PROBABILITIES = SoftmaxCrossEntropy(), CategoricalCrossEntropy()
_ON_VALUES = HalfSquaredError()


class Model(ABC):
    """The contract of a model. Subclasses are frozen dataclasses that define their layers.

    >>> import rosenblatt as rb
    >>> model: Model = rb.MLP(2, [3], 2)
    >>> {name: value.shape for name, value in model.init(seed=0).items()}
    {'0.weight': (2, 3), '0.bias': (3,), '2.weight': (3, 2), '2.bias': (2,)}
    """

    selections: ClassVar[tuple[Selection, ...]] = ()
    """Rules that select weights while training, in addition to the last."""

    @property
    @abstractmethod
    def layers(self) -> tuple[Layer, ...]:
        """The layers, first to last."""

    def forward(
        self, params: Params, x: Array, *, training: bool = False, key: Key | None = None
    ) -> tuple[Array, list[Cache]]:
        """Return (outputs, caches) for x (N, D): each layer's forward pass, first to last.

        ``training`` and ``key`` are for random layers alone; layer i draws from ``key.fold(i)``.
        """
        caches = []
        for i, layer in enumerate(self.layers):
            layer_params = self._params_of(i, params)
            if isinstance(layer, RandomLayer):
                layer_key = None if key is None else key.fold(i)
                x, cache = layer.forward(layer_params, x, training=training, key=layer_key)
            else:
                x, cache = layer.forward(layer_params, x)
            caches.append(cache)
        return x, caches

    def backward(self, params: Params, caches: list[Cache], dy: Array) -> tuple[Array, Params]:
        """Return (dx, grads) from dy = ∂L/∂outputs: each layer's backward pass, last to first.

        This is the chain rule: the ∂L/∂x of a layer is the ∂L/∂y of the layer before it (Rumelhart,
        Hinton and Williams, *Learning representations by back-propagating errors*, Nature 1986).
        """
        grads: dict[str, Any] = dict.fromkeys(params)  # in the order of params
        for i, layer in reversed(list(enumerate(self.layers))):
            dy, layer_grads = layer.backward(self._params_of(i, params), caches[i], dy)
            for name, full_name in self._names[i]:
                grads[full_name] = layer_grads[name]
        return dy, grads

    def _params_of(self, i: int, params: Params) -> Params:
        """Return the parameters of layer i by the names that the layer gives them."""
        return {name: params[full_name] for name, full_name in self._names[i]}

    def init(self, seed: int, dtype: npt.DTypeLike = np.float64) -> Params:
        """Return initial parameters. Layer i draws from the stream "init.<i>" of ``seed``."""
        return {
            f"{i}.{name}": value.astype(dtype)
            for i, layer in enumerate(self.layers)
            if self._names[i]
            for name, value in layer.init(stream(seed, f"init.{i}")).items()
        }

    @cached_property
    def n_inputs(self) -> int:
        """D, the width of the samples that the model takes."""
        width = input_width(self.layers)
        assert width is not None  # check_layers requires a linear layer
        return width

    @cached_property
    def n_outputs(self) -> int:
        """The width of the model's outputs."""
        width: int | None = None
        for layer in self.layers:
            width = layer.n_outputs_for(width)
        assert width is not None  # the linear layer's width, or what follows makes of it
        return width

    @cached_property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of every parameter, by its full name, in order."""
        return {
            f"{i}.{name}": shape
            for i, layer in enumerate(self.layers)
            for name, shape in layer.shapes.items()
        }

    @cached_property
    def _names(self) -> tuple[tuple[tuple[str, str], ...], ...]:
        """For each layer, the name of each of its parameters with the full name."""
        return tuple(
            tuple((name, f"{i}.{name}") for name in layer.shapes)
            for i, layer in enumerate(self.layers)
        )

    @cached_property
    def is_random(self) -> bool:
        """Whether training this model draws random numbers at every update."""
        return any(layer.is_random for layer in self.layers)

    @property
    def default_loss(self) -> Loss:
        """The loss of training on classes where none is named."""
        return _ON_PROBABILITIES if isinstance(self.layers[-1], Softmax) else _ON_LOGITS

    @property
    def default_regression_loss(self) -> Loss:
        """The loss of training on values where none is named: half the squared error.

        Its gradient is z − y, without a factor that depends on the number of outputs.
        """
        return _ON_VALUES

    @property
    def selected(self) -> str:
        """Which weights are a run's ``params``: "last", or the name of a selection."""
        return "last"

    def batch_size(self, requested: int | None, n_samples: int) -> int:
        """Return the batch size to train with; None is for the full batch.

        Raises:
            ConfigurationError: the size is below 1 or above the number of samples.
        """
        if requested is None:
            return n_samples
        size = whole_number(requested, "batch_size", at_least=1)
        if size > n_samples:
            raise ConfigurationError(
                f"batch_size is {size}, but there are only {n_samples} training samples; "
                f"use at most {n_samples}, or leave it out for the full batch"
            )
        return size

    def check_params(self, params: Mapping[str, npt.ArrayLike], dtype: npt.DTypeLike) -> Params:
        """Return ``params`` as arrays of ``dtype`` in this model's order.

        Raises:
            ShapeError: a parameter is missing, unknown or of another shape.
            DataError: a value is not a finite number.
        """
        if set(params) != set(self.shapes):
            raise ShapeError(
                f"parameters are {sorted(params)}; the model has {sorted(self.shapes)}"
            )
        checked = {
            name: _finite(f"parameter {name}", params[name], dtype).copy() for name in self.shapes
        }
        for name, shape in self.shapes.items():
            if checked[name].shape != shape:
                raise ShapeError(
                    f"parameter {name} is {checked[name].shape}; the model has {shape}"
                )
        return checked

    def check_inputs(self, X: npt.ArrayLike, dtype: npt.DTypeLike) -> Array:
        """Return ``X`` as an array (N, D) of ``dtype``.

        Raises:
            ShapeError: it is not a table of D columns.
            DataError: a value is not a finite number.
        """
        x = _finite("X", X, dtype)
        if x.ndim != 2 or x.shape[1] != self.n_inputs:
            raise ShapeError(f"X is {x.shape}; the model takes (N, {self.n_inputs})")
        return x


def check_layers(layers: tuple[Layer, ...]) -> None:
    """Refuse layers that do not fit each other, or none with parameters.

    Raises:
        ConfigurationError: naming the layer and the widths.
    """
    for layer in layers:
        if not isinstance(layer, Layer):
            raise ConfigurationError(f"a model is built of layers, got {layer!r}")
    if input_width(layers) is None:
        raise ConfigurationError("a model needs at least one Linear layer")
    width: int | None = None
    for layer in layers:
        width = layer.n_outputs_for(width)


def backpropagate(
    model: Model,
    loss: Loss,
    params: Params,
    x: Array,
    targets: Array,
    sample_weight: Array | None = None,
    key: Key | None = None,
) -> tuple[float, Array, Array, Params]:
    """Return (L, outputs, dx, grads) of a batch: x (N, D), targets as the loss encodes them.

    N is the size of the batch: L is the mean over its samples, and dx is ∂L/∂x (N, D).

    >>> import numpy as np
    >>> from rosenblatt.losses import HalfSquaredError
    >>> from rosenblatt.models import MLP
    >>> params = {"0.weight": np.array([[2.0]]), "0.bias": np.array([0.0])}
    >>> x, y = np.array([[3.0]]), np.array([[5.0]])
    >>> L, outputs, dx, grads = backpropagate(MLP(1, [], 1), HalfSquaredError(), params, x, y)
    >>> L, outputs, dx, grads["0.weight"]  # ½ (6 − 5)², then (6 − 5) w and (6 − 5) x
    (0.5, array([[6.]]), array([[2.]]), array([[3.]]))
    """
    outputs, caches = model.forward(params, x, training=True, key=key)
    value, doutputs = loss.over_batch(outputs, targets, sample_weight)
    dx, grads = model.backward(params, caches, doutputs)
    return value, outputs, dx, grads


def check_loss(model: Model, loss: Loss) -> None:
    """Refuse a loss that takes logits for probabilities, or probabilities for logits.

    Raises:
        ConfigurationError: the loss does not fit the last layer of the model.
    """
    name, last = type(loss).__name__, model.layers[-1]
    is_sigmoid = isinstance(loss, SigmoidCrossEntropy)
    if loss.takes == "logits" and isinstance(last, (Softmax, Sigmoid) if is_sigmoid else Softmax):
        instead = "" if is_sigmoid else ", or take CategoricalCrossEntropy"
        raise ConfigurationError(
            f"{name} takes logits, but the model ends in a {type(last).__name__} layer; leave that "
            f"layer out{instead}"
        )
    if loss.takes == "probabilities" and not isinstance(last, Softmax):
        raise ConfigurationError(
            f"{name} takes probabilities, but the model does not end in a Softmax layer; add one, "
            "or take SoftmaxCrossEntropy"
        )


def _finite(name: str, values: npt.ArrayLike, dtype: npt.DTypeLike) -> Array:
    """Return ``values`` as an array of ``dtype``, all of them finite."""
    try:
        with np.errstate(over="ignore"):
            array: Array = np.asarray(values).astype(dtype, copy=False)
    except (TypeError, ValueError) as error:
        raise DataError(f"{name} must be an array of numbers: {error}") from error
    if not np.isfinite(array).all():
        index = np.argwhere(~np.isfinite(array))[0].tolist()
        raise DataError(
            f"{name} is {array[tuple(index)]} in {array.dtype} at index {index}, counting from 0; "
            "every value must be finite"
        )
    return array
