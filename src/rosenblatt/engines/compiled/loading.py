"""Compiled code, loaded from the disk or compiled the first time."""

import threading
from typing import Any

from numba import typeof

from rosenblatt.engines.compiled import cache
from rosenblatt.progress_bar import standard_error

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
        if not cache.has_folder(kernel):
            cache.warn_that_nothing_is_kept()
        say = threading.Timer(SECONDS_TO_LOAD, _say_that_it_compiles)
        say.daemon = True
        say.start()
        try:
            kernel.compile(tuple(typeof(argument) for argument in arguments))
        finally:
            say.cancel()
        _loaded.add(key)


def is_loaded(kernel: Any) -> bool:
    """Return whether a form of the kernel is in this process's memory."""
    return any(loaded is kernel for loaded, *_ in _loaded)


def _say_that_it_compiles() -> None:
    if stderr := standard_error():
        print(
            "compiling for this machine, once for each kind of work: ten seconds to half a minute",
            file=stderr,
        )
