"""Where compiled kernels are kept on the disk, and when a kept one may be used.

Numba's own cache looks at the file of a kernel alone: at its time and size. Kernels are made of
parts in many files, so that an edited part would go unnoticed. Here the name of a kept kernel
holds a digest of all sources that machine code is made of; a kernel of other sources has another
name. What cannot be kept or read is compiled in memory.
"""

import hashlib
import os
import tempfile
import warnings
from collections.abc import Callable
from contextlib import suppress
from fnmatch import fnmatch
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from numba import config, njit
from numba.core.caching import CompileResultCacheImpl, FunctionCache, IndexDataCacheFile
from numba.misc.appdirs import AppDirs

SOURCES = {"rosenblatt.engines.compiled": "*.py", "rosenblatt.engines": "online_rule.py"}
"""Files by package, whose functions and constants become machine code."""


def kept_kernel(**options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Return a decorator for what Python calls: compiled with these options of Numba, and kept."""

    def decorate(function: Callable[..., Any]) -> Any:
        compiled = njit(nogil=True, **options)(function)
        # With NUMBA_DISABLE_JIT there is nothing to keep.
        if hasattr(compiled, "_cache"):
            # RuntimeError: no folder can be written.
            with suppress(RuntimeError):
                compiled._cache = _KernelCache(function)
        return compiled

    return decorate


def is_kept(compiled: Any) -> bool:
    """Return whether a form of the kernel, compiled from the present sources, is on the disk."""
    kept = compiled._cache
    if not isinstance(kept, _KernelCache):
        return False
    # A file that is damaged counts as none.
    with suppress(Exception):
        return bool(kept._cache_file._load_index())
    return False


def has_folder(compiled: Any) -> bool:
    """Return whether the kernel is kept after it has been compiled."""
    return isinstance(compiled._cache, _KernelCache)


@cache
def sources_digest() -> str:
    """Return a digest of the sources that machine code is made of."""
    digest = hashlib.blake2b(digest_size=10)
    for package, pattern in SOURCES.items():
        # Read as resources: the package may be in a zip archive.
        found = [entry for entry in files(package).iterdir() if fnmatch(entry.name, pattern)]
        for entry in sorted(found, key=lambda entry: entry.name):
            digest.update(f"\n{package} {entry.name}\n".encode())
            digest.update(entry.read_bytes())
    return digest.hexdigest()


class _Locator:
    """The folder of a kernel, and what its files are called; as Numba asks for them."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def ensure_cache_path(self) -> None:
        Path(self._folder).mkdir(parents=True, exist_ok=True)

    def get_cache_path(self) -> str:
        return self._folder

    def get_source_stamp(self) -> str:
        return sources_digest()

    def get_disambiguator(self) -> str:
        return sources_digest()

    @classmethod
    def from_function(cls, function: Callable[..., Any], path: str) -> "_Locator | None":
        folder = _folder_for(str(Path(path).parent))
        return None if folder is None else cls(folder)


@cache
def _folder_for(package: str) -> str | None:
    """Return the first folder that can be written, for kernels of the package in this folder.

    NUMBA_CACHE_DIR decides, where it is set; else the folder beside the sources, or the user's.
    """
    # Several installations share the user's folder.
    own = hashlib.blake2b(package.encode(), digest_size=8).hexdigest()
    if config.CACHE_DIR:
        candidates = [Path(config.CACHE_DIR) / f"rosenblatt_{own}"]
    else:
        user = AppDirs(appname="numba", appauthor=False).user_cache_dir
        candidates = [Path(package) / "__pycache__", Path(user) / f"rosenblatt_{own}"]
    return next((str(folder) for folder in candidates if _is_writable(folder)), None)


def _is_writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


class _KernelFiles(IndexDataCacheFile):
    """An index of the forms of a kernel, and a file for each.

    Numba numbers these files, and two processes may give one number to two forms. Here the name
    follows from the form, and the index names no file that is not there yet.
    """

    def save(self, key: Any, data: Any) -> None:
        form = hashlib.blake2b(repr(key).encode(), digest_size=8).hexdigest()
        name = f"{self._index_name.removesuffix('.nbi')}.{form}.nbc"
        self._save_data(name, data)
        self._save_index({**self._load_index(), key: name})


class _KernelCacheImpl(CompileResultCacheImpl):
    _locator_classes = (_Locator,)


class _KernelCache(FunctionCache):
    """Numba's cache of a function, without which training goes on just as well."""

    _impl_class = _KernelCacheImpl

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        locator = self._impl.locator
        self._cache_file = _KernelFiles(
            locator.get_cache_path(), self._impl.filename_base, locator.get_source_stamp()
        )

    def load_overload(self, signature: Any, target_context: Any) -> Any:
        try:
            return super().load_overload(signature, target_context)
        except Exception:
            # A damaged file: the kernel is compiled, and kept again.
            with suppress(Exception):
                self.flush()
            return None

    def save_overload(self, signature: Any, data: Any) -> None:
        try:
            super().save_overload(signature, data)
            self._remove_outdated()
        except Exception as error:
            warnings.warn(
                f"a compiled kernel cannot be kept in {self.cache_path}: {error}; "
                "it is compiled again in the next process",
                stacklevel=2,
            )

    def _remove_outdated(self) -> None:
        """Remove this kernel's files of other sources."""
        name = self._impl.filename_base
        function, _, python = name.partition(sources_digest())
        for entry in os.scandir(self.cache_path):
            is_ours = entry.name.startswith(function) and python in entry.name
            if is_ours and entry.name.endswith((".nbi", ".nbc")) and name not in entry.name:
                with suppress(OSError):
                    Path(entry.path).unlink()


@cache
def warn_that_nothing_is_kept() -> None:
    """Warn, once in a process, that kernels are compiled in each process."""
    warnings.warn(
        "there is no folder in which compiled code can be kept, so each process compiles its own; "
        "set NUMBA_CACHE_DIR to a folder that can be written",
        stacklevel=2,
    )
