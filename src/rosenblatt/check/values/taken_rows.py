"""Samples that an index takes next to labels that a slice takes: ``X[order], y[:80]``."""

import ast
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from rosenblatt.check.record.recording import Event
from rosenblatt.check.source.text import Source
from rosenblatt.check.values.sample_order import names_label

FEWEST = 5
"""Rows below which labels may agree by chance."""

MOST_EVENTS = 8000


@dataclass(frozen=True)
class Taken:
    """An assignment of rows of an array: ``target = array[…]``.

    Attributes:
        sliced: whether a slice takes the rows, not an index.
    """

    target: str
    array: str
    sliced: bool
    line: int


def sliced_next_to_index(events: list[Event], source: Source) -> list[dict[str, Any]]:
    """Return a finding where rows that an index takes have labels of the first rows."""
    for first, second in _pairs(source.tree):
        if names_label(first.array) == names_label(second.array) or first.sliced == second.sliced:
            continue
        rows, labels = (second, first) if names_label(first.array) else (first, second)
        if {rows.array, labels.array} & _reordered(source.tree):
            continue
        wrong, seen = _wrong_labels(events[:MOST_EVENTS], rows, labels)
        if wrong > seen // 10:
            sliced = first if first.sliced else second
            return [
                {
                    "mistake": "labels-misaligned",
                    "where": "training",
                    "line": sliced.line,
                    "text": f"{wrong} of {seen} samples have another sample's label: an index "
                    f"takes the rows of one array, a slice those of {sliced.array}.",
                }
            ]
    return []


def _pairs(tree: ast.AST) -> Iterator[tuple[Taken, Taken]]:
    """Yield assignments of rows that follow each other in one block."""
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            taken = [list(_taken(statement)) for statement in body]
            for own, following in itertools.pairwise([*taken, []]):
                yield from itertools.pairwise([*own, *following[:1]])


def _taken(statement: ast.stmt) -> Iterator[Taken]:
    """Yield the rows of arrays that a statement assigns to names."""
    if not isinstance(statement, ast.Assign):
        return
    target, value = statement.targets[0], statement.value
    several = isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)
    targets = target.elts if several and isinstance(target, ast.Tuple) else [target]
    values = value.elts if several and isinstance(value, ast.Tuple) else [value]
    for name, part in zip(targets, values, strict=False):
        plain = isinstance(name, ast.Name | ast.Attribute) and isinstance(part, ast.Subscript)
        if plain and isinstance(part, ast.Subscript) and not isinstance(part.slice, ast.Tuple):
            is_slice = isinstance(part.slice, ast.Slice)
            yield Taken(ast.unparse(name), ast.unparse(part.value), is_slice, part.lineno)


def _reordered(tree: ast.AST) -> set[str]:
    """Return the arrays that the code shuffles in place, or makes of rows that an index takes."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("shuffle", "sort")):
            names |= {ast.unparse(argument) for argument in node.args}
        if isinstance(node, ast.Assign) and any(map(_takes_by_index, ast.walk(node.value))):
            targets = (part for target in node.targets for part in ast.walk(target))
            names |= {ast.unparse(p) for p in targets if isinstance(p, ast.Name | ast.Attribute)}
    return names


def _takes_by_index(node: ast.AST) -> bool:
    """Return whether a node takes rows by an index; ``X[:, columns]`` takes all of them."""
    if not isinstance(node, ast.Subscript):
        return False
    index = node.slice.elts[0] if isinstance(node.slice, ast.Tuple) else node.slice
    return not isinstance(index, ast.Slice | ast.Constant)


def _wrong_labels(events: list[Event], rows: Taken, labels: Taken) -> tuple[int, int]:
    """Return how many taken rows have labels of others, and of how many; 0 where it is unknown."""
    found = [_whole_and_part(events, taken) for taken in (rows, labels)]
    if None in found:
        return 0, 0
    (whole, part), (whole_labels, part_labels) = (pair for pair in found if pair is not None)
    if len(whole) != len(whole_labels) or not FEWEST <= len(part) == len(part_labels):
        return 0, 0
    allowed: dict[bytes, set[bytes]] = {}
    for row, label in zip(whole, whole_labels, strict=True):
        allowed.setdefault(row.tobytes(), set()).add(label.tobytes())
    own = [allowed.get(row.tobytes()) for row in part]
    if None in own:
        return 0, 0
    given = zip(part_labels, own, strict=True)
    return sum(label.tobytes() not in (known or ()) for label, known in given), len(part)


def _whole_and_part(events: list[Event], taken: Taken) -> tuple[Any, Any] | None:
    """Return an array and the rows that are taken of it, as rows; None where it has two orders."""
    place = next(
        (k for k, e in enumerate(events) if (e.line, e.name) == (taken.line, taken.target)), None
    )
    if place is None or not events[place].value.ndim:
        return None
    before = [event.value for event in events[:place] if event.value.ndim > 0]
    own = [e.value for e in events[:place] if e.name == taken.array and e.value.ndim > 0]
    if not own:
        return None
    whole = own[-1]
    if any(_is_reordered(whole, other) for other in before):
        return None
    return _rows(whole), _rows(events[place].value)


def _rows(array: Any) -> Any:
    """Return an array with one row per sample."""
    return np.ascontiguousarray(array.reshape(len(array), -1))


def _is_reordered(array: Any, other: Any) -> bool:
    """Return whether two arrays have the same numbers in another order."""
    alike = array.shape == other.shape and not np.array_equal(array, other)
    return alike and np.array_equal(np.sort(array, axis=0), np.sort(other, axis=0))
