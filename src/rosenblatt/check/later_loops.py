"""A file that trains in one loop after the other, with a later loop recorded.

The recorded part of a run may end in the first loop, such as that of a linear model, before a
network is trained in the next one.
"""

import ast
from collections.abc import Iterator
from typing import Any

from rosenblatt.check.record.recording import Event
from rosenblatt.check.source.changes import with_changes
from rosenblatt.check.source.coverage import called_from, is_update
from rosenblatt.check.source.plain_updates import subtraction
from rosenblatt.check.source.text import Source, without_loops_at

MOST = 2
"""Later loops that are tried."""


def with_later_loops(source: Source, events: list[Event]) -> Iterator[str]:
    """Yield the text of the file with one pass of the loops before a later one, on the same lines.

    The loops before it are not recorded. There are none where ``events`` are of all loops that
    train. The caller adds what a further run records to ``events``.
    """
    tried = 0
    for loops in _blocks(source):
        for number in range(1, len(loops)):
            before = loops[:number]
            counts = [count for loop in before if (count := _count(loop)) is not None]
            begun = all(_has_events(loop, events) for loop in before)
            if not begun or len(counts) < len(before) or _has_events(loops[number], events):
                continue
            if tried == MOST:
                return
            tried += 1
            text = with_changes(source.text, [(count, "1") for count in counts])
            yield without_loops_at(text, [loop.lineno for loop in before])


def _blocks(source: Source) -> Iterator[list[ast.For]]:
    """Yield the loops of a block that change parameters, where there are several."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.If):
            loops = [part for part in node.body if isinstance(part, ast.For)]
            loops = [loop for loop in loops if _changes_parameters(loop, source)]
            if len(loops) > 1:
                yield loops


def _changes_parameters(loop: ast.For, source: Source) -> bool:
    """Return whether a loop has an update, or calls functions of the file that have one."""
    calls = [node.func for node in ast.walk(loop) if isinstance(node, ast.Call)]
    names = called_from([ast.unparse(call) for call in calls], source)
    parts = [loop, *(function for function in source.functions if function.name in names)]
    nodes = [node for part in parts for node in ast.walk(part)]
    return any(is_update(node) or subtraction(node) for node in nodes)


def _count(loop: ast.For) -> Any:
    """Return the node of ``n`` in ``range(n)`` that a loop runs over; None for another loop."""
    call = loop.iter
    if not isinstance(call, ast.Call) or ast.unparse(call.func) != "range":
        return None
    return call.args[0] if len(call.args) == 1 else None


def _has_events(loop: ast.For, events: list[Event]) -> bool:
    """Return whether a value of a loop's own lines was recorded."""
    return any(loop.lineno <= event.line <= (loop.end_lineno or 0) for event in events)
