"""A limit of one thread for BLAS, for as long as engines are at work."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from threadpoolctl import ThreadpoolController

_lock = threading.Lock()
_inside = 0
_limits: list[tuple[ThreadpoolController, Any]] = []
"""The libraries that are limited, and the objects that restore their numbers of threads."""


@contextmanager
def blas_alone() -> Iterator[None]:
    """Limit the libraries of BLAS to one thread, in the entire process.

    The first caller to enter sets the limit, and the last one to leave restores the numbers of
    threads, because fits in several threads begin and end in any order.
    """
    global _inside
    with _lock:
        libraries = _libraries("scipy.linalg" in sys.modules)
        if not _limits or _limits[-1][0] is not libraries:
            _limits.append((libraries, libraries.limit(limits=1, user_api="blas")))
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            while _inside == 0 and _limits:
                _limits.pop()[1].restore_original_limits()


@cache
def _libraries(with_scipy: bool) -> ThreadpoolController:
    """Return the libraries of BLAS that are loaded; SciPy, which loads slowly, has another."""
    return ThreadpoolController()
