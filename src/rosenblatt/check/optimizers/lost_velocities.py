"""Velocities that an update gives a new number and keeps nowhere."""

import ast
from typing import Any

from rosenblatt.check.source.text import Source


def lost_velocity(function: Any, source: Source) -> int | None:
    r"""Return the line that binds the variable of a loop anew where no list gets its value.

    >>> text = "def f(ps, vs):\n    for p, v in zip(ps, vs):\n        v = 0.9 * v + p.g\n"
    >>> node = ast.parse(text).body[0]
    >>> [_bound_anew(loop) for loop in ast.walk(node) if isinstance(loop, ast.For)]
    [3]
    """
    node = source.node_of(function)
    loops = (part for part in ast.walk(node) if isinstance(part, ast.For)) if node else ()
    return next(filter(None, map(_bound_anew, loops)), None)


def _bound_anew(loop: ast.For) -> int | None:
    names = {part.id for part in ast.walk(loop.target) if isinstance(part, ast.Name)}
    parts = [part for statement in loop.body for part in ast.walk(statement)]
    for part in parts:
        if not isinstance(part, ast.Assign) or not isinstance(part.targets[0], ast.Name):
            continue
        name = part.targets[0].id
        if name in names and name in _names(part.value) and not _is_kept(name, parts):
            return part.lineno
    return None


def _is_kept(name: str, parts: list[ast.AST]) -> bool:
    """Return whether a value is put into a container or given to a call."""
    for part in parts:
        if isinstance(part, ast.Assign) and not isinstance(part.targets[0], ast.Name):
            if name in _names(part.value):
                return True
        elif isinstance(part, ast.Yield | ast.Return):
            if part.value is not None and name in _names(part.value):
                return True
        elif isinstance(part, ast.Call):
            given = [*part.args, *(keyword.value for keyword in part.keywords)]
            if any(isinstance(value, ast.Name) and value.id == name for value in given):
                return True
    return False


def _names(node: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
