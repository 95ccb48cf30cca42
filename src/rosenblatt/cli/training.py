"""What both training commands do: train, with progress on stderr."""

import math
from collections.abc import Callable
from dataclasses import dataclass
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
    """A finished run, the rows it saw, and how it ended."""

    run: "Run"
    data: "Dataset"
    parts: Parts
    kept: int | None
    """The epoch whose weights the run ended with; None if the loss was never finite."""

    early: str | None
    """Why early stopping ended the run, if it did."""

    @property
    def diverged(self) -> bool:
        """Whether the loss stopped being finite."""
        return self.run.stopped is not None and self.early is None

    @property
    def measured(self) -> str:
        """What was measured beside the training rows: "test", or "validation" to stop early."""
        return "test" if self.parts.validation is None else "validation"


def fit(
    model: "Model",
    loss: "Loss",
    optimizer: Callable[[int], "Optimizer"],
    data: "Dataset",
    parts: Parts,
    settings: Training,
    output: Output,
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
        output: whether to show progress.
        patience: evaluations of the validation rows without improvement that end the run.
    """
    from rosenblatt.training import Callback, EarlyStopping, Progress, train

    n = len(parts.train)
    updates = settings.epochs * math.ceil(n / model.batch_size(settings.batch_size, n))
    callbacks: list[Callback] = [] if output.quiet else [Progress()]
    stopping = None if patience is None else EarlyStopping("test_loss", patience=patience)
    run = train(
        model,
        parts.train,
        test=parts.test if stopping is None else parts.validation,
        loss=loss,
        optimizer=optimizer(updates),
        epochs=settings.epochs,
        batch_size=settings.batch_size,
        shuffle=settings.shuffle,
        seed=settings.seed,
        eval_every=settings.eval_every,
        engine=settings.engine,
        dtype=settings.dtype,
        callbacks=callbacks if stopping is None else [*callbacks, stopping],
    )
    last = run.history[-1] if run.history else {}
    if stopping is None:
        return Outcome(run, data, parts, last.get("epoch"), None)
    kept = stopping.best_row.get("epoch")
    early = None
    if stopping.waited >= stopping.patience and kept is not None:
        early = f"no lower validation loss in {patience} evaluations after epoch {kept}"
    return Outcome(run, data, parts, None if kept is None else int(kept), early)
