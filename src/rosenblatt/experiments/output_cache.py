"""Cache of the outputs of tasks in a folder, each under the hash of all that it depends on.

An entry is a zip archive behind a line with its SHA-256: ``task.json`` says of which task it is,
where it was computed and in how many seconds, and each table is a Parquet file. Entries stand in a
folder per version of the code.
"""

import hashlib
import io
import json
import os
import re
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any
from zipfile import ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from rosenblatt.checks import real_number
from rosenblatt.errors import ConfigurationError, FileError, RosenblattError, given
from rosenblatt.executors.environment import Environment
from rosenblatt.experiments.base import Row, Task
from rosenblatt.experiments.row_files import from_parquet
from rosenblatt.files import atomic_write
from rosenblatt.limits import parse_json

DIGITS_OF_CODE = 16
SECONDS_UNTIL_ABANDONED = 3600.0
"""A temporary file that is older was left by a process that was killed."""

_DAMAGE = (BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError)
_VERSION_FOLDER = re.compile(rf"[0-9a-f]{{{DIGITS_OF_CODE}}}")
_ENTRY = re.compile(r"[0-9a-f]{64}\.zip")
_TEMPORARY = re.compile(r"\.[0-9a-f]{64}\.zip\.[0-9a-f]{12}\.tmp")


@dataclass(frozen=True)
class Output:
    """The output of a task.

    Attributes:
        tables: each as the bytes of a Parquet file, by name.
        seconds: how long it took to compute.
        environment: where it was computed.
    """

    tables: Mapping[str, bytes]
    seconds: float
    environment: Environment

    def rows(self) -> dict[str, list[Row]]:
        """Return the tables as rows."""
        return {name: from_parquet(content) for name, content in self.tables.items()}


class Cache:
    """A folder of outputs.

    Args:
        folder: made if it is missing.

    Raises:
        FileError: the folder cannot be made.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self._folder = Path(folder)
        _make(self._folder)

    def load(self, task: Task, environments: Iterable[Environment]) -> Output | None:
        """Return what is kept of the task from one of these environments, None if nothing is.

        An entry that is damaged or belongs to another task counts as none.
        """
        for environment in environments:
            with suppress(OSError):
                output = _read(self._path(task, environment).read_bytes(), task, environment)
                if output is not None:
                    return output
        return None

    def save(self, task: Task, output: Output) -> None:
        """Keep an output, whole or not at all, in place of an earlier one.

        Raises:
            FileError: it cannot be written.
        """
        path = self._path(task, output.environment)
        _make(path.parent)
        with atomic_write(path) as file:
            file.write(_entry(task, output))

    def remove_stale(self, environment: Environment) -> None:
        """Remove entries of other versions of the code, and what killed processes left behind.

        Whatever else is in the folder is not touched.
        """
        current = _version(environment)
        for folder in self._folder.iterdir():
            if not _VERSION_FOLDER.fullmatch(folder.name) or not folder.is_dir():
                continue
            for file in folder.iterdir():
                is_stale = folder.name != current and _ENTRY.fullmatch(file.name)
                if is_stale or _is_abandoned(file):
                    # Another process may be removing it too, or reading it: that does no harm.
                    with suppress(OSError):
                        file.unlink()
            if folder.name != current:
                with suppress(OSError):
                    folder.rmdir()

    def _path(self, task: Task, environment: Environment) -> Path:
        content = f"{identity(task)}\n{_text(environment)}"
        name = hashlib.sha256(content.encode()).hexdigest()
        return self._folder / _version(environment) / f"{name}.zip"


def identity(task: Task) -> str:
    """Return what a task computes, as text: its function and its arguments, not its key.

    Raises:
        ConfigurationError: its function has no name of its own in a module, or an argument is not
            plain.
    """
    function = task.function
    name = getattr(function, "__qualname__", "<no name>")
    if "<" in name:
        raise ConfigurationError(
            f"the function of the task {task.key} is {given(function)}; a function at the top of a "
            "module is needed, which other processes can find by its name"
        )
    try:
        return _canonical([f"{function.__module__}.{name}", task.arguments])
    except TypeError as error:
        raise ConfigurationError(
            f"the arguments of the task {task.key} are {given(task.arguments)}; only plain values "
            f"can be hashed: {error}"
        ) from None


def _entry(task: Task, output: Output) -> bytes:
    described = {
        "task": identity(task),
        "environment": asdict(output.environment),
        "seconds": output.seconds,
        "tables": list(output.tables),
    }
    buffer = io.BytesIO()
    with ZipFile(buffer, "w") as archive:
        archive.writestr(ZipInfo("task.json"), json.dumps(described, indent=2))
        for number, content in enumerate(output.tables.values()):
            archive.writestr(ZipInfo(f"{number}.parquet"), content)
    content = buffer.getvalue()
    return _digest(content) + content


def _read(entry: bytes, task: Task, environment: Environment) -> Output | None:
    """Return what the entry holds, or None if it is damaged or not of this task.

    A stranger's entry may have the right digest. Nothing in it is larger than the entry itself.
    """
    size = len(_digest(b""))
    digest, content = entry[:size], entry[size:]
    if digest != _digest(content):
        return None
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            if any(file.compress_type != ZIP_STORED for file in archive.infolist()):
                return None
            described: dict[str, Any] = parse_json(archive.read("task.json"), "task.json")
            belongs = (identity(task), _text(environment))
            if (described["task"], _canonical(described["environment"])) != belongs:
                return None
            tables = {
                str(name): archive.read(f"{number}.parquet")
                for number, name in enumerate(described["tables"])
            }
            seconds = real_number(described["seconds"], "seconds", at_least=0)
    except (*_DAMAGE, ValueError, TypeError, KeyError, RosenblattError):
        return None
    return Output(tables, seconds, environment)


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode() + b"\n"


def _canonical(value: Any) -> str:
    """Return the one JSON text of a value; 1, 1.0 and True have different ones."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=_as_mapping)


def _as_mapping(value: Any) -> Any:
    """Let JSON take any mapping for an object; what else it does not know has no text."""
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{given(value)} is a {type(value).__name__}")


@cache
def _text(environment: Environment) -> str:
    return _canonical(asdict(environment))


def _version(environment: Environment) -> str:
    return environment.code[:DIGITS_OF_CODE]


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"cannot make the folder {folder}: {error.strerror or error}") from error


def _is_abandoned(file: Path) -> bool:
    if not _TEMPORARY.fullmatch(file.name):
        return False
    with suppress(OSError):
        return time.time() - file.stat().st_mtime > SECONDS_UNTIL_ABANDONED
    return False
