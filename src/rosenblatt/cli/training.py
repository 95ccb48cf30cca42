"""What both training commands do: train, with progress on stderr, in a folder or not."""

import math
import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from cyclopts import Parameter

from rosenblatt.cli.groups import TRAINING
from rosenblatt.cli.output import Output
from rosenblatt.cli.parsing import OptionalWhole, Whole
from rosenblatt.cli.preparation import Parts

if TYPE_CHECKING:
    from rosenblatt.data import Dataset
    from rosenblatt.losses import Loss
    from rosenblatt.models import Model
    from rosenblatt.optimizers import Optimizer
    from rosenblatt.runs.aside import Command
    from rosenblatt.training import Run


@Parameter(name="*", group=TRAINING)
@dataclass(frozen=True, kw_only=True)
class Training:
    """How long and in what steps a model is trained."""

    epochs: Whole = 100
    """How many times every row is visited."""

    batch_size: OptionalWhole = None
    """Rows per update, at most all training rows, which is the default (the full batch)."""

    shuffle: bool = True
    """Visit the rows of each epoch in an order of its own."""

    eval_every: Whole = 10
    """Epochs between evaluations."""

    seed: Whole = 0
    """Seed of initial weights, orders and dropout."""

    dtype: Literal["float64", "float32"] = "float64"
    """Precision of all numbers."""

    engine: str = "auto"
    """What trains: auto is the fastest that can, reference is plain NumPy."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """A finished run, the command that asked for it, and the rows it saw.

    ``label`` is the name of the label column, and ``run_dir`` the folder that the run was to be
    kept in.
    """

    run: "Run"
    command: "Command"
    parts: Parts
    label: str | None = None
    run_dir: Path | None = None

    @property
    def kept(self) -> int | None:
        """The epoch whose weights the run ended with; None if the loss was never finite."""
        return None if self.run.metrics is None else int(self.run.metrics["epoch"])

    @property
    def stopped(self) -> str | None:
        """Why the run ended before its last epoch, by the name of what was measured."""
        reason = self.run.stopped
        return reason and reason.replace("test_loss", f"{self.parts.measured} loss")


def fit(
    model: "Model",
    loss: "Loss",
    optimizer: Callable[[int], "Optimizer"],
    data: "Dataset",
    parts: Parts,
    settings: Training,
    output: Output,
    *,
    command: str,
    description: str,
    patience: int | None = None,
) -> Outcome:
    """Train, with progress on stderr.

    Args:
        model: what to train.
        loss: how to measure it.
        optimizer: makes the optimizer when the number of updates is known.
        data: all the data, before it was divided.
        parts: the rows to train on, to stop by and to test on.
        settings: how long, in what steps.
        output: whether to show progress, and where to keep the run.
        command: the name of the command.
        description: the model in a few words.
        patience: evaluations of the validation rows without improvement that end the run.
    """
    from rosenblatt.cli.description import describe
    from rosenblatt.runs.aside import Command, DataSummary, keep_aside
    from rosenblatt.training import Callback, EarlyStopping, Progress, train
    from rosenblatt.training.plan import CHECKPOINT_EVERY
    from rosenblatt.training.storage.folder import RunFolder

    n = len(parts.train)
    updates = settings.epochs * math.ceil(n / model.batch_size(settings.batch_size, n))
    callbacks: list[Callback] = [] if output.quiet else [Progress(parts.measured)]
    if patience is not None:
        callbacks.append(EarlyStopping("test_loss", patience=patience))
    about = Command(
        name=command,
        model=description,
        measured=parts.measured,
        data=DataSummary(**describe(data)),
    )
    made = optimizer(updates)
    if output.run is not None:
        last_test = None if parts.validation is None else parts.test
        keep_aside(RunFolder(output.run), about, parts.train, last_test)
    every = CHECKPOINT_EVERY if output.checkpoint_every is None else output.checkpoint_every
    with saying_how_to_go_on(output.run):
        run = train(
            model,
            parts.train,
            test=parts.test if parts.validation is None else parts.validation,
            loss=loss,
            optimizer=made,
            epochs=settings.epochs,
            batch_size=settings.batch_size,
            shuffle=settings.shuffle,
            seed=settings.seed,
            eval_every=settings.eval_every,
            engine=settings.engine,
            dtype=settings.dtype,
            callbacks=callbacks,
            run_dir=output.run,
            checkpoint_every=every,
        )
    label = data.recipe.get("label")
    return Outcome(run, about, parts, None if label is None else str(label), output.run)


@contextmanager
def saying_how_to_go_on(run_dir: Path | None) -> Iterator[None]:
    """Let Ctrl-C say how to go on with a run that is kept in a folder."""
    from rosenblatt.training.storage.folder import RunFolder

    try:
        yield
    except KeyboardInterrupt:
        if run_dir is None or not RunFolder(run_dir).exists:
            raise
        raise KeyboardInterrupt(how_to_go_on(run_dir)) from None


def how_to_go_on(run_dir: Path) -> str:
    """Return the command that goes on with a run, as one may type it."""
    return f"go on with: rosenblatt runs resume {shlex.quote(str(run_dir))}"
