"""Kinds of small changes of two similar statements: what one reads is exchanged."""

import ast
import itertools
import re
from collections.abc import Callable
from typing import Any

from rosenblatt.check.edit_kinds import BLOCKS, Code, Found


def exchanges(node: Any, code: Code) -> Found:
    """Exchange a name of one statement with that of the next: w6 and w7, for a transposed W."""
    if not isinstance(node, BLOCKS):
        return
    for place, (one, other) in enumerate(itertools.pairwise(node.body)):
        if not all(isinstance(s, ast.Assign | ast.AugAssign) for s in (one, other)):
            continue
        if _family(ast.unparse(one)) != _family(ast.unparse(other)):
            continue
        first, second = _read(one), _read(other)
        for left, right in itertools.product(sorted(first - second), sorted(second - first)):
            if _family(left) == _family(right):
                what = f"exchange line {one.lineno} {left} {right}"
                yield "transposed", what, _exchanged(place, left, right)


def _family(text: str) -> str:
    """Return a text without its digits."""
    return re.sub(r"\d+", "", text)


def _read(statement: ast.AST) -> set[str]:
    """Return the names with digits that a statement reads."""
    return {
        part.id
        for part in ast.walk(statement)
        if isinstance(part, ast.Name)
        and isinstance(part.ctx, ast.Load)
        and re.search(r"\d", part.id)
    }


def _exchanged(place: int, left: str, right: str) -> Callable[[Any], Any]:
    others = {left: right, right: left}

    def change(node: Any) -> Any:
        for statement in node.body[place : place + 2]:
            for part in ast.walk(statement):
                if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load):
                    part.id = others.get(part.id, part.id)
        return node

    return change
