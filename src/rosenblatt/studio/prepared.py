"""From plain settings to what trains: data, network, loss and optimizer."""

import math
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from typing import Any, get_args

import numpy as np

from rosenblatt.data import Dataset, Standardizer
from rosenblatt.errors import ConfigurationError, nearest
from rosenblatt.losses import Loss
from rosenblatt.models import Model
from rosenblatt.optimizers import Optimizer
from rosenblatt.settings.data_options import DataOptions, read_source
from rosenblatt.settings.network_options import NetworkOptions, build_network
from rosenblatt.settings.optimizer_options import (
    OptimizerOptions,
    build_optimizer,
    default_rate,
)
from rosenblatt.settings.splits import SplitOptions, split_data
from rosenblatt.settings.train_options import TrainingOptions, TrainMLPOptions
from rosenblatt.studio.point_edits import edit_points

Settings = dict[str, Any]

FIRST: Settings = {
    "data": "moons",
    "n": 500,
    "noise": 0.15,
    "hidden": [8, 8],
    "activation": "tanh",
    "init": "glorot",
    "learning_rate": 0.1,
    "batch_size": 10,
}
"""The settings of a page that nobody has configured."""

STUDIO_KEYS = ("points",)
"""Settings that only the studio has."""


@dataclass(frozen=True, eq=False)
class Prepared:
    """What settings describe.

    ``rows`` are the numbers of the training rows, then those of the test rows, in ``data``.
    """

    settings: Settings
    data: Dataset
    train: Dataset
    test: Dataset | None
    rows: np.ndarray[Any, np.dtype[np.int64]]
    standardizer: Standardizer | None
    model: Model
    loss: Loss
    optimizer: Optimizer

    @property
    def training(self) -> dict[str, Any]:
        """The keywords of :class:`rosenblatt.LiveTraining` besides model, data and seeds."""
        given = TrainingOptions(**_known(TrainingOptions, self.settings))
        return {
            "test": self.test,
            "loss": self.loss,
            "optimizer": self.optimizer,
            "batch_size": given.batch_size,
            "shuffle": given.shuffle,
            "dtype": given.dtype,
            "engine": given.engine,
        }

    @property
    def seed(self) -> int:
        """The seed of the run."""
        return int(self.settings.get("seed", 0))

    @property
    def epochs(self) -> int | None:
        """The number of epochs after which the run ends, if there is one."""
        epochs = self.settings.get("epochs")
        return None if epochs is None else int(epochs)


Source = Callable[[Settings], Dataset | None]
"""Returns the data that only the studio has, such as an uploaded file, or None."""


def prepare(settings: Mapping[str, Any], source: Source | None = None) -> Prepared:
    """Return what ``settings`` describe.

    Raises:
        RosenblattError: a setting that cannot work.
    """
    plain = {key: value for key, value in settings.items() if value is not None}
    options = _options(TrainMLPOptions, {k: v for k, v in plain.items() if k not in STUDIO_KEYS})
    data = (source(plain) if source else None) or read_source(options.source, options.network.task)
    data = edit_points(data, plain.get("points", []))
    splits = split_data(data, options.splits)
    model, loss = build_network(options.network, data)
    rate = default_rate(options.optimizer.optimizer, loss, options.network.hidden, splits.train)
    n = len(splits.train)
    per_epoch = math.ceil(n / model.batch_size(options.training.batch_size, n))
    optimizer = build_optimizer(options.optimizer, options.training.epochs * per_epoch, rate)
    return Prepared(
        settings=plain,
        data=data,
        train=splits.train,
        test=splits.test,
        rows=_rows(data, options.splits),
        standardizer=splits.standardizer,
        model=model,
        loss=loss,
        optimizer=optimizer,
    )


def _rows(data: Dataset, options: SplitOptions) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return the numbers of the rows in the order of the training set, then of the test set."""
    numbered = data.replace(
        X=np.arange(len(data), dtype=float)[:, np.newaxis], feature_names=["row"]
    )
    plain = SplitOptions(
        test_size=options.test_size, split_seed=options.split_seed, stratify=options.stratify
    )
    sets = split_data(numbered, plain)
    parts = [sets.train.X[:, 0]] + ([] if sets.test is None else [sets.test.X[:, 0]])
    return np.concatenate(parts).astype(np.int64)


def _options(kind: Any, settings: Settings) -> Any:
    """Return the options that flat settings give; every setting must be one of them."""
    left = dict(settings)
    options = _filled(kind, left)
    if left:
        name = next(iter(left))
        known = [*_names(kind), *STUDIO_KEYS]
        raise ConfigurationError(f'there is no setting "{name}"{nearest(name, known)}')
    return options


def _filled(kind: Any, left: Settings) -> Any:
    values = {}
    for field in fields(kind):
        inner = field.type if is_dataclass(field.type) else field.default_factory
        if is_dataclass(inner):
            values[field.name] = _filled(inner, left)
        elif field.name in left:
            value = left.pop(field.name)
            values[field.name] = _tuples(value)
        elif field.default is MISSING and field.default_factory is MISSING:
            if type(None) in get_args(field.type):
                continue
            raise ConfigurationError(f'the setting "{field.name}" is missing')
    return kind(**values)


def _known(kind: Any, settings: Settings) -> Settings:
    return {one.name: settings[one.name] for one in fields(kind) if one.name in settings}


def _names(kind: Any) -> list[str]:
    names: list[str] = []
    for field in fields(kind):
        inner = field.type if is_dataclass(field.type) else field.default_factory
        names += _names(inner) if is_dataclass(inner) else [field.name]
    return names


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


OPTIONS = (DataOptions, SplitOptions, NetworkOptions, OptimizerOptions, TrainingOptions)
