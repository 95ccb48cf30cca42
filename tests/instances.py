"""Instances of everything in the registries, so that an added class is tested at once."""

import dataclasses
from collections.abc import Iterable
from typing import Any

import numpy as np

from rosenblatt.layers import Concatenate, Dropout, Layer, LeakyReLU, Linear, Residual, Tanh
from rosenblatt.losses import (
    CategoricalCrossEntropy,
    Loss,
    PerceptronCriterion,
    Poisson,
    SigmoidCrossEntropy,
)
from rosenblatt.optimizers import SGD, Adam, AdamW, Constant, Optimizer, RMSProp

REQUIRED = {
    "n_inputs": 4,
    "n_outputs": 3,
    "factor": 0.3,
    "layers": (Linear(4, 4), Tanh()),
    "start": 0.1,
    "updates": 10,
    "every": 3,
    "then": Constant(0.1),
}
"""A value for each field without a default; a field of a new name needs a line here."""


def example(kind: type, **settings: Any) -> Any:
    """Return an instance of ``kind`` with its defaults, and a value for each field without one."""
    required = {
        field.name: REQUIRED[field.name]
        for field in dataclasses.fields(kind)
        if field.default is dataclasses.MISSING and field.name not in settings
    }
    return kind(**required, **settings)


def one_of_each(kinds: Iterable[type], *more: Any) -> list[Any]:
    """Return an instance of each class, and some more."""
    return [*map(example, kinds), *more]


MORE_LAYERS: tuple[Layer, ...] = (
    Linear(4, 3, bias=False),
    Linear(4, 1),
    LeakyReLU(0.3),
    LeakyReLU(1.0),
    Dropout(0.0),
    Dropout(1.0),
    Residual([Linear(4, 6), Dropout(0.5), Concatenate([Linear(6, 2), Tanh()]), Linear(8, 4)]),
)

MORE_LOSSES: tuple[Loss, ...] = (PerceptronCriterion("sum"), PerceptronCriterion("mistakes"))

MORE_OPTIMIZERS: tuple[Optimizer, ...] = (
    SGD(0.1, momentum=0.9),
    SGD(0.1, momentum=0.9, nesterov=True),
    SGD(0.1, weight_decay=0.1),
    Adam(0.1),
    Adam(0.1, epsilon=0.1, epsilon_hat=True),
    AdamW(0.1, weight_decay=0.1),
    RMSProp(0.1),
    SGD(0.1, momentum=0.9, weight_decay=0.1, keep_zeros=True),
    Adam(0.1, keep_zeros=True),
    AdamW(0.1, keep_zeros=True),
    RMSProp(0.1, keep_zeros=True),
)

OF_ONE_LAYER: tuple[Optimizer, ...] = (
    SGD(0.1, momentum=0.9, layer_rates=(0.5,)),
    Adam(0.1, layer_rates=(0.5,)),
    AdamW(0.1, layer_rates=(0.5,)),
    RMSProp(0.1, layer_rates=(0.5,)),
)
"""With a learning rate of the only layer."""


def n_outputs_for(loss: Loss) -> int:
    """Return 1 where the loss tells two classes apart by one output, else 3."""
    return 1 if loss.n_classes(1) == 2 else 3


def outputs_for(loss: Loss, rng: np.random.Generator, n: int, width: int | None = None) -> Any:
    """Return outputs (n, K) such as ``loss`` takes, at least 0.1 from where it has a kink."""
    shape = (n, width or n_outputs_for(loss))
    outputs = rng.uniform(0.1, 2.0, shape) * rng.choice([-1.0, 1.0], shape)
    if isinstance(loss, CategoricalCrossEntropy):
        outputs = np.exp(outputs)
        outputs /= outputs.sum(axis=1, keepdims=True)
    return outputs


def labels_for(loss: Loss, rng: np.random.Generator, n: int, width: int | None = None) -> Any:
    """Return labels or values for ``n`` samples, with every class among them if n allows."""
    width = width or n_outputs_for(loss)
    if isinstance(loss, Poisson):
        return rng.poisson(1.0, (n, width)).astype(float)
    if loss.task == "regression":
        return rng.standard_normal((n, width))
    if isinstance(loss, SigmoidCrossEntropy) and width > 1:
        return rng.integers(0, 2, (n, width)).astype(float)
    return rng.permutation(np.arange(n) % (2 if width == 1 else width))
