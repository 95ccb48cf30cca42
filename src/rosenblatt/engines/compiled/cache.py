"""Compiled kernels by their keys: in memory, then in the user's cache folder, else compiled.

A file holds object code behind its digest and the description of what it was compiled by and for.
Object code is executed, so it is read only from a folder, and from files, that belong to the user
alone. Whatever cannot be read, or is not what it should be, is compiled again; whatever cannot be
written stays in memory.
"""

import hashlib
import os
import stat
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from importlib.resources import files
from pathlib import Path

from rosenblatt.engines.compiled.build import Library, compile_text, compiler_version, load
from rosenblatt.engines.compiled.target import Target
from rosenblatt.errors import FileError
from rosenblatt.files import atomic_write

VARIABLE = "ROSENBLATT_CACHE"
"""The environment variable that names the folder in which ``kernels`` is kept."""

MAX_BYTES = 64 * 2**20
"""Bytes of all files together, roughly: beyond it, the files that were not used longest go."""

MAX_LOADED = 256
"""Kernels in memory, some 80 kB each. One that is loaded again takes less than a millisecond."""

_LARGEST_FILE = 2**24
_SECONDS_UNTIL_TOUCHED = 3600.0  # a use is noted in the file's time if that is older
_SECONDS_UNTIL_ABANDONED = 3600.0  # a temporary file that is older is a killed process's
_SUFFIX = ".kernel"
_DIGEST = hashlib.sha256
_DIGEST_BYTES = 32

MakeText = Callable[[], str]


def kernel(
    key: str, make_text: MakeText, target: Target, names: Sequence[str] = ("train",)
) -> Library:
    """Return the library of a key.

    Args:
        key: all that determines the text, besides the sources of this package and the target.
        make_text: returns the module in LLVM IR; called only if it has to be compiled.
        target: this machine's.
        names: its functions that are called from Python.
    """
    return _cache_in(user_folder()).kernel(key, make_text, target, names)


class KernelCache:
    """Libraries in memory, and their object code in a folder.

    Args:
        folder: made, for the user alone, when it is first written to; None keeps all in memory.
        max_bytes: of all files in the folder.
        max_loaded: libraries in memory. One that is dropped stays as long as it is in use.
    """

    def __init__(
        self, folder: Path | None, max_bytes: int = MAX_BYTES, max_loaded: int = MAX_LOADED
    ) -> None:
        self._folder = folder
        self._max_bytes, self._max_loaded = max_bytes, max_loaded
        self._loaded: OrderedDict[tuple[str, Target], Library] = OrderedDict()
        self._unchecked_bytes = max_bytes  # written since the folder's size was looked at

    def kernel(
        self, key: str, make_text: MakeText, target: Target, names: Sequence[str] = ("train",)
    ) -> Library:
        """Return the library of a key; see the function of the same name."""
        # LLVM works for one thread at a time anyway.
        with _lock:
            library = self._loaded.get((key, target))
            if library is None:
                library = self._from_folder(key, target, names)
                library = library or self._compile(key, make_text, target, names)
                self._loaded[key, target] = library
                if len(self._loaded) > self._max_loaded:
                    self._loaded.popitem(last=False)
            self._loaded.move_to_end((key, target))
            return library

    def is_loaded(self, key: str, target: Target) -> bool:
        """Return whether the library is in memory."""
        return (key, target) in self._loaded

    def is_kept(self, key: str, target: Target) -> bool:
        """Return whether the library is in the folder, whole."""
        return self._read(_Entry(key, target)) is not None

    def _compile(
        self, key: str, make_text: MakeText, target: Target, names: Sequence[str]
    ) -> Library:
        code = compile_text(make_text(), target)
        library = load(code, names)
        self._write(_Entry(key, target), code)
        return library

    def _from_folder(self, key: str, target: Target, names: Sequence[str]) -> Library | None:
        entry = _Entry(key, target)
        code = self._read(entry)
        if code is None:
            return None
        with suppress(RuntimeError):
            return load(code, names)
        return None

    def _read(self, entry: "_Entry") -> bytes | None:
        """Return the object code, None if it is not there or not as it was written."""
        if self._folder is None or not _is_private(self._folder):
            return None
        try:
            descriptor = os.open(self._folder / entry.name, os.O_RDONLY | _NO_LINK | _BINARY)
            with os.fdopen(descriptor, "rb") as file:
                status = os.fstat(descriptor)
                if not (_is_ours(status) and stat.S_ISREG(status.st_mode)):
                    return None
                content = file.read(_LARGEST_FILE)
        except OSError:
            return None
        if time.time() - status.st_mtime > _SECONDS_UNTIL_TOUCHED:
            with suppress(OSError):
                os.utime(self._folder / entry.name)
        return entry.code_in(content)

    def _write(self, entry: "_Entry", code: bytes) -> None:
        content = entry.content(code)
        if self._folder is None or len(content) > _LARGEST_FILE or not _make(self._folder):
            return
        with suppress(FileError), atomic_write(self._folder / entry.name, durable=False) as file:
            file.write(content)
        self._unchecked_bytes += len(content)
        if self._unchecked_bytes > self._max_bytes / 16:
            self._unchecked_bytes = 0
            with suppress(OSError):
                _remove_oldest(self._folder, self._max_bytes)


class _Entry:
    """The file of a key: what it is called and what it says."""

    def __init__(self, key: str, target: Target) -> None:
        parts = (key, sources_digest(), compiler_version(), target.description)
        self._head = "\n".join(["rosenblatt kernel", *parts, ""]).encode()
        self.name = _DIGEST(self._head).hexdigest() + _SUFFIX

    def content(self, code: bytes) -> bytes:
        """Return the file's content."""
        return _DIGEST(self._head + code).digest() + self._head + code

    def code_in(self, content: bytes) -> bytes | None:
        """Return the object code, None if the file is damaged or another key's."""
        digest, rest = content[:_DIGEST_BYTES], content[_DIGEST_BYTES:]
        if digest != _DIGEST(rest).digest() or not rest.startswith(self._head):
            return None
        return rest[len(self._head) :]


@cache
def _cache_in(folder: Path | None) -> KernelCache:
    return KernelCache(folder)


def user_folder() -> Path | None:
    """Return the folder of kernels: in :data:`VARIABLE`, or the user's for caches; None without."""
    named = os.environ.get(VARIABLE, "")
    if named:
        return Path(named).absolute() / "kernels"
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA", "")
        return Path(local) / "rosenblatt" / "kernels" if local else None
    # A relative path is to be ignored, says the XDG base directory specification.
    xdg = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if xdg.is_absolute():
        return xdg / "rosenblatt" / "kernels"
    try:
        home = Path.home()
    except RuntimeError:
        return None
    caches = home / "Library/Caches" if sys.platform == "darwin" else home / ".cache"
    return caches / "rosenblatt" / "kernels" if home.is_absolute() else None


@cache
def sources_digest() -> str:
    """Return a digest of the sources that become machine code: an edit leaves old files unused."""
    digest = hashlib.blake2b(digest_size=16)
    # Read as resources: the package may be in a zip archive.
    sources = [entry for entry in files(__package__).iterdir() if entry.name.endswith(".py")]
    for entry in sorted(sources, key=lambda entry: entry.name):
        content = entry.read_bytes()
        digest.update(f"{entry.name} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def _make(folder: Path) -> bool:
    """Make the folder if it is missing; return whether it is the user's alone."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=stat.S_IRWXU, exist_ok=True)
    except OSError:
        return False
    return _is_private(folder)


def _is_private(folder: Path) -> bool:
    """Return whether this is a folder, no link to one, that nobody but the user can write."""
    try:
        status = folder.lstat()
    except (OSError, ValueError):
        return False
    others = stat.S_IRWXG | stat.S_IRWXO
    # On Windows, folders below a user's LOCALAPPDATA are private as they are.
    is_closed = os.name == "nt" or not status.st_mode & others
    return stat.S_ISDIR(status.st_mode) and is_closed and _is_ours(status)


def _is_ours(status: os.stat_result) -> bool:
    return not hasattr(os, "geteuid") or status.st_uid == os.geteuid()


def _remove_oldest(folder: Path, max_bytes: int) -> None:
    """Remove the files not used longest until the rest is well below the limit, and remains."""
    kept: list[tuple[float, int, str]] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            # Another process may be removing the same.
            with suppress(OSError):
                status = entry.stat(follow_symlinks=False)
                if entry.name.endswith(_SUFFIX):
                    kept.append((status.st_mtime, status.st_size, entry.path))
                elif time.time() - status.st_mtime > _SECONDS_UNTIL_ABANDONED:
                    Path(entry.path).unlink()
    total = sum(size for _, size, _ in kept)
    if total <= max_bytes:
        return
    for _, size, path in sorted(kept):
        with suppress(OSError):
            Path(path).unlink()
        total -= size
        # Some room, so that the next files need no look at the folder.
        if total <= 0.9 * max_bytes:
            return


_NO_LINK = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_BINARY = getattr(os, "O_BINARY", 0)

_lock = threading.RLock()
if hasattr(os, "register_at_fork"):
    # A process that forks while another of its threads compiles would leave LLVM's lock closed in
    # the child forever.
    os.register_at_fork(
        before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release
    )
