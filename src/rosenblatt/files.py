"""Writing a file whole or not at all; and what stands at a path, whatever the path is like."""

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from rosenblatt.errors import FileError, RosenblattError


def is_folder(path: str | os.PathLike[str]) -> bool:
    """Return whether a folder is there. A path that cannot be, too long or so, has none."""
    return stat.S_ISDIR(_mode(path))


def is_there(path: str | os.PathLike[str]) -> bool:
    """Return whether anything is there."""
    return _mode(path) != 0


def check_readable(path: str | os.PathLike[str]) -> None:
    """Raise FileError if a folder is there, or what has no end: a device, a pipe.

    What is not there at all is left to whoever opens it.
    """
    if "\0" in os.fspath(path):
        raise FileError(f"cannot read {path}: no file's name has a NUL character in it")
    if is_folder(path):
        raise FileError(f"cannot read {path}: it is a folder, not a file")
    if is_there(path) and not stat.S_ISREG(_mode(path)):
        raise FileError(f"cannot read {path}: it is not an ordinary file")


def _mode(path: str | os.PathLike[str]) -> int:
    try:
        return Path(path).stat().st_mode
    except (OSError, ValueError):
        return 0


@contextmanager
def atomic_write(path: str | os.PathLike[str], *, durable: bool = True) -> Iterator[BinaryIO]:
    """Open ``path`` for writing bytes; the file appears, complete, when the block ends.

    The bytes go to a temporary name in the same folder, are forced to the disk (fsync) and renamed
    over ``path``. If the block raises, or the machine stops, what was at ``path`` is untouched. A
    file that can be made again need not be ``durable``: it is not forced to the disk, which is
    quicker, and a machine that stops may leave a part of it.

    Raises:
        FileError: the folder is missing or read-only, ``path`` is a folder, a device or no path at
            all, or the disk is full.
    """
    if "\0" in os.fspath(path):
        raise FileError(f"cannot write {path}: no file's name has a NUL character in it")
    # A link keeps pointing where it did: the file behind it is the one replaced.
    target = Path(os.path.realpath(path))
    if is_folder(target):
        raise FileError(f"cannot write {path}: it is a folder; add a file name to it")
    if is_there(target) and not stat.S_ISREG(_mode(target)):
        raise FileError(f"cannot write {path}: it is not an ordinary file")
    if not is_folder(target.parent):
        raise FileError(
            f"cannot write {path}: the folder {target.parent} does not exist; create it"
        )
    temporary = target.with_name(f".{target.name[:100]}.{secrets.token_hex(6)}.tmp")
    try:
        # Not `tempfile`: its files are private to their owner, and the rename would keep them so.
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o666)
        with os.fdopen(descriptor, "wb") as handle:
            yield handle
            handle.flush()
            if durable:
                os.fsync(handle.fileno())
        temporary.replace(target)
        if durable:
            _sync_folder(target.parent)
    except RosenblattError:
        raise
    except OSError as error:
        raise FileError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        temporary.unlink(missing_ok=True)


_BINARY = getattr(os, "O_BINARY", 0)


def _sync_folder(folder: Path) -> None:
    """Force the folder's new entry to the disk, where the system lets a folder be opened at all."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
