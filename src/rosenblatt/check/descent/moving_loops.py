"""Loops that only move parameters: what moves again in one of them is one update.

``for j in range(n): w[j] += rate * error * x[j]; b += rate * error * x[j]`` moves ``b`` once for
each input, and nothing is computed between these moves.
"""

import ast
import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from rosenblatt.check.record.recording import Event
from rosenblatt.check.source.text import Source

_HARMLESS = re.compile(
    r"range|len|enumerate|zip|reversed|float|int|abs|min|max|sum|(np|numpy|math)\.\w+(\.\w+)?"
)
"""Calls that run no code of the file."""


Versions = list[tuple[int, Any]]


def joined(
    line: int, first: Any, versions: Versions, events: list[Event], source: Source
) -> Versions:
    """Return (event, value) of each update by a line; those by one run of a loop are one.

    ``first`` is the value before the first update.
    """
    loop = _loop_around(line, source.tree)
    if loop is None or not _only_moves(loop, line):
        return versions
    inside = range(loop.lineno, (loop.end_lineno or loop.lineno) + 1)
    result: Versions = []
    last, before, moved = -1, first, np.zeros(first.shape, dtype=bool)
    for position, value in versions:
        mask = (value != before) | (first.ndim == 0)
        goes_on = result and all(event.line in inside for event in events[last + 1 : position])
        if goes_on and ((mask & moved).any() or not mask.any()):
            result[-1] = (position, value)
            moved = moved | mask
        else:
            result.append((position, value))
            moved = mask
        last, before = position, value
    return result


def _loop_around(line: int, tree: ast.AST) -> ast.For | None:
    """Return the innermost loop in which a line stands."""
    loops = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.For) and node.lineno < line <= (node.end_lineno or node.lineno)
    ]
    return max(loops, key=lambda loop: loop.lineno, default=None)


def _only_moves(loop: ast.For, line: int) -> bool:
    """Return whether a loop reads what a line moves only to move it, and calls no own function."""
    calls = [ast.unparse(part.func) for part in ast.walk(loop) if isinstance(part, ast.Call)]
    if not all(_HARMLESS.fullmatch(call) for call in calls):
        return False
    moves = [
        part
        for part in ast.walk(loop)
        if isinstance(part, ast.Assign | ast.AugAssign) and part.lineno == line
    ]
    targets = [
        move.target if isinstance(move, ast.AugAssign) else move.targets[0] for move in moves
    ]
    if len(targets) != 1:
        return False
    target = targets[0]
    parts = target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
    return {_word(part) for part in parts}.isdisjoint(_word(part) for part in _reads(loop))


def _reads(node: ast.AST) -> Iterator[ast.expr]:
    """Yield what a statement reads, but for a target that it adds to."""
    if isinstance(node, ast.AugAssign):
        yield from _reads(node.value)
        return
    if isinstance(node, ast.Assign):
        text = ast.unparse(node.targets[0])
        value = node.value
        if isinstance(value, ast.BinOp) and ast.unparse(value.left) == text:
            value = value.right
        yield from _reads(value)
        return
    if isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
        yield node
    for child in ast.iter_child_nodes(node):
        yield from _reads(child)


def _word(node: ast.expr) -> str:
    """Return the last word of what holds a value: "b1" of net["b1"][j] and of self.b1[j]."""
    while isinstance(node, ast.Subscript):
        if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
            return node.slice.value
        node = node.value
    return node.attr if isinstance(node, ast.Attribute) else ast.unparse(node)
