"""Masks of dropout in a run.

The scale of inverted dropout has to be one over the share that is kept. A mask of zeros and ones
needs that share as a factor where nothing is dropped.
"""

import ast
import re
from typing import Any

import numpy as np

from rosenblatt.check.record.recording import Event
from rosenblatt.check.source.text import Source
from rosenblatt.check.source.words import RANDOM

FEWEST = 200
"""Entries of all masks of one line from which the share that is kept is taken."""

_MOST_MASKS = 400
"""Masks of one line that are looked at; more take time and say no more."""

_NEAR = 0.12
"""Relative difference of a scale from a share: a mask keeps about its share."""

_HOLDS = ast.Name | ast.BinOp | ast.Attribute | ast.Subscript
"""Expressions that have one name or are computed from it."""

_RANDOM = re.compile(RANDOM)


def wrong_masks(events: list[Event], source: Source) -> list[dict[str, Any]]:
    """Return a finding where a mask multiplies by the share p that it keeps, or by 1 / (1 − p).

    A mask of zeros and ones belongs to dropout that scales in use: it is wrong where no product or
    quotient of the file has the share.
    """
    lines = _random_lines(source)
    values: dict[tuple[int, str, str], list[Any]] = {}
    for event in events:
        if event.line in lines and event.value.size > 3:
            values.setdefault((event.line, event.name, event.function), []).append(event.value)
    for (line, name, function), masks in values.items():
        flat = np.concatenate([mask.ravel() for mask in masks[:_MOST_MASKS]])
        levels = np.unique(flat)
        if len(levels) != 2 or levels[0] != 0 or levels[1] <= 0 or flat.size < FEWEST:
            continue
        scale, kept = float(levels[1]), float((flat != 0).mean())
        if scale == 1 and _is_unscaled(name, line, kept, source):
            return [
                {
                    "mistake": "dropout-scale",
                    "where": function or "training",
                    "parameter": name,
                    "line": line,
                    "text": f"{name} keeps {kept:.2f} of the units, and nothing makes up for it: "
                    f"without dropout, the mean of the units is {1 / kept:.3g} times as large.",
                }
            ]
        if scale == 1 or abs(scale * kept - 1) < 2 * _NEAR:
            continue
        if any(abs(scale / wrong - 1) < _NEAR for wrong in (kept, 1 / (1 - kept))):
            return [
                {
                    "mistake": "dropout-scale",
                    "where": function or "training",
                    "parameter": name,
                    "line": line,
                    "text": f"{name} keeps {kept:.2f} of the units and multiplies them by "
                    f"{scale:.3g}: their mean becomes {scale * kept:.2f} of what it was.",
                }
            ]
    return []


def _random_lines(source: Source) -> set[int]:
    """Return the lines that assign or return compared random numbers, or draw zeros and ones."""
    return {
        node.lineno
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Assign | ast.AugAssign | ast.Return)
        and node.value is not None
        and _RANDOM.search(text := ast.unparse(node.value))
        and re.search(r"[<>]|binomial|bernoulli|choice", text)
    }


def _is_unscaled(name: str, line: int, kept: float, source: Source) -> bool:
    """Return whether a mask of dropout keeps a share that no product of the file makes up for.

    Masks that add noise to inputs, and dropout without a use apart from the training, have no mean
    to keep.
    """
    code = source.code
    if not re.search("drop", source.text, re.I) or re.search("nois|corrupt", name, re.I):
        return False
    own = re.escape(name)
    if not re.search(rf"\*=? \(?{own}\b|\b{own}\)? \*", code):
        return False
    if not re.search(r"\bif\b|def \w*(predict|eval|test|infer|accura|valid|score)", code):
        return False
    names = _related(_names_compared(line, source), source)
    others = [
        part
        for part in source.tree.body
        if isinstance(part, ast.ClassDef) and not part.lineno <= line <= (part.end_lineno or 0)
    ]
    # Another class's self.rate may be its learning rate.
    foreign = {id(node) for part in others for node in ast.walk(part)}
    for node in ast.walk(source.tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div):
            factors = [node.left, node.right]
        elif isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Mult | ast.Div):
            factors = [node.value]
        else:
            continue
        apart = id(node) in foreign
        if any(names & _names(factor, apart=apart) for factor in factors):
            return False
        if not names and any(_is_share(factor, kept) for factor in factors):
            return False
    return True


def _names_compared(line: int, source: Source) -> set[str]:
    """Return the names that a line compares random numbers with."""
    compared = [node for node in ast.walk(source.tree) if isinstance(node, ast.Compare)]
    sides = [
        side
        for node in compared
        if node.lineno == line
        for side in (node.left, *node.comparators)
        if not _RANDOM.search(ast.unparse(side))
    ]
    return {name for side in sides for name in _names(side)} - {"self"}


def _related(names: set[str], source: Source) -> set[str]:
    """Return names with those that they are computed from or that are computed of them."""
    assigned = [
        (_names(node.targets[0]) - {"self"}, _names(node.value) - {"self"})
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, _HOLDS)
    ]
    known: set[str] = set()
    while names - known:
        known |= names
        for targets, sources in assigned:
            if len(sources) == 1 and len(targets) == 1 and known & (targets | sources):
                names = names | targets | sources
    return known


def _names(node: ast.AST, *, apart: bool = False) -> set[str]:
    """Return the names, attributes and keys in an expression; with ``apart``, none of ``self``.

    Of ``config["keep"]`` and ``config.keep``, it is "keep": the holder has other numbers too.
    """
    if isinstance(node, ast.Name):
        return {node.id}
    if isinstance(node, ast.Attribute):
        within = set() if isinstance(node.value, ast.Name) else _names(node.value, apart=apart)
        return within if apart and ast.unparse(node.value) == "self" else within | {node.attr}
    key = node.slice if isinstance(node, ast.Subscript) else None
    if isinstance(key, ast.Constant) and isinstance(key.value, str):
        return {key.value}
    return {name for part in ast.iter_child_nodes(node) for name in _names(part, apart=apart)}


def _is_share(node: ast.expr, kept: float) -> bool:
    """Return whether a number is about the share that is kept, that of the rest, or one over it."""
    if not isinstance(node, ast.Constant) or not isinstance(node.value, int | float):
        return False
    shares = (kept, 1 - kept, 1 / kept, 1 / (1 - kept))
    return any(abs(node.value / share - 1) < _NEAR for share in shares)
