"""An index of a folder of runs, so that only changed files are read again.

It is a cache in an SQLite file, and nothing depends on it: where it is lost, damaged, of another
version, locked for long, or the folder is read-only, the runs themselves are read.
"""

import json
import os
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from rosenblatt.errors import FileError, RosenblattError
from rosenblatt.runs.listed_run import (
    RequestedSettings,
    RunRecord,
    Status,
    read_settings,
    read_status,
    requested_settings,
)
from rosenblatt.runs.recovery import recover_status
from rosenblatt.training.storage.folder import CONFIG, STATUS, RunFolder

NAME = ".index.sqlite"
VERSION = 1
SECONDS_TO_WAIT = 1.0
"""For another process that writes the index; then the runs are read without it."""
HERE = "."
"""The id of a folder of runs that is a run itself."""

_TABLE = "runs (name BLOB PRIMARY KEY, config TEXT, status TEXT, record TEXT) WITHOUT ROWID"
_BROKEN = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)


@dataclass(frozen=True)
class CachedRun:
    """What was read of a run, and the stamps of the files that it was read from."""

    config: str
    status: str
    record: RunRecord


def refreshed(
    folder: Path, watch: Callable[[int, int], None] | None = None
) -> Iterator[tuple[str, RunRecord]]:
    """Yield the id of each run in a folder, in order, and what its files say.

    Files are read if their stamp is another than when they were read last: earlier or later, since
    a clock may have been set back.

    Args:
        folder: the folder of runs; those are the folders in it that have a ``config.toml``.
        watch: called with how many runs have been read, and how many there are to read.

    Raises:
        FileError: the folder cannot be read.
    """
    scanned = dict(sorted(_scan(folder)))
    cached = _load(folder / NAME)
    news: dict[str, CachedRun] = {}
    stale = [name for name, stamps in scanned.items() if not _is_sound(cached.get(name), *stamps)]
    for done, name in enumerate(stale):
        if watch is not None:
            watch(done, len(stale))
        before = cached.get(name)
        same = before is not None and before.config == scanned[name][0]
        requested = before.record.requested if before is not None and same else None
        news[name] = CachedRun(*scanned[name], read_record(RunFolder(folder / name), requested))
    gone = [name for name in cached if name not in scanned]
    if news or gone:
        _save(folder / NAME, news, gone)
    for name in scanned:
        yield name, (news.get(name) or cached[name]).record


def _scan(folder: Path) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield each run's id, and the stamps of its settings and its status."""
    try:
        with os.scandir(folder) as entries:
            names = [
                entry.name
                for entry in entries
                if not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False)
            ]
    except FileNotFoundError as error:
        raise FileError(
            f"there is no folder {folder}; a run is kept in one by --run {folder}/NAME, or run_dir="
        ) from error
    except OSError as error:
        raise FileError(f"cannot read {folder}: {error.strerror or error}") from error
    base = os.fspath(folder)
    for name in (HERE, *names):
        config = _stamp(f"{base}/{name}/{CONFIG}")
        if config:
            yield name, (config, _stamp(f"{base}/{name}/{STATUS}"))


def _stamp(path: str) -> str:
    """Return what changes when a file does; nothing where there is none."""
    try:
        info = os.lstat(path)
    except OSError:
        return ""
    if not stat.S_ISREG(info.st_mode):
        return "no file"
    # Each writing makes a new file: the number tells two apart that one tick of the clock has seen.
    return f"{info.st_ino} {info.st_mtime_ns} {info.st_size}"


def _is_sound(cached: CachedRun | None, config: str, status: str) -> bool:
    """Return whether a run's files are as they were when they were read, and nothing was amiss."""
    if cached is None or cached.record.damage is not None or not status:
        return False
    return (cached.config, cached.status) == (config, status)


def read_record(folder: RunFolder, requested: RequestedSettings | None = None) -> RunRecord:
    """Return what the files of a run say; whatever is wrong with them is a part of that.

    Args:
        folder: the run.
        requested: the requested settings, if they are known.
    """
    settings = None
    try:
        if requested is None:
            settings = read_settings(folder)
            requested = requested_settings(settings)
    except RosenblattError as error:
        return RunRecord(None, None, str(error))
    damage = ""
    try:
        return RunRecord(requested, read_status(folder))
    except FileError as error:
        if os.path.lexists(folder.path / STATUS):
            damage = f"{error}; "
    try:
        return RunRecord(requested, recover_status(folder, settings or read_settings(folder)))
    except RosenblattError as error:
        return RunRecord(requested, None, f"{damage}{error}")


def _load(path: Path) -> dict[str, CachedRun]:
    """Return what the index knows; nothing where it cannot be read."""
    try:
        with _opened(path) as index:
            rows = index.execute("SELECT name, config, status, record FROM runs").fetchall()
    except sqlite3.Error as error:
        _discard_if_broken(path, error)
        return {}
    except OSError:
        return {}
    return {name: cached for row in rows for name, cached in _cached(row)}


def _cached(row: tuple[object, ...]) -> Iterator[tuple[str, CachedRun]]:
    """Yield a row of the index, if it is as it was written."""
    name, config, status, record = row
    if not (isinstance(name, bytes) and isinstance(config, str) and isinstance(status, str)):
        return
    try:
        requested, state, damage = json.loads(str(record))
        what = RunRecord(
            None if requested is None else RequestedSettings.model_validate_json(requested),
            None if state is None else Status.model_validate_json(state),
            None if damage is None else str(damage),
        )
    except (ValueError, TypeError, ValidationError, RecursionError):
        return
    yield os.fsdecode(name), CachedRun(config, status, what)


def _save(path: Path, news: dict[str, CachedRun], gone: list[str]) -> None:
    """Write what is new into the index, if it can be written; made anew where it is damaged."""
    rows = [(os.fsencode(name), k.config, k.status, _text(k.record)) for name, k in news.items()]
    for _ in range(2):
        try:
            with _opened(path) as index, index:
                index.execute(f"CREATE TABLE IF NOT EXISTS {_TABLE}")
                index.execute(f"PRAGMA user_version = {VERSION}")
                index.executemany("INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?)", rows)
                index.executemany(
                    "DELETE FROM runs WHERE name = ?", [(os.fsencode(name),) for name in gone]
                )
        except sqlite3.Error as error:
            if not _discard_if_broken(path, error):
                return
        except OSError:
            return
        else:
            return


def _discard_if_broken(path: Path, error: sqlite3.Error) -> bool:
    """Remove an index that cannot be used, and return whether it was one: not merely locked."""
    if (getattr(error, "sqlite_errorcode", 0) & 0xFF) not in _BROKEN:
        return False
    for rest in ("", "-wal", "-shm"):
        with suppress(OSError):
            path.with_name(path.name + rest).unlink(missing_ok=True)
    return True


def _text(record: RunRecord) -> str:
    requested, status = record.requested, record.status
    return json.dumps(
        [
            None if requested is None else requested.model_dump_json(),
            None if status is None else status.model_dump_json(),
            record.damage,
        ]
    )


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the index.

    Raises:
        sqlite3.Error: it is no index of this version, or cannot be opened.
        OSError: it is no ordinary file, or the folder is read-only and there is none.
    """
    for rest in ("", "-wal", "-shm"):
        file = path.with_name(path.name + rest)
        if os.path.lexists(file) and not stat.S_ISREG(os.lstat(file).st_mode):
            raise OSError(f"{file} is no ordinary file")
    # In a folder that nobody can write, there is nobody to share the index with either.
    how = "mode=rwc" if os.access(path.parent, os.W_OK) else "mode=ro&immutable=1"
    uri = f"{path.absolute().as_uri()}?{how}"
    with closing(sqlite3.connect(uri, uri=True, timeout=SECONDS_TO_WAIT)) as index:
        index.execute("PRAGMA trusted_schema = OFF")
        version = index.execute("PRAGMA user_version").fetchone()
        schema = index.execute("SELECT sql FROM sqlite_schema").fetchall()
        if schema and (version, schema) != ((VERSION,), [(f"CREATE TABLE {_TABLE}",)]):
            error = sqlite3.DatabaseError("this is no index of this version")
            error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
            raise error
        if how == "mode=rwc":
            index.execute("PRAGMA journal_mode = WAL")
            index.execute("PRAGMA synchronous = NORMAL")
        yield index
