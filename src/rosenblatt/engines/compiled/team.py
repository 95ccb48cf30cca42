"""Threads that share the parts of one piece of work, for kernels.

The thread that trains opens work: a kind, and how many parts it has. It and its helpers claim part
after part, and it goes on when all are done. A helper that the system has put to sleep keeps nobody
waiting, unless in the middle of a part. What the parts are depends on the work alone, so any number
of threads computes the same bits.
"""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import types
from numba.extending import intrinsic

from rosenblatt.engines.compiled.memory import CACHE_LINE, aligned
from rosenblatt.engines.compiled.vector import element_of, part, read, write

# A board: how many parts have been opened, claimed and done so far, and whether the helpers may go
# home, a cache line each; then which part was the first of the present work, and what that is.
_LINE = CACHE_LINE // 8
OPENED, CLAIMED, DONE, CLOSED, FIRST, WORK = *range(0, 5 * _LINE, _LINE), 4 * _LINE + 1
_SIZE = 6 * _LINE
IS_WINDOWS = sys.platform == "win32"


def new_board() -> npt.NDArray[np.int64]:
    """Return a board with no work on it."""
    return aligned((_SIZE,), np.int64)


@contextmanager
def helpers(
    count: int, board: npt.NDArray[np.int64], help_out: Callable[[], Any]
) -> Iterator[None]:
    """Let so many threads run ``help_out`` while the block runs; it ends when the board closes."""
    board[CLOSED] = 0
    threads = [threading.Thread(target=help_out, daemon=True) for _ in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        board[CLOSED] = 1
        for thread in threads:
            thread.join()


@part
def open_work(board, n_parts):
    """Let the threads claim so many parts of what the board says from ``WORK`` on."""
    write(board, FIRST, read(board, OPENED))
    add_to(board, OPENED, n_parts)


@part
def claim(board):
    """Return a part of the present work, counted from 0, that nobody has claimed; −1 for none."""
    while True:
        ticket = look_at(board, CLAIMED)
        if ticket >= look_at(board, OPENED):
            return -1
        if replace(board, CLAIMED, ticket, ticket + 1):
            return ticket - read(board, FIRST)


@part
def finish(board):
    """Say that a part is done."""
    add_to(board, DONE, 1)


@part
def is_done(board):
    """Return whether all parts are done."""
    return look_at(board, DONE) == look_at(board, OPENED)


_yield = types.ExternalFunction("sched_yield", types.intc())


@part
def stand_back():
    """Leave the core to who else wants it: perhaps one that is in the middle of a part."""
    if not IS_WINDOWS:
        _yield()


@part
def is_closed(board):
    """Return whether there will be no more work."""
    return look_at(board, CLOSED) != 0


@intrinsic
def look_at(typing_context, array, index):
    """Return ``array[index]`` as other threads have left it."""

    def generate(context, builder, signature, arguments):
        place = element_of(context, builder, signature, arguments)
        return builder.load_atomic(place, "seq_cst", array.dtype.bitwidth // 8)

    return array.dtype(array, types.intp), generate


@intrinsic
def add_to(typing_context, array, index, number):
    """Add to ``array[index]``, whatever other threads add to it at that moment."""

    def generate(context, builder, signature, arguments):
        number = context.cast(builder, arguments[2], signature.args[2], array.dtype)
        place = element_of(context, builder, signature, arguments)
        builder.atomic_rmw("add", place, number, "seq_cst")
        return context.get_dummy_value()

    return types.void(array, types.intp, types.unliteral(number)), generate


@intrinsic
def replace(typing_context, array, index, before, after):
    """Set ``array[index]`` to ``after`` if it is ``before``; return whether it was."""

    def generate(context, builder, signature, arguments):
        place = element_of(context, builder, signature, arguments)
        result = builder.cmpxchg(place, arguments[2], arguments[3], "seq_cst")
        return builder.extract_value(result, 1)

    return types.boolean(array, types.intp, array.dtype, array.dtype), generate
