"""Small changes of a function's code, each the repair of a known mistake."""

import ast
import copy
import types
from collections.abc import Callable, Iterator, Sequence
from typing import Any

_MOST = 400
"""Changes of one function that are tried."""

Change = tuple[str, int, Any]
"""(the mistake that the change repairs, its line, the changed definition)"""


def repairs(
    definition: ast.FunctionDef, function: Any, attributes: Sequence[str] = ()
) -> Iterator[tuple[str, int, Any]]:
    """Yield (mistake, line, changed function) for every small change that compiles.

    ``attributes`` are names on ``self`` that may be meant where another one stands.
    """
    for number, (mistake, line, changed) in enumerate(_changes(definition, attributes)):
        if number >= _MOST:
            return
        changed.decorator_list = []
        tree = ast.fix_missing_locations(ast.Module(body=[changed], type_ignores=[]))
        try:
            code = compile(tree, "repair", "exec")
        except (SyntaxError, ValueError):
            continue
        names: dict[str, Any] = dict(getattr(function, "__globals__", {}))
        exec(code, names)
        result = names[definition.name]
        if isinstance(result, types.FunctionType):
            yield mistake, line, result


def _changes(definition: ast.FunctionDef, attributes: Sequence[str]) -> Iterator[Change]:
    nodes = list(ast.walk(definition))
    for number, node in enumerate(nodes):
        for mistake, edit in _edits(node):
            changed = copy.deepcopy(definition)
            target = list(ast.walk(changed))[number]
            edit(target)
            yield mistake, getattr(node, "lineno", definition.lineno), changed
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            for name in attributes:
                if node.attr in attributes and name != node.attr:
                    changed = copy.deepcopy(definition)
                    attribute: Any = list(ast.walk(changed))[number]
                    attribute.attr = name
                    yield "wrong-input-cached", node.lineno, changed
    yield from _factors(definition)


def _edits(node: ast.AST) -> Iterator[tuple[str, Callable[[Any], None]]]:
    """Yield (mistake, edit) for one node of the tree; the edit changes a copy of it in place."""
    if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Add | ast.Sub):
        other = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()

        def swap(target: Any) -> None:
            target.op = other

        yield "sign", swap
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):

        def positive(target: Any) -> None:
            target.op = ast.UAdd()

        yield "sign", positive
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        opposite = {ast.Lt: ast.Gt, ast.Gt: ast.Lt, ast.LtE: ast.GtE, ast.GtE: ast.LtE}
        new = opposite.get(type(node.ops[0]))
        if new is not None:

            def turn(target: Any) -> None:
                target.ops = [new()]

            yield "relu-wrong-side", turn
    if isinstance(node, ast.Attribute) and node.attr in ("mean", "sum"):

        def exchange(target: Any) -> None:
            target.attr = "sum" if target.attr == "mean" else "mean"

        yield "batch-factor", exchange
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div | ast.MatMult):
        yield from _products(node)
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.expr):

        def negative(target: Any) -> None:
            target.value = ast.UnaryOp(ast.USub(), target.value)

        yield "sign", negative


def _products(node: ast.BinOp) -> Iterator[tuple[str, Callable[[Any], None]]]:
    if isinstance(node.op, ast.MatMult):
        for side in ("left", "right"):

            def transpose(target: Any, side: str = side) -> None:
                part = getattr(target, side)
                if isinstance(part, ast.Attribute) and part.attr == "T":
                    setattr(target, side, part.value)
                else:
                    setattr(target, side, ast.Attribute(part, "T", ast.Load()))

            yield "transposed", transpose
        return

    def drop(target: Any) -> None:
        target.right = ast.Constant(1.0)

    yield "constant-factor" if isinstance(node.right, ast.Constant) else "batch-factor", drop
    if isinstance(node.op, ast.Mult):

        def drop_left(target: Any) -> None:
            target.left = ast.Constant(1.0)

        yield "constant-factor", drop_left


def _factors(definition: ast.FunctionDef) -> Iterator[Change]:
    """Yield changes that multiply an assigned value by an activation's derivative, or add to it."""
    nodes = list(ast.walk(definition))
    places = [
        k for k, node in enumerate(nodes) if isinstance(node, ast.Assign) and len(node.targets) == 1
    ]
    for k in places:
        node: Any = nodes[k]
        if isinstance(node.targets[0], ast.Subscript | ast.Attribute):
            changed = copy.deepcopy(definition)
            _replace(
                changed,
                k,
                lambda n: ast.AugAssign(n.targets[0], ast.Add(), n.value),
            )
            yield "gradients-accumulate", node.lineno, changed
    values = _values(definition)
    for k in reversed(places):
        node = nodes[k]
        for text in values:
            for mistake, factor in (
                ("activation-derivative-missing", f"(1 - ({text}) ** 2)"),
                ("activation-derivative-missing", f"({text}) * (1 - ({text}))"),
                ("activation-derivative-missing", f"(({text}) > 0)"),
            ):
                changed = copy.deepcopy(definition)
                target: Any = list(ast.walk(changed))[k]
                target.value = ast.BinOp(
                    target.value, ast.Mult(), ast.parse(factor, mode="eval").body
                )
                yield mistake, node.lineno, changed


def _values(definition: ast.FunctionDef) -> list[str]:
    """Return names and indexed names of the function: what may be an activation."""
    texts: dict[str, None] = {}
    for node in ast.walk(definition):
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target = node.targets[0]
            if isinstance(target, ast.Name | ast.Attribute) or (
                isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Name)
            ):
                texts[ast.unparse(target)] = None
    return list(texts)[:8]


def _replace(tree: ast.AST, place: int, make: Callable[[Any], ast.stmt]) -> None:
    target = list(ast.walk(tree))[place]
    for node in ast.walk(tree):
        for _, block in ast.iter_fields(node):
            if isinstance(block, list) and target in block:
                block[block.index(target)] = make(target)
                return
