"""Threads that share the work of one kernel: the parts of a stage, claimed one by one.

The thread that trains opens a stage, which has as many parts as there are threads. Each thread
claims its own part first, so that the same columns of weights stay in the same core's cache, and
then whatever nobody else has claimed: a helper that the system has put to sleep keeps nobody
waiting, unless in the middle of a part. No result depends on who computes which part.

All of it lies on a board at the beginning of the workspace: whole numbers of 64 bits, those that
several threads write on cache lines of their own.
"""

import ctypes
import sys
from collections.abc import Callable, Generator
from concurrent.futures import Executor
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.engines.compiled.denormals import flush_denormals, set_mode
from rosenblatt.engines.compiled.ir import FRAME, Code

MOST_THREADS = 8
"""More threads than these would mostly wait for each other."""
PATIENCE, MORE_PATIENCE = 2000, 2200
"""Looks for work, some tens of microseconds, after which a thread lets others use its core; and
after which it sleeps between looks."""
NAP = 50
"""Microseconds of such a sleep; it takes some more until the system wakes the thread."""
TOO_LONG = MORE_PATIENCE + 8
"""Looks for the end of a stage, a millisecond, after which a helper must have been put to sleep in
the middle of a part: other work wants its core."""
LEAST_ALONE, MOST_ALONE = 64, 8192
"""The number of stages that are then done without helpers: at first the smaller one, then twice as
many each time, and fewer again with each stage that went well."""

BOARD = {
    "opened": 0,  # stages opened so far
    "finished": 8,  # parts finished so far
    "closed": 16,  # whether the helpers return
    "helpers": 24,  # helpers that have come
    "threads": 32,
    "stage": 33,  # the one that is open
    "yield": 34,  # address of the system's sched_yield, or 0
    "sleep": 35,  # address of the system's usleep, or 0
    "alone": 36,  # stages to be done without helpers
    "penalty": 37,  # their number the next time
    "claims": 40,  # of each part, the last stage for which it was claimed, a cache line each
}
"""Places on the board, in numbers of 64 bits."""
BOARD_SIZE = BOARD["claims"] + 8 * MOST_THREADS
"""Its length."""

_SHARE = """
%threads = load i64, ptr %board.threads
%has_helpers = icmp sgt i64 %threads, 1
%alone = load i64, ptr %board.alone
%is_together = icmp sle i64 %alone, 0
%is_shared = and i1 %has_helpers, %is_together
br i1 %is_shared, label %open, label %all
all:
%less = sub i64 %alone, 1
store i64 %less, ptr %board.alone
call void @part(ptr %board, i64 %stage, i64 0, i64 1)
br label %end
open:
%before = load i64, ptr %board.opened
%opened = add i64 %before, 1
%parts = mul i64 %opened, %threads
store atomic i64 %stage, ptr %board.stage monotonic, align 8
store atomic i64 %opened, ptr %board.opened release, align 8
call void @claim(ptr %board, i64 %opened, i64 0)
br label %look
look:
%looks = phi i64 [ 0, %open ], [ %next, %again ]
%finished = load atomic i64, ptr %board.finished acquire, align 8
%done = icmp eq i64 %finished, %parts
br i1 %done, label %close, label %again
again:
%next = add i64 %looks, 1
call void @idle(ptr %board, i64 %next)
br label %look
close:
%penalty = load i64, ptr %board.penalty
%was_long = icmp sgt i64 %looks, {too_long}
%twice = mul i64 %penalty, 2
%lower = sub i64 %penalty, 1
%changed = select i1 %was_long, i64 %twice, i64 %lower
%bounded = call i64 @llvm.smin.i64(i64 %changed, i64 {most})
%new = call i64 @llvm.smax.i64(i64 %bounded, i64 {least})
store i64 %new, ptr %board.penalty
%stages = select i1 %was_long, i64 %penalty, i64 0
store i64 %stages, ptr %board.alone
br label %end
end:"""

_CLAIM = """
%threads = load i64, ptr %board.threads
%before = sub i64 %opened, 1
br label %next
next:
%i = phi i64 [ 0, %entry ], [ %following, %more ]
%place = add i64 %first, %i
%part = urem i64 %place, %threads
%line = mul i64 %part, 8
%claims = getelementptr i64, ptr %board.claims, i64 %line
%pair = cmpxchg ptr %claims, i64 %before, i64 %opened acq_rel monotonic, align 8
%claimed = extractvalue { i64, i1 } %pair, 1
br i1 %claimed, label %do, label %more
do:
%stage = load atomic i64, ptr %board.stage monotonic, align 8
call void @part(ptr %board, i64 %stage, i64 %part, i64 %threads)
%finished = atomicrmw add ptr %board.finished, i64 1 acq_rel, align 8
br label %more
more:
%following = add i64 %i, 1
%is_more = icmp slt i64 %following, %threads
br i1 %is_more, label %next, label %end
end:"""

_IDLE = """
{pause}
%is_patient = icmp slt i64 %looks, {patience}
br i1 %is_patient, label %end, label %rest
rest:
%naps = icmp sgt i64 %looks, {more_patience}
%sched_yield = load ptr, ptr %board.yield
%usleep = load ptr, ptr %board.sleep
%function = select i1 %naps, ptr %usleep, ptr %sched_yield
%is_none = icmp eq ptr %function, null
br i1 %is_none, label %end, label %call
call:
%result = call i32 %function(i32 {nap})
br label %end
end:"""

_HELP = """
%number = atomicrmw add ptr %board.helpers, i64 1 monotonic, align 8
%own = add i64 %number, 1
br label %look
look:
%seen = phi i64 [ 0, %entry ], [ %seen, %again ], [ %opened, %work ]
%looks = phi i64 [ 0, %entry ], [ %next, %again ], [ 0, %work ]
%closed = load atomic i64, ptr %board.closed acquire, align 8
%is_closed = icmp ne i64 %closed, 0
br i1 %is_closed, label %end, label %open
open:
%opened = load atomic i64, ptr %board.opened acquire, align 8
%is_new = icmp ne i64 %opened, %seen
br i1 %is_new, label %work, label %again
work:
call void @claim(ptr %board, i64 %opened, i64 %own)
br label %look
again:
%next = add i64 %looks, 1
call void @idle(ptr %board, i64 %next)
br label %look
end:"""


def team_functions(dtype: npt.DTypeLike, architecture: str, *, trains: bool = True) -> list[Code]:
    """Return ``share(board, stage)``, which does all parts of a stage, and ``help(frame)``.

    They call ``part(board, stage, part, parts)``, which the same module has to have.

    Args:
        dtype: of the kernel's numbers.
        architecture: of the processor.
        trains: whether the kernel trains: denormal results are then 0 in every thread.
    """
    # The other hyperthread of a core works faster while this one waits so.
    pause = "call void @llvm.x86.sse2.pause()" if architecture == "x86_64" else ""
    idle = _IDLE.format(pause=pause, patience=PATIENCE, more_patience=MORE_PATIENCE, nap=NAP)
    share = _SHARE.format(too_long=TOO_LONG, least=LEAST_ALONE, most=MOST_ALONE)
    board = ("ptr", "board")
    functions = [
        _function("idle", [board, ("i64", "looks")], idle, dtype),
        _function("claim", [board, ("i64", "opened"), ("i64", "first")], _CLAIM, dtype),
        _function("share", [board, ("i64", "stage")], share, dtype),
        _help_function(dtype, architecture if trains else ""),
    ]
    if pause:
        functions[0].declared.add("declare void @llvm.x86.sse2.pause()")
    for name in ("smin", "smax"):
        functions[2].declared.add(f"declare i64 @llvm.{name}.i64(i64, i64)")
    return functions


def _function(
    name: str, parameters: list[tuple[str, str]], body: str, dtype: npt.DTypeLike
) -> Code:
    code = Code(name, parameters, 1, dtype)
    _emit_body(code, body)
    return code


def _help_function(dtype: npt.DTypeLike, architecture: str) -> Code:
    code = Code("help", [("ptr", "frame")], 1, dtype, internal=False)
    place = FRAME.index("workspace")
    code.line(f"%frame.board = getelementptr i64, ptr %frame, i64 {place}")
    code.line("%board = load ptr, ptr %frame.board")
    mode = flush_denormals(code, architecture)
    _emit_body(code, _HELP)
    set_mode(code, architecture, mode)
    return code


def _emit_body(code: Code, body: str) -> None:
    for field, place in BOARD.items():
        code.line(f"%board.{field} = getelementptr i64, ptr %board, i64 {place}")
    code.line(body)


@contextmanager
def helpers(
    count: int,
    workspace: npt.NDArray[np.uint8],
    help_out: Callable[[], Any],
    threads: Executor,
) -> Generator[None]:
    """Let ``count`` more threads run ``help_out``, the function ``help``, while the block runs.

    A thread that has not begun when the block ends does not begin.

    Args:
        count: of threads beside the one that trains; 0 for none.
        workspace: of the kernel, whose beginning is the board.
        help_out: calls ``help`` with the frame of the kernel.
        threads: threads that wait for work.
    """
    board = workspace[: 8 * BOARD_SIZE].view(np.int64)
    # How well earlier calls went with helpers is remembered.
    alone, penalty = board[BOARD["alone"]], board[BOARD["penalty"]]
    board[:] = 0
    count = min(count, MOST_THREADS - 1)
    board[BOARD["threads"]] = count + 1
    board[BOARD["alone"]], board[BOARD["penalty"]] = max(0, alone), max(LEAST_ALONE, penalty)
    board[BOARD["yield"]] = _address("sched_yield")
    board[BOARD["sleep"]] = _address("usleep")
    tasks = [threads.submit(help_out) for _ in range(count)]
    try:
        yield
    finally:
        board[BOARD["closed"]] = 1
        for task in tasks:
            if not task.cancel():
                task.result()
        board[BOARD["threads"]] = 1


@cache
def _address(name: str) -> int:
    """Return the address of a function of the system, 0 where it has none."""
    if sys.platform == "win32":
        return 0
    return ctypes.cast(getattr(ctypes.CDLL(None), name), ctypes.c_void_p).value or 0
