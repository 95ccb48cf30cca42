"""Models and parameters made from an estimator's settings, and the reverse."""

from collections import ChainMap
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.errors import ConfigurationError, given, nearest
from rosenblatt.layers import ACTIVATIONS, Activation, Dropout, Layer, Linear, Params, Sigmoid
from rosenblatt.models import Sequential

ACTIVATION_NAMES: Mapping[str, type[Activation] | None] = ChainMap(
    {"identity": None, "logistic": Sigmoid},
    ACTIVATIONS,  # type: ignore[arg-type]
)
"""The activations by name: those that scikit-learn calls otherwise, and all registered ones."""


def hidden_widths(given_sizes: Any) -> tuple[int, ...]:
    """Return the widths of the hidden layers, from one number or several.

    Raises:
        ConfigurationError: a width is no whole number above 0.
    """
    sizes = list(given_sizes) if np.iterable(given_sizes) else [given_sizes]
    are_whole = [
        isinstance(size, int | np.integer) and not isinstance(size, bool) for size in sizes
    ]
    if not all(are_whole) or any(size <= 0 for size in sizes):
        raise ConfigurationError(
            f"hidden_layer_sizes must be > 0, got {given(sizes)}; give a whole number for each "
            "hidden layer, such as (100,), or () for none"
        )
    return tuple(int(size) for size in sizes)


def hidden_activations(activation: Any, n_hidden: int) -> tuple[str, ...]:
    """Return the activation of each hidden layer, from one name or a name for each.

    Raises:
        ConfigurationError: an unknown name, or not as many as there are hidden layers.
    """
    names = (activation,) * n_hidden if isinstance(activation, str) else tuple(activation)
    for name in (activation,) if isinstance(activation, str) else names:
        if name not in ACTIVATION_NAMES:
            raise ConfigurationError(
                f"unknown activation {name!r}; known: {', '.join(ACTIVATION_NAMES)}"
                f"{nearest(str(name), ACTIVATION_NAMES)}"
            )
    if len(names) != n_hidden:
        raise ConfigurationError(
            f"activation names {len(names)} activations for {n_hidden} hidden layers; give one "
            "name for all, or one for each"
        )
    return names


@lru_cache(maxsize=64)
def model_of(
    widths: tuple[int, ...], activations: tuple[str, ...], dropout: float = 0.0
) -> Sequential:
    """Return Linear → activation (→ Dropout) for each hidden layer, then Linear.

    Args:
        widths: of the inputs, of each hidden layer and of the outputs.
        activations: a name for each hidden layer.
        dropout: the rate of a Dropout layer after each activation; 0 for none.
    """
    layers: list[Layer] = []
    for i, (n_in, n_out) in enumerate(pairwise(widths)):
        layers.append(Linear(n_in, n_out, "zeros"))
        if i < len(activations):
            kind = ACTIVATION_NAMES[activations[i]]
            layers += [kind()] if kind else []
            layers += [Dropout(dropout)] if dropout else []
    return Sequential(layers)


def as_params(
    model: Sequential, coefs: Sequence[npt.NDArray[Any]], intercepts: Sequence[npt.NDArray[Any]]
) -> Params:
    """Return weights and biases by the names that they have in the model."""
    both = [array for pair in zip(coefs, intercepts, strict=True) for array in pair]
    return dict(zip(model.shapes, both, strict=True))


def as_lists(params: Params) -> tuple[list[npt.NDArray[Any]], list[npt.NDArray[Any]]]:
    """Return the weights and the biases of a model's parameters, as copies."""
    arrays = [np.array(value) for value in params.values()]
    return arrays[::2], arrays[1::2]
