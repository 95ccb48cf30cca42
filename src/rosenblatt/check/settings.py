"""A file that trains with one setting after the other, with another of them first.

A recorded run often has the first training only, ``for keep in (1.0, 0.8): train(keep)``. The code
of the others, such as dropout, is then never run.
"""

import ast
from collections.abc import Iterator
from typing import Any

from rosenblatt.check.record.recording import Event
from rosenblatt.check.source.coverage import called_from
from rosenblatt.check.source.text import Source

MOST = 3
"""Settings that are tried first."""


def with_other_settings(source: Source, events: list[Event]) -> Iterator[str]:
    """Yield the text of the file with another setting first, on the same lines.

    There are none where ``events`` are of all lines of the training, and its first setting is not
    one that switches something off. The caller adds what a further run records to ``events``.
    """
    updating = {event.function for event in events if event.updates}
    for loop, literal, elements in _settings(source, updating):
        names = called_from(_called(loop), source)
        neutral = [_is_neutral(element) for element in elements]
        hides = neutral[0] and not all(neutral)
        for number in range(1, min(len(elements), MOST + 1)):
            if hides and neutral[number]:
                continue
            if not hides and not _is_left_out(names, source, events):
                break
            yield _with_first(source.text, literal, elements, number)
            hides = False


def _settings(source: Source, updating: set[str]) -> Iterator[tuple[ast.For, Any, list[Any]]]:
    """Yield loops over a literal that train in each pass: the loop, its literal, the elements.

    ``updating`` are the functions that update values.
    """
    for loop in _outer_loops(source.tree):
        literal = _literal(loop.iter, source.tree)
        if literal is None:
            continue
        called = called_from(_called(loop), source)
        functions = [function for function in source.functions if function.name in called]
        bodies = [*functions, *loop.body]
        repeats = any(isinstance(n, ast.For | ast.While) for body in bodies for n in ast.walk(body))
        if repeats and (called & updating or "" in updating):
            yield loop, literal, _elements(literal)


def _outer_loops(node: Any) -> Iterator[ast.For]:
    """Yield loops that are in no other loop."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.For):
            yield child
        elif not isinstance(child, ast.While):
            yield from _outer_loops(child)


def _literal(node: Any, tree: ast.AST) -> Any:
    """Return the tuple, list or dict of at least two elements that a loop runs over."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and not node.args:
        node = node.func.value if node.func.attr in ("items", "keys", "values") else None
    if isinstance(node, ast.Name):
        given = [
            part.value
            for part in ast.walk(tree)
            if isinstance(part, ast.Assign)
            and any(isinstance(t, ast.Name) and t.id == node.id for t in part.targets)
        ]
        node = given[0] if len(given) == 1 else None
    if not isinstance(node, ast.Tuple | ast.List | ast.Dict):
        return None
    plain = all(part is not None and not isinstance(part, ast.Starred) for part in _keys(node))
    return node if plain and len(_keys(node)) > 1 else None


def _keys(literal: Any) -> list[Any]:
    return literal.keys if isinstance(literal, ast.Dict) else literal.elts


def _elements(literal: Any) -> list[Any]:
    """Return the elements of a literal; those of a dict are pairs (key, value)."""
    if isinstance(literal, ast.Dict):
        return list(zip(literal.keys, literal.values, strict=True))
    return list(literal.elts)


def _is_neutral(element: Any) -> bool:
    """Return whether a setting switches something off: a penalty of 0, a share 1.0 that is kept."""
    if isinstance(element, ast.Tuple | tuple):
        parts = element.elts if isinstance(element, ast.Tuple) else element
        return any(_is_neutral(part) for part in parts)
    if not isinstance(element, ast.Constant) or isinstance(element.value, str):
        return False
    value = element.value
    return value is None or value == 0 or (isinstance(value, float) and value == 1)


def _called(loop: ast.For) -> set[str]:
    calls = [n.func for body in loop.body for n in ast.walk(body) if isinstance(n, ast.Call)]
    return {getattr(call, "id", getattr(call, "attr", "")) for call in calls}


def _is_left_out(names: set[str], source: Source, events: list[Event]) -> bool:
    """Return whether the training has arithmetic that no event is of.

    It may be in a branch, or in the method of another class; functions that are only called after
    the training are left out.
    """
    lines = {event.line for event in events}
    names = names & {event.function for event in events}
    return any(
        node.lineno not in lines and any(isinstance(part, ast.BinOp) for part in ast.walk(node))
        for function in source.functions
        if function.name in names
        for node in ast.walk(function)
        if isinstance(node, ast.Assign | ast.AugAssign)
    )


def _with_first(text: str, literal: Any, elements: list[Any], number: int) -> str:
    """Return the text with one element of a literal first, and all lines where they were."""
    order = [elements[number], *elements[:number], *elements[number + 1 :]]
    parts = [_text(text, element) for element in order]
    brackets = {ast.Tuple: "()", ast.List: "[]", ast.Dict: "{}"}[type(literal)]
    lines = text.encode().splitlines(keepends=True)
    start = sum(map(len, lines[: literal.lineno - 1])) + literal.col_offset
    end = sum(map(len, lines[: literal.end_lineno - 1])) + literal.end_col_offset
    body = ", ".join(parts)
    gap = "\n" * (literal.end_lineno - literal.lineno - body.count("\n"))
    whole = f"{brackets[0]}{body}{gap}{brackets[1]}"
    return (text.encode()[:start] + whole.encode() + text.encode()[end:]).decode()


def _text(text: str, element: Any) -> str:
    if isinstance(element, tuple):
        return ": ".join(_text(text, part) for part in element)
    return ast.get_source_segment(text, element) or ast.unparse(element)
