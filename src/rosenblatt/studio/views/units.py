"""What each unit computes over the visible plane."""

from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.layers import Activation, Linear, Params
from rosenblatt.models import Model

MOST_UNITS = 256
"""The number of units that are drawn one by one."""


def outputs_by_layer(model: Model, params: Params, x: npt.NDArray[Any]) -> list[npt.NDArray[Any]]:
    """Return the outputs of each hidden layer after its activation, and of the model, (N, U)."""
    outputs: list[npt.NDArray[Any]] = []
    begun = False
    for i, layer in enumerate(model.layers):
        own = {name: params[f"{i}.{name}"] for name in layer.shapes}
        x = layer.forward(own, x)[0]
        if isinstance(layer, Linear):
            outputs.append(x)
            begun = True
        elif begun and isinstance(layer, Activation):
            outputs[-1] = x
    return outputs


def unit_maps(model: Model, params: Params, points: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    """Return the output of every unit at the points, layer by layer, (U, N)."""
    layers = outputs_by_layer(model, params, points)
    return np.concatenate(layers, axis=1).T.astype(np.float32)


def count_units(model: Model) -> int:
    """Return the number of hidden and output units."""
    return sum(layer.n_outputs for layer in model.layers if isinstance(layer, Linear))
