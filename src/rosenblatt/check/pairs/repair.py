"""The mistake of a pair of functions, by the change of one place that makes its gradients right."""

import ast
import copy
import itertools
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from rosenblatt.check.edits.kinds import KINDS, Code, parsed
from rosenblatt.check.edits.reading_kinds import READING_KINDS, others
from rosenblatt.check.edits.slope_kinds import SLOPE_KINDS
from rosenblatt.check.edits.term_kinds import carried
from rosenblatt.check.limits.sandbox import FailedError
from rosenblatt.check.source.state import as_array
from rosenblatt.check.source.text import Source

_MOST = 500
"""Changes that are tried; each takes one forward and one backward pass."""

Change = tuple[str, int, int, Callable[[Any], Any]]
"""(mistake, line, number of the node in the order of ``ast.walk``, change of the node)."""


def repaired(
    forward: Any,
    backward: Any,
    source: Source,
    counts: tuple[int, ...],
    is_right: Callable[[Any, Any], bool],
) -> tuple[str, int] | None:
    """Return the mistake and the line of the first change after which ``is_right`` holds.

    Args:
        forward: the forward function.
        backward: its backward function.
        source: the code of both.
        counts: numbers of samples by which a term may have to be multiplied or divided.
        is_right: returns whether the gradients of a forward and a backward function are right.
    """
    shapes = _shapes((forward, backward), lambda: is_right(forward, backward))
    tries = itertools.chain(
        ((c, backward) for c in _changes(backward, source, shapes, counts)),
        ((c, forward) for c in _changes_of_cache(forward, source, shapes)),
    )
    for (mistake, line, number, change), function in itertools.islice(tries, _MOST):
        changed = _changed(function, source, number, change)
        if changed is None:
            continue
        pair = (forward, changed) if function is backward else (changed, backward)
        try:
            if is_right(*pair):
                return mistake, line
        except (FailedError, TypeError, ValueError, IndexError, KeyError):
            continue
    return None


def _shapes(functions: tuple[Any, ...], run: Callable[[], Any]) -> dict[str, dict[str, Any]]:
    """Return the shapes of the local variables of functions, by the function's name."""
    codes = {function.__code__: function.__name__ for function in functions}
    result: dict[str, dict[str, Any]] = {}

    def watch(frame: types.FrameType, event: str, _: Any) -> None:
        name = codes.get(frame.f_code)
        if event == "return" and name is not None:
            arrays = {k: as_array(v) for k, v in frame.f_locals.items()}
            result[name] = {k: np.shape(v) for k, v in arrays.items() if v is not None}

    sys.setprofile(watch)
    try:
        run()
    finally:
        sys.setprofile(None)
    return result


def _code(definition: Any, shapes: dict[str, dict[str, Any]]) -> Code:
    nodes = list(ast.walk(definition))
    return Code(nodes, {id(c): p for p in nodes for c in ast.iter_child_nodes(p)}, shapes)


def _changes(
    function: Any, source: Source, shapes: dict[str, dict[str, Any]], counts: tuple[int, ...]
) -> Iterator[Change]:
    definition = source.node_of(function)
    if definition is None:
        return
    code = _code(definition, shapes)
    for kind in (carried, *KINDS, *READING_KINDS, *SLOPE_KINDS):
        for number, node in enumerate(code.nodes[1:], 1):
            if id(node) in code.parents:
                for mistake, _, change in kind(node, code):
                    yield mistake, getattr(node, "lineno", definition.lineno), number, change
    for number, node in enumerate(code.nodes):
        in_loop = code.ancestor(node, ast.For | ast.While) is not None
        if in_loop and isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield "gradients-accumulate", node.lineno, number, _added
        if isinstance(node, ast.BinOp | ast.Call | ast.Name) and _is_value(node, code):
            for n, operator in itertools.product(counts, (ast.Mult, ast.Div)):
                yield "batch-factor", node.lineno, number, _scaled(operator(), n)


def _is_value(node: Any, code: Code) -> bool:
    parent = code.parents.get(id(node))
    is_read = not isinstance(node, ast.Name) or isinstance(node.ctx, ast.Load)
    return is_read and isinstance(parent, ast.BinOp | ast.Assign | ast.Return | ast.AugAssign)


def _added(node: Any) -> Any:
    return ast.AugAssign(node.targets[0], ast.Add(), node.value)


def _scaled(operator: Any, n: int) -> Callable[[Any], Any]:
    return lambda node: ast.BinOp(node, operator, parsed(f"{n}.0"))


def _changes_of_cache(
    function: Any, source: Source, shapes: dict[str, dict[str, Any]]
) -> Iterator[Change]:
    """Yield changes that keep another variable for the backward pass."""
    definition = source.node_of(function)
    if definition is None:
        return
    code = _code(definition, shapes)
    for number, node in enumerate(code.nodes):
        place = code.ancestor(node, ast.Return) or code.ancestor(node, ast.Assign)
        held = getattr(place, "value", None)
        if isinstance(node, ast.Name) and isinstance(held, ast.Tuple | ast.Dict | ast.Name):
            for _, _, change in others(node, code):
                yield "wrong-input-cached", node.lineno, number, change


def _changed(function: Any, source: Source, number: int, change: Callable[[Any], Any]) -> Any:
    """Return a function with one changed node; None where it does not compile."""
    definition = copy.deepcopy(source.node_of(function))
    definition.decorator_list = []
    target = list(ast.walk(definition))[number]
    new = _Replacement(target, change).visit(definition)
    tree = ast.fix_missing_locations(ast.Module(body=[new], type_ignores=[]))
    try:
        code = compile(tree, "repair", "exec")
    except (SyntaxError, ValueError, TypeError):
        return None
    names: dict[str, Any] = dict(function.__globals__)
    exec(code, names)
    return names[function.__name__]


class _Replacement(ast.NodeTransformer):
    def __init__(self, target: ast.AST, change: Callable[[Any], Any]) -> None:
        self.target = target
        self.change = change

    def visit(self, node: Any) -> Any:
        if node is self.target:
            return self.change(node)
        return self.generic_visit(node)
