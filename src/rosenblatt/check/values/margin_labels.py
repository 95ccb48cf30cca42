"""Labels 0 and 1 in the margin of a hinge loss, which needs labels -1 and +1.

With ``max(0, 1 - y * f)``, the samples with the label 0 have the loss 1 whatever the output is.
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
