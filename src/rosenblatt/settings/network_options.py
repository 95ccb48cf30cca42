"""A multi-layer perceptron and its loss, by flags."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from rosenblatt.errors import ConfigurationError, DataError, shorten
from rosenblatt.layers import ACTIVATIONS, INITIALIZERS
from rosenblatt.losses import LOSSES
from rosenblatt.registry import snake_case
from rosenblatt.settings.data_options import Task
from rosenblatt.settings.params import MODEL, parse_widths
from rosenblatt.settings.registry_options import RegistrySettings, choices, choices_for_layers

if TYPE_CHECKING:
    from rosenblatt.data import Dataset
    from rosenblatt.losses import Loss
    from rosenblatt.models import Sequential

ACTIVATION_SETTINGS = RegistrySettings("activation", ACTIVATIONS, MODEL)
INITIALIZER_SETTINGS = RegistrySettings(
    "init", INITIALIZERS, MODEL, flags={"std": "init_scale", "limit": "init_scale"}
)
LOSS_SETTINGS = RegistrySettings(
    "loss",
    {snake_case(name): loss for name, loss in LOSSES.items() if name != "PerceptronCriterion"},
    MODEL,
)

if TYPE_CHECKING:
    ActivationName = str | tuple[str, ...]
    ActivationSettings = Any
    InitializerName = str
    InitializerSettings = Any
    LossName = str
    LossSettings = Any
else:
    ActivationName = choices_for_layers(ACTIVATIONS, ACTIVATION_SETTINGS.registry)
    InitializerName = choices(INITIALIZERS, INITIALIZER_SETTINGS.registry)
    LossName = choices(LOSSES, LOSS_SETTINGS.registry)
    ActivationSettings = ACTIVATION_SETTINGS.options
    InitializerSettings = INITIALIZER_SETTINGS.options
    LossSettings = LOSS_SETTINGS.options


@Parameter(name="*", group=MODEL)
@dataclass(frozen=True, kw_only=True)
class NetworkOptions:
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

    activation: Annotated[
        ActivationName,
        Parameter(
            help="The activation after the hidden layers, or one for each, such as tanh,relu. "
            f"[choices: {', '.join(ACTIVATIONS)}]"
        ),
    ] = "relu"

    activation_settings: ActivationSettings = field(default_factory=ACTIVATION_SETTINGS.options)

    init: InitializerName = "he"
    """The distribution of the initial weights."""

    init_settings: InitializerSettings = field(default_factory=INITIALIZER_SETTINGS.options)

    dropout: float = 0.0
    """Share of hidden units silenced at each update, below 1."""

    task: Task | None = None
    """The kind of labels: classes, or values to predict. By default the data decides."""

    loss: LossName | None = None
    """By default softmax_cross_entropy, or half_squared_error for regression."""

    loss_settings: LossSettings = field(default_factory=LOSS_SETTINGS.options)


def build_network(options: NetworkOptions, data: "Dataset") -> tuple["Sequential", "Loss"]:
    """Return the network for ``data``, and its loss.

    Raises:
        ConfigurationError: a setting that cannot work.
        DataError: classes that the loss has no place for.
    """
    from rosenblatt.layers import Softmax
    from rosenblatt.models import MLP, Sequential

    usual = "half_squared_error" if data.classes is None else "softmax_cross_entropy"
    name = options.loss or usual
    loss: Loss = LOSS_SETTINGS.make(name, options.loss_settings)
    _check_fit(loss, data)
    if options.dropout >= 1:
        raise ConfigurationError(
            f"--dropout must be at least 0 and below 1, got {options.dropout:g}: at 1 every "
            "hidden unit is silent, and nothing is learnt"
        )
    if loss.task == "regression":
        n_outputs = 1 if data.y.ndim == 1 else data.y.shape[1]
    else:
        n_outputs = 1 if loss.n_classes(1) == 2 else max(data.n_classes, 1)
    network: Sequential = MLP(
        data.n_features,
        options.hidden,
        n_outputs,
        activation=_activations(options),
        init=INITIALIZER_SETTINGS.make(options.init, options.init_settings),
        dropout=options.dropout,
    )
    if loss.takes == "probabilities":
        network = Sequential([*network.layers, Softmax()])
    return network, loss


def _activations(options: NetworkOptions) -> Any:
    """Return the activation of all hidden layers, or a list with one for each."""
    names, n_layers = options.activation, len(options.hidden)
    if isinstance(names, str):
        return ACTIVATION_SETTINGS.make(names, options.activation_settings)
    if len(names) != n_layers:
        raise ConfigurationError(
            f"--activation has {len(names)} names, and there are {n_layers} hidden layers; give "
            "one name, or one for each layer"
        )
    return ACTIVATION_SETTINGS.make_each(names, options.activation_settings)


def _check_fit(loss: "Loss", data: "Dataset") -> None:
    """Raise unless the loss is for such labels: here with the flags that would help."""
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
    is_for_two = loss.task == "classification" and loss.n_classes(1) == 2
    if is_for_two and data.n_classes != 2:
        raise DataError(
            f"{name} is for two classes, and the data has {data.n_classes}: "
            f"{shorten(data.class_names)}; softmax_cross_entropy takes any number"
        )
