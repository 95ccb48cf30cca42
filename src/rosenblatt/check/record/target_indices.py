"""Indices of assigned targets that calls give: they are computed once, before the assignment."""

import ast
import re
from typing import Any

_PURE = re.compile(
    r"int|len|tuple|min|max|abs|(np|numpy)\.\w+|[\w.]+\.(argmax|argmin|index|get)|__recorder__\.\w+"
)
"""Functions that return the same for the same arguments, and change nothing."""


def computed_once(target: Any, number: int) -> list[ast.stmt]:
    """Replace the indices in a target that are calls; return the statements that compute them.

    The recorder reads a target before and after its assignment, and a second call may draw another
    random number. ``number`` tells the targets of one assignment apart.
    """
    statements: list[ast.stmt] = []
    while isinstance(target, ast.Subscript | ast.Attribute):
        if isinstance(target, ast.Subscript) and _calls(target.slice):
            name = f"__index_{number}_{len(statements)}__"
            statements.insert(0, ast.Assign([ast.Name(name, ast.Store())], target.slice))
            target.slice = ast.Name(name, ast.Load())
        target = target.value
    return statements


def value_first(node: Any) -> ast.stmt:
    """Return the statement that computes an assigned value, which comes before its indices."""
    value = ast.Assign([ast.Name("__value__", ast.Store())], node.value)
    node.value = ast.Name("__value__", ast.Load())
    return value


def _calls(index: ast.expr) -> bool:
    """Return whether an index calls a function that may do more than return a value."""
    parts = list(ast.walk(index))
    return not any(isinstance(part, ast.Slice) for part in parts) and any(
        isinstance(part, ast.Call) and not _PURE.fullmatch(ast.unparse(part.func)) for part in parts
    )
