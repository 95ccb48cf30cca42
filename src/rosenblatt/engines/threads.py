"""BLAS without threads of its own, for as long as engines have theirs."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import scipy.linalg.blas  # noqa: F401  (a library can be limited once it is loaded)
from threadpoolctl import ThreadpoolController

_lock = threading.Lock()
_inside = 0
_limits: list[object] = []


@contextmanager
def blas_alone() -> Iterator[None]:
    """Keep the libraries of BLAS to one thread, in the whole process.

    The first to come in limits them, and the last to go out gives them back the threads that they
    had, for fits in several threads come and go in any order.
    """
    global _inside
    with _lock:
        if _inside == 0:
            _limits.append(_libraries().limit(limits=1, user_api="blas"))
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if _inside == 0:
                _limits.pop().restore_original_limits()  # type: ignore[attr-defined]


@cache
def _libraries() -> ThreadpoolController:
    return ThreadpoolController()
