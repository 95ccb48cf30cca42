"""Threads that share stages: every part is done once, by whoever claims it."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from rosenblatt.engines.compiled.build import compile_text, load
from rosenblatt.engines.compiled.ir import FRAME, Code, module_text
from rosenblatt.engines.compiled.target import Target
from rosenblatt.engines.compiled.team import (
    BOARD,
    BOARD_SIZE,
    MOST_THREADS,
    helpers,
    team_functions,
)

STAGES = 3000


def counting_part(code):
    """Add 1 to the number of a stage and a part, and wait so long as the part's number says.

    On a busy machine a stage may be done by one thread alone, as one part: it counts as all.
    """
    counts = code.at("%board", BOARD_SIZE, "i64")
    threads = code.load(code.at("%board", BOARD["threads"], "i64"), "i64")
    with code.loop(code.integer("sdiv", threads, "%parts")) as i:
        part = code.integer("add", code.integer("mul", i, "%parts"), "%part")
        place = code.integer("add", code.integer("mul", "%stage", MOST_THREADS), part)
        pointer = code.at(counts, place, "i64")
        code.store(code.integer("add", code.load(pointer, "i64"), 1), pointer, "i64", align=8)
    with code.loop(code.integer("add", code.integer("mul", "%part", 20), 1)) as i:
        code.line(f'call void asm sideeffect "", "r"(i64 {i})')


@pytest.fixture(scope="module")
def library():
    target = Target.host()
    board, whole = ("ptr", "board"), [("i64", name) for name in ("stage", "part", "parts")]
    part = Code("part", [board, *whole], 1, "f8")
    counting_part(part)
    train = Code("train", [("ptr", "frame")], 1, "f8", internal=False)
    workspace = train.field("workspace")
    with train.loop(STAGES) as stage:
        train.call("void", "share", [("ptr", workspace), ("i64", stage)])
    functions = [part, *team_functions("f8", target.architecture), train]
    return load(compile_text(module_text(functions, target.attributes), target), ("train", "help"))


@pytest.mark.parametrize("alone", [0, 100])
@pytest.mark.parametrize("n_threads", [1, 2, 3, 5, MOST_THREADS, MOST_THREADS + 3])
def test_a_team_does_every_part_once(library, n_threads, alone):
    n_bytes = 8 * (BOARD_SIZE + MOST_THREADS * STAGES)
    raw = np.zeros(n_bytes + 64, np.uint8)
    start = -raw.ctypes.data % 64
    workspace = raw[start : start + n_bytes]
    workspace[: 8 * BOARD_SIZE].view(np.int64)[BOARD["alone"]] = alone
    frame = np.zeros(len(FRAME), np.int64)
    frame[FRAME.index("workspace")] = workspace.ctypes.data
    train, help_out = library.function("train"), library.function("help")
    address = frame.ctypes.data
    with ThreadPoolExecutor(MOST_THREADS) as threads:
        for _ in range(2):
            with helpers(n_threads - 1, workspace, lambda: help_out(address), threads):
                train(address)
    counts = workspace[8 * BOARD_SIZE :].view(np.int64).reshape(STAGES, MOST_THREADS)
    n_parts = min(n_threads, MOST_THREADS)
    assert (counts[:, :n_parts] == 2).all()
    assert (counts[:, n_parts:] == 0).all()
