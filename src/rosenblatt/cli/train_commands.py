"""The commands ``train mlp`` and ``train perceptron``."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from cyclopts import Parameter

from rosenblatt.cli.data_options import DataOptions, read_source
from rosenblatt.cli.network_options import NetworkOptions, build_network
from rosenblatt.cli.optimizer_options import OptimizerOptions, build_optimizer, default_rate
from rosenblatt.cli.output_options import OutputOptions
from rosenblatt.cli.params import MODEL, TRAINING, OptionalWhole, Whole
from rosenblatt.cli.printing import describe_data
from rosenblatt.cli.splits import SplitOptions, Splits, split_data
from rosenblatt.cli.summary import (
    Outcome,
    compare_weights,
    print_summary,
    resume_hint_on_interrupt,
)
from rosenblatt.errors import ConfigurationError, DataError, shorten

if TYPE_CHECKING:
    from rosenblatt.data import Dataset
    from rosenblatt.losses import Loss
    from rosenblatt.models import Model
    from rosenblatt.optimizers import Optimizer


@Parameter(name="*", group=TRAINING)
@dataclass(frozen=True, kw_only=True)
class TrainingOptions:
    """The length of a training, and its steps: keywords of ``rosenblatt.train``."""

    epochs: Whole = 100
    """Passes over the training rows."""

    batch_size: OptionalWhole = None
    """Rows per update. Left out, each update uses all training rows (the full batch)."""

    shuffle: bool = True
    """Draw a new order of the rows for each epoch."""

    eval_every: Whole = 10
    """Epochs between evaluations."""

    seed: Whole = 0
    """Seed of initial weights, orders and dropout."""

    dtype: Literal["float64", "float32"] = "float64"
    """Precision of all numbers."""

    engine: str = "auto"
    """The engine: auto takes the fastest that can train the model, reference is plain NumPy."""


@Parameter(name="*", group=TRAINING)
@dataclass(frozen=True, kw_only=True)
class StoppingOptions:
    """Early stopping."""

    patience: OptionalWhole = None
    """Stop after this many evaluations without a lower validation loss; go back to the best."""

    validation_size: float | None = None
    """With --patience: share or number of the training rows to validate on. [default: 0.2]"""


@Parameter(name="*")
@dataclass(frozen=True)
class TrainMLPOptions:
    """The options of the command."""

    source: DataOptions
    splits: SplitOptions = field(default_factory=SplitOptions)
    network: NetworkOptions = field(default_factory=NetworkOptions)
    optimizer: OptimizerOptions = field(default_factory=OptimizerOptions)
    training: TrainingOptions = field(default_factory=TrainingOptions)
    stopping: StoppingOptions = field(default_factory=StoppingOptions)
    output: OutputOptions = field(default_factory=OutputOptions)


def train_mlp(options: TrainMLPOptions) -> int:
    """Train on a part of the data, measure on the rest, and print the summary."""
    options.output.check()
    patience, validation_size = options.stopping.patience, options.stopping.validation_size
    if patience is None and validation_size is not None:
        raise ConfigurationError("--validation-size has no meaning without --patience")
    if patience is not None and validation_size is None:
        validation_size = 0.2
    network = options.network
    data = read_source(options.source, network.task)
    splits = split_data(data, options.splits, validation_size)
    model, loss = build_network(network, data)
    rate = default_rate(options.optimizer.optimizer, loss, network.hidden, splits.train)
    widths = [model.n_inputs, *network.hidden, model.n_outputs]
    hidden = f", {network.activation}" if network.hidden else ""
    outcome = fit(
        model,
        loss,
        lambda updates: build_optimizer(options.optimizer, updates, rate),
        data,
        splits,
        options.training,
        options.output,
        command="train mlp",
        description=f"MLP {'-'.join(map(str, widths))}{hidden}, {type(loss).__name__}",
        patience=patience,
    )
    return print_summary(outcome, options.output)


@Parameter(name="*", group=MODEL)
@dataclass(frozen=True, kw_only=True)
class PerceptronOptions:
    """The learning rule of a perceptron, and the weights that predict."""

    rule: Literal["online", "batch", "mini-batch"] = "online"
    """The rows per update: one, all, or --batch-size."""

    scale: Literal["samples", "sum", "mistakes"] = "samples"
    """The divisor of the sum over mistakes: the number of rows, 1, or the number of mistakes."""

    weights: Literal["last", "pocket", "averaged"] = "last"
    """The weights that are saved and predict; all three are measured."""

    bias: bool = True
    """Whether there is a bias; without it the line passes through the origin."""

    learning_rate: float = 0.01
    """η."""


@Parameter(name="*")
@dataclass(frozen=True)
class TrainPerceptronOptions:
    """The options of the command."""

    source: DataOptions
    splits: SplitOptions = field(default_factory=SplitOptions)
    perceptron: PerceptronOptions = field(default_factory=PerceptronOptions)
    training: TrainingOptions = field(default_factory=TrainingOptions)
    output: OutputOptions = field(default_factory=OutputOptions)


def train_perceptron(options: TrainPerceptronOptions) -> int:
    """Train on a part of the data, measure on the rest, and compare three sets of weights."""
    from rosenblatt.models import Perceptron
    from rosenblatt.optimizers import SGD

    options.output.check()
    data = read_source(options.source, "classification")
    if data.n_classes != 2:
        raise DataError(
            f"a perceptron tells two classes apart, and the data has {data.n_classes}: "
            f"{shorten(data.class_names)}; train mlp takes any number"
        )
    splits = split_data(data, options.splits)
    choice = options.perceptron
    model = Perceptron(data.n_features, choice.rule, choice.scale, choice.weights, choice.bias)
    outcome = fit(
        model,
        model.default_loss,
        lambda updates: SGD(choice.learning_rate),
        data,
        splits,
        options.training,
        options.output,
        command="train perceptron",
        description=f"perceptron of {data.n_features} inputs, {choice.rule} rule, "
        f"{choice.weights} weights",
    )
    return print_summary(outcome, options.output, compare_weights(outcome))


def fit(
    model: "Model",
    loss: "Loss",
    optimizer: Callable[[int], "Optimizer"],
    data: "Dataset",
    splits: Splits,
    options: TrainingOptions,
    output: OutputOptions,
    *,
    command: str,
    description: str,
    patience: int | None = None,
) -> Outcome:
    """Train, with progress on stderr.

    Args:
        model: the model to train.
        loss: its loss.
        optimizer: makes the optimizer, from the number of updates.
        data: all the data, before it was split.
        splits: the rows to train on, to stop by and to test on.
        options: the number of epochs, the batch size and the like.
        output: whether to show progress, and the folder of the run.
        command: the name of the command.
        description: the model in a few words.
        patience: evaluations of the validation rows without improvement that end the run.
    """
    from rosenblatt.runs.command_record import Command, DataSummary, write_command
    from rosenblatt.training import Callback, EarlyStopping, Progress, train
    from rosenblatt.training.plan import CHECKPOINT_EVERY
    from rosenblatt.training.storage.folder import RunFolder

    n = len(splits.train)
    updates = options.epochs * math.ceil(n / model.batch_size(options.batch_size, n))
    callbacks: list[Callback] = [] if output.quiet else [Progress()]
    if patience is not None:
        callbacks.append(EarlyStopping("validation_loss", patience=patience))
    about = Command(name=command, model=description, data=DataSummary(**describe_data(data)))
    rule = optimizer(updates)
    if output.run is not None:
        write_command(RunFolder(output.run), about, splits.train)
    every = CHECKPOINT_EVERY if output.checkpoint_every is None else output.checkpoint_every
    with resume_hint_on_interrupt(output.run):
        run = train(
            model,
            splits.train,
            test=splits.test,
            validation=splits.validation,
            loss=loss,
            optimizer=rule,
            callbacks=callbacks,
            run_dir=output.run,
            checkpoint_every=every,
            **vars(options),
        )
    label = data.recipe.get("label")
    return Outcome(run, about, splits, None if label is None else str(label), output.run)
