"""Kinds of small changes: a statement reads another variable, or an entry of another list."""

import ast
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from rosenblatt.check.edits.kinds import (
    DERIVATIVE,
    PRODUCT,
    Code,
    Found,
    entry_of,
    factors_of,
    is_complement,
    is_product,
    parsed,
    reading,
)
from rosenblatt.check.numbers.reference import FUNCTIONS

_BY_ELEMENT = [name for name in FUNCTIONS if name != "identity" and not name.startswith("softmax")]
"""Activations of single numbers."""

MOST_ENTRIES = 12
"""Entries that are tried in the place of one in a comparison."""


def activations(node: Any, code: Code) -> Found:
    """Read z for a = f(z), or a for z, where a derivative is computed of the value."""
    if not _is_read(node, code) or not _is_in_slope(node, code):
        return
    values = code.known_values(node)
    own = values.get(ast.unparse(node))
    texts = [name for name, value in values.items() if are_of_one_layer(own, value)]
    if isinstance(node, ast.Subscript):
        entries = _entries(values)
        mine = entries.pop(ast.unparse(node.value), [])
        texts += [
            entry_of(other, node)
            for other, theirs in entries.items()
            if any(are_of_one_layer(one, value) for one in mine for value in theirs)
        ]
    for text in texts:
        yield "activation-derivative-at-output", f"read {text}", reading(text)


def _is_read(node: Any, code: Code) -> bool:
    """Return whether a node is a value that is read whole, or transposed."""
    if not isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
        return False
    parent = code.parents[id(node)]
    if isinstance(parent, ast.Attribute) and parent.attr != "T":
        return False
    return isinstance(node.ctx, ast.Load)


def _is_in_slope(node: Any, code: Code) -> bool:
    """Return whether a function of a node's value alone is computed: f'(z), or z (1 − z)."""
    parent = code.parents[id(node)]
    if isinstance(parent, ast.Call) and node in parent.args:
        names = code.readable(node)
        others = {ast.unparse(argument) for argument in parent.args if argument is not node}
        return not re.search(PRODUCT, ast.unparse(parent.func)) and not others & set(names)
    if re.search(DERIVATIVE, ast.unparse(parent)):
        return True
    product = node
    while is_product(code.parents[id(product)]):
        product = code.parents[id(product)]
    text = ast.unparse(node)
    return any(is_complement(f) and ast.unparse(f.right) == text for f in factors_of(product))


def are_of_one_layer(one: Any, other: Any) -> bool:
    """Return whether one of two values is an activation of the other: z and a = f(z)."""
    if one is None or one.shape != other.shape:
        return False
    with np.errstate(all="ignore"):
        return any(
            np.allclose(FUNCTIONS[name](z), a, rtol=1e-6, atol=1e-12)
            for name in _BY_ELEMENT
            for z, a in ((one, other), (other, one))
        )


def _entries(values: dict[str, Any]) -> dict[str, list[Any]]:
    """Return the entries of lists by the list's name."""
    result: dict[str, list[Any]] = {}
    for name, value in values.items():
        if name.endswith("]"):
            result.setdefault(name.rpartition("[")[0], []).append(value)
    return result


def scaled(node: Any, code: Code) -> Found:
    """Read an error in a product with the slope that another statement multiplies it by.

    ``error @ W.T`` reads ``delta`` of ``delta = error * a * (1 - a)``, or that product itself.
    """
    statement = code.ancestor(node, ast.stmt)
    if not isinstance(node, ast.Name | ast.Attribute) or not _is_multiplied(node, code):
        return
    function = code.ancestor(node, ast.FunctionDef)
    parts: Any = code.nodes if function is None else list(ast.walk(function))
    text = ast.unparse(node)
    for part in parts:
        if not is_product(part) or is_product(code.parents[id(part)]):
            continue
        own = code.ancestor(part, ast.stmt)
        if own is statement or text not in map(ast.unparse, factors_of(part)):
            continue
        whole = isinstance(own, ast.Assign) and own.value is part
        other = ast.unparse(own.targets[0] if whole else part)
        yield "activation-derivative-missing", f"read {other}", reading(other)


def _is_multiplied(node: Any, code: Code) -> bool:
    """Return whether a node is a factor of a matrix product: e @ W, e.dot(W), np.dot(W, e)."""
    parent = code.parents[id(node)]
    if isinstance(parent, ast.Attribute):
        return parent.attr == "dot"
    if isinstance(parent, ast.Call):
        return node in parent.args and re.search(PRODUCT, ast.unparse(parent.func)) is not None
    return isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.MatMult)


def others(node: Any, code: Code) -> Found:
    """Put another variable of the same shape in the place of one, or its neighbour in a list."""
    if not _is_read(node, code):
        return
    parent = code.parents[id(node)]
    text = ast.unparse(node)
    if isinstance(parent, ast.Compare):
        mistake = "relu-mask-of-gradient"
    elif re.search(DERIVATIVE, ast.unparse(parent)) or _in_activation(node, code):
        mistake = "activation-derivative-at-output"
    else:
        mistake = "wrong-input-cached"
    names = code.readable(node)
    shape = names.get(text)
    # An update that reads its own target makes it smaller, as any loss of the weights does.
    own = code.target(node)
    for other, size in names.items():
        if other == own:
            continue
        # Of plain numbers, only those of one family: w5 and w6.
        alike = bool(shape) or re.sub(r"\d", "", other) == re.sub(r"\d", "", text)
        if shape is not None and size == shape and other != text and alike:
            yield mistake, f"read {other}", reading(other)
    if isinstance(parent, ast.Compare):
        for changed in _entries_read(node, code):
            yield mistake, f"read {changed}", reading(changed)
    if isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Slice | ast.Tuple):
        if ast.unparse(node.value).endswith(".shape"):
            # The other axis counts the samples.
            mistake = "batch-factor"
        for step in (" + 1", " - 1"):
            changed = f"{ast.unparse(node.value)}[{ast.unparse(node.slice)}{step}]"
            yield mistake, f"read {changed}", reading(changed)


def _entries_read(node: Any, code: Code) -> list[str]:
    """Return the entries of lists and dicts that the function around a node reads."""
    function = code.ancestor(node, ast.FunctionDef)
    parts: Any = code.nodes if function is None else list(ast.walk(function))
    texts = [
        ast.unparse(part)
        for part in parts
        if isinstance(part, ast.Subscript) and isinstance(part.ctx, ast.Load)
        if not isinstance(part.slice, ast.Slice | ast.Constant)
    ]
    return [text for text in dict.fromkeys(texts) if text != ast.unparse(node)][:MOST_ENTRIES]


def _in_activation(node: Any, code: Code) -> bool:
    """Return whether a node is an argument of a function of which activations are made."""
    call = code.ancestor(node, ast.Call)
    return call is not None and bool(re.search(r"(exp|tanh|cosh|expit)$", ast.unparse(call.func)))


def other_lists(node: Any, code: Code) -> Found:
    """Replace an entry of one list by the same entry of another: activations[-l] by zs[-l]."""
    if not isinstance(node, ast.Subscript) or not isinstance(node.ctx, ast.Load):
        return
    entries = _entries(code.readable(node))
    own = ast.unparse(node.value)
    derived = re.search(DERIVATIVE, ast.unparse(code.parents[id(node)]))
    mistake = "activation-derivative-at-output" if derived else "wrong-input-cached"
    for other, sizes in entries.items():
        if other != own and set(sizes) & set(entries.get(own, ())):
            changed = entry_of(other, node)
            # As in ``others``, an update does not read its own target.
            if changed != code.target(node):
                yield mistake, f"read {changed}", reading(changed)


def other_numbers(node: Any, code: Code) -> Found:
    """Replace a number of one list by that of another: inputs[j] by hidden[j].

    These are many: whatever explains an update without another list is tried before.
    """
    if not isinstance(node, ast.Subscript) or not isinstance(node.ctx, ast.Load):
        return
    names = code.readable(node)
    own = ast.unparse(node.value)
    if len(names.get(own, ())) != 1 or isinstance(node.slice, ast.Slice):
        return
    for other, shape in names.items():
        # A list may have grown after its first entry, so that lengths tell nothing.
        changed = entry_of(other, node)
        if len(shape) == 1 and other != own and changed != code.target(node):
            yield "wrong-input-cached", f"read {changed}", reading(changed)


def applied_twice(node: Any, code: Code) -> Found:
    """Read the argument x of a derivative for σ(x): it may be given the output already."""
    function = code.ancestor(node, ast.FunctionDef)
    names = {a.arg for a in function.args.args} if function is not None else set()
    if isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords:
        argument = ast.unparse(node.args[0])
        statement = code.ancestor(node, ast.stmt)
        if argument in names and re.search(DERIVATIVE, ast.unparse(statement)):
            yield "activation-derivative-at-output", f"read {argument}", reading(argument)
    elif isinstance(node, ast.Assign) and re.search(r"exp\(|tanh\(|sigm", ast.unparse(node.value)):
        own = ast.unparse(node.targets[0])
        slopes = (f"{own} * (1 - {own})", f"1 - {own} ** 2", f"(1 - {own}) * {own}")
        read = {part.id for part in ast.walk(node.value) if isinstance(part, ast.Name)} & names
        if len(read) == 1 and any(slope in ast.unparse(function) for slope in slopes):
            (argument,) = read
            yield "activation-derivative-at-output", f"take {argument}", _assigning(argument)


def _assigning(text: str) -> Callable[[Any], Any]:
    def change(node: Any) -> Any:
        node.value = parsed(text)
        return node

    return change


READING_KINDS = (activations, applied_twice, scaled, others, other_lists)
