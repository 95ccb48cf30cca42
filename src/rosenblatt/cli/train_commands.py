"""The commands ``train mlp`` and ``train perceptron``."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from cyclopts import Parameter

from rosenblatt.cli.output_options import OutputOptions
from rosenblatt.cli.printing import describe_data
from rosenblatt.cli.summary import (
    Outcome,
    compare_weights,
    print_summary,
    resume_hint_on_interrupt,
)
from rosenblatt.errors import DataError, shorten
from rosenblatt.settings.data_options import DataOptions, read_source
from rosenblatt.settings.params import MODEL
from rosenblatt.settings.preparation import prepare_options
from rosenblatt.settings.splits import SplitOptions, Splits, split_data
from rosenblatt.settings.train_options import TrainingOptions, TrainMLPOptions

if TYPE_CHECKING:
    from rosenblatt.data import Dataset
    from rosenblatt.losses import Loss
    from rosenblatt.models import Model
    from rosenblatt.optimizers import Optimizer


@Parameter(name="*")
@dataclass(frozen=True)
class TrainMLPCommand:
    """The options of the command."""

    settings: TrainMLPOptions
    output: OutputOptions = field(default_factory=OutputOptions)


def train_mlp(options: TrainMLPCommand) -> int:
    """Train on a part of the data, measure on the rest, and print the summary."""
    settings, output = options.settings, options.output
    output.check()
    network = settings.network
    prepared = prepare_options(settings, read_source(settings.source, network.task))
    model, loss = prepared.model, prepared.loss
    widths = [model.n_inputs, *network.hidden, model.n_outputs]
    names = [network.activation] if isinstance(network.activation, str) else network.activation
    hidden = f", {', '.join(names)}" if network.hidden else ""
    outcome = fit(
        model,
        loss,
        prepared.optimizer,
        prepared.data,
        prepared.splits,
        settings.training,
        output,
        command="train mlp",
        description=f"MLP {'-'.join(map(str, widths))}{hidden}, {type(loss).__name__}",
        patience=settings.stopping.patience,
    )
    return print_summary(outcome, output)


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
