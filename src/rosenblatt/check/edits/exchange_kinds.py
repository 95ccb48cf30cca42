"""Kinds of small changes that exchange two parts: of two statements, or of one list."""

import ast
import itertools
import re
from collections.abc import Callable
from typing import Any

from rosenblatt.check.edits.kinds import BLOCKS, Code, Found, may_update
from rosenblatt.check.edits.reading_kinds import are_of_one_layer

_JOIN = r"(concatenate|stack|\b[rc]_)$"
"""Functions, or objects with indices, that join arrays."""

MOST_ENTRIES = 16
MOST_APART = 12
"""Statements between two updates of which names are exchanged."""


def exchanges(node: Any, code: Code) -> Found:
    """Exchange a name of one statement with that of the next: w6 and w7, for a transposed W."""
    if not isinstance(node, BLOCKS):
        return
    for place, (one, other) in enumerate(itertools.pairwise(node.body)):
        if not all(isinstance(s, ast.Assign | ast.AugAssign) for s in (one, other)):
            continue
        if _family(ast.unparse(one)) != _family(ast.unparse(other)):
            continue
        first, second = (
            {name for name in _read(statement) if re.search(r"\d", name)}
            for statement in (one, other)
        )
        for left, right in itertools.product(sorted(first - second), sorted(second - first)):
            if _family(left) == _family(right):
                what = f"exchange line {one.lineno} {left} {right}"
                yield "transposed", what, _exchanged((place, place + 1), left, right)


def _family(text: str) -> str:
    """Return a text without its digits."""
    return re.sub(r"\d+", "", text)


def _read(statement: ast.AST) -> set[str]:
    """Return the names that a statement reads."""
    return {
        part.id
        for part in ast.walk(statement)
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)
    }


def _exchanged(places: tuple[int, int], left: str, right: str) -> Callable[[Any], Any]:
    others = {left: right, right: left}

    def change(node: Any) -> Any:
        for place in places:
            for part in ast.walk(node.body[place]):
                if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load):
                    part.id = others.get(part.id, part.id)
        return node

    return change


def updates(node: Any, code: Code) -> Found:
    """Exchange what two updates read: b1 -= rate * db2 and b2 -= rate * db1."""
    if not isinstance(node, BLOCKS):
        return
    found = [(place, s) for place, s in enumerate(node.body) if may_update(s)]
    for (place, one), (later, other) in itertools.combinations(found, 2):
        if later - place > MOST_APART or not isinstance(one, ast.Assign | ast.AugAssign):
            continue
        names = code.readable(one)
        first, second = (_read(one) - _written(one), _read(other) - _written(other))
        for left, right in itertools.product(sorted(first - second), sorted(second - first)):
            shape = names.get(left)
            if shape is not None and names.get(right) == shape:
                what = f"exchange line {one.lineno} {left} {right}"
                yield "gradient-order", what, _exchanged((place, later), left, right)


def _written(statement: ast.AST) -> set[str]:
    """Return the names in the targets of a statement."""
    targets: list[ast.expr] = getattr(statement, "targets", [getattr(statement, "target", None)])
    return {p.id for t in targets if t for p in ast.walk(t) if isinstance(p, ast.Name)}


def orders(node: Any, code: Code) -> Found:
    """Exchange two values of a list, a dict or an object, or of what is unpacked."""
    entries = _entries(node, code)
    if len(entries) > MOST_ENTRIES:
        return
    names, values = code.readable(node), code.known_values(node)
    joined = _is_joined(node, code)
    for i, j in itertools.combinations(range(len(entries)), 2):
        one, other = ast.unparse(entries[i]), ast.unparse(entries[j])
        constant = any(isinstance(entries[k], ast.Constant | ast.Starred) for k in (i, j))
        shape = names.get(one)
        if one == other or constant or (names.get(other) != shape and not joined):
            continue
        mistake = "gradient-order"
        if one in values and other in values and are_of_one_layer(values[one], values[other]):
            mistake = "activation-derivative-at-output"
        elif shape is not None and code.updated and shape not in code.updated and not joined:
            mistake = "wrong-input-cached"
        yield mistake, f"exchange {i} {j}", _swapped(i, j)


def _entries(node: Any, code: Code) -> list[Any]:
    """Return the values that stand next to each other in a node, in their order."""
    parent = code.parents.get(id(node))
    read = isinstance(getattr(node, "ctx", None), ast.Load)
    if isinstance(node, ast.List | ast.Tuple):
        index = isinstance(parent, ast.Subscript) and not _is_joined(node, code)
        return node.elts if read and not index else []
    if isinstance(node, ast.Call):
        # An object of gradients, such as a named tuple.
        return node.args if isinstance(parent, ast.Return) else []
    # Where values are assigned to targets one by one, those are exchanged already.
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Tuple):
        return []
    return _parts(node)


def _is_joined(node: Any, code: Code) -> bool:
    """Return whether the entries of a list become one array: np.concatenate([dW, db])."""
    parent = code.parents.get(id(node))
    function = getattr(parent, "value" if isinstance(parent, ast.Subscript) else "func", None)
    return function is not None and bool(re.search(_JOIN, ast.unparse(function)))


def _parts(node: Any) -> list[Any]:
    """Return the entries of a list, a dict or a call, or the targets of an unpacking."""
    holder = node.targets[0] if isinstance(node, ast.Assign) else node
    if isinstance(holder, ast.Dict):
        return holder.values
    if isinstance(holder, ast.Call):
        return holder.args
    return holder.elts if isinstance(holder, ast.List | ast.Tuple) else []


def _swapped(i: int, j: int) -> Callable[[Any], Any]:
    def change(node: Any) -> Any:
        parts = _parts(node)
        parts[i], parts[j] = parts[j], parts[i]
        return node

    return change


EXCHANGE_KINDS = (exchanges, updates, orders)
