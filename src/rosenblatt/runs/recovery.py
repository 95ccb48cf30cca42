"""Status and history of a run, recovered from its newest sound checkpoint.

A machine that loses its power may lose the status and the history, which are not forced to the
disk at each checkpoint; the checkpoints are.
"""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np

from rosenblatt.errors import FileError
from rosenblatt.runs.listed_run import RUNNING, Status
from rosenblatt.training.storage.checkpoint import load_checkpoint
from rosenblatt.training.storage.config import RunConfig
from rosenblatt.training.storage.folder import CONFIG, HISTORY, MODEL, STATUS, RunFolder

Rows = dict[str, np.ndarray[Any, np.dtype[np.float64]]]
"""The evaluations of a run, a column each."""

_WRITTEN_LATER = (STATUS, HISTORY, MODEL)
_MEASURED = ("train_loss", "train_accuracy", "test_loss", "test_accuracy")


def newest_members(folder: RunFolder, config: RunConfig) -> list[Mapping[str, Any]]:
    """Return what the newest sound checkpoint remembers of each member.

    A run that has written nothing since its settings is at its start.

    Raises:
        FileError: no checkpoint is sound, or the start of the run is damaged.
    """
    paths = [checkpoint.path for checkpoint in folder.checkpoints()]
    if not paths and not any(os.path.lexists(folder.path / name) for name in _WRITTEN_LATER):
        if folder.start is None:
            return [_at_start() for _ in config.training.seeds]
        paths = [folder.start]
    for path in paths:
        try:
            members = load_checkpoint(path)
        except FileError:
            continue
        if len(members) == len(config.training.seeds) and all(map(_is_whole, members)):
            return [*members]
    raise FileError(f"{folder.path} has no sound checkpoint")


def recover_status(folder: RunFolder, config: RunConfig) -> Status:
    """Return the status that a run would have at its newest checkpoint.

    Raises:
        FileError: there is no sound checkpoint.
    """
    members = newest_members(folder, config)
    try:
        rows = [rows_of(member) for member in members]
        last = {
            name: [float(columns[name][-1]) for columns in rows if len(columns.get(name, ()))]
            for name in _MEASURED
        }
        means = {name: float(np.mean(values)) if values else None for name, values in last.items()}
        reasons = sorted({str(member["stopped"]) for member in members if member["stopped"]})
        epoch = max(int(member["epoch"]) for member in members)
        return Status(
            state=_state(members, epoch, config.training.epochs),
            epoch=epoch,
            epochs=config.training.epochs,
            updates=max(int(member["update"]) for member in members),
            seconds=float(sum(float(member["seconds"]) for member in members)),
            members=len(members),
            stopped=reasons[:3],
            **{name: None if mean != mean else mean for name, mean in means.items()},
            at=_written(folder),
        )
    except (LookupError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
        raise FileError(f"the newest checkpoint of {folder.path} is damaged: {error!r}") from error


def rows_of(member: Mapping[str, Any]) -> Rows:
    """Return the evaluations that a checkpoint has of a member."""
    columns = np.asarray(member["rows"], np.float64).T
    return {str(name): column for name, column in zip(member["columns"], columns, strict=True)}


def _state(members: list[Mapping[str, Any]], epoch: int, epochs: int) -> Any:
    if all(member["diverged"] for member in members):
        return "diverged"
    if all(member["stopped"] for member in members):
        return "stopped"
    return "finished" if epoch >= epochs else RUNNING


def _is_whole(member: object) -> bool:
    rows = member.get("rows") if isinstance(member, dict) else None
    return isinstance(rows, np.ndarray) and rows.ndim == 2


def _at_start() -> Mapping[str, Any]:
    """Return what a checkpoint would remember of a member before its first update."""
    return {
        "epoch": 0,
        "update": 0,
        "seconds": 0.0,
        "stopped": None,
        "diverged": False,
        "columns": [],
        "rows": np.empty((0, 0)),
    }


def _written(folder: RunFolder) -> str:
    checkpoints = folder.checkpoints()
    newest = checkpoints[0].path if checkpoints else folder.path / CONFIG
    moment = newest.stat().st_mtime
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds")
