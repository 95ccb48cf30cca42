"""Feed-forward networks: any layers in a row, and the usual multi-layer perceptron."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from rosenblatt.checks import real_number, whole_number
from rosenblatt.errors import ConfigurationError, given
from rosenblatt.layers import (
    Activation,
    Dropout,
    He,
    Initializer,
    Layer,
    Linear,
    ReLU,
    as_activation,
    as_initializer,
)
from rosenblatt.models.base import Model, check_layers
from rosenblatt.registry import explain_settings


@explain_settings
@dataclass(frozen=True, init=False, eq=False, repr=False)
class Sequential(Model):
    """Layers in a row: the output of each is the input of the next.

    Two models are equal where their layers are.

    Args:
        layers: at least one :class:`Linear` among them, or within them; widths must fit.

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

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequential) and self.layers == other.layers

    def __hash__(self) -> int:
        return hash(self.layers)

    def __repr__(self) -> str:
        return f"Sequential([{', '.join(map(repr, self.layers))}])"


@explain_settings
@dataclass(frozen=True, init=False, eq=False, repr=False)
class MLP(Sequential):
    """A multi-layer perceptron that outputs logits, or values.

    Linear → activation (→ Dropout) for each hidden layer, then Linear. There is no softmax at the
    end: the loss has it.

    Args:
        n_inputs: D, the width of the samples.
        n_hidden: the width of each hidden layer, or a number for one layer of that width; [] is a
            linear classifier.
        n_classes: the number of outputs, one per class (or per value, for regression).
        activation: an activation layer or its name: "relu", "leaky_relu", "tanh", "sigmoid",
            "square"; or a list with one for each hidden layer.
        init: how every weight matrix is drawn, an initialiser or its name: "he", "glorot",
            "normal" (standard normal), "uniform", "zeros"; biases start at 0.
        dropout: the rate of a Dropout layer after each activation; 0 for none.

    Raises:
        ConfigurationError: a width that is not a whole number of at least 1, a rate outside [0, 1],
            an unknown name, or a list of activations that is not as long as that of the widths.

    >>> MLP(2, 20, 2).shapes
    {'0.weight': (2, 20), '0.bias': (20,), '2.weight': (20, 2), '2.bias': (2,)}
    >>> MLP(2, [20, 10], 2, activation="tanh")
    MLP(2, [20, 10], 2, activation=Tanh())
    >>> MLP(2, [20, 10], 2, activation=["tanh", "relu"])
    MLP(2, [20, 10], 2, activation=[Tanh(), ReLU()])
    """

    n_hidden: tuple[int, ...]
    activation: Activation | tuple[Activation, ...]
    """The activation of every hidden layer, or one for each if they differ."""
    weight_init: Initializer
    dropout: float

    def __init__(
        self,
        n_inputs: int,
        n_hidden: int | Sequence[int],
        n_classes: int,
        activation: str | Activation | Sequence[str | Activation] = "relu",
        init: str | Initializer = "he",
        dropout: float = 0.0,
    ) -> None:
        if isinstance(n_hidden, int | np.integer):
            n_hidden = [n_hidden]
        if isinstance(n_hidden, str) or not np.iterable(n_hidden):
            raise ConfigurationError(
                f"n_hidden must be a width or a list of widths, such as [20], got {given(n_hidden)}"
            )
        widths = [whole_number(width, "each width in n_hidden", at_least=1) for width in n_hidden]
        n_classes = whole_number(n_classes, "n_classes", at_least=1)
        dropout = real_number(dropout, "dropout", at_least=0, at_most=1)
        if dropout and not widths:
            raise ConfigurationError("dropout follows hidden layers, but n_hidden is empty")
        activations, init = _activations(activation, len(widths)), as_initializer(init)
        layers: list[Layer] = []
        width = whole_number(n_inputs, "n_inputs", at_least=1)
        for hidden, layer in zip(widths, activations, strict=False):
            layers += [Linear(width, hidden, init), layer]
            if dropout:
                layers.append(Dropout(dropout))
            width = hidden
        super().__init__([*layers, Linear(width, n_classes, init)])
        object.__setattr__(self, "n_hidden", tuple(widths))
        are_equal = all(layer == activations[0] for layer in activations)
        object.__setattr__(self, "activation", activations[0] if are_equal else activations)
        object.__setattr__(self, "weight_init", init)
        object.__setattr__(self, "dropout", dropout)

    def __repr__(self) -> str:
        settings = [repr(self.n_inputs), repr(list(self.n_hidden)), repr(self.n_outputs)]
        if isinstance(self.activation, tuple):
            settings.append(f"activation={list(self.activation)!r}")
        elif type(self.activation) is not ReLU:
            settings.append(f"activation={self.activation!r}")
        if type(self.weight_init) is not He:
            settings.append(f"init={self.weight_init!r}")
        if self.dropout:
            settings.append(f"dropout={self.dropout!r}")
        return f"MLP({', '.join(settings)})"

    @classmethod
    def from_layers(cls, layers: Sequence[Layer]) -> Sequential:
        """Return the MLP that has these layers, or a Sequential where no MLP has them."""
        model = Sequential(layers)
        linear = [layer for layer in layers if isinstance(layer, Linear)]
        if not linear:
            return model
        activations = [layer for layer in layers if isinstance(layer, Activation)]
        is_one_each = bool(activations) and len(activations) == len(linear) - 1
        rates = [layer.rate for layer in layers if isinstance(layer, Dropout)]
        mlp = cls(
            linear[0].n_inputs,
            [layer.n_outputs for layer in linear[:-1]],
            linear[-1].n_outputs,
            activation=activations if is_one_each else [*activations, ReLU()][0],
            init=linear[0].weight_init,
            dropout=rates[0] if rates and len(linear) > 1 else 0.0,
        )
        return mlp if mlp == model else model


def _activations(
    activation: str | Activation | Sequence[str | Activation], n_layers: int
) -> tuple[Activation, ...]:
    """Return the activation of each of the hidden layers, at least one."""
    if isinstance(activation, str | Activation) or not isinstance(activation, Sequence):
        return (as_activation(activation),) * max(n_layers, 1)
    if not activation and not n_layers:
        return (ReLU(),)
    if len(activation) != n_layers:
        raise ConfigurationError(
            f"activation must be one, or one for each of the {n_layers} hidden layers, got "
            f"{len(activation)}: {given(list(activation))}"
        )
    return tuple(map(as_activation, activation))
