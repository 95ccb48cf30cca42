"""The settings of a run as a TOML file, checked when it is read.

The file is for reading, not for editing: its first line is a digest of the others, so that a
flipped bit cannot change the run.
"""

import hashlib
import json
import os
import platform
import tomllib
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import tomli_w
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rosenblatt import cores
from rosenblatt.data import Dataset
from rosenblatt.descriptions import (
    build_loss,
    build_model,
    build_optimizer,
    describe_loss,
    describe_model,
    describe_optimizer,
)
from rosenblatt.environment import LIBRARIES
from rosenblatt.errors import ConfigurationError, FileError, given
from rosenblatt.files import atomic_write
from rosenblatt.models import Model
from rosenblatt.training.callbacks import CALLBACKS
from rosenblatt.training.in_progress import Callback
from rosenblatt.training.plan import Plan, TrainSettings

FORMAT_VERSION = 1
MOST_BYTES = 1 << 26
"""Bytes. A larger file is refused before it is read."""


class _Table(BaseModel):
    """A table of the file: it has these keys and no others."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Made(_Table):
    """When the run began, and the versions and the processor that its bits depend on."""

    at: str
    versions: dict[str, str]
    processor: str


class TrainingTable(_Table):
    """The settings of :func:`rosenblatt.train` that are numbers and names."""

    epochs: int = Field(ge=1)
    batch_size: int = Field(ge=1)
    shuffle: bool
    eval_every: int = Field(ge=1)
    dtype: Literal["float64", "float32"]
    asked_engine: str
    engine: Literal["reference", "compiled"]
    seeds: list[int] = Field(min_length=1)
    population: int = Field(ge=1)
    own_settings: Literal[True] | None = None
    init_params: str


class DataTable(_Table):
    """A set of samples: its hash and size, and its recipe as JSON."""

    hash: str
    samples: int
    features: int
    recipe: str


class CallbackTable(_Table):
    """A callback by its name; ``known`` says whether its settings can make it again."""

    name: str
    known: bool
    settings: dict[str, Any] = {}


class Origin(_Table):
    """The position of another run from which this one branched off."""

    run: str
    epoch: int
    batch: int


class RunConfig(_Table):
    """The settings of a run, without its data."""

    format_version: Literal[1]
    made: Made
    model: dict[str, Any]
    loss: dict[str, Any]
    optimizer: dict[str, Any]
    training: TrainingTable
    data: dict[Literal["train", "test", "validation"], DataTable]
    callbacks: list[CallbackTable] = []
    fork: Origin | None = None


def config_of(plan: Plan, origin: Origin | None = None) -> RunConfig:
    """Return the settings of a plan.

    Raises:
        ConfigurationError: a layer, loss, optimizer or schedule that is not one of the package's.
    """
    job, settings = plan.job, plan.settings
    sets = {"train": plan.train, "test": plan.test, "validation": plan.validation}
    plain = {
        "format_version": FORMAT_VERSION,
        "made": made_now(),
        "model": describe_model(job.model),
        "loss": describe_loss(job.loss),
        "optimizer": describe_optimizer(job.optimizer),
        "training": {
            "epochs": settings.epochs,
            "batch_size": job.batch_size,
            "shuffle": bool(job.shuffle),
            "eval_every": settings.eval_every,
            "dtype": str(job.data.x.dtype),
            "asked_engine": settings.engine,
            "engine": plan.engine.name,
            "seeds": list(plan.seeds),
            "population": job.population,
            "own_settings": job.own_settings or None,
            "init_params": settings.start,
        },
        "data": {name: _data(dataset) for name, dataset in sets.items() if dataset is not None},
    }
    callbacks = [_callback_table(callback) for callback in settings.callbacks]
    return RunConfig(**_without_none(plain), callbacks=callbacks, fork=origin)


def model_and_settings_of(config: RunConfig) -> tuple[Model, TrainSettings]:
    """Return the model and the settings that a file describes, without data and callbacks.

    Raises:
        RosenblattError: a description that fits no model, loss or optimizer.
    """
    table = config.training
    return build_model(config.model), TrainSettings(
        loss=build_loss(config.loss),
        optimizer=build_optimizer(config.optimizer),
        epochs=table.epochs,
        batch_size=table.batch_size,
        shuffle=table.shuffle,
        eval_every=table.eval_every,
        engine=table.engine,
        dtype=table.dtype,
        start=table.init_params,
    )


def callbacks_of(config: RunConfig, folder: Path) -> list[Callback]:
    """Return new callbacks with the settings of the run's.

    The settings in a foreign folder must not cause writes outside of it.

    Raises:
        ConfigurationError: a callback is not one of the package's, does not have these settings, or
            writes outside the run's folder.
    """
    unknown = [table.name for table in config.callbacks if not _is_known(table)]
    if unknown:
        raise ConfigurationError(
            f"the run had the callback {', '.join(unknown)}, which its folder cannot make again; "
            "pass its callbacks as callbacks=[...], or callbacks=[] to continue without"
        )
    for table in config.callbacks:
        target = table.settings.get(CALLBACKS[table.name].writes_to or "")
        if target is not None and not _is_within(str(target), folder):
            raise ConfigurationError(
                f"the run had a {table.name} that writes to {given(target)}, which is not in its "
                "folder; if it should continue to write there, pass its callbacks as "
                "callbacks=[...], or callbacks=[] to continue without"
            )
    return known_callbacks_of(config)


def known_callbacks_of(config: RunConfig, kind: type[Callback] = Callback) -> list[Callback]:
    """Return new callbacks with the settings of those of the run that are of this kind."""
    known = [
        (CALLBACKS[table.name], table.settings) for table in config.callbacks if _is_known(table)
    ]
    try:
        return [cls(**settings) for cls, settings in known if issubclass(cls, kind)]
    except TypeError as error:
        raise ConfigurationError(f"a callback has no such settings: {error}") from error


def _callback_table(callback: Callback) -> CallbackTable:
    name = type(callback).__name__
    known = CALLBACKS.get(name) is type(callback)
    settings = {k: v for k, v in callback.settings().items() if v is not None} if known else {}
    return CallbackTable(name=name, known=known, settings=settings)


def _is_within(target: str, folder: Path) -> bool:
    """Return whether a path leads into the folder, after following links."""
    return Path(target).resolve().is_relative_to(folder.resolve())


def _is_known(table: CallbackTable) -> bool:
    return table.known and table.name in CALLBACKS


def write_config(path: Path, config: RunConfig) -> None:
    """Write a run's settings.

    Raises:
        FileError: the file cannot be written.
    """
    text = tomli_w.dumps(config.model_dump(exclude_none=True)).encode()
    with atomic_write(path) as file:
        file.write(_digest_line(text) + text)


def read_config(path: str | os.PathLike[str]) -> RunConfig:
    """Read a run's settings.

    Raises:
        FileError: the file is missing, not TOML, of another version, or has other keys or values.
    """
    try:
        with Path(path).open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise FileError(f"cannot read {path}: {error.strerror or error}") from error
    if len(content) > MOST_BYTES:
        raise FileError(f"{path} is larger than the settings of a run can be")
    try:
        plain = tomllib.loads(content.decode())
    except (ValueError, RecursionError) as error:
        raise FileError(f"{path} is not a TOML file: {error}") from error
    found_version = plain.get("format_version")
    if found_version != FORMAT_VERSION:
        raise FileError(
            f"{path} is of version {given(found_version)}, and this rosenblatt reads version "
            f"{FORMAT_VERSION}"
        )
    first, _, rest = content.partition(b"\n")
    if first + b"\n" != _digest_line(rest):
        raise FileError(
            f"{path} is damaged, or was edited; to train with other "
            "settings, fork the run or begin another"
        )
    del plain["digest"]
    try:
        config = RunConfig(**plain)
    except (ValidationError, RecursionError) as error:
        raise FileError(f"{path}: {_first_of(error)}") from error
    if "train" not in config.data:
        raise FileError(f"{path} names no training set")
    return config


def differences(config: RunConfig) -> list[str]:
    """Return in words the versions and the processor that differ from those of the run's start."""
    return changes_since(config.made)


def changes_since(then: Made) -> list[str]:
    """Return in words the versions and the processor that differ from those of a start."""
    now = made_now()
    changed = [
        f"{name} was {then.versions.get(name, 'not there')} and is {version}"
        for name, version in now["versions"].items()
        if then.versions.get(name) != version
    ]
    if then.processor != now["processor"]:
        changed.append(f"the processor was {then.processor}")
    return changed


def _digest_line(text: bytes) -> bytes:
    """Return the first line of a file whose other lines are ``text``."""
    return b'digest = "%s"\n' % hashlib.blake2b(text, digest_size=20).hexdigest().encode()


def made_now() -> dict[str, Any]:
    """Return the time, the versions and the processor, as :class:`Made` takes them."""
    versions = {"python": platform.python_version(), "rosenblatt": version("rosenblatt")}
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": versions | {name: version(name) for name in LIBRARIES},
        "processor": f"{platform.machine()} {cores.processor()}",
    }


def _data(dataset: Dataset) -> dict[str, Any]:
    return {
        "hash": dataset.content_hash,
        "samples": dataset.n_samples,
        "features": dataset.n_features,
        "recipe": json.dumps(dict(dataset.recipe)),
    }


def _without_none(value: Any) -> Any:
    """Return plain values without entries that are None, which TOML does not know."""
    if isinstance(value, dict):
        return {k: _without_none(v) for k, v in value.items() if v is not None}
    return [_without_none(entry) for entry in value] if isinstance(value, list | tuple) else value


def _first_of(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    return f'"{place}" is {given(first.get("input"))}; {first["msg"][:1].lower()}{first["msg"][1:]}'
