"""The options of a training: its length and its steps, early stopping, and all of ``train mlp``."""

from dataclasses import dataclass, field
from typing import Literal

from cyclopts import Parameter

from rosenblatt.settings.data_options import DataOptions
from rosenblatt.settings.network_options import NetworkOptions
from rosenblatt.settings.optimizer_options import OptimizerOptions
from rosenblatt.settings.params import TRAINING, OptionalWhole, Whole
from rosenblatt.settings.splits import SplitOptions


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
    """All settings of a training: the options of ``train mlp`` without its output.

    >>> from rosenblatt.settings import parse_settings
    >>> settings = {"data": "moons", "hidden": [8], "batch_size": 10}
    >>> options: TrainMLPOptions = parse_settings(settings)
    >>> options.network.hidden, options.training.batch_size
    ((8,), 10)
    """

    source: DataOptions
    splits: SplitOptions = field(default_factory=SplitOptions)
    network: NetworkOptions = field(default_factory=NetworkOptions)
    optimizer: OptimizerOptions = field(default_factory=OptimizerOptions)
    training: TrainingOptions = field(default_factory=TrainingOptions)
    stopping: StoppingOptions = field(default_factory=StoppingOptions)
