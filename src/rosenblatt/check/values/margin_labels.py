"""Labels 0 and 1 where the code needs -1 and +1, or otherwise.

With ``max(0, 1 - y * f)``, the samples with the label 0 have the loss 1 whatever the output is. In
the rule of a perceptron, ``y - prediction`` is never 0 for a class that no prediction is.
"""

import ast
import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from rosenblatt.check.descent.findings import run_finding
from rosenblatt.check.record.recording import Event
from rosenblatt.check.source.text import Source
from rosenblatt.check.values.sample_order import names_label

_HINGE = re.compile(r"hinge|svm|margin|support.?vec", re.I)
_BITS, _SIGNS = frozenset({0.0, 1.0}), frozenset({-1.0, 1.0})
_MAXIMUM = re.compile(r"max(imum)?$|clip$|relu$", re.I)


def labels_without_sign(events: list[Event], source: Source) -> list[dict[str, Any]]:
    """Return a finding where the labels in a margin are 0 and 1."""
    for name in dict.fromkeys(_labels_in_margins(source)):
        own = [event for event in events if event.name == name]
        values = [event.value.ravel() for event in own if event.value.size]
        if not values or any(event.dtype == "b" for event in own):
            continue
        if set(np.unique(np.concatenate(values))) == {0.0, 1.0}:
            lines = [event.line for event in own if event.value.size > 1 and not event.taken]
            line = max(dict.fromkeys(lines), key=lines.count) if lines else own[0].line
            finding = run_finding("unexplained", name, line, own[0].function)
            text = (
                f"The margin of a hinge loss needs labels -1 and +1; {name} has 0 and 1, so that "
            )
            return [{**finding, "text": f"{text}the samples of class 0 do not move the weights."}]
    return []


def labels_of_other_steps(events: list[Event], source: Source) -> list[dict[str, Any]]:
    """Return a finding where labels 0 and 1 meet decisions -1 and +1 in a difference."""
    for node in ast.walk(source.tree):
        if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub)):
            continue
        for label, decision in ((node.left, node.right), (node.right, node.left)):
            name = ast.unparse(label.value if isinstance(label, ast.Subscript) else label)
            if not names_label(name):
                continue
            own = [event for event in events if event.name in (name, ast.unparse(label))]
            classes = _numbers(own)
            decided = _numbers(_events_of(decision, events))
            if {frozenset(classes), frozenset(decided)} != {_BITS, _SIGNS}:
                continue
            place = next(event for event in own)
            finding = run_finding("unexplained", name, node.lineno, place.function)
            kinds = [" and ".join(f"{v:.0f}" for v in sorted(c)) for c in (classes, decided)]
            text = f"{name} has the classes {kinds[0]}, and the decisions are {kinds[1]}: "
            return [{**finding, "text": f"{text}a right decision still moves the weights."}]
    return []


def _events_of(node: ast.expr, events: list[Event]) -> list[Event]:
    """Return the values of a name, or those that a called function returns."""
    if isinstance(node, ast.Call):
        function = ast.unparse(node.func).rpartition(".")[2]
        return [e for e in events if e.name == "return" and e.function == function]
    return [e for e in events if e.name == ast.unparse(node)]


def _numbers(events: list[Event]) -> set[float]:
    """Return the different numbers of some values, three of them if there are more."""
    numbers: set[float] = set()
    for event in events:
        if len(numbers) > 2:
            break
        numbers |= {float(value) for value in np.unique(event.value)[:3]}
    return numbers


def _labels_in_margins(source: Source) -> Iterator[str]:
    """Yield the names of labels that are multiplied with outputs in margins."""
    products = _products(source)
    for node in ast.walk(source.tree):
        margin: Any = None
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and _HINGE.search(source.text):
            sides = [node.left, node.comparators[0]]
            if not isinstance(node.ops[0], ast.Eq | ast.NotEq) and any(map(_is_one, sides)):
                margin = next((side for side in sides if not _is_one(side)), None)
        elif isinstance(node, ast.Call) and _MAXIMUM.search(ast.unparse(node.func)):
            terms = [part for part in node.args if isinstance(part, ast.BinOp)]
            margin = next(
                (t.right for t in terms if isinstance(t.op, ast.Sub) and _is_one(t.left)), None
            )
        for product in (margin, products.get(ast.unparse(margin)) if margin else None):
            yield from _label_factors(product)


def _products(source: Source) -> dict[str, Any]:
    """Return the products that are assigned to a name."""
    return {
        ast.unparse(node.targets[0]): node.value
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.BinOp)
    }


def _is_one(node: Any) -> bool:
    return isinstance(node, ast.Constant) and not isinstance(node.value, bool) and node.value == 1


def _label_factors(product: Any) -> Iterator[str]:
    """Yield the names of labels among the two factors of a product."""
    if isinstance(product, ast.BinOp) and isinstance(product.op, ast.Mult):
        for factor in (product.left, product.right):
            whole = factor.value if isinstance(factor, ast.Subscript) else factor
            if isinstance(whole, ast.Name | ast.Attribute) and names_label(ast.unparse(whole)):
                yield ast.unparse(whole)
