"""Losses in which an array (N, 1) meets an array (N,), so that all pairs are combined."""

import ast
import re
from typing import Any

from rosenblatt.check.functions.gradient_cases import LOSS
from rosenblatt.check.record.recording import Event
from rosenblatt.check.source.text import Source
from rosenblatt.check.source.words import TARGETS

_TARGET = re.compile(
    rf"^(y|t|d)(_?(true|b|batch|tr|train))?\d*$|{TARGETS}",
    re.I,
)
_BY_ENTRY = re.compile(r"(log\w*|exp|abs|square|sqrt|clip|maximum|minimum|power)$")
_FEWEST = 3
"""The smallest N."""

_MOST_EVENTS = 5000
"""Events of a run whose shapes are looked at."""


def mixed_shapes(events: list[Event], source: Source) -> list[dict[str, Any]]:
    """Return a finding of a loss whose outputs and targets have the shapes (N,) and (N, 1)."""
    shapes: dict[str, dict[str, set[Any]]] = {}
    for event in events[:_MOST_EVENTS]:
        shapes.setdefault(event.function, {}).setdefault(event.name, set()).add(event.value.shape)
    for root in [source.tree, *source.functions]:
        function = getattr(root, "name", "")
        known = {name: next(iter(s)) for name, s in shapes.get(function, {}).items() if len(s) == 1}
        for statement in _own_statements(root):
            is_loss = any(LOSS.search(w.lower()) for w in (function, _assigned(statement)))
            for node in (part for part in ast.walk(statement) if isinstance(part, ast.expr)):
                pair = _pair(node, known) if is_loss or _is_residual(node) else None
                if pair is not None and any(_TARGET.search(name) for name, _ in pair):
                    n = max(pair[0][1])
                    return [
                        {
                            "mistake": "broadcast",
                            "where": function or "training",
                            "parameter": pair[0][0],
                            "line": node.lineno,
                            "text": f"{pair[0][0]} and {pair[1][0]} have the shapes {pair[0][1]} "
                            f"and {pair[1][1]}: their combination has {n} × {n} numbers.",
                        }
                    ]
    return []


def _own_statements(root: Any) -> list[ast.stmt]:
    """Return the simple statements of a function or a module, without those of functions in it."""
    found: list[ast.stmt] = []
    for child in ast.iter_child_nodes(root):
        if isinstance(child, ast.FunctionDef | ast.ClassDef | ast.Lambda):
            continue
        if isinstance(child, ast.Assign | ast.AugAssign | ast.Return | ast.Expr):
            found.append(child)
        else:
            found += _own_statements(child)
    return found


def _assigned(statement: ast.stmt) -> str:
    if isinstance(statement, ast.Assign):
        return ast.unparse(statement.targets[0])
    return ast.unparse(statement.target) if isinstance(statement, ast.AugAssign) else ""


def _is_residual(node: Any) -> bool:
    """Return whether one side of a difference is the output of a linear model: X @ w + b - y."""
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Sub):
        return False
    sides = (node.left, node.right)
    return any(_factors(part) for side in sides for part in ast.walk(side))


def _factors(node: Any) -> list[ast.expr]:
    """Return the two factors of a matrix product: A @ w, A.dot(w), np.dot(A, w); [] for others."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        return [node.left, node.right]
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return []
    if node.func.attr not in ("dot", "matmul"):
        return []
    return [*([node.func.value] if len(node.args) == 1 else []), *node.args][:2]


def _pair(node: Any, known: dict[str, Any]) -> tuple[tuple[str, Any], tuple[str, Any]] | None:
    """Return two names with shapes (N,) and (N, 1) that an operation combines by entries."""
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Add | ast.Sub | ast.Mult):
        return None
    left, right = _array(node.left, known), _array(node.right, known)
    if left is None or right is None:
        return None
    flat, column = sorted((left[1], right[1]), key=len)
    size = flat[0] if len(flat) == 1 else 0
    mixed = size >= _FEWEST and column == (size, 1)
    return (left, right) if mixed else None


def _array(node: Any, known: dict[str, Any]) -> tuple[str, Any] | None:
    """Return the only array in an expression that keeps its shape, with its shape."""
    if isinstance(node, ast.Name | ast.Attribute):
        name = ast.unparse(node)
        return (name, known[name]) if known.get(name) else None
    factors = _factors(node)
    if factors:
        left, right = (_array(factor, known) for factor in factors)
        if left is None or right is None or len(left[1]) != 2:
            return None
        return f"{left[0]} @ {right[0]}", (left[1][0], *right[1][1:])
    parts: list[Any] = []
    if isinstance(node, ast.UnaryOp):
        parts = [node.operand]
    elif isinstance(node, ast.BinOp):
        parts = [node.left, node.right]
    elif isinstance(node, ast.Call) and _BY_ENTRY.search(ast.unparse(node.func)):
        parts = list(node.args)
    elif not isinstance(node, ast.Constant):
        return None
    arrays = [found for part in parts if (found := _array(part, known)) is not None]
    return arrays[0] if len(arrays) == 1 else None
