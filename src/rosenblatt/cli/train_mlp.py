"""``rosenblatt train mlp DATA``."""

from dataclasses import dataclass, field

from cyclopts import Parameter

from rosenblatt.cli.conclusion import conclude
from rosenblatt.cli.groups import TRAINING
from rosenblatt.cli.network import Network, build_network
from rosenblatt.cli.optimization import Optimization, build_optimizer, default_rate
from rosenblatt.cli.output import Output
from rosenblatt.cli.parsing import OptionalWhole
from rosenblatt.cli.preparation import Preparation, divide
from rosenblatt.cli.source import Source, read_source
from rosenblatt.cli.training import Training, fit
from rosenblatt.errors import ConfigurationError


@Parameter(name="*", group=TRAINING)
@dataclass(frozen=True, kw_only=True)
class Stopping:
    """When to stop before the last epoch."""

    patience: OptionalWhole = None
    """Stop after so many evaluations without a lower validation loss, and go back to the best."""

    validation_size: float | None = None
    """With --patience: share or number of the training rows to validate on. [default: 0.2]"""


@Parameter(name="*")
@dataclass(frozen=True)
class MLPSettings:
    """All settings of the command: its flags, its TOML keys and its help."""

    source: Source
    preparation: Preparation = field(default_factory=Preparation)
    network: Network = field(default_factory=Network)
    optimization: Optimization = field(default_factory=Optimization)
    training: Training = field(default_factory=Training)
    stopping: Stopping = field(default_factory=Stopping)
    output: Output = field(default_factory=Output)


def train_mlp(settings: MLPSettings) -> int:
    """Train on a part of the data, measure on the rest, and print what came of it."""
    settings.output.check()
    patience, validation_size = settings.stopping.patience, settings.stopping.validation_size
    if patience is None and validation_size is not None:
        raise ConfigurationError("--validation-size has no meaning without --patience")
    if patience is not None and validation_size is None:
        validation_size = 0.2
    data = read_source(settings.source, settings.network.task)
    parts = divide(data, settings.preparation, validation_size)
    model, loss = build_network(settings.network, data)
    rate = default_rate(settings.optimization.optimizer, loss, settings.network.hidden, parts.train)
    widths = [model.n_inputs, *settings.network.hidden, model.n_outputs]
    hidden = f", {settings.network.activation}" if settings.network.hidden else ""
    outcome = fit(
        model,
        loss,
        lambda updates: build_optimizer(settings.optimization, updates, rate),
        data,
        parts,
        settings.training,
        settings.output,
        command="train mlp",
        description=f"MLP {'-'.join(map(str, widths))}{hidden}, {type(loss).__name__}",
        patience=patience,
    )
    return conclude(outcome, settings.output)
