"""Whether the code orders its samples anew before each pass."""

import ast
from collections.abc import Iterator

from rosenblatt.check.source.text import Source
from rosenblatt.check.source.words import last_word

_ORDERS = ("permutation", "permuted", "sample")
"""Functions that draw an order, which is the same one again after a seed."""

_SEEDS = ("seed", "RandomState", "default_rng", "Random")

_DEPTH = 3
"""Calls of functions of the file that are followed into each other."""


def is_reshuffled(first: int, last: int, source: Source) -> bool:
    """Return whether the samples are shuffled before each run of the loop in some lines.

    That is in the loop of passes around it, or in the function that makes one pass, or where that
    function is called.
    """
    around = [
        node
        for node in ast.walk(source.tree)
        if isinstance(node, ast.For | ast.While | ast.FunctionDef)
        if node.lineno <= first and last <= (node.end_lineno or 0)
        if (node.lineno, node.end_lineno) != (first, last)
    ]
    if not around:
        return False
    inner = max(around, key=lambda node: node.lineno)
    callers = [
        node
        for node in ast.walk(source.tree)
        if isinstance(node, ast.For | ast.While) and isinstance(inner, ast.FunctionDef)
        if inner.name in {last_word(ast.unparse(call.func)) for call in _calls(node)}
    ]
    return any(shuffles(node, source) for node in (inner, *callers))


def shuffles(node: ast.AST, source: Source) -> bool:
    """Return whether code makes a new order, itself or in functions of the file."""
    names = set(_names(node, source, _DEPTH))
    # A shuffle in place gives a new order even after a seed.
    return "shuffle" in names or (not names.isdisjoint(_ORDERS) and names.isdisjoint(_SEEDS))


def _names(node: ast.AST, source: Source, depth: int) -> Iterator[str]:
    """Yield the names of all functions that some code calls, seeds only where they are given."""
    for call in _calls(node):
        name = last_word(ast.unparse(call.func))
        if name not in _SEEDS or call.args or call.keywords:
            yield name
        for function in source.functions if depth else ():
            if function.name == name:
                yield from _names(function, source, depth - 1)


def _calls(node: ast.AST) -> list[ast.Call]:
    return [part for part in ast.walk(node) if isinstance(part, ast.Call)]
