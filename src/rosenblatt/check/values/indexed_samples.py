"""Samples and labels that the code takes by an index or under another name."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from rosenblatt.check.record.recording import Event
from rosenblatt.check.source.text import Source

_MOST_EVENTS = 12_000
_FEWEST = 5
"""Numbers of an index below which it takes no batch."""


def with_indexed_rows(events: list[Event], source: Source) -> list[Event]:
    """Return the events of a run, and after each index the rows that an expression takes by it.

    The rows ``X[rows]`` of ``X[rows] @ W`` have no name, so that they are not recorded. Of a long
    run, only what loops take is returned to the end.
    """
    arrays: dict[tuple[str, str], set[str]] = {}
    for function, array, index in _indexed(source.tree, ("",)):
        arrays.setdefault((function, index), set()).add(array)
    # What is shuffled in place is not recorded again.
    shuffled = {
        ast.unparse(argument)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("shuffle")
        for argument in node.args
    }
    arrays = {key: own - shuffled for key, own in arrays.items() if key[1] not in shuffled}
    wanted = set().union(*arrays.values()) if arrays else set()
    result: list[Event] = []
    last: dict[tuple[str, str], Event] = {}
    for event in events[:_MOST_EVENTS]:
        result.append(event)
        if event.name in wanted and event.value.ndim == 2:
            # Another function may have another array of the same name.
            last["" if "." in event.name else event.function, event.name] = event
        is_index = event.dtype in "iul" and event.value.ndim == 1 and event.value.size >= _FEWEST
        own = arrays.get((event.function, event.name), ())
        for name in sorted(own) if is_index else ():
            index = event.value.astype(int)
            whole = last.get((event.function, name), last.get(("", name)))
            fits = whole is not None and (index == event.value).all() and index.min() >= 0
            if whole is not None and fits and index.max() < len(whole.value):
                rows = whole.value[index]
                result.append(
                    replace(event, name=f"{name}[{event.name}]", value=rows, dtype=whole.dtype)
                )
    result += [event for event in events[_MOST_EVENTS:] if event.taken]
    return result


def _indexed(node: ast.AST, functions: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    """Yield function, array and index of each ``array[index]``, for each function around it.

    An index of the same name in another function may be something else, such as its labels.
    """
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Name):
        for function in functions:
            yield function, ast.unparse(node.value), node.slice.id
    if isinstance(node, ast.FunctionDef):
        functions = (*functions, node.name)
    for child in ast.iter_child_nodes(node):
        yield from _indexed(child, functions)


def label_sources(source: Source, is_label: Callable[[str], bool]) -> set[str]:
    """Return names of arrays of which only labels are taken: ``y_train = disease[train]``."""
    labels: set[str] = set()
    others: set[str] = set()
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Assign):
            for target, value in _pairs(node):
                name = _taken_from(value)
                if name is not None and name != ast.unparse(target):
                    (labels if is_label(ast.unparse(target)) else others).add(name)
    return labels - others


def _pairs(node: ast.Assign) -> Iterator[tuple[Any, Any]]:
    """Yield the targets of an assignment with their values."""
    target, value = node.targets[0], node.value
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        yield from zip(target.elts, value.elts, strict=False)
    else:
        yield target, value


def _taken_from(value: Any) -> str | None:
    """Return the name of the array of which a value is a part; None for another value."""
    while isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
        if value.func.attr not in ("astype", "reshape", "copy", "ravel", "flatten"):
            return None
        value = value.func.value
    is_part = isinstance(value, ast.Subscript) and not isinstance(value.slice, ast.Tuple)
    return value.value.id if is_part and isinstance(value.value, ast.Name) else None
