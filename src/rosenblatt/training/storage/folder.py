"""Folders of runs: settings, data, checkpoints, history, model.

    config.toml              settings, see :mod:`rosenblatt.training.storage.config`
    data.safetensors         the training, the test and the validation set
    start.safetensors        the initial position of given weights or of a fork
    checkpoints/N.safetensors   everything to continue after update N
    history.parquet          evaluations so far
    status.json              progress in a few numbers
    model.safetensors        the model, when the run has ended
    lock                     held by the process that trains

Everything a run does is a function of ``config.toml``, ``data.safetensors`` and one checkpoint; a
run without a checkpoint is at its start. ``config.toml`` is written after all that it needs: where
it is, the run can be resumed. The other files are for readers, and are written again from these.
"""

import json
import math
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from filelock import FileLock, Timeout

from rosenblatt.data import Dataset, Standardizer
from rosenblatt.engines import Job
from rosenblatt.errors import FileError, RosenblattError, given
from rosenblatt.files import atomic_write
from rosenblatt.tensors import Tensors, read_tensors, write_tensors
from rosenblatt.training.history import WHOLE_COLUMNS
from rosenblatt.training.in_progress import RunInProgress
from rosenblatt.training.predictor import Predictor
from rosenblatt.training.storage.checkpoint import load_position, save_checkpoint
from rosenblatt.training.storage.config import RunConfig, read_config, write_config
from rosenblatt.training.storage.lock import is_held
from rosenblatt.training.storage.saved_model import save_model
from rosenblatt.training.trajectory import Position

if TYPE_CHECKING:
    import pyarrow as pa

CONFIG, DATA, HISTORY, MODEL = (
    "config.toml",
    "data.safetensors",
    "history.parquet",
    "model.safetensors",
)
START, STATUS, LOCK, CHECKPOINTS = "start.safetensors", "status.json", "lock", "checkpoints"
MOST_BYTES = 1 << 28
"""Bytes of all checkpoints. Where they would take more, every other one is removed."""
DIGITS = 15
PATIENCE = 0.3
"""Seconds to wait for the lock of a folder."""
_LEFT_BEHIND = re.compile(
    rf"\.({CONFIG}|{DATA}|{START}|{HISTORY}|{MODEL}|{STATUS}|\d{{{DIGITS}}}\.safetensors)\.[0-9a-f]{{12}}\.tmp"
)
"""The names that :func:`rosenblatt.files.atomic_write` gives this folder's files for a while."""


@dataclass(frozen=True)
class Checkpoint:
    """The file of a checkpoint after ``update`` updates."""

    update: int
    path: Path


@dataclass(frozen=True, eq=False)
class PositionInFile:
    """A member's position in a checkpoint."""

    checkpoint: Checkpoint
    member: int
    job: Job

    @property
    def update(self) -> int:
        """The number of updates done there."""
        return self.checkpoint.update

    def load(self) -> Position:
        """Return the position.

        Raises:
            FileError: the checkpoint is damaged.
        """
        position = load_position(self.job, self.checkpoint.path, self.member)
        if position.update > self.update:
            raise FileError(
                f"{self.checkpoint.path} holds update {position.update}: it was renamed"
            )
        return position


@dataclass(frozen=True)
class RunFolder:
    """The folder of a run, or of a population that trains together."""

    path: Path

    @property
    def exists(self) -> bool:
        """Whether there is a run in it."""
        return (self.path / CONFIG).is_file()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder's lock, which the system releases if this process dies.

        Raises:
            FileError: another process trains this run, or the folder cannot be written.
        """
        for name in (CONFIG, DATA, START, CHECKPOINTS, HISTORY, STATUS, MODEL, LOCK):
            # A write to a link would change a file outside the folder.
            self._own(name)
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            # A process that tests the lock holds it for a short time.
            lock = FileLock(self.path / LOCK, timeout=PATIENCE)
            lock.acquire(poll_interval=PATIENCE / 10)
        except Timeout as error:
            raise FileError(
                f"the run in {self.path} is being trained by another process; wait for its end, or "
                "end it"
            ) from error
        except OSError as error:
            raise FileError(f"cannot write {self.path}: {error.strerror or error}") from error
        try:
            self._sweep()
            yield
        finally:
            lock.release()

    @property
    def is_locked(self) -> bool:
        """Whether a process is training this run."""
        return is_held(self.path / LOCK)

    def create(
        self,
        config: RunConfig,
        train: Dataset,
        test: Dataset | None,
        validation: Dataset | None,
        *,
        start: Sequence[RunInProgress] = (),
    ) -> None:
        """Write the files that do not change during the run, the settings last.

        Args:
            config: the settings.
            train: the training set.
            test: the test set.
            validation: the validation set.
            start: the members before their first update, unless their seeds determine them.

        Raises:
            FileError: there is a run in the folder already, or it cannot be written.
        """
        self.require_none()
        try:
            (self.path / CHECKPOINTS).mkdir(exist_ok=True)
        except OSError as error:
            raise FileError(f"cannot write {self.path}: {error.strerror or error}") from error
        _write_data(self.path / DATA, {"train": train, "test": test, "validation": validation})
        with suppress(FileNotFoundError):
            (self.path / START).unlink()
        if start:
            save_checkpoint(self.path / START, start)
        write_config(self.path / CONFIG, config)

    def require_none(self) -> None:
        """Raise FileError if there is a run in the folder already."""
        if self.exists or self.checkpoints() or (self.path / MODEL).exists():
            raise FileError(
                f"there is a run in {self.path}: resume it, remove it, or take another folder"
            )

    def read_config(self) -> RunConfig:
        """Return the settings of the run.

        Raises:
            FileError: there is no run in the folder, or its settings are damaged.
        """
        if not self.exists:
            raise FileError(f"there is no run in {self.path}: it has no {CONFIG}")
        return read_config(self._own(CONFIG))

    def read_data(self, config: RunConfig) -> tuple[Dataset, Dataset | None, Dataset | None]:
        """Return the training, the test and the validation set.

        Raises:
            FileError: they are damaged, or differ from those at the start of the run.
        """
        return _read_data(self._own(DATA), config)

    def checkpoints(self) -> list[Checkpoint]:
        """Return the checkpoints, the newest first."""
        folder = self.path / CHECKPOINTS
        if folder.is_symlink():
            return []
        try:
            entries = list(os.scandir(folder))
        except OSError:
            return []
        names = [entry.name for entry in entries if entry.is_file(follow_symlinks=False)]
        checkpoints = [
            Checkpoint(int(name[:DIGITS]), folder / name)
            for name in names
            if name[:DIGITS].isdecimal() and name[DIGITS:] == ".safetensors"
        ]
        return sorted(checkpoints, key=lambda checkpoint: checkpoint.update, reverse=True)

    @property
    def start(self) -> Path | None:
        """The file of the initial position, if there is one.

        Raises:
            FileError: it is a link.
        """
        path = self._own(START)
        return path if path.is_file() else None

    def saved_positions(self, job: Job, member: int) -> list[PositionInFile]:
        """Return a member's positions in checkpoints, in order."""
        return [
            PositionInFile(checkpoint, member, job) for checkpoint in reversed(self.checkpoints())
        ]

    def save_checkpoint(self, members: Sequence[RunInProgress]) -> None:
        """Write a checkpoint, and remove some older ones if they take too much disk space.

        Raises:
            FileError: it cannot be written; the older ones are unchanged.
        """
        update = max(member.state.update for member in members)
        path = self.path / CHECKPOINTS / f"{update:0{DIGITS}}.safetensors"
        save_checkpoint(path, members)
        files = self.checkpoints()
        # A later one is damaged, or of a run that trained on after it had diverged.
        dropped = [checkpoint for checkpoint in files if checkpoint.update > update]
        files = files[len(dropped) :]
        with suppress(OSError):
            if len(files) > 3 and len(files) * path.stat().st_size > MOST_BYTES:
                # The newest, the oldest and every other one between them stay.
                dropped += files[1:-1:2]
        for checkpoint in dropped:
            with suppress(OSError):
                checkpoint.path.unlink()

    def write_progress(self, members: Sequence[RunInProgress], state: str) -> None:
        """Write the history and the status, for readers.

        Raises:
            FileError: they cannot be written.
        """
        _write_parquet(self.path / HISTORY, history_table(members))
        status = progress_of(members, state)
        with atomic_write(self.path / STATUS, durable=False) as file:
            file.write(json.dumps(status).encode())

    def write_model(self, runs: Sequence[Predictor], train: Dataset) -> None:
        """Write the model with the standardizer of its inputs.

        Raises:
            FileError: it cannot be written.
        """
        standardizer, label = _preparation(train)
        save_model(
            self.path / MODEL,
            runs[0] if len(runs) == 1 else runs,
            feature_names=train.feature_names,
            standardizer=standardizer,
            label=label,
        )

    def _sweep(self) -> None:
        """Remove temporary files of a process that was killed while it wrote."""
        for folder in (self.path, self.path / CHECKPOINTS):
            with suppress(OSError):
                for entry in os.scandir(folder):
                    if _LEFT_BEHIND.fullmatch(entry.name):
                        Path(entry.path).unlink()

    def _own(self, name: str) -> Path:
        """Return the path of a file of the folder, which must not be a link.

        Raises:
            FileError: it is a link.
        """
        path = self.path / name
        if path.is_symlink():
            raise FileError(f"{path} is a link, and its target does not belong to the run")
        return path


def progress_of(members: Sequence[RunInProgress], state: str) -> dict[str, Any]:
    """Return the progress of members in a few numbers: means over their newest evaluations."""
    rows = [member.rows[-1] for member in members if member.rows]
    names = ("train_loss", "train_accuracy", "test_loss", "test_accuracy")
    # Not by NumPy, which warns if a sum overflows.
    means = {name: sum(row[name] for row in rows) / max(1, len(rows)) for name in names}
    reasons = sorted({member.stopped for member in members if member.stopped})
    return {
        "state": state,
        "members": len(members),
        "epoch": max(member.epoch for member in members),
        "epochs": members[0].epochs,
        "updates": max(member.state.update for member in members),
        "seconds": sum(member.seconds for member in members),
        "diverged": sum(member.diverged for member in members),
        "stopped": reasons[:3],
        **{name: mean if rows and math.isfinite(mean) else None for name, mean in means.items()},
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def history_table(members: Sequence[RunInProgress]) -> "pa.Table":
    """Return the evaluations of all members; of several, with a first column ``seed``."""
    import pyarrow as pa

    names = next((list(member.rows[0]) for member in members if member.rows), [])
    values = [member.row_buffer.array(member.rows) for member in members if member.rows]
    stacked = np.concatenate(values).T if values else np.empty((0, 0))
    columns: dict[str, npt.NDArray[Any]] = {
        name: np.ascontiguousarray(column, np.int64 if name in WHOLE_COLUMNS else np.float64)
        for name, column in zip(names, stacked, strict=True)
    }
    if len(members) > 1:
        seeds = np.repeat(
            np.array([member.seed for member in members], dtype=np.uint64),
            [len(member.rows) for member in members],
        )
        columns = {"seed": seeds, **columns}
    return pa.table(columns)


def _write_parquet(path: Path, table: "pa.Table") -> None:
    import pyarrow.parquet

    with atomic_write(path, durable=False) as file:
        pyarrow.parquet.write_table(table, file, use_dictionary=False)


def _write_data(path: Path, sets: Mapping[str, Dataset | None]) -> None:
    tensors: Tensors = {}
    document: dict[str, Any] = {"kind": "data"}
    for name, dataset in sets.items():
        if dataset is None:
            continue
        document[name] = {
            "classes": dataset.classes,
            "feature_names": dataset.feature_names,
            "recipe": dict(dataset.recipe),
        }
        tensors |= {f"{name}.X": dataset.X, f"{name}.y": dataset.y}
        if dataset.sample_weight is not None:
            tensors[f"{name}.sample_weight"] = dataset.sample_weight
    write_tensors(path, tensors, document)


def _read_data(path: Path, config: RunConfig) -> tuple[Dataset, Dataset | None, Dataset | None]:
    tensors, document = read_tensors(path)
    try:
        sets = {name: _dataset(name, tensors, document[name]) for name in config.data}
    except RosenblattError as error:
        raise FileError(f"{path}: {error}") from error
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise FileError(f"{path} is damaged: {error!r}") from error
    for name, dataset in sets.items():
        if dataset.content_hash != config.data[name].hash:
            raise FileError(
                f"{path}: the {name} set is not that of the run: its hash is "
                f"{dataset.content_hash}, and was {given(config.data[name].hash)}"
            )
    return sets["train"], sets.get("test"), sets.get("validation")


def _dataset(name: str, tensors: Tensors, about: dict[str, Any]) -> Dataset:
    y, classes = tensors[f"{name}.y"], about["classes"]
    return Dataset(
        tensors[f"{name}.X"],
        y if classes is None else np.array(classes)[y],
        classes=classes,
        feature_names=about["feature_names"],
        sample_weight=tensors.get(f"{name}.sample_weight"),
        recipe=about["recipe"],
    )


def _preparation(train: Dataset) -> tuple[Standardizer | None, str | None]:
    """Return the standardizer of the inputs and the name of the label, from the data's recipe."""
    recipe: Any = dict(train.recipe)
    standardizer = None
    # A foreign recipe may contain anything.
    if "standardized" in recipe:
        with suppress(KeyError, TypeError, ValueError):
            mean, scale = (np.array(recipe[name], dtype=np.float64) for name in ("mean", "scale"))
            if mean.shape == scale.shape == (train.n_features,):
                standardizer = Standardizer(mean, scale)
    while isinstance(inner := recipe.get("standardized", recipe.get("of")), dict):
        recipe = inner
    label = recipe.get("label")
    return standardizer, None if label is None else str(label)
