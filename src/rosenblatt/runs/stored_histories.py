"""Histories of a run's members, read from its directory."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rosenblatt.errors import FileError, RosenblattError
from rosenblatt.runs.listed_run import require_plain
from rosenblatt.runs.recovery import Rows, newest_members, rows_of
from rosenblatt.training.callbacks import EarlyStopping
from rosenblatt.training.history import COLUMNS
from rosenblatt.training.storage.config import RunConfig, known_callbacks_of
from rosenblatt.training.storage.folder import HISTORY, RunFolder

MOST_BYTES = 1 << 30
"""A history that would take more memory is none; it is read from the newest checkpoint."""


def read_histories(folder: RunFolder, config: RunConfig) -> list[Rows]:
    """Return the evaluations of each member, in the order of the seeds.

    They are read from ``history.parquet``; from the newest sound checkpoint, where that file is
    damaged or older.

    Raises:
        FileError: neither can be read.
    """
    written: list[Rows] = []
    reason = ""
    try:
        written = _from_parquet(folder.path / HISTORY, config.training.seeds)
    except FileError as error:
        reason = f"; {error}"
    try:
        remembered = [_checked(rows_of(member)) for member in newest_members(folder, config)]
    except (FileError, LookupError, TypeError, ValueError, AttributeError) as error:
        if written:
            return written
        raise FileError(f"{error}{reason}") from error
    return written if _rows_in(written) >= _rows_in(remembered) else remembered


def kept_row(config: RunConfig, rows: Rows) -> int:
    """Return which evaluation is that of the weights that a run ends with; -1 is the last.

    It is the best, where early stopping has chosen it.
    """
    try:
        callbacks = known_callbacks_of(config, EarlyStopping)
    except RosenblattError:
        return -1
    best = -1
    for callback in callbacks:
        if not isinstance(callback, EarlyStopping):
            continue
        default = "validation_loss" if "validation_loss" in rows else "test_loss"
        monitor = callback.monitor or default
        values = rows.get(monitor, np.empty(0))
        lowest, best = np.inf, -1
        for i, value in enumerate(-values if "accuracy" in monitor else values):
            if value < lowest - callback.min_delta:
                lowest, best = value, i
    return best


def _from_parquet(path: Path, seeds: Sequence[int]) -> list[Rows]:
    """Return the history of each seed.

    Raises:
        FileError: the file is missing, damaged, or no history of these seeds.
    """
    import pyarrow as pa
    import pyarrow.parquet

    require_plain(path)
    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            names, types = file.schema_arrow.names, file.schema_arrow.types
            if not all(
                pa.types.is_integer(column_type) or pa.types.is_floating(column_type)
                for column_type in types
            ):
                # Before it is read: a text may be much longer in memory than in its file.
                names = []
            too_large = file.metadata.num_rows * max(len(names), 1) * 8 > MOST_BYTES
            table = None if too_large else file.read(columns=names)
        columns = {} if table is None else {name: table.column(name).to_numpy() for name in names}
    except (pa.ArrowException, OSError, LookupError, ValueError, TypeError) as error:
        raise FileError(f"{path} is damaged: {error}") from error
    if table is None:
        raise FileError(f"{path} is larger than a history can be")
    of_seed = columns.pop("seed", None)
    if of_seed is None:
        return [_checked(columns)] if len(seeds) == 1 else []
    return [
        _checked({name: values[of_seed == seed] for name, values in columns.items()})
        for seed in seeds
    ]


def _checked(rows: Mapping[str, Any]) -> Rows:
    """Return a history whose columns are numbers, and all that a history has.

    Raises:
        FileError: they are not.
    """
    missing = [name for name in COLUMNS if name not in rows] if rows else []
    if missing:
        raise FileError(f"a history has no column {missing[0]}")
    if any(
        getattr(values, "dtype", np.dtype(object)).kind not in "iuf" for values in rows.values()
    ):
        raise FileError("a history holds what are no numbers")
    plain = {name: np.asarray(values, np.float64) for name, values in rows.items()}
    if any(values.shape != (len(plain["epoch"]),) for values in plain.values()):
        raise FileError("the columns of a history are not of one length")
    return plain or {name: np.empty(0) for name in COLUMNS}


def _rows_in(histories: list[Rows]) -> int:
    return sum(len(rows["epoch"]) for rows in histories)
