"""What the settings of the studio describe: samples, network, loss and optimizer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.data import Dataset, Standardizer
from rosenblatt.losses import Loss
from rosenblatt.models import Model
from rosenblatt.optimizers import Optimizer
from rosenblatt.settings import Prepared as PreparedTraining
from rosenblatt.settings import (
    TrainMLPOptions,
    parse_edits,
    parse_settings,
    plain_settings,
)
from rosenblatt.settings import prepare as prepare_training

Settings = dict[str, Any]
Source = Callable[[TrainMLPOptions], Dataset | None]
"""Returns the samples that are not a generator's, such as those of an uploaded file, or None."""

FIRST: Settings = {
    "data": "moons",
    "n": 500,
    "hidden": [8, 8],
    "activation": "tanh",
    "init": "glorot",
    "learning_rate": 0.1,
    "batch_size": 10,
}
"""The settings of a page that nobody has configured."""


@dataclass(frozen=True, eq=False)
class Prepared:
    """Settings as plain values, and what they describe."""

    settings: Settings
    training: PreparedTraining

    @property
    def data(self) -> Dataset:
        """All samples, before they were divided and edited."""
        return self.training.data

    @property
    def train(self) -> Dataset:
        """The training set as the model sees it."""
        return self.training.splits.train

    @property
    def test(self) -> Dataset | None:
        """The test set as the model sees it."""
        return self.training.splits.test

    @property
    def standardizer(self) -> Standardizer | None:
        """What the inputs were scaled by."""
        return self.training.splits.standardizer

    @property
    def model(self) -> Model:
        """The network."""
        return self.training.model

    @property
    def loss(self) -> Loss:
        """The loss."""
        return self.training.loss

    @cached_property
    def optimizer(self) -> Optimizer:
        """The update rule."""
        return self.training.optimizer()

    @cached_property
    def numbers(self) -> npt.NDArray[np.int64]:
        """The numbers of the training samples, then those of the test samples."""
        splits = self.training.splits
        parts = [part for part in (splits.numbers, splits.test_numbers) if part is not None]
        return np.concatenate(parts)

    @property
    def seed(self) -> int:
        """The seed of the run."""
        return self.training.options.training.seed

    @property
    def epochs(self) -> int | None:
        """The number of epochs after which the run ends; None for no end."""
        return self.settings.get("epochs")

    def keywords(self) -> dict[str, Any]:
        """Return the keywords of :class:`rosenblatt.LiveTraining` besides the seeds."""
        options = self.training.options.training
        return {
            "test": self.test,
            "validation": self.training.splits.validation,
            "loss": self.loss,
            "optimizer": self.optimizer,
            "batch_size": options.batch_size,
            "shuffle": options.shuffle,
            "engine": options.engine,
            "dtype": options.dtype,
        }

    def as_given(self, X: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return inputs of the model in the units of the data."""
        scaled_by = self.standardizer
        return X if scaled_by is None else X * scaled_by.scale + scaled_by.mean

    def as_inputs(self, X: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return points in the units of the data as the model takes them."""
        scaled_by = self.standardizer
        return X if scaled_by is None else (X - scaled_by.mean) / scaled_by.scale


def change(prepared: Prepared, training: PreparedTraining, changes: Settings) -> Prepared:
    """Return what settings describe after changes that were made while training."""
    plain = plain_settings(training.options)
    epochs = changes.get("epochs", prepared.epochs)
    if epochs is not None:
        plain["epochs"] = epochs
    if "points" in prepared.settings:
        plain["points"] = prepared.settings["points"]
    return Prepared(plain, training)


def prepare(settings: Mapping[str, Any], source: Source | None = None) -> Prepared:
    """Return what ``settings`` describe.

    Raises:
        RosenblattError: a setting that cannot work.
    """
    given = {key: value for key, value in settings.items() if value is not None}
    edits = given.pop("points", [])
    options = parse_settings(given)
    data = None if source is None else source(options)
    training = prepare_training(options, data, parse_edits(edits))
    # Where the page has no number of epochs there is no end, and not the default of 100.
    plain = plain_settings(options) | {k: given[k] for k in ("epochs",) if k in given}
    if edits:
        plain["points"] = edits
    return Prepared(plain, training)
