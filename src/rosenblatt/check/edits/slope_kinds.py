"""Kinds of small changes that multiply by a factor that is missing, such as a derivative."""

import ast
import re
from collections.abc import Callable, Iterator
from typing import Any

from rosenblatt.check.edits.kinds import Code, Found, parsed
from rosenblatt.check.edits.term_kinds import missing_factor

SLOPES = ("(1 - {0} ** 2)", "({0} * (1 - {0}))", "({0} > 0)", "(1 - {0})")
"""Derivatives of activations by their outputs."""


def slopes(node: Any, code: Code) -> Found:
    """Multiply a value that is assigned, or put into a list, by an activation's derivative."""
    names = code.readable(node)
    if isinstance(node, ast.Assign) and not isinstance(node.targets[0], ast.Tuple):
        text, value = ast.unparse(node.targets[0]), node.value
        shape = names.get(text)
        if shape is None and isinstance(node.targets[0], ast.Subscript):
            shape = ()
    elif (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and ast.unparse(node.value.func).endswith(".append")
    ):
        text, value, shape = "", node.value.args[0], ()
    else:
        return
    if shape is None:
        return
    words = {ast.unparse(part) for part in ast.walk(value) if isinstance(part, ast.Name)}
    usable = [
        other
        for other, size in names.items()
        # Of plain numbers, those of the same statement or of the same unit: h1 for dh1.
        if size == shape and other != text and (shape or other in words or _same(other, text))
    ]
    usable += _entries(names, shape, code.loop_variables(node))
    for other in usable:
        for form in SLOPES:
            slope = form.format(other)
            yield "activation-derivative-missing", f"times {slope}", _multiplied(slope)


def factors(node: Any, code: Code) -> Found:
    """Multiply a product that is assigned by another value of its shape."""
    if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.BinOp):
        return
    text = ast.unparse(node.targets[0])
    names = code.readable(node)
    shape = names.get(text)
    read = {ast.unparse(part) for part in ast.walk(node.value) if isinstance(part, ast.expr)}
    for other, size in names.items():
        if shape and size == shape and other != text and other not in read:
            yield missing_factor(other), f"times {other}", _multiplied(other)


def siblings(node: Any, code: Code) -> Found:
    """Multiply by a call that a value of the same name but for its digits has as a factor.

    For instance ``d_h1 = w1``, next to ``d_h2 = w2 * slope(sum)``.
    """
    if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name):
        return
    name = node.targets[0].id
    kind = re.sub(r"\d", "", name)
    own = {part.name for part in code.nodes if isinstance(part, ast.FunctionDef)}
    read = {ast.unparse(part) for part in ast.walk(node.value) if isinstance(part, ast.Call)}
    calls = {
        ast.unparse(factor)
        for other in code.nodes
        if isinstance(other, ast.Assign) and isinstance(other.targets[0], ast.Name)
        if re.sub(r"\d", "", other.targets[0].id) == kind not in (name, other.targets[0].id)
        for factor in _call_factors(other.value, own)
    }
    for call in sorted(calls - read):
        yield "activation-derivative-missing", f"times {call}", _multiplied(call)


def _call_factors(value: ast.expr, own: set[str]) -> Iterator[ast.Call]:
    """Yield calls of the file's functions that are factors of a product."""
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Mult):
        yield from _call_factors(value.left, own)
        yield from _call_factors(value.right, own)
    elif isinstance(value, ast.Call) and ast.unparse(value.func).rpartition(".")[2] in own:
        yield value


def unit_slopes(node: Any, code: Code) -> Found:
    """Multiply a number of a unit by the slope of its output: unit.delta = error."""
    target = node.targets[0] if isinstance(node, ast.Assign) else None
    if not isinstance(target, ast.Attribute) or not isinstance(target.value, ast.Name):
        return
    unit = target.value.id
    for attribute in _numbers_of_units(code):
        if attribute != target.attr:
            for form in SLOPES:
                slope = form.format(f"{unit}.{attribute}")
                yield "activation-derivative-missing", f"times {slope}", _multiplied(slope)
    for function in code.nodes:
        if isinstance(function, ast.FunctionDef) and _returns_a_number_of(function):
            slope = f"{unit}.{function.name}()"
            yield "activation-derivative-missing", f"times {slope}", _multiplied(slope)


def _numbers_of_units(code: Code) -> list[str]:
    """Return the attributes of objects that are plain numbers."""
    names = code.shapes.get("self", {})
    return [name[5:] for name, shape in names.items() if shape == () and name[5:].isidentifier()]


def _returns_a_number_of(function: ast.FunctionDef) -> bool:
    """Return whether a function is a method without arguments that returns something."""
    only_self = [a.arg for a in function.args.args] == ["self"]
    last = function.body[-1]
    return only_self and isinstance(last, ast.Return) and last.value is not None


def upstream(node: Any, code: Code) -> Found:
    """Multiply what is added up over the next layer by a number of its units: d[k], m.delta."""
    if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add):
        value = node.value
    elif isinstance(node, ast.GeneratorExp | ast.ListComp):
        value = node.elt
    else:
        return
    parts = list(ast.walk(value))
    read = {ast.unparse(part) for part in parts if isinstance(part, ast.expr)}
    units = {
        part.value.id
        for part in parts
        if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name)
    }
    usable = [f"{u}.{name}" for u in sorted(units - {"self"}) for name in _numbers_of_units(code)]
    indices = {
        part.slice.id
        for part in parts
        if isinstance(part, ast.Subscript) and isinstance(part.slice, ast.Name)
    }
    usable += _entries(code.readable(node), (), sorted(indices))
    for other in usable:
        if other not in read:
            yield "upstream-gradient-missing", f"times {other}", _multiplied(other)


def scales(node: Any, code: Code) -> Found:
    """Divide a product that is assigned by a root, as another product of the file is."""
    if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.BinOp):
        return
    roots = {
        ast.unparse(other.right)
        for other in code.nodes
        if isinstance(other, ast.BinOp) and isinstance(other.op, ast.Div)
    }
    for root in sorted(roots):
        if re.fullmatch(r"(\w+\.)?sqrt\([\w.\[\]]+\)", root):
            yield "constant-factor", f"by {root}", _multiplied(f"(1 / {root})")


def _entries(names: dict[str, Any], shape: Any, counters: list[str]) -> list[str]:
    """Return what has a shape and is an entry of an array, or of a list of arrays."""
    arrays = [n for n, s in names.items() if len(s) == len(shape) + 1 and s[1:] == shape]
    lists = {n.rpartition("[")[0] for n, s in names.items() if shape and s == shape and "[" in n}
    steps = ("", " + 1", " - 1") if shape else ("",)
    return [f"{n}[{i}{k}]" for n in [*arrays, *sorted(lists)] for i in counters for k in steps]


def _same(one: str, other: str) -> bool:
    """Return whether two names end in the same digits."""
    found = [re.search(r"\d+$", name) for name in (one, other)]
    return all(found) and len({match.group() for match in found if match}) == 1


def _multiplied(slope: str) -> Callable[[Any], Any]:
    def change(node: Any) -> Any:
        if isinstance(node, ast.Assign | ast.AugAssign):
            node.value = ast.BinOp(node.value, ast.Mult(), parsed(slope))
        elif isinstance(node, ast.GeneratorExp | ast.ListComp):
            node.elt = ast.BinOp(node.elt, ast.Mult(), parsed(slope))
        else:
            node.value.args[0] = ast.BinOp(node.value.args[0], ast.Mult(), parsed(slope))
        return node

    return change


SLOPE_KINDS = (scales, siblings, unit_slopes, upstream, slopes, factors)
