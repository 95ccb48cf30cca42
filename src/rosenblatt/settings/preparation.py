"""The model, the loss, the optimizer and the sets that settings describe."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rosenblatt.data import BUNDLED, GENERATORS
from rosenblatt.errors import ConfigurationError, given, nearest
from rosenblatt.settings.data_options import is_name, read_source
from rosenblatt.settings.network_options import build_network
from rosenblatt.settings.optimizer_options import build_optimizer, default_rate
from rosenblatt.settings.plain import naming_keys
from rosenblatt.settings.points import PointEdits, combine_edits
from rosenblatt.settings.splits import Splits, split_data
from rosenblatt.settings.train_options import TrainMLPOptions

if TYPE_CHECKING:
    from rosenblatt.data import Dataset
    from rosenblatt.losses import Loss
    from rosenblatt.models import Sequential
    from rosenblatt.optimizers import Optimizer

UPLOAD = "upload:"
"""The beginning of DATA that names a file given to the studio."""

VALIDATION_SIZE = 0.2
"""The share of the training rows that early stopping watches, where none is given."""


@dataclass(frozen=True, eq=False)
class Prepared:
    """All that a training needs.

    Attributes:
        options: the settings.
        data: all samples, before they were divided and edited.
        edits: the edits of single samples.
        splits: the training, test and validation sets.
        model: the network.
        loss: its loss.
        rate: the learning rate where the settings have none.

    >>> from rosenblatt.settings import parse_settings, prepare
    >>> prepared = prepare(parse_settings({"data": "moons", "n": 100, "hidden": [8]}))
    >>> prepared.model, len(prepared.data), type(prepared.loss).__name__
    (MLP(2, [8], 2), 100, 'SoftmaxCrossEntropy')
    """

    options: TrainMLPOptions
    data: "Dataset"
    edits: PointEdits
    splits: Splits
    model: "Sequential"
    loss: "Loss"
    rate: float

    @property
    def batch_size(self) -> int | None:
        """Rows per update; None for the full batch."""
        return self.options.training.batch_size

    @property
    def validation_size(self) -> float | None:
        """Share or number of the training rows to validate on; None for none."""
        return validation_size(self.options)

    @property
    def updates_per_epoch(self) -> int:
        """The number of updates of an epoch."""
        n = len(self.splits.train)
        return math.ceil(n / self.model.batch_size(self.batch_size, n))

    def optimizer(self, updates: int | None = None) -> "Optimizer":
        """Return the update rule of a run of that many updates, by default of all its epochs.

        Raises:
            ConfigurationError: a setting of another optimizer or schedule, or one that cannot be.
        """
        if updates is None:
            updates = self.options.training.epochs * self.updates_per_epoch
        return build_optimizer(self.options.optimizer, updates, self.rate)

    def keywords(self) -> dict[str, Any]:
        """Return the keywords of ``rosenblatt.train`` for this training.

        >>> import rosenblatt as rb
        >>> from rosenblatt.settings import parse_settings, prepare
        >>> prepared = prepare(parse_settings({"data": "moons", "epochs": 5}))
        >>> rb.train(prepared.model, prepared.splits.train, **prepared.keywords()).params.keys()
        dict_keys(['0.weight', '0.bias', '2.weight', '2.bias'])
        """
        from rosenblatt.training import EarlyStopping

        patience = self.options.stopping.patience
        stopping = [] if patience is None else [EarlyStopping("validation_loss", patience=patience)]
        return {
            "test": self.splits.test,
            "validation": self.splits.validation,
            "loss": self.loss,
            "optimizer": self.optimizer(),
            "callbacks": stopping,
            **vars(self.options.training),
        }


def prepare(
    options: TrainMLPOptions, data: "Dataset | None" = None, points: Sequence[dict[str, Any]] = ()
) -> Prepared:
    """Return what a training with these settings needs, exactly as ``train mlp`` makes it.

    Args:
        options: the settings, from :func:`parse_settings`.
        data: the samples where ``data`` names a file, which is not read here.
        points: edits of single samples, from :func:`parse_edits`.

    Raises:
        ConfigurationError: settings that cannot work together; it names them by their keys.
        DataError: samples that cannot be used.

    >>> from rosenblatt.settings import parse_settings
    >>> prepared = prepare(parse_settings({"data": "moons", "hidden": [8], "optimizer": "adam"}))
    >>> prepared.model, prepared.optimizer().learning_rate
    (MLP(2, [8], 2), 0.01)
    """
    with naming_keys():
        if data is None:
            data = read_data(options)
        prepared = prepare_options(options, data, combine_edits(points, len(data)))
        prepared.optimizer()
        return prepared


def prepare_options(
    options: TrainMLPOptions, data: "Dataset", edits: PointEdits | None = None
) -> Prepared:
    """Return what a training needs; errors name settings by their flags."""
    edits = edits or PointEdits()
    splits = split_data(data, options.splits, validation_size(options), edits)
    network = options.network
    model, loss = build_network(network, data)
    rate = default_rate(options.optimizer.optimizer, loss, network.hidden, splits.train)
    return Prepared(options, data, edits, splits, model, loss, rate)


def validation_size(options: TrainMLPOptions) -> float | None:
    """Return the share or number of the training rows to validate on; None for none.

    Raises:
        ConfigurationError: there is one without early stopping.
    """
    stopping = options.stopping
    if stopping.patience is None:
        if stopping.validation_size is not None:
            raise ConfigurationError("--validation-size has no meaning without --patience")
        return None
    return VALIDATION_SIZE if stopping.validation_size is None else stopping.validation_size


def read_data(options: TrainMLPOptions, path: str | Path | None = None) -> "Dataset":
    """Return the samples that the settings name.

    Args:
        options: the settings.
        path: the file to read, where ``data`` names neither a generator nor a bundled set. Names of
            files in settings are not followed: settings may come from anyone.

    Raises:
        ConfigurationError: ``data`` is no such name, and there is no ``path``.
        FileError: the file cannot be read.
        DataError: what is in it cannot be used.

    >>> from rosenblatt.settings import parse_settings
    >>> read_data(parse_settings({"data": "moons", "n": 60, "noise": 0.1})).X.shape
    (60, 2)
    """
    source = options.source
    with naming_keys():
        if not is_name(source.data):
            if path is None:
                known = [*GENERATORS, *BUNDLED]
                raise ConfigurationError(
                    f"data is {given(source.data)}, and the samples of a file must be given with "
                    f"it; else it is one of {', '.join(known)}{nearest(source.data, known)}"
                )
            source = replace(source, data=str(path))
        return read_source(source, options.network.task)
