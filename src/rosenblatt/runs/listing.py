"""Listings of a folder of runs: filtered, sorted, and as a table."""

import fnmatch
import operator
import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_type_hints

from rosenblatt.errors import ConfigurationError, given, nearest
from rosenblatt.runs.index import refreshed
from rosenblatt.runs.listed_run import COLUMNS, ListedRun, listed_run_of
from rosenblatt.training.storage.folder import RunFolder

if TYPE_CHECKING:
    import pyarrow as pa

_FILTER = re.compile(r"\s*([\w-]+)\s*(<=|>=|!=|==|=|<|>)\s*(.*?)\s*", re.DOTALL)
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "==": operator.eq,
    "!=": operator.ne,
}
_HINTS = get_type_hints(ListedRun)
_TEXTS = tuple(name for name in COLUMNS if _HINTS[name] in (str, str | None))
_WHOLE = tuple(name for name in COLUMNS if _HINTS[name] == int | None)


def list_runs(
    folder: str | os.PathLike[str] = "runs",
    *,
    filters: Iterable[str] = (),
    sort: str = "id",
    descending: bool = False,
    watch: Callable[[int, int], None] | None = None,
) -> list[ListedRun]:
    """Return the runs in a folder.

    An index in the folder, ``.index.sqlite``, remembers what was read of each run, so that only
    what has changed is read again. It is a cache, and may be removed at any time.

    Args:
        folder: a folder of runs: of folders that have a ``config.toml``. Links are not followed.
        filters: conditions such as ``"test_accuracy>0.9"`` or ``"state=finished"``; all of them
            must hold. A column is compared by <, <=, >, >=, = or !=; text by = and !=, with ``*``
            for anything. A run that has nothing in that column fulfils ``!=`` alone.
        sort: a column; runs that have nothing there come last.
        descending: begin with the largest.
        watch: called now and then with how many runs have been read, and how many there are to
            read.

    Raises:
        FileError: the folder cannot be read.
        ConfigurationError: no such column, or a filter that is none.

    >>> import tempfile
    >>> import rosenblatt as rb
    >>> data = rb.data.moons(40, seed=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     run = rb.train(rb.MLP(2, [2], 2), data, epochs=2, run_dir=f"{folder}/a")
    ...     [run.id for run in list_runs(folder)]
    ['a']
    """
    tests = [_parsed(condition) for condition in filters]
    column = known_column(sort)
    path = Path(folder)
    listed = [
        listed_run_of(RunFolder(path / name), name, record)
        for name, record in refreshed(path, watch)
    ]
    listed = [entry for entry in listed if all(test(entry) for test in tests)]
    there = [entry for entry in listed if getattr(entry, column) is not None]
    rest = [entry for entry in listed if getattr(entry, column) is None]
    there.sort(key=lambda entry: getattr(entry, column), reverse=descending)
    return there + rest


def table(
    folder: str | os.PathLike[str] = "runs",
    *,
    filters: Iterable[str] = (),
    sort: str = "id",
    descending: bool = False,
) -> "pa.Table":
    """Return the runs in a folder as an Arrow table, a row each.

    Arguments and errors are those of :func:`list_runs`, the columns those of :class:`ListedRun`.

    >>> import tempfile
    >>> import rosenblatt as rb
    >>> data = rb.data.moons(40, seed=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     run = rb.train(rb.MLP(2, [2], 2), data, epochs=2, run_dir=f"{folder}/a")
    ...     table(folder)["id"].to_pylist()
    ['a']
    """
    import pyarrow as pa

    listed = list_runs(folder, filters=filters, sort=sort, descending=descending)
    columns = {}
    for name in COLUMNS:
        values = [getattr(entry, name) for entry in listed]
        if name in _TEXTS:
            # A folder's name may hold bytes that are no text.
            text = [None if v is None else v.encode(errors="replace").decode() for v in values]
            columns[name] = pa.array(text, pa.string())
        elif name in _WHOLE:
            columns[name] = pa.array(values, pa.uint64() if name == "seed" else pa.int64())
        else:
            columns[name] = pa.array(values, pa.float64())
    return pa.table(columns)


def known_column(name: str) -> str:
    """Return a column's name, however its words are joined.

    Raises:
        ConfigurationError: there is no such column.
    """
    column = name.replace("-", "_")
    if column not in COLUMNS:
        hint = nearest(column, COLUMNS)
        raise ConfigurationError(
            f'there is no column "{name}"; there are {", ".join(COLUMNS)}{hint}'
        )
    return column


def _parsed(condition: str) -> Callable[[ListedRun], bool]:
    """Return what tells whether a run fulfils a condition."""
    match = _FILTER.fullmatch(condition)
    if match is None:
        raise ConfigurationError(
            f'{given(condition)} is no filter; write one as "test_accuracy>0.9" or "state=finished"'
        )
    column, sign, value = known_column(match[1]), match[2], match[3]
    if column in _TEXTS:
        if sign not in ("=", "==", "!="):
            raise ConfigurationError(f"{column} is text, which is compared by = or != only")
        pattern = re.compile(fnmatch.translate(value), re.IGNORECASE)
        return lambda entry: bool(pattern.match(getattr(entry, column) or "")) == (sign != "!=")
    number = _number(condition, value)
    compare = _COMPARE[sign]

    def holds(entry: ListedRun) -> bool:
        value = getattr(entry, column)
        return sign == "!=" if value is None else compare(value, number)

    return holds


def _number(condition: str, text: str) -> float:
    try:
        # A seed may be a whole number that no float holds.
        return int(text) if re.fullmatch(r"[+-]?\d{1,40}", text) else float(text)
    except ValueError:
        raise ConfigurationError(
            f"{given(condition)} compares with {given(text)}, which is no number"
        ) from None
