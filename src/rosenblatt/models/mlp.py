"""Feed-forward networks: any layers in a row, and the usual multi-layer perceptron."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from rosenblatt.checks import real_number, whole_number
from rosenblatt.errors import ConfigurationError, given, nearest
from rosenblatt.layers import ACTIVATIONS, Dropout, Initializer, Layer, Linear
from rosenblatt.models.base import Model, check_layers


@dataclass(frozen=True, init=False)
class Sequential(Model):
    """Layers in a row: the output of each is the input of the next.

    Args:
        layers: at least one :class:`Linear` among them; widths must fit.

    Raises:
        ConfigurationError: the layers do not fit each other.

    >>> from rosenblatt.layers import Linear, ReLU
    >>> Sequential([Linear(2, 20), ReLU(), Linear(20, 2)]).shapes
    {'0.weight': (2, 20), '0.bias': (20,), '2.weight': (20, 2), '2.bias': (2,)}
    """

    _layers: tuple[Layer, ...]

    def __init__(self, layers: Iterable[Layer]) -> None:
        layers = tuple(layers)
        check_layers(layers)
        object.__setattr__(self, "_layers", layers)

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers, first to last."""
        return self._layers

    def __repr__(self) -> str:
        return f"Sequential([{', '.join(map(repr, self.layers))}])"


def MLP(  # noqa: N802 - it reads as the class it stands for
    n_inputs: int,
    n_hidden: Sequence[int],
    n_classes: int,
    activation: str = "relu",
    init: str | Initializer = "he",
    dropout: float = 0.0,
) -> Sequential:
    """Return a multi-layer perceptron that outputs logits.

    Linear → activation (→ Dropout) for each hidden layer, then Linear. There is no softmax at the
    end: the loss has it.

    Args:
        n_inputs: D, the width of the samples.
        n_hidden: the width of each hidden layer; [] is a linear classifier.
        n_classes: the number of outputs, one per class (or per value, for regression).
        activation: "relu", "leaky_relu", "tanh" or "sigmoid".
        init: how every weight matrix is drawn: "he", "glorot", "normal" (standard normal),
            "uniform", "zeros", or an initialiser; biases start at 0.
        dropout: the rate of a Dropout layer after each activation; 0 for none.

    Raises:
        ConfigurationError: a width that is no whole number of at least 1, a rate outside [0, 1], or
            an unknown name.

    >>> MLP(2, [20], 2).shapes
    {'0.weight': (2, 20), '0.bias': (20,), '2.weight': (20, 2), '2.bias': (2,)}
    """
    if activation not in ACTIVATIONS:
        known = ", ".join(ACTIVATIONS)
        hint = nearest(str(activation), ACTIVATIONS)
        raise ConfigurationError(f"unknown activation {activation!r}; known: {known}{hint}")
    if isinstance(n_hidden, str) or not np.iterable(n_hidden):
        raise ConfigurationError(
            f"n_hidden must be a list of widths, such as [20], got {given(n_hidden)}"
        )
    widths = [whole_number(width, "each width in n_hidden", at_least=1) for width in n_hidden]
    n_classes = whole_number(n_classes, "n_classes", at_least=1)
    dropout = real_number(dropout, "dropout", at_least=0, at_most=1)
    if dropout and not widths:
        raise ConfigurationError("dropout follows hidden layers, but n_hidden is empty")
    layers: list[Layer] = []
    width = whole_number(n_inputs, "n_inputs", at_least=1)
    for hidden in widths:
        layers += [Linear(width, hidden, init), ACTIVATIONS[activation]()]
        if dropout:
            layers.append(Dropout(dropout))
        width = hidden
    layers.append(Linear(width, n_classes, init))
    return Sequential(layers)
