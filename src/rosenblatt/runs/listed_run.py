"""Entries of a listing of runs, and the files that they are read from.

``config.toml`` has the requested settings (:class:`RequestedSettings`), ``status.json`` the
progress of the run (:class:`Status`). Both may come from anyone: they are checked when they are
read, and a run whose files are wrong is listed as damaged.
"""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rosenblatt.descriptions import MOST_DEPTH
from rosenblatt.errors import FileError, given
from rosenblatt.training.storage.config import RunConfig
from rosenblatt.training.storage.folder import CONFIG, STATUS, RunFolder

MOST_STATUS_BYTES = 1 << 16
"""A file that is larger is no status of a run."""

Count = Annotated[int, Field(ge=0, lt=2**63)]
Text = Annotated[str, Field(max_length=4000)]
RUNNING = "running"
BROKEN_OFF = "broken off"
"""The state of a run whose status is "running" and which no process trains."""
DAMAGED = "damaged"


class _Record(BaseModel):
    # A later version may add keys, which are no harm here.
    model_config = ConfigDict(
        extra="ignore", strict=True, frozen=True, ser_json_inf_nan="constants"
    )


class Status(_Record):
    """How far a run is."""

    state: Literal["running", "interrupted", "finished", "stopped", "diverged"]
    epoch: Count
    epochs: Count
    updates: Count
    seconds: float
    members: Count
    stopped: list[Text] = Field(max_length=10)
    train_loss: float | None
    train_accuracy: float | None
    test_loss: float | None
    test_accuracy: float | None
    at: Text


class RequestedSettings(_Record):
    """What a run was asked to do, as far as listings go."""

    begun: Text
    model: Text
    loss: Text
    optimizer: Text
    learning_rate: float | None
    batch_size: Count
    epochs: Count
    engine: Text
    dtype: Text
    members: Count
    seed: int | None = Field(ge=0, lt=2**64)
    samples: Count
    fork: Text | None


@dataclass(frozen=True)
class ListedRun:
    """A run in a listing.

    Attributes:
        id: the name of its folder.
        state: "running", "interrupted" (by Ctrl-C), "broken off" (its process has died),
            "finished", "stopped" (by a callback), "diverged" or "damaged".
        epoch: how many epochs are done, of a population by the member that is furthest.
        epochs: how many there are to be.
        updates: how many updates are done.
        seconds: the time spent training, of all members together.
        members: how many runs train together; 1 unless it is a population.
        seed: the seed; None for a population.
        model: the model in a few words.
        loss: the name of the loss.
        optimizer: the name of the optimizer, and of its schedule.
        learning_rate: None where a schedule decides.
        batch_size: samples per update.
        engine: the engine that trains.
        dtype: the precision of all numbers.
        samples: how many training samples there are.
        train_loss: the newest evaluation, of a population its mean; so are the next three.
        train_accuracy: a fraction.
        test_loss: None where there is no test set.
        test_accuracy: None for a regression, too.
        begun: when it was begun, in UTC.
        changed: when its status was written, in UTC.
        stopped: why it ended before its last epoch.
        fork: the run that it is a fork of.
        damage: what is wrong with its files.

    >>> import tempfile
    >>> import rosenblatt as rb
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     data = rb.data.moons(40, seed=0)
    ...     _ = rb.train(rb.MLP(2, [2], 2), data, epochs=2, run_dir=f"{folder}/first")
    ...     (listed,) = rb.runs.list_runs(folder)
    >>> listed.id, listed.state, listed.epoch, listed.model
    ('first', 'finished', 2, '2-2-2 ReLU')
    """

    id: str
    state: str
    epoch: int | None = None
    epochs: int | None = None
    updates: int | None = None
    seconds: float | None = None
    members: int | None = None
    seed: int | None = None
    model: str | None = None
    loss: str | None = None
    optimizer: str | None = None
    learning_rate: float | None = None
    batch_size: int | None = None
    engine: str | None = None
    dtype: str | None = None
    samples: int | None = None
    train_loss: float | None = None
    train_accuracy: float | None = None
    test_loss: float | None = None
    test_accuracy: float | None = None
    begun: str | None = None
    changed: str | None = None
    stopped: str | None = None
    fork: str | None = None
    damage: str | None = None


COLUMNS = tuple(entry.name for entry in fields(ListedRun))
"""The columns of a listing."""
_OF_SETTINGS = [name for name in COLUMNS if name in RequestedSettings.model_fields]
_OF_STATUS = [name for name in COLUMNS if name in Status.model_fields and name != "stopped"]


def listed_run_of(folder: RunFolder, id: str, record: "RunRecord") -> ListedRun:
    """Return what a listing says of a run, whether anybody trains it included."""
    requested, status = record.requested, record.status
    values: dict[str, Any] = {"state": DAMAGED}
    if requested is not None:
        values |= {name: getattr(requested, name) for name in _OF_SETTINGS}
        values["state"] = RUNNING
    if status is not None:
        values |= {name: getattr(status, name) for name in _OF_STATUS}
        values |= {"changed": status.at, "stopped": "; ".join(status.stopped) or None}
    if requested is None:
        values["state"] = DAMAGED
    elif values["state"] == RUNNING and not folder.is_locked:
        values["state"] = BROKEN_OFF
    finite: dict[str, Any] = {
        name: None if value != value else value for name, value in values.items()
    }
    return ListedRun(id=id, **finite, damage=record.damage)


@dataclass(frozen=True)
class RunRecord:
    """What was read of a run: what is None could not be, and ``damage`` says why."""

    requested: RequestedSettings | None
    status: Status | None
    damage: str | None = None


def read_status(folder: RunFolder) -> Status:
    """Return the status of a run.

    Raises:
        FileError: the file is missing, damaged, or no file of the folder.
    """
    path = folder.path / STATUS
    require_plain(path)
    try:
        with path.open("rb") as file:
            content = file.read(MOST_STATUS_BYTES + 1)
    except OSError as error:
        raise FileError(f"cannot read {path}: {error.strerror or error}") from error
    if len(content) > MOST_STATUS_BYTES:
        raise FileError(f"{path} is larger than a status can be")
    try:
        return Status.model_validate_json(content)
    except ValidationError as error:
        raise FileError(f"{path} is damaged: {error.errors()[0]['msg']}") from error


def read_settings(folder: RunFolder) -> RunConfig:
    """Return the settings of a run.

    Raises:
        FileError: the file is missing, damaged, or no file of the folder.
    """
    require_plain(folder.path / CONFIG)
    return folder.read_config()


def requested_settings(config: RunConfig) -> RequestedSettings:
    """Return what settings ask for, as far as listings go.

    Raises:
        FileError: they make no sense.
    """
    settings, rate = config.training, config.optimizer.get("learning_rate")
    try:
        return RequestedSettings(
            begun=config.made.at,
            model=model_in_words(config.model),
            loss=str(config.loss["name"]),
            optimizer=_optimizer_in_words(config.optimizer),
            learning_rate=float(rate) if isinstance(rate, int | float) else None,
            batch_size=settings.batch_size,
            epochs=settings.epochs,
            engine=settings.engine,
            dtype=settings.dtype,
            members=len(settings.seeds),
            seed=settings.seeds[0] if len(settings.seeds) == 1 else None,
            samples=config.data["train"].samples,
            fork=None if config.fork is None else config.fork.run,
        )
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise FileError(f"{CONFIG} describes no run: {given(error)}") from error


def model_in_words(description: dict[str, Any]) -> str:
    """Return a model in a few words: a perceptron's rule, or the widths of the layers and the rest.

    >>> linear = {"name": "Linear", "n_inputs": 2, "n_outputs": 20}
    >>> last = {"name": "Linear", "n_inputs": 20, "n_outputs": 2}
    >>> layers = [linear, {"name": "ReLU"}, last]
    >>> model_in_words({"name": "Sequential", "layers": layers})
    '2-20-2 ReLU'
    """
    if description["name"] == "Perceptron":
        return f"perceptron, {description['rule']}"
    if description["name"] != "Sequential":
        raise ValueError(f"{given(description['name'])} is no model")
    layers = [*_with_inner(description["layers"])]
    linear = [layer for layer in layers if layer["name"] == "Linear"]
    widths = [linear[0]["n_inputs"], *(layer["n_outputs"] for layer in linear)] if linear else []
    others = dict.fromkeys(str(layer["name"]) for layer in layers if layer["name"] != "Linear")
    return " ".join(["-".join(map(str, widths)), *others]).strip()


def _with_inner(layers: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    """Yield the descriptions of layers, and after each those of the layers within it."""
    if depth > MOST_DEPTH:
        raise ValueError("layers within layers within layers, without end")
    for layer in layers:
        yield layer
        yield from _with_inner(layer.get("layers", ()), depth + 1)


def _optimizer_in_words(description: dict[str, Any]) -> str:
    rate = description.get("learning_rate")
    schedule = f", {rate['name']}" if isinstance(rate, dict) else ""
    return f"{description['name']}{schedule}"


def is_plain(path: Path) -> bool:
    """Return whether there is an ordinary file, and no link, at ``path``."""
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except OSError:
        return False


def require_plain(path: Path) -> None:
    """Raise FileError unless there is an ordinary file at ``path``: no link, no pipe."""
    if not is_plain(path):
        what = "is no ordinary file" if os.path.lexists(path) else "does not exist"
        raise FileError(f"{path} {what}")
