"""Kinds of small changes that add a term that is missing in a gradient."""

import ast
import itertools
import re
from collections.abc import Callable
from typing import Any

from rosenblatt.check.edits.kinds import Code, Found, parsed

MOST_SHARES = 60
"""Products of arrays that are tried as a missing share of one gradient."""


def unused(node: Any, code: Code) -> Found:
    """Add, or multiply by, a value that its function computes and never reads.

    It is what comes from the next step, or a derivative.
    """
    text, shape = _assigned(node, code)
    if shape is None:
        return
    read = {ast.unparse(part) for part in ast.walk(node.value) if isinstance(part, ast.expr)}
    for other in _never_read(node, code):
        if code.readable(node).get(other) == shape and other != text and other not in read:
            yield "upstream-gradient-missing", f"plus {other}", with_term(ast.Add(), other)
            mistake = missing_factor(other)
            yield mistake, f"times {other}", with_term(ast.Mult(), other)


def carried(node: Any, code: Code) -> Found:
    """Add what a loop hands from one round to the next, to a value of the round."""
    loop = code.ancestor(node, ast.For)
    function = code.ancestor(node, ast.FunctionDef)
    text, shape = _assigned(node, code)
    if loop is None or function is None or shape is None or not isinstance(node, ast.Assign):
        return
    inside = {id(part) for part in ast.walk(loop)}
    stored = [
        part
        for part in ast.walk(function)
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
    ]
    within = {part.id for part in stored if id(part) in inside}
    before = {part.id for part in stored if id(part) not in inside and part.lineno < loop.lineno}
    read = {part.id for part in ast.walk(node.value) if isinstance(part, ast.Name)}
    for other in sorted((within & before) - read - {text}):
        if code.readable(node).get(other) == shape:
            yield "upstream-gradient-missing", f"plus {other}", with_term(ast.Add(), other)


def _assigned(node: Any, code: Code) -> tuple[str, Any]:
    """Return the text and the shape of what a statement assigns; None where it is not known."""
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        text = ast.unparse(node.targets[0])
    elif isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add):
        text = ast.unparse(node.target)
    else:
        return "", None
    return text, code.readable(node).get(text)


def _never_read(node: Any, code: Code) -> list[str]:
    """Return the variables that the function around a node assigns and never reads."""
    function = code.ancestor(node, ast.FunctionDef)
    parts: Any = code.nodes if function is None else list(ast.walk(function))
    names = [part for part in parts if isinstance(part, ast.Name)]
    read = {part.id for part in names if isinstance(part.ctx, ast.Load)}
    return sorted({part.id for part in names if isinstance(part.ctx, ast.Store)} - read)


def shares(node: Any, code: Code) -> Found:
    """Add the product of two arrays to the gradient of a matrix that is used twice."""
    _, shape = _assigned(node, code)
    if shape is None or shape not in code.updated or len(shape) != 2 or 1 in shape:
        return
    if not any(isinstance(part, ast.MatMult | ast.Call) for part in ast.walk(node.value)):
        return
    # Of the samples, not the parameters: a term of these is a penalty.
    arrays = {
        name: size
        for name, size in code.readable(node).items()
        if len(size) in (1, 2) and size not in code.updated
    }
    products = [
        product
        for (one, first), (other, second) in itertools.permutations(arrays.items(), 2)
        for product in _products(one, first, other, second, shape)
    ]
    for product in products[:MOST_SHARES]:
        yield "gradient-missing", f"plus {product}", with_term(ast.Add(), product)


def _products(one: str, first: Any, other: str, second: Any, shape: Any) -> list[str]:
    """Return the products of two arrays that have a shape, as texts."""
    if len(first) != len(second):
        return []
    if len(first) == 1:
        whole = (*first, *second) == shape
        return [f"{one}[:, None] * {other}"] if whole else []
    result = []
    if first[0] == second[0] and (first[1], second[1]) == shape:
        result.append(f"{one}.T @ {other}")
    if first[1] == second[1] and (first[0], second[0]) == shape:
        result.append(f"{one} @ {other}.T")
    return result


def missing_factor(name: str) -> str:
    """Return the mistake of a product that lacks a factor with a name."""
    upstream = re.match(r"(self\.)?(d[A-Z_]|delta|grad|err)", name)
    return "upstream-gradient-missing" if upstream else "activation-derivative-missing"


def with_term(operator: ast.operator, text: str) -> Callable[[Any], Any]:
    """Return a change that adds a text to what a statement assigns, or multiplies by it."""

    def change(node: Any) -> Any:
        node.value = ast.BinOp(node.value, operator, parsed(text))
        return node

    return change
