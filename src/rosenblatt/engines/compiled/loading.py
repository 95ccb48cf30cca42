"""Compiled code, loaded from the disk or compiled the first time."""

import sys
import threading
from pathlib import Path
from typing import Any

from numba import typeof

SECONDS_TO_LOAD = 1.5
"""Loading takes less than this; what takes longer is compiled."""

_lock = threading.Lock()
_loaded: set[tuple[Any, ...]] = set()


def load_kernel(kernel: Any, variant: tuple[Any, ...], *arguments: Any) -> None:
    """Make a kernel ready for arguments of these types; say so if that takes long.

    Args:
        kernel: what Numba has decorated.
        variant: what tells one list of types from another, sooner than looking at each would.
        arguments: what it will be called with.
    """
    key = (kernel, *variant)
    if key in _loaded:
        return
    with _lock:
        if key in _loaded:
            return
        say = threading.Timer(SECONDS_TO_LOAD, _say_that_it_compiles)
        say.daemon = True
        say.start()
        try:
            kernel.compile(tuple(typeof(argument) for argument in arguments))
        finally:
            say.cancel()
        _loaded.add(key)


def is_compiled(kernel: Any) -> bool:
    """Return whether a compiled form of the kernel lies on this machine's disk."""
    folder = Path(str(kernel.stats.cache_path))
    module, name = kernel.py_func.__module__.rsplit(".", 1)[-1], kernel.py_func.__name__
    return any(folder.glob(f"{module}.{name}-*.nbi"))


def _say_that_it_compiles() -> None:
    print(
        "compiling for this machine, once for each kind of work: ten seconds to half a minute",
        file=sys.stderr,
    )
