"""Kinds of small changes that apply a mask of dropout to a gradient, or its scale."""

import ast
import re
from typing import Any

import numpy as np

from rosenblatt.check.edits.kinds import Code, Found, parsed
from rosenblatt.check.source.words import last_name

MOST_SCALES = 4
"""Divisors of the file that are tried as the share that a mask keeps."""


def masks(node: Any, code: Code) -> Found:
    """Multiply an array that is assigned by a mask that was drawn at random, or by its scale."""
    if not isinstance(node, ast.Assign) or len(node.targets) != 1 or not code.drawn:
        return
    text = ast.unparse(node.targets[0])
    values = code.known_values(node)
    shape = code.readable(node).get(text)
    if not shape:
        return
    read = {ast.unparse(part) for part in ast.walk(node.value) if isinstance(part, ast.expr)}
    for name, value in values.items():
        if name == text or value.shape != shape or not _is_drawn(name, value, code):
            continue
        factors = [] if name in read else [name]
        if value.max() <= 1:
            # The scale of a mask of zeros and ones is apart from it.
            factors += [f"({f} / {share})" for share in _shares(code) for f in (*factors, "1")]
        for factor in factors:
            yield "dropout-scale", f"times {factor}", _times(factor)


def reads_mask(line: int, code: Code) -> bool:
    """Return whether a statement in a line computes with a mask of dropout that was drawn."""
    for node in code.nodes:
        if isinstance(node, ast.Assign | ast.AugAssign) and node.lineno == line:
            read = {
                ast.unparse(part) for part in ast.walk(node.value) if isinstance(part, ast.expr)
            }
            values = code.known_values(node).items()
            return any(name in read and _is_drawn(name, value, code) for name, value in values)
    return False


def _is_drawn(name: str, value: Any, code: Code) -> bool:
    """Return whether a value is a mask of dropout, zeros and one other number, that was drawn."""
    known = last_name(name) in code.drawn
    if known and name in code.compared:
        # The first value of D, in D = rand(…) and D = D < keep, is not a mask yet.
        return True
    levels = np.unique(value)
    if len(levels) != 2 or levels[0] != 0 or levels[1] <= 0:
        return False
    return known or any(np.array_equal(value, other) for other in code.drawn.values())


def _shares(code: Code) -> list[str]:
    """Return the numbers by which the file divides, as texts."""
    texts = [
        ast.unparse(node.right if isinstance(node, ast.BinOp) else node.value)
        for node in code.nodes
        if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div)
    ]
    shares = [t for t in dict.fromkeys(texts) if re.fullmatch(r"(1(\.0)? - )?[\w.]+", t)]
    return [f"({share})" for share in shares][:MOST_SCALES]


def _times(factor: str) -> Any:
    def change(node: Any) -> Any:
        node.value = ast.BinOp(node.value, ast.Mult(), parsed(factor))
        return node

    return change
