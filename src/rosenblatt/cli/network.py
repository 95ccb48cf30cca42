"""A multi-layer perceptron and its loss, by flags."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from rosenblatt.cli.groups import MODEL
from rosenblatt.cli.parsing import parse_widths
from rosenblatt.cli.source import Task
from rosenblatt.errors import ConfigurationError, DataError, shorten

if TYPE_CHECKING:
    from rosenblatt.data import Dataset
    from rosenblatt.layers import Initializer
    from rosenblatt.losses import Loss
    from rosenblatt.models import Sequential

LossName = Literal[
    "softmax_cross_entropy",
    "categorical_cross_entropy",
    "sigmoid_cross_entropy",
    "half_squared_error",
    "mean_squared_error",
    "poisson",
]


@Parameter(name="*", group=MODEL)
@dataclass(frozen=True, kw_only=True)
class Network:
    """The layers of the network, and the loss it is trained with."""

    hidden: Annotated[
        tuple[int, ...],
        Parameter(
            converter=parse_widths,
            n_tokens=1,
            negative=(),
            metavar="WIDTHS",
            show_default=lambda widths: ",".join(map(str, widths)),
        ),
    ] = (20,)
    """The width of each hidden layer, such as 20,10; 0 for a linear model."""

    activation: Literal["relu", "leaky_relu", "tanh", "sigmoid"] = "relu"
    """What follows each hidden layer."""

    init: Literal["he", "glorot", "normal", "uniform", "zeros"] = "he"
    """How weights are drawn."""

    init_scale: float | None = None
    """normal: the standard deviation, 1 by default. uniform: the limit, 0.1 by default."""

    dropout: float = 0.0
    """Share of hidden units silenced at each update, below 1."""

    task: Task | None = None
    """What labels are: classes, or values to predict. By default the data decides."""

    loss: LossName | None = None
    """By default softmax_cross_entropy, or half_squared_error for regression."""


def build_network(settings: Network, data: "Dataset") -> tuple["Sequential", "Loss"]:
    """Return the network for ``data``, and its loss.

    Raises:
        ConfigurationError: a setting that cannot work.
        DataError: classes that the loss has no place for.
    """
    from rosenblatt.layers import Softmax
    from rosenblatt.losses import CategoricalCrossEntropy, SigmoidCrossEntropy, as_loss
    from rosenblatt.models import MLP, Sequential

    usual = "half_squared_error" if data.classes is None else "softmax_cross_entropy"
    loss = as_loss(settings.loss or usual)
    _check_fit(loss, data)
    if settings.dropout >= 1:
        raise ConfigurationError(
            f"--dropout must be at least 0 and below 1, got {settings.dropout:g}: at 1 every "
            "hidden unit is silent, and nothing is learnt"
        )
    if loss.task == "regression":
        n_outputs = 1 if data.y.ndim == 1 else data.y.shape[1]
    else:
        n_outputs = 1 if isinstance(loss, SigmoidCrossEntropy) else max(data.n_classes, 1)
    network: Sequential = MLP(
        data.n_features,
        settings.hidden,
        n_outputs,
        activation=settings.activation,
        init=_build_initializer(settings),
        dropout=settings.dropout,
    )
    if isinstance(loss, CategoricalCrossEntropy):
        network = Sequential([*network.layers, Softmax()])
    return network, loss


def _check_fit(loss: "Loss", data: "Dataset") -> None:
    """Raise unless the loss is for such labels: here with the flags that would help."""
    from rosenblatt.losses import SigmoidCrossEntropy

    name = type(loss).__name__
    if loss.task == "regression" and data.classes is not None:
        raise ConfigurationError(
            f"{name} is for values to predict, and the labels are {data.n_classes} classes; "
            "say --task regression, or leave --loss out"
        )
    if loss.task == "classification" and data.classes is None:
        raise ConfigurationError(
            f"{name} is for classes, and the labels are values to predict; "
            "say --task classification, or leave --loss out"
        )
    if isinstance(loss, SigmoidCrossEntropy) and data.n_classes != 2:
        raise DataError(
            f"{name} is for two classes, and the data has {data.n_classes}: "
            f"{shorten(data.class_names)}; softmax_cross_entropy takes any number"
        )


def _build_initializer(settings: Network) -> "Initializer | str":
    from rosenblatt.layers import Normal, Uniform

    if settings.init_scale is None:
        return settings.init
    if settings.init == "normal":
        return Normal(settings.init_scale)
    if settings.init == "uniform":
        return Uniform(settings.init_scale)
    raise ConfigurationError(
        f"--init-scale has no meaning for --init {settings.init}; it belongs to normal and uniform"
    )
