"""The numbers inside a value that a run records, and the array that holds an element."""

import ast
from typing import Any

import numpy as np

from rosenblatt.check.source.state import as_array

MOST_HELD = 400
"""Numbers of an array that is recorded whole when one of its elements is assigned."""

_HOLD_NUMBERS = (np.ndarray, np.generic, float, int, list, tuple, dict)


def parts_of(value: Any, name: str, depth: int = 0) -> list[tuple[str, Any, Any]]:
    """Return (path, value, float copy) of every number, array and list of numbers in a value."""
    array = as_array(value)
    if array is not None:
        return [(name, value, array)]
    if depth > 2:
        return []
    if isinstance(value, dict):
        return [
            part
            for key, inner in list(value.items())[:40]
            for part in parts_of(inner, f"{name}[{key!r}]", depth + 1)
        ]
    if isinstance(value, list | tuple):
        if len(value) > 3 and not any(isinstance(inner, _HOLD_NUMBERS) for inner in value[:3]):
            return []
        return [
            part
            for i, inner in enumerate(value[:40])
            for part in parts_of(inner, f"{name}[{i}]", depth + 1)
        ]
    return []


def put_part(value: Any, path: str, number: Any) -> None:
    """Put a number into dicts and lists, at a path such as ``['b'][0]``.

    >>> net = {"b": [0.0, 1.0]}
    >>> put_part(net, "['b'][0]", 0.5)
    >>> net
    {'b': [0.5, 1.0]}
    """
    keys: list[Any] = []
    node: Any = ast.parse(f"_{path}", mode="eval").body
    while isinstance(node, ast.Subscript):
        keys.insert(0, getattr(node.slice, "value", None))
        node = node.value
    for key in keys[:-1]:
        value = value[key]
    if keys and isinstance(value, list | dict):
        value[keys[-1]] = number


def increase(value: Any, delta: Any) -> None:
    """Add to an array or to nested lists, in place."""
    if isinstance(value, np.ndarray):
        if value.dtype.kind == "f" and value.flags.writeable:
            value += np.reshape(delta, value.shape)
    elif isinstance(value, list):
        for i, part in enumerate(delta):
            if isinstance(value[i], list):
                increase(value[i], part)
            else:
                value[i] = value[i] + float(part)


def outermost(holders: Any) -> tuple[int, Any] | None:
    """Return the outermost of nested holders that is an array of numbers, with its depth."""
    found = None
    try:
        for depth, raw in enumerate(holders()):
            array = as_array(raw)
            if array is None or not 0 < array.size <= MOST_HELD:
                break
            found = depth, raw
    # Reading a holder may run the student's own code, which may raise anything.
    except Exception:
        return None
    return found


def has_array(index: Any) -> bool:
    """Return whether an array or a list is among indices."""
    if isinstance(index, tuple):
        return any(has_array(part) for part in index)
    return isinstance(index, np.ndarray | list)


def opening_of(text: str) -> int:
    """Return where the last index of a target's text begins."""
    depth = 0
    for place in range(len(text) - 1, -1, -1):
        depth += (text[place] == "]") - (text[place] == "[")
        if depth == 0:
            return place
    return 0
