"""Arrays of whole numbers that a run updates by fractions, which are cut off."""

import ast
import re
from collections.abc import Iterator
from typing import Any

from rosenblatt.check.record.recording import Event
from rosenblatt.check.source.text import Source
from rosenblatt.check.source.words import GRADIENTS

_GRADIENT = re.compile(GRADIENTS, re.I)

MOST_EVENTS = 20_000


def truncated(events: list[Event], source: Source) -> list[dict[str, Any]]:
    """Return a finding where an update with a fraction is assigned to an array of whole numbers."""
    added = _added_names(source.tree)
    values: dict[tuple[str, str], Event] = {}
    first: dict[tuple[str, str], Event] = {}
    for event in events[:MOST_EVENTS]:
        whole = event.dtype in "iu" and event.value.size > 1
        if whole and event.updates:
            terms = [values.get((event.function, name)) for name in added.get(event.line, ())]
            if any(term is not None and _has_fraction(term) for term in terms):
                made = first.get((event.function, event.name), event)
                return [_cut_off(event, made.line, f"that line {event.line} adds")]
        values[event.function, event.name] = event
        if whole:
            first.setdefault((event.function, event.name), event)
    return []


def rounded_down(events: list[Event], source: Source) -> list[dict[str, Any]]:
    """Return a finding where an update divides a sum of fractions by ``//``, which rounds it."""
    moved = {event.line for event in events[:MOST_EVENTS] if event.updates}
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.FloorDiv):
            continue
        if node.lineno not in moved:
            continue
        divided = node.left
        while isinstance(divided, ast.Subscript):
            divided = divided.value
        name = ast.unparse(divided)
        if any(e.name == name and _has_fraction(e) for e in events[:MOST_EVENTS]):
            return [
                {
                    "mistake": "integer-weights",
                    "where": "training",
                    "parameter": name,
                    "line": node.lineno,
                    "text": f"{ast.unparse(node)} rounds down to a whole number; / does not.",
                }
            ]
    return []


def truncated_means(events: list[Event], source: Source) -> list[dict[str, Any]]:
    """Return a finding where means are assigned to the entries of a gradient of whole numbers."""
    means = {
        (node.lineno, ast.unparse(node.targets[0].value))
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript)
        if isinstance(node.value, ast.Call)
        and ast.unparse(node.value.func).endswith(("mean", "average"))
    }
    first: dict[tuple[str, str], Event] = {}
    for event in events[:MOST_EVENTS]:
        whole = event.dtype in "iu" and event.value.size > 1
        if not whole or not _GRADIENT.search(event.name):
            continue
        made = first.setdefault((event.function, event.name), event)
        if (event.line, event.name) in means:
            what = f"of the means that line {event.line} assigns"
            return [_cut_off(event, made.line, what)]
    return []


def factors_of_0(events: list[Event], source: Source) -> list[dict[str, Any]]:
    """Return a finding where a product has the factor ``1 // n``, which is 0."""
    for product in ast.walk(source.tree):
        if not isinstance(product, ast.BinOp) or not isinstance(product.op, ast.Mult):
            continue
        for node in (product.left, product.right):
            if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.FloorDiv):
                continue
            is_one = isinstance(node.left, ast.Constant) and node.left.value == 1
            if is_one and _is_above_1(ast.unparse(node.right), events[:MOST_EVENTS]):
                return [
                    {
                        "mistake": "integer-weights",
                        "where": "training",
                        "line": node.lineno,
                        "text": f"{ast.unparse(node)} rounds down to 0; / does not.",
                    }
                ]
    return []


def _cut_off(event: Event, line: int, fractions: str) -> dict[str, Any]:
    """Return the finding of an array of whole numbers, which a line makes, that gets fractions."""
    return {
        "mistake": "integer-weights",
        "where": event.function or "training",
        "parameter": event.name,
        "line": line,
        "text": f"{event.name} holds whole numbers: the fractions {fractions} are cut off.",
    }


def _is_above_1(text: str, events: list[Event]) -> bool:
    """Return whether a name, or the length of an array, is above 1 wherever it is recorded."""
    length = re.fullmatch(r"len\(([\w.]+)\)|([\w.]+)\.shape\[0\]", text)
    if length is None:
        numbers = [e.value for e in events if e.name == text]
        return bool(numbers) and all(value.ndim == 0 and value > 1 for value in numbers)
    name = length[1] or length[2]
    arrays = [e.value for e in events if e.name == name]
    return bool(arrays) and all(value.ndim > 0 and len(value) > 1 for value in arrays)


def _has_fraction(event: Event) -> bool:
    return event.dtype == "f" and bool((event.value % 1).any())


def _added_names(tree: ast.AST) -> dict[int, list[str]]:
    """Return the variables of the sums and products that each line assigns to entries."""
    added: dict[int, list[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AugAssign):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if isinstance(target, ast.Subscript):
                added[node.lineno] = list(_factors(node.value))
    return added


def _factors(node: ast.expr) -> Iterator[str]:
    """Yield the variables that a sum or a product is made of; a call may give whole numbers."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub | ast.Mult):
        yield from _factors(node.left)
        yield from _factors(node.right)
    elif isinstance(node, ast.UnaryOp):
        yield from _factors(node.operand)
    elif isinstance(node, ast.Name | ast.Attribute):
        yield ast.unparse(node)
