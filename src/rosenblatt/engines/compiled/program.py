"""From a job to the numbers that the kernels take, and back to its state."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rosenblatt.engines.base import Job, Samples
from rosenblatt.engines.compiled import lane_layers, lane_losses, lanes, updates
from rosenblatt.engines.compiled.vector import BYTES
from rosenblatt.layers import (
    Dropout,
    LeakyReLU,
    Linear,
    ReLU,
    Sigmoid,
    Softmax,
    Tanh,
)
from rosenblatt.losses import (
    CategoricalCrossEntropy,
    HalfSquaredError,
    Loss,
    MeanSquaredError,
    PerceptronCriterion,
    Poisson,
    SigmoidCrossEntropy,
    SoftmaxCrossEntropy,
)
from rosenblatt.losses.perceptron_criterion import SCALES
from rosenblatt.models import Model, Perceptron
from rosenblatt.optimizers import SGD, Adam, AdamW, Optimizer, RMSProp

LAYER_KINDS = {
    Linear: lane_layers.LINEAR,
    ReLU: lane_layers.RELU,
    LeakyReLU: lane_layers.LEAKY_RELU,
    Tanh: lane_layers.TANH,
    Sigmoid: lane_layers.SIGMOID,
    Softmax: lane_layers.SOFTMAX,
    Dropout: lane_layers.DROPOUT,
}
LOSS_KINDS = {
    SoftmaxCrossEntropy: lane_losses.SOFTMAX_CROSS_ENTROPY,
    CategoricalCrossEntropy: lane_losses.CROSS_ENTROPY,
    SigmoidCrossEntropy: lane_losses.BINARY_CROSS_ENTROPY,
    HalfSquaredError: lane_losses.SQUARED_ERROR,
    MeanSquaredError: lane_losses.SQUARED_ERROR,
    Poisson: lane_losses.POISSON,
    PerceptronCriterion: lane_losses.PERCEPTRON,
}
IN_PLACE = (ReLU, LeakyReLU, Tanh, Sigmoid, Softmax)
"""Layers that may overwrite what a linear layer has put out: it needs only its input again."""
LANES = {np.dtype(kind): BYTES // np.dtype(kind).itemsize for kind in (np.float64, np.float32)}


def missing(job: Job) -> list[str]:
    """Return what of a job the kernels have no code for, by name; empty where they can run it."""
    model, loss, optimizer = job.model, job.loss, job.optimizer
    unknown = [type(layer).__name__ for layer in model.layers if type(layer) not in LAYER_KINDS]
    if type(loss) not in LOSS_KINDS:
        unknown.append(type(loss).__name__)
    if type(optimizer) not in (SGD, RMSProp, Adam, AdamW):
        unknown.append(type(optimizer).__name__)
    if model.selections:
        plain = isinstance(optimizer, SGD) and not optimizer.momentum and not optimizer.weight_decay
        if not (plain and isinstance(model, Perceptron) and isinstance(loss, PerceptronCriterion)):
            unknown.append(f"{type(model).__name__} with {optimizer!r} and {loss!r}")
        if job.order or job.penalty or job.sum_losses:
            unknown.append(f"{type(model).__name__} with orders, a penalty or sums of losses")
    if job.sum_losses and isinstance(loss, PerceptronCriterion) and loss.scale == "mistakes":
        unknown.append(f"sums of losses under {loss!r}")
    return unknown


@dataclass(frozen=True)
class Program:
    """A model and its loss as numbers; parameter k stands at ``places[k]`` of ``size``."""

    network: lanes.Network
    places: npt.NDArray[np.int64]
    size: int


def program_of(model: Model, loss: Loss, dtype: npt.DTypeLike, *, by_unit: bool) -> Program:
    """Return the model and its loss as the kernels take them.

    Args:
        model: its layers become rows of a table.
        loss: the loss.
        dtype: of the parameters.
        by_unit: whether units are in the lanes, and every layer's fill whole vectors.
    """
    lanes_each = LANES[np.dtype(dtype)] if by_unit else 1

    def padded(n: int) -> int:
        return -(-n // lanes_each) * lanes_each

    table: list[list[int]] = []
    settings: list[tuple[float, float]] = []
    places: list[npt.NDArray[np.int64]] = []
    width, x, size = model.n_inputs, 0, 0
    n_outputs = padded(model.n_outputs)
    units = padded(width) + 2 * n_outputs if by_unit else width + n_outputs + 1
    for i, layer in enumerate(model.layers):
        if _is_folded(model, i):
            continue
        n_in, width = width, layer.n_outputs if isinstance(layer, Linear) else width
        in_place = i > 0 and isinstance(model.layers[i - 1], Linear) and type(layer) in IN_PLACE
        y = x if in_place else units
        mask = y + padded(width) if isinstance(layer, Dropout) else -1
        units = max(units, max(y, mask) + padded(width))
        w = b = -1
        by_input = by_unit and bool(table) and width <= n_in
        if isinstance(layer, Linear):
            w, size = size, size + (width * padded(n_in) if by_input else n_in * padded(width))
            rows, columns = np.arange(n_in)[:, np.newaxis], np.arange(width)
            at = columns * padded(n_in) + rows if by_input else rows * padded(width) + columns
            places.append(w + at.ravel())
            if layer.bias:
                b, size = size, size + padded(width)
                places.append(b + columns)
        table.append([LAYER_KINDS[type(layer)], n_in, width, w, b, x, y, mask, i, by_input])
        settings.append(_settings(model, i))
        x = y
    targets, clip = padded(model.n_inputs), float(getattr(loss, "clip", 0.0))
    network = lanes.Network(
        layers=np.array(table, dtype=np.int64),
        settings=np.array(settings, dtype=np.float64),
        n_units=units,
        n_inputs=model.n_inputs,
        n_outputs=width,
        outputs=x,
        targets=targets,
        shares=targets + n_outputs,
        loss=LOSS_KINDS[type(loss)],
        reduction=SCALES.index(loss.scale) if isinstance(loss, PerceptronCriterion) else 0,
        lowest=-87.0 if np.dtype(dtype) == np.float32 else -708.0,
        tiny=float(np.finfo(dtype).tiny),
        factor=2.0 / width if isinstance(loss, MeanSquaredError) else 1.0,
        least=-math.log1p(-clip) if clip else -math.inf,
        most=-math.log(clip) if clip else math.inf,
    )
    return Program(network, np.concatenate(places), size)


def _settings(model: Model, i: int) -> tuple[float, float]:
    layer = model.layers[i]
    if isinstance(layer, Linear):
        after, before = (0.0 if _is_folded(model, at) else -math.inf for at in (i + 1, i - 1))
        return after, before
    return float(getattr(layer, "slope", getattr(layer, "rate", 0.0))), 0.0


def _is_folded(model: Model, i: int) -> bool:
    """Return whether layer i is a ReLU between two linear layers, which work it out themselves."""
    if not 0 < i < len(model.layers) - 1:
        return False
    before, layer, after = (type(layer) for layer in model.layers[i - 1 : i + 2])
    return layer is ReLU and before is after is Linear


def data_of(samples: Samples) -> lanes.Data:
    """Return samples as the kernels take them: inputs and targets side by side.

    Copies, because a read-only array is another type to Numba, with kernels of its own to compile.
    """
    weights = np.zeros(0) if samples.sample_weight is None else samples.sample_weight
    return lanes.Data(
        rows=np.concatenate([samples.x, samples.targets], axis=1, dtype=samples.x.dtype),
        weights=np.array(weights, dtype=samples.x.dtype),
    )


def rule_of(optimizer: Optimizer, penalty: float) -> lanes.Rule:
    """Return the optimizer as numbers, all but its learning rate."""
    penalized = penalty > 0
    match optimizer:
        case SGD():
            kind = updates.SGD
            if optimizer.momentum:
                kind = updates.NESTEROV if optimizer.nesterov else updates.MOMENTUM
            fused = kind == updates.SGD and not optimizer.weight_decay and not penalized
            rest = float(optimizer.momentum), 0.0, 0.0
            return lanes.Rule(kind, *rest, fused, penalized, False)
        case RMSProp():
            rest = float(optimizer.rho), 0.0, float(optimizer.epsilon)
            return lanes.Rule(updates.RMSPROP, *rest, False, penalized, False)
        case Adam() | AdamW():
            kind = updates.ADAM if isinstance(optimizer, Adam) else updates.ADAMW
            rest = float(optimizer.beta1), float(optimizer.beta2), float(optimizer.epsilon)
            hat = isinstance(optimizer, Adam) and optimizer.epsilon_hat
            return lanes.Rule(kind, *rest, False, penalized, hat)
        case _:
            raise TypeError(f"no kernel for {optimizer!r}")
