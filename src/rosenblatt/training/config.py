"""What a run was asked to do, as TOML: enough to repeat it, and checked where it is read.

The file is to be read, not to be edited: its first line is a digest of the others, so that a bit
that has flipped makes no other run of it.
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
from rosenblatt.descriptions import describe_loss, describe_model, describe_optimizer
from rosenblatt.environment import LIBRARIES
from rosenblatt.errors import FileError, given
from rosenblatt.files import atomic_write
from rosenblatt.training.plan import Plan

FORMAT_VERSION = 1
MOST_BYTES = 1 << 26
"""A file that is larger is no settings of a run."""


class _Table(BaseModel):
    """A table of the file: it has these keys and no others."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Made(_Table):
    """When the run began, and by what: what its bits depend on."""

    at: str
    versions: dict[str, str]
    processor: str


class Settings(_Table):
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
    init_params: str


class DataSettings(_Table):
    """A set of samples: what it holds, and how it came about, as JSON."""

    hash: str
    samples: int
    features: int
    recipe: str


class CallbackSettings(_Table):
    """A callback by its name; ``known`` says whether its settings can make it again."""

    name: str
    known: bool
    settings: dict[str, Any] = {}


class Fork(_Table):
    """Where the run branched off from another."""

    run: str
    epoch: int
    batch: int


class RunConfig(_Table):
    """What a run was asked to do."""

    format_version: Literal[1]
    made: Made
    model: dict[str, Any]
    loss: dict[str, Any]
    optimizer: dict[str, Any]
    training: Settings
    data: dict[Literal["train", "test"], DataSettings]
    callbacks: list[CallbackSettings] = []
    fork: Fork | None = None


def config_of(plan: Plan, callbacks: list[CallbackSettings], fork: Fork | None = None) -> RunConfig:
    """Return what a plan asks for.

    Raises:
        ConfigurationError: a layer, loss, optimizer or schedule that is not one of the package's.
    """
    job = plan.job
    sets = {"train": plan.train} | ({} if plan.test is None else {"test": plan.test})
    plain = {
        "format_version": FORMAT_VERSION,
        "made": _made(),
        "model": describe_model(job.model),
        "loss": describe_loss(job.loss),
        "optimizer": describe_optimizer(job.optimizer),
        "training": {
            "epochs": plan.epochs,
            "batch_size": job.batch_size,
            "shuffle": bool(job.shuffle),
            "eval_every": plan.eval_every,
            "dtype": str(job.data.x.dtype),
            "asked_engine": plan.asked,
            "engine": plan.engine.name,
            "seeds": list(plan.seeds),
            "population": job.population,
            "init_params": plan.initial,
        },
        "data": {name: _data(dataset) for name, dataset in sets.items()},
    }
    return RunConfig(**_without_none(plain), callbacks=callbacks, fork=fork)


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
        FileError: the file is missing, no TOML, of another version, or has other keys or values.
    """
    try:
        with Path(path).open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise FileError(f"cannot read {path}: {error.strerror or error}") from error
    if len(content) > MOST_BYTES:
        raise FileError(f"{path} is larger than settings of a run can be")
    try:
        plain = tomllib.loads(content.decode())
    except (ValueError, RecursionError) as error:
        raise FileError(f"{path} is no TOML file: {error}") from error
    found = plain.get("format_version")
    if found != FORMAT_VERSION:
        raise FileError(
            f"{path} is of version {given(found)}, and this rosenblatt reads version "
            f"{FORMAT_VERSION}"
        )
    first, _, rest = content.partition(b"\n")
    if first + b"\n" != _digest_line(rest):
        raise FileError(
            f"{path} is not what was written: it is damaged, or was edited; to train with other "
            "settings, fork the run or begin another"
        )
    del plain["digest"]
    try:
        config = RunConfig(**plain)
    except (ValidationError, RecursionError) as error:
        raise FileError(f"{path}: {_first_of(error)}") from error
    if "train" not in config.data:
        raise FileError(f"{path} says nothing of a training set")
    return config


def differences(config: RunConfig) -> list[str]:
    """Return in words what has changed since the run began that its last bits may depend on."""
    then, now = config.made, _made()
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


def _made() -> dict[str, Any]:
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
    return [_without_none(one) for one in value] if isinstance(value, list | tuple) else value


def _first_of(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    return f'"{place}" is {given(first.get("input"))}; {first["msg"][:1].lower()}{first["msg"][1:]}'
