"""Samples that no batch contains, where batches are slices counted by a division.

``for k in range(n // size): part = slice(k * size, (k + 1) * size)`` leaves out the last samples
where ``size`` does not divide ``n``, and ``part = slice(k, k + size)`` leaves out most of them. The
batches need no name of their own.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rosenblatt.check.record.recording import Event
from rosenblatt.check.report.left_over import left_over, overlapping
from rosenblatt.check.source.shuffles import is_reshuffled
from rosenblatt.check.source.text import Source

FEWEST = 8
"""The smallest set of samples that is looked at."""

_MEANT = re.compile(r"drop_?(last|remainder)", re.I)


def cut_off(events: list[Event], source: Source) -> list[dict[str, Any]]:
    """Return a finding where the slices of a loop end before the samples do."""
    if _MEANT.search(source.text):
        return []
    for loop in _loops(source.tree):
        division = _counted_by(loop, source)
        if division is None or not isinstance(loop.target, ast.Name):
            continue
        size = ast.unparse(division.right)
        overlaps = _overlaps(loop, size)
        if not overlaps and (not _is_sliced(loop, size) or _has_rest(loop, size, source)):
            continue
        lines = range(loop.first, loop.last + 1)
        place = next((k for k, event in enumerate(events) if event.line in lines), None)
        n, width = (_number(part, events[:place]) for part in (division.left, division.right))
        if place is None or n is None or width is None or not n >= max(FEWEST, 2 * width):
            continue
        is_count = any(e.value.ndim and len(e.value) == n for e in events[:place])
        if overlaps and is_count and width > 1 and n // width > 1:
            return [overlapping(n, width, loop.first)]
        if overlaps:
            continue
        if n % width and (is_count or _is_length(division.left, loop, source)):
            anew = is_reshuffled(loop.first, loop.last, source)
            return [left_over(n, width, division.lineno, is_reshuffled=anew)]
    return []


@dataclass(frozen=True)
class _Loop:
    """A loop, or a comprehension: what it counts by, its statements, and its lines."""

    target: ast.expr
    iter: ast.expr
    body: list[ast.AST]
    first: int
    last: int


def _loops(tree: ast.AST) -> Iterator[_Loop]:
    for node in ast.walk(tree):
        if isinstance(node, ast.For):
            last = node.end_lineno or node.lineno
            yield _Loop(node.target, node.iter, list(node.body), node.lineno, last)
        elif isinstance(node, ast.ListComp | ast.GeneratorExp) and len(node.generators) == 1:
            own = node.generators[0]
            last = node.end_lineno or node.lineno
            yield _Loop(own.target, own.iter, [node.elt], node.lineno, last)


def _is_length(count: ast.expr, loop: _Loop, source: Source) -> bool:
    """Return whether a count is assigned the length of what the loop takes slices of."""
    nodes = [node for statement in loop.body for node in ast.walk(statement)]
    lengths = {
        f"len({ast.unparse(node.value)})"
        for node in nodes
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice)
    }
    assigned = {
        ast.unparse(node.value)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == ast.unparse(count)
    }
    return bool(lengths & {*assigned, ast.unparse(count)})


def _counted_by(loop: _Loop, source: Source) -> ast.BinOp | None:
    """Return the division ``n // size`` of ``for k in range(n // size)``; None for others."""
    call = loop.iter
    if not isinstance(call, ast.Call) or ast.unparse(call.func) != "range" or len(call.args) != 1:
        return None
    count = _quotient(call.args[0])
    if count is None and isinstance(call.args[0], ast.Name | ast.Attribute):
        name = ast.unparse(call.args[0])
        values = [
            node.value
            for node in ast.walk(source.tree)
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name
        ]
        count = _quotient(values[0]) if len(values) == 1 else None
    return count


def _quotient(node: ast.expr) -> ast.BinOp | None:
    """Return n // size, also of int(n / size)."""
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "int" and len(node.args) == 1:
        inner = node.args[0]
        return inner if isinstance(inner, ast.BinOp) and isinstance(inner.op, ast.Div) else None
    return node if isinstance(node, ast.BinOp) and isinstance(node.op, ast.FloorDiv) else None


def _is_sliced(loop: _Loop, size: str) -> bool:
    """Return whether a loop takes slices that begin at k * size."""
    products = {f"{ast.unparse(loop.target)} * {size}", f"{size} * {ast.unparse(loop.target)}"}
    nodes = [node for statement in loop.body for node in ast.walk(statement)]
    begins = {
        ast.unparse(node.targets[0])
        for node in nodes
        if isinstance(node, ast.Assign) and ast.unparse(node.value) in products
    }
    lower = [node.lower for node in nodes if isinstance(node, ast.Slice) and node.upper]
    lower += [
        node.args[0]
        for node in nodes
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "slice" and len(node.args) > 1
    ]
    return any(part is not None and ast.unparse(part) in products | begins for part in lower)


def _overlaps(loop: _Loop, size: str) -> bool:
    """Return whether a loop takes k : k + size of samples and of labels, where k is its count.

    A window of one series, whose next value has the index k + size, is no batch.
    """
    k = ast.unparse(loop.target)
    ends = (f"{k} + {size}", f"{size} + {k}")
    nodes = [node for statement in loop.body for node in ast.walk(statement)]
    if any(isinstance(n, ast.Name) and n.id == k and isinstance(n.ctx, ast.Store) for n in nodes):
        return False
    parts = [node for node in nodes if isinstance(node, ast.Subscript)]
    if any(ast.unparse(part.slice) in ends for part in parts):
        return False
    sliced = {
        ast.unparse(part.value)
        for part in parts
        if isinstance(part.slice, ast.Slice) and part.slice.lower and part.slice.upper
        if ast.unparse(part.slice.lower) == k and ast.unparse(part.slice.upper) in ends
    }
    return len(sliced) > 1


def _has_rest(loop: _Loop, size: str, source: Source) -> bool:
    """Return whether the code computes what the batches leave, or how far they reach."""
    count = ast.unparse(loop.iter)[len("range(") : -1]
    products = {f"{count} * {size}", f"{size} * {count}", f"({count}) * {size}"}
    return any(
        ast.unparse(node) in products or (isinstance(node.op, ast.Mod) and _is(node.right, size))
        for node in ast.walk(source.tree)
        if isinstance(node, ast.BinOp)
    )


def _is(node: ast.expr, text: str) -> bool:
    return ast.unparse(node) == text


def _number(node: ast.expr, events: list[Event]) -> int | None:
    """Return the whole number that an expression has after some events; None for others."""
    text = ast.unparse(node)
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, int) else None
    array = re.fullmatch(r"len\((.+)\)|(.+)\.shape\[0\]|(.+)\.size", text)
    if array and any(event.name == text for event in events):
        # An attribute may have the name "size" as well.
        array = None
    name = next(filter(None, array.groups())) if array else text
    value = next((event.value for event in reversed(events) if event.name == name), None)
    if value is None or (array is None) != (value.ndim == 0):
        return None
    number = len(value) if array else float(value)
    return int(number) if number == int(number) else None
