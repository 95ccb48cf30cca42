"""Updates that give a local name a new value: the parameter stays as it is.

``for p, g in zip(params, grads): p = p - rate * g`` makes new arrays that nothing holds, as
``def step(w, dw): w = w - rate * dw`` does without a return.
"""

import ast
from collections.abc import Iterator
from typing import Any

from rosenblatt.check.descent.findings import run_finding
from rosenblatt.check.record.recording import Event
from rosenblatt.check.source.text import Source


def rebound(events: list[Event], source: Source) -> list[dict[str, Any]]:
    """Return a finding of an update of a loop's or a function's own name that nothing reads."""
    functions = [node for node in ast.walk(source.tree) if isinstance(node, ast.FunctionDef)]
    for root in [source.tree, *functions]:
        for name, statement in _unread_updates(root, functions):
            event = next((e for e in events if e.line == statement.lineno and e.updates), None)
            if event is None or event.dtype != "f":
                continue
            finding = run_finding("gradient-missing", name, event.line, event.function)
            text = f"Line {event.line} gives the name {name} a new value that nothing reads, "
            text += f"and the parameter stays as it is: {name} -= ... changes an array itself."
            return [{**finding, "text": text}]
    return []


def _unread_updates(root: Any, functions: list[Any]) -> Iterator[tuple[str, ast.stmt]]:
    """Yield (name, statement) of the updates of names that ``root`` or its loops begin with."""
    own = list(_own_nodes(root))
    reads = [node for node in ast.walk(root) if isinstance(node, ast.Name)]
    reads = [node for node in reads if isinstance(node.ctx, ast.Load)]
    scopes = [(n, _names(n.target)) for n in own if isinstance(n, ast.For)]
    if root in functions:
        scopes.append((root, {argument.arg for argument in root.args.args}))
    for scope, names in scopes:
        for statement in _statements(scope.body):
            name = _moved_name(statement)
            if name not in names:
                continue
            places = [(node.lineno, node.col_offset) for node in reads if node.id == name]
            begin = scope.lineno, scope.col_offset
            # Before its update, the name has the value that the loop or the caller gave it.
            if all(begin <= place < _end(statement) for place in places):
                yield name, statement


def _end(node: Any) -> tuple[int, int]:
    return node.end_lineno, node.end_col_offset


def _own_nodes(root: Any) -> Iterator[ast.AST]:
    """Yield the nodes of a function or a module without those of functions in it."""
    for child in ast.iter_child_nodes(root):
        if not isinstance(child, ast.FunctionDef | ast.ClassDef | ast.Lambda):
            yield child
            yield from _own_nodes(child)


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements of a block that are done once, with those of its conditions."""
    for statement in body:
        if isinstance(statement, ast.If):
            yield from _statements(statement.body)
            yield from _statements(statement.orelse)
        else:
            yield statement


def _names(target: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(target) if isinstance(node, ast.Name)}


def _moved_name(statement: ast.stmt) -> str:
    """Return p of ``p = p - step`` or ``p = p + step``; "" for other statements."""
    if not isinstance(statement, ast.Assign) or len(statement.targets) > 1:
        return ""
    target, value = statement.targets[0], statement.value
    if not isinstance(target, ast.Name) or not isinstance(value, ast.BinOp):
        return ""
    moves = isinstance(value.op, ast.Add | ast.Sub) and ast.unparse(value.left) == target.id
    return target.id if moves else ""
