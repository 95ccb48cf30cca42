"""Kinds of small changes that are tried in a function alone, which takes less time than a run."""

import ast
import functools
import re
from collections.abc import Callable
from typing import Any

from rosenblatt.check.edits.kinds import (
    Code,
    Found,
    factors_of,
    is_complement,
    is_product,
    parsed,
    reading,
)
from rosenblatt.check.edits.slope_kinds import SLOPES


def doubles(node: Any, code: Code) -> Found:
    """Multiply a product by 2 or ½."""
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Mult | ast.MatMult):
        return
    parent = code.parents[id(node)]
    if isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Mult):
        return
    for factor in (2.0, 0.5):
        yield "constant-factor", f"times {factor}", _times(ast.Constant(factor))


def _times(factor: ast.expr) -> Callable[[Any], Any]:
    return lambda node: ast.BinOp(node, ast.Mult(), factor)


def fractions(node: Any, code: Code) -> Found:
    """Let an array hold fractions that holds whole numbers."""
    if not isinstance(node, ast.Call):
        return
    if any(key.arg == "dtype" and _is_whole(key.value) for key in node.keywords):

        def widen(node: Any) -> Any:
            for key in node.keywords:
                if key.arg == "dtype":
                    key.value = ast.Name("float", ast.Load())
            return node

        yield "integer-weights", "float", widen
    method = isinstance(node.func, ast.Attribute) and node.func.attr == "astype"
    if method and node.args and _is_whole(node.args[0]):
        yield "integer-weights", "without astype", lambda node: node.func.value


def _is_whole(kind: ast.expr) -> bool:
    return re.fullmatch(r"u?int_?\d*|long", re.findall(r"\w+", ast.unparse(kind))[-1]) is not None


def negatives(node: Any, code: Code) -> Found:
    """Put a minus before an assigned value."""
    if isinstance(node, ast.Assign):

        def negate(node: Any) -> Any:
            node.value = ast.UnaryOp(ast.USub(), node.value)
            return node

        yield "sign", "minus", negate


def inner_slopes(node: Any, code: Code) -> Found:
    """Multiply a factor of a matrix product, or a term, by an activation's derivative."""
    parent = code.parents[id(node)]
    if not isinstance(node, ast.BinOp) or not isinstance(parent, ast.BinOp):
        return
    factor = isinstance(node.op, ast.MatMult) and isinstance(parent.op, ast.MatMult)
    term = isinstance(node.op, ast.Mult | ast.MatMult) and isinstance(parent.op, ast.Add | ast.Sub)
    if not factor and not term:
        return
    function = code.ancestor(node, ast.FunctionDef)
    for name, shape in code.shapes.get(getattr(function, "name", ""), {}).items():
        if len(shape) in (1, 2):
            for slope in SLOPES:
                text = slope.format(name)
                yield "activation-derivative-missing", f"times {text}", _times(parsed(text))


def axes(node: Any, code: Code) -> Found:
    """Let a sum or a maximum go over the other axis, or all those of a function."""
    several = sum(_axis(part) is not None for part in ast.walk(node)) > 1
    if _axis(node) is not None:
        yield "softmax-wrong-axis", "other axis", _other_axes
    elif isinstance(node, ast.FunctionDef) and several and "exp(" in ast.unparse(node):
        yield "softmax-wrong-axis", "other axes", _other_axes


def _axis(node: Any) -> Any:
    """Return the keyword with the axis of a call; None where there is none."""
    keywords = node.keywords if isinstance(node, ast.Call) else []
    whole = (key for key in keywords if key.arg == "axis")
    return next((key for key in whole if ast.unparse(key.value) in ("0", "1", "-1")), None)


def _other_axes(node: Any) -> Any:
    for key in [_axis(part) for part in ast.walk(node)]:
        if key is not None:
            key.value = ast.Constant(1 if ast.unparse(key.value) == "0" else 0)
    return node


def fused(node: Any, code: Code) -> Found:
    """Leave out an activation's derivative next to a difference: (p − y) p (1 − p)."""
    if not is_product(node) or is_product(code.parents[id(node)]):
        return
    factors = factors_of(node)
    complements = {ast.unparse(f.right) for f in factors if is_complement(f)}
    places = [
        place
        for place, factor in enumerate(factors)
        if not is_complement(factor)
        and ast.unparse(factor) not in complements
        and not _is_derivative(factor)
    ]
    rest = [factors[place] for place in places]
    if len(rest) < len(factors) and any(_is_difference(factor, code) for factor in rest):

        def without(node: Any) -> Any:
            own = factors_of(node)
            return functools.reduce(_product, [own[place] for place in places])

        yield "loss-gradient-mismatch", "without slope", without


def limits(node: Any, code: Code) -> Found:
    """Put a function of a difference for it: that of a log cosh, an absolute or a Huber loss."""
    parent = code.parents[id(node)]
    read = isinstance(getattr(node, "ctx", ast.Load()), ast.Load)
    plain = isinstance(node, ast.Name | ast.Attribute | ast.BinOp) and _is_difference(node, code)
    if not plain or not read or isinstance(parent, ast.Attribute):
        return
    if not any(isinstance(part, ast.alias) and part.asname == "np" for part in code.nodes):
        return
    text = ast.unparse(node)
    for form in ("np.tanh({0})", "np.sign({0})", "np.clip({0}, -1, 1)"):
        yield "loss-gradient-mismatch", form.format("difference"), reading(form.format(text))


def _product(left: ast.expr, right: ast.expr) -> ast.expr:
    return ast.BinOp(left, ast.Mult(), right)


def _is_derivative(node: Any) -> bool:
    called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
    return re.search(r"deriv|prime|grad|slope|ableit", called, re.I) is not None


def _is_difference(node: Any, code: Code) -> bool:
    """Return whether a node is a difference, or the name of one."""
    if not isinstance(node, ast.Name | ast.Attribute):
        return _subtracts(node)
    text = ast.unparse(node)
    return any(
        _subtracts(other.value)
        for other in code.nodes
        if isinstance(other, ast.Assign) and ast.unparse(other.targets[0]) == text
    )


def _subtracts(node: Any) -> bool:
    """Return whether a node is x − y, with any sign."""
    if isinstance(node, ast.UnaryOp):
        node = node.operand
    subtracts = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub)
    return subtracts and not isinstance(node.left, ast.Constant)


BEFORE = (fractions, fused)
AFTER = (doubles, negatives, limits)
