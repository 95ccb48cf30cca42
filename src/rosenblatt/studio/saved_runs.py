"""Runs in the folder of runs: saving the shown one, opening another, listing all."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np

from rosenblatt.data import Dataset
from rosenblatt.engines import Job
from rosenblatt.errors import ConfigurationError, FileError, RosenblattError
from rosenblatt.files import atomic_write
from rosenblatt.layers import Nested
from rosenblatt.limits import parse_json
from rosenblatt.models import MLP, Model, Sequential
from rosenblatt.optimizers import OPTIMIZERS
from rosenblatt.registry import snake_case
from rosenblatt.settings import (
    Prepared as PreparedTraining,
)
from rosenblatt.settings import (
    parse_settings,
    parse_setup,
)
from rosenblatt.settings.points import PointEdits, combine_edits
from rosenblatt.settings.splits import Splits
from rosenblatt.studio.prepared import Prepared, Settings
from rosenblatt.training import LiveTraining, Run, load_run
from rosenblatt.training.run import plan_of, trajectory_of

SETUP = "studio.json"
"""The file with what a link would say, in the folder of a run that the studio has saved."""
LARGEST_SETUP = 1 << 22
MOST_LISTED = 500
_NAME = re.compile(r"[\w][\w .+=-]{0,99}")


class SavedRuns:
    """The runs in a folder; no name leads out of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, name: object) -> Path:
        """Return the folder of a run by its name.

        Raises:
            ConfigurationError: a name that is not one of a folder.
        """
        if not isinstance(name, str) or not _NAME.fullmatch(name) or name.endswith((".", " ")):
            raise ConfigurationError(
                "a run's name has letters, digits, spaces and . _ + = -, and begins with a letter "
                "or a digit"
            )
        return self.folder / name

    def save(self, name: object, live: LiveTraining, setup: dict[str, Any]) -> Path:
        """Write a run with all that a link would say about it."""
        path = self.path(name)
        live.save(path)
        with atomic_write(path / SETUP) as file:
            file.write(json.dumps(setup).encode())
        return path

    def listed(self) -> list[dict[str, Any]]:
        """Return the runs that can be opened, the newest first."""
        try:
            found = [path for path in self.folder.iterdir() if (path / "config.toml").is_file()]
        except OSError:
            return []
        found.sort(key=lambda path: (path / "config.toml").stat().st_mtime, reverse=True)
        return [
            {"name": path.name, "changed": (path / "config.toml").stat().st_mtime}
            for path in found[:MOST_LISTED]
            if _NAME.fullmatch(path.name)
        ]

    def open(self, path: Path) -> tuple[Prepared, LiveTraining, dict[str, Any]]:
        """Return the settings of a run, its training and its setup."""
        run = load_run(path)
        if not isinstance(run, Run):
            raise ConfigurationError(
                f"{path.name} has {len(run)} runs that trained together; open a run of one seed"
            )
        return of_run(run, _read_setup(path))


def of_run(
    run: Run, setup: dict[str, Any] | None = None
) -> tuple[Prepared, LiveTraining, dict[str, Any]]:
    """Return the settings of a run, its training and its setup."""
    setup = setup or {**_settings_of(run), "epochs": None}
    return _prepared(run, setup), LiveTraining.of(run), setup


def _read_setup(path: Path) -> dict[str, Any] | None:
    file = path / SETUP
    if not file.is_file() or file.is_symlink():
        return None
    if file.stat().st_size > LARGEST_SETUP:
        raise FileError(f"{SETUP} of {path.name} is too large to be one")
    setup = parse_json(file.read_bytes(), SETUP)
    if not isinstance(setup, dict):
        raise FileError(f"{SETUP} of {path.name} is not an object")
    return setup


def _prepared(run: Run, mapping: dict[str, Any]) -> Prepared:
    """Return the settings with the data and the network of a run."""
    plan = plan_of(run)
    setup = parse_setup(mapping)
    train, test = plan.train, plan.test
    n = len(train)
    numbers = np.arange(n)
    test_numbers = None if test is None else np.arange(n, n + len(test))
    splits = Splits(train, test, plan.validation, None, numbers, test_numbers)
    edits = combine_edits(setup.points, n) if setup.points else PointEdits()
    job = trajectory_of(run).job
    if not isinstance(job.model, Sequential):
        raise ConfigurationError("the studio shows networks, and this run is a perceptron's")
    if any(isinstance(layer, Nested) for layer in job.model.layers):
        raise ConfigurationError(
            "the studio shows networks whose layers follow each other, and this run has short-cuts "
            "(Residual, Concatenate)"
        )
    training = PreparedTraining(
        setup.options, _whole(train, test), edits, splits, job.model, job.loss, 0.01
    )
    settings = dict(setup.settings)
    if setup.points:
        settings["points"] = list(setup.points)
    return Prepared(settings, training)


def _whole(train: Dataset, test: Dataset | None) -> Dataset:
    if test is None:
        return train
    X = np.concatenate([train.X, test.X])
    y = np.concatenate([train.labels, test.labels])
    return train.replace(X=X, y=y, sample_weight=None)


def _settings_of(run: Run) -> Settings:
    """Return the settings of a run that the studio has not saved, as far as they are settings."""
    plan = plan_of(run)
    job = trajectory_of(run).job
    recipe: Any = plan.train.recipe
    settings: Settings = {"data": "saved run", "seed": run.seed}
    if recipe.get("part") == "train":
        settings |= {
            "test_size": recipe.get("test_size"),
            "split_seed": recipe.get("seed"),
            "stratify": recipe.get("stratify"),
        }
        recipe = recipe.get("of", {})
    for name, value in (("data", recipe.get("generator")), ("n", recipe.get("n"))):
        if value is not None:
            settings[name] = value
    if "generator" in recipe:
        settings["data_seed"] = recipe.get("seed")
        settings["noise"] = recipe.get("noise")
    settings |= _network(job.model) | _optimizer(job)
    for key in [key for key, value in settings.items() if value is None]:
        del settings[key]
    return _acceptable(settings)


def _network(model: Model) -> Settings:
    if not isinstance(model, MLP):
        return {}
    return {
        "hidden": list(model.n_hidden),
        "activation": snake_case(type(model.activation).__name__),
        "init": snake_case(type(model.weight_init).__name__),
        "dropout": model.dropout,
    }


def _optimizer(job: Job) -> Settings:
    rule: Any = job.optimizer
    name = snake_case(type(rule).__name__)
    settings: Settings = {"batch_size": job.batch_size, "shuffle": job.shuffle}
    settings["loss"] = snake_case(type(job.loss).__name__)
    if name in OPTIMIZERS:
        settings["optimizer"] = name
        settings |= {
            key: value
            for key, value in vars(rule).items()
            if isinstance(value, int | float) and not isinstance(value, bool)
        }
    return settings


def _acceptable(settings: Settings) -> Settings:
    """Return the settings that can be parsed."""
    found: Settings = {"data": settings["data"]}
    for key, value in settings.items():
        try:
            parse_settings({**found, key: value})
        except RosenblattError:
            continue
        found[key] = value
    return found
