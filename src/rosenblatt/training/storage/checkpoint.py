"""Checkpoint files: everything that members of a call need to continue, with a digest.

The content is a tree of dicts and lists. Its arrays are the tensors of a safetensors file, each
stored once; the rest is the JSON document in the same file.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from rosenblatt.checks import whole_number
from rosenblatt.engines import Job, State
from rosenblatt.errors import ConfigurationError, FileError, RosenblattError, ShapeError, given
from rosenblatt.layers import Params
from rosenblatt.tensors import Tensors, read_tensors, write_tensors
from rosenblatt.training.history import COLUMNS, WHOLE_COLUMNS, check_columns
from rosenblatt.training.in_progress import RunInProgress
from rosenblatt.training.trajectory import Position

FORMAT_VERSION = 1
"""The only version that this module writes and reads."""

_ARRAY = "__array__"
_DEEPEST = 32


def save_checkpoint(path: str | os.PathLike[str], members: Sequence[RunInProgress]) -> None:
    """Write the positions of the members of a call, atomically.

    Raises:
        FileError: the file cannot be written.
    """
    tensors: Tensors = {}
    tree = _without_arrays([_tree_of(member) for member in members], tensors, {})
    document = {
        "kind": "checkpoint",
        "format_version": FORMAT_VERSION,
        "members": tree,
    }
    try:
        write_tensors(path, tensors, document)
    except (TypeError, ValueError, KeyError) as error:
        names = ", ".join(type(callback).__name__ for callback in members[0].callbacks)
        raise ConfigurationError(
            f"a checkpoint cannot hold what a callback remembers ({names}): {error}; its state may "
            "be numbers, text and arrays, in dicts and lists"
        ) from error


def load_checkpoint(path: str | os.PathLike[str]) -> list[dict[str, Any]]:
    """Return the content of a checkpoint for each member.

    Raises:
        FileError: the file is missing, damaged, of another kind or of another version.
    """
    tensors, document = read_tensors(path)
    if not isinstance(document, dict) or document.get("kind") != "checkpoint":
        raise FileError(f"{path} is not a checkpoint of rosenblatt")
    version = document.get("format_version")
    if version != FORMAT_VERSION:
        raise FileError(
            f"{path} is of version {version!r}, and this rosenblatt reads version {FORMAT_VERSION}"
        )
    tree = document.get("members")
    if not isinstance(tree, list):
        raise FileError(f"{path} is damaged: it has no members")
    try:
        return [_with_arrays(member, tensors) for member in tree]
    except (KeyError, TypeError, RecursionError) as error:
        raise FileError(f"{path} is damaged: {error!r}") from error


def _without_arrays(node: Any, tensors: Tensors, names: dict[int, str]) -> Any:
    """Return a tree with names for its arrays, which are added to ``tensors``."""
    if isinstance(node, np.ndarray):
        name = names.setdefault(id(node), str(len(names)))
        tensors[name] = node
        return {_ARRAY: name}
    if isinstance(node, dict | Mapping):  # The check for dict is much faster.
        return {str(key): _without_arrays(value, tensors, names) for key, value in node.items()}
    if isinstance(node, list | tuple):
        return [_without_arrays(value, tensors, names) for value in node]
    return node.item() if isinstance(node, np.generic) else node


def _with_arrays(node: Any, tensors: Tensors, depth: int = 0) -> Any:
    if depth > _DEEPEST:
        raise RecursionError("it is nested too deeply")
    if isinstance(node, dict):
        if node.keys() == {_ARRAY}:
            return tensors[node[_ARRAY]]
        return {key: _with_arrays(value, tensors, depth + 1) for key, value in node.items()}
    if isinstance(node, list):
        return [_with_arrays(value, tensors, depth + 1) for value in node]
    return node


def _tree_of(run: RunInProgress) -> dict[str, Any]:
    """Return all that a run needs to continue, as a tree of plain values and arrays."""
    return {
        **_position_tree(run.position),
        "measured": _position_tree(run.evaluated_at or run.position),
        "seconds": run.seconds,
        "stopped": run.stopped,
        "diverged": run.diverged,
        "selected": run.weights,
        "columns": list(run.rows[0]) if run.rows else [],
        "rows": run.row_buffer.array(run.rows),
        "callbacks": [
            {"name": type(callback).__name__, "state": callback.state(run)}
            # Before the first update no callback has started, and none has a state.
            for callback in run.started
        ],
    }


def _position_tree(position: Position) -> dict[str, Any]:
    return {
        "epoch": position.epoch,
        "batch": position.batch,
        "update": position.update,
        "mistakes": position.mistakes,
        "params": position.state.params,
        "slots": position.state.slots,
        "kept": {name: vars(memory) for name, memory in position.state.selection_state.items()},
    }


def restore_members(members: Sequence[RunInProgress], path: str | os.PathLike[str]) -> None:
    """Move members to a checkpoint. Callbacks get their part when they have started.

    Raises:
        FileError: the checkpoint is damaged, or does not fit the members.
    """
    memories = load_checkpoint(path)
    if len(memories) != len(members):
        raise FileError(f"{path} has {len(memories)} members, and the run {len(members)}")
    with _naming(path):
        for member, memory in zip(members, memories, strict=True):
            _restore(member, memory)


def load_position(job: Job, path: str | os.PathLike[str], member: int) -> Position:
    """Return the position of a member in a checkpoint.

    Raises:
        FileError: the checkpoint is damaged, or does not fit the job.
    """
    memories = load_checkpoint(path)
    with _naming(path):
        return _position_of(job, memories[member])


@contextmanager
def _naming(path: str | os.PathLike[str]) -> Iterator[None]:
    """Name the checkpoint in errors."""
    try:
        yield
    except RosenblattError as error:
        raise FileError(f"{path} does not fit its run: {error}") from error
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise FileError(f"{path} is damaged: {error!r}") from error


def _restore(run: RunInProgress, memory: dict[str, Any]) -> None:
    position = _position_of(run.job, memory)
    run.move_to(position)
    run.evaluated_at = _position_of(run.job, memory["measured"])
    run.seconds = float(memory["seconds"])
    stopped = memory["stopped"]
    run.stopped = None if stopped is None else str(stopped)
    run.diverged = bool(memory["diverged"])
    run.rows = _rows(memory["columns"], memory["rows"])
    run.weights = {name: _checked(run.job, params) for name, params in memory["selected"].items()}
    if run.weights:
        chosen = run.weights[run.job.model.selected]
        run.choose(chosen, run.rows[-1] if run.rows else None)
    run.callback_states = [
        (str(entry["name"]), dict(entry["state"])) for entry in memory["callbacks"]
    ]


def _position_of(job: Job, memory: dict[str, Any]) -> Position:
    params = _checked(job, memory["params"])
    slots = {name: _checked(job, slot) for name, slot in memory["slots"].items()}
    expected = job.optimizer.init(params)
    if slots.keys() != expected.keys():
        raise ShapeError(f"it has the slots {sorted(slots)}, the optimizer {sorted(expected)}")
    selection_state = {
        rule.name: rule.memory(**_selection_fields(job, memory["kept"][rule.name]))
        for rule in job.model.selections
    }
    epoch, batch, update, mistakes = (
        whole_number(memory[name], name, at_least=0)
        for name in ("epoch", "batch", "update", "mistakes")
    )
    if batch >= job.updates_per_epoch:
        raise ShapeError(f"it is at batch {batch} of an epoch of {job.updates_per_epoch}")
    return Position(epoch, batch, State(params, slots, update, selection_state), mistakes)


def _selection_fields(job: Job, fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a selection's memory: parameters, if there are any, and counts."""
    return {
        name: (_checked(job, value) if value else {})
        if isinstance(value, dict)
        else whole_number(int(value), name, at_least=0)
        for name, value in fields.items()
    }


def _rows(columns: list[str], values: Any) -> list[dict[str, float]]:
    """Return the rows of a history from its values, (R, C)."""
    if columns and not check_columns(columns):
        raise ShapeError(f"a history has the columns {', '.join(COLUMNS)}, not {given(columns)}")
    if values.ndim != 2 or values.shape[1] != len(columns) or values.dtype != np.float64:
        raise ShapeError(f"a history of {len(columns)} columns has the shape {values.shape}")
    lists = (
        [int(value) for value in column] if name in WHOLE_COLUMNS else column
        for name, column in zip(columns, values.T.tolist(), strict=True)
    )
    return [dict(zip(columns, row, strict=True)) for row in zip(*lists, strict=True)]


def _checked(job: Job, params: Params) -> Params:
    """Return parameters of the model's names and shapes and of the run's type, finite or not."""
    shapes, dtype = job.model.shapes, job.data.x.dtype
    actual = {name: (np.shape(value), value.dtype) for name, value in params.items()}
    if actual != {name: (shape, dtype) for name, shape in shapes.items()}:
        raise ShapeError(f"its arrays are {given(actual)}, and the model has {dtype} {shapes}")
    return {name: params[name] for name in shapes}
