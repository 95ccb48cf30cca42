"""Training once for each of many seeds."""

import inspect
from collections.abc import Iterable
from typing import Any

import numpy as np

from rosenblatt.data import Dataset
from rosenblatt.errors import ConfigurationError, given
from rosenblatt.models import Model
from rosenblatt.training import trainer
from rosenblatt.training.run import Runs


def train_many(model: Model, train: Dataset, *, seeds: Iterable[int], **settings: Any) -> Runs:
    """Train ``model`` once for every seed, all else equal, and return the runs in that order.

    The compiled engine spreads them over the cores, and where batches are small, over the lanes of
    its vectors. With callbacks that watch one run at a time they are trained one after the other.

    Args:
        model: as for :func:`rosenblatt.train`.
        train: the training set, the same for all.
        seeds: at least one.
        settings: all keywords of :func:`rosenblatt.train` but ``seed``.

    Raises:
        ConfigurationError: there is no seed; else as :func:`rosenblatt.train`.

    >>> import rosenblatt as rb
    >>> data = rb.data.gaussians(50, means=[(2, 2), (-2, -2)], seed=0)
    >>> runs = rb.train_many(rb.MLP(2, [], 2), data, seeds=range(3), epochs=20)
    >>> runs.final("train_accuracy").shape
    (3,)
    """
    if not np.iterable(seeds):
        raise ConfigurationError(f"seeds must be several, such as range(10), got {given(seeds)}")
    seeds = list(seeds)
    if not seeds:
        raise ConfigurationError("train_many needs at least one seed")
    if "seed" in settings:
        raise ConfigurationError("train_many takes seeds; leave seed out")
    arguments = inspect.signature(trainer.train).bind(model, train, **settings)
    arguments.apply_defaults()
    del arguments.arguments["seed"]
    keywords = arguments.kwargs
    if all(getattr(callback, "serves_many", True) for callback in keywords["callbacks"]):
        return trainer.train_seeds(model, train, seeds, **keywords)
    # A callback remembers one run: the next one begins when it has ended.
    if keywords["run_dir"] is not None:
        raise ConfigurationError(
            "a folder holds runs that go on at the same time, and there is a callback that watches "
            "one at a time; call train for each seed with a run_dir of its own"
        )
    return Runs([trainer.train(model, train, seed=seed, **keywords) for seed in seeds])
