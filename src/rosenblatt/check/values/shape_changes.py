"""Parameters whose shape an update changes, because the shapes of its parts broadcast."""

import ast
import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from rosenblatt.check.descent.biases import BIAS
from rosenblatt.check.network.chains import NO_PARAMETER
from rosenblatt.check.record.recording import Event
from rosenblatt.check.source.coverage import is_update
from rosenblatt.check.source.text import Source

MOST_BEFORE = 200
"""Events before an update in which an array of all pairs of samples is looked for."""


def grown(events: list[Event], source: Source) -> list[dict[str, Any]]:
    """Return a finding for a parameter that an update makes larger.

    (3, 1) − (3, 70) has the shape (3, 70): something in the gradient was not summed, or an array
    (N, 1) met an array (N,). A signal that passes through layers, ``d = layer.backward(d)``, has
    another shape after each layer; it is no parameter.
    """
    for number, event in enumerate(events):
        if not event.updates or event.old is None or event.dtype != "f":
            continue
        if NO_PARAMETER.search(re.sub(r"\[.*$", "", event.name.split(".")[-1])):
            continue
        old, new = event.old, event.value
        if new.size <= old.size:
            continue
        is_bias = any(BIAS.search(name) for name in (event.name, _part_name(event, source)))
        # A sum may begin with the number 0; a parameter is moved by a learning rate.
        is_bias |= old.size == 1 and any(
            is_update(node)
            for node in ast.walk(source.tree)
            if getattr(node, "lineno", None) == event.line
        )
        if (old.size == 1 and not is_bias) or not _broadcasts(old, new):
            continue
        if not _is_added_to(event, source) or _begins_anew(event, events):
            continue
        is_bias |= _is_added_as_it_is(event.name, source)
        is_bias &= not _has_pairs(events[:number], old.shape, new.shape)
        return [
            {
                "mistake": "bias-gradient-not-summed" if is_bias else "broadcast",
                "where": event.function or "training",
                "parameter": event.name,
                "line": event.line,
                "text": f"The update turns {event.name} from the shape {old.shape} into "
                f"{new.shape}.",
            }
        ]
    return []


def _is_added_as_it_is(name: str, source: Source) -> bool:
    """Return whether a name is a term of a sum outside of its own updates, as a bias is."""
    return any(
        isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.Add)
        and name in (ast.unparse(node.left), ast.unparse(node.right))
        for statement in ast.walk(source.tree)
        if isinstance(statement, ast.Assign | ast.Return | ast.Expr) and statement.value
        if not isinstance(statement, ast.Assign) or name not in map(ast.unparse, statement.targets)
        for node in ast.walk(statement.value)
    )


def _has_pairs(events: list[Event], old: tuple[int, ...], new: tuple[int, ...]) -> bool:
    """Return whether a run combined all pairs of N samples, and a parameter gets N numbers more."""
    before = (*[1] * (len(new) - len(old)), *old)
    sizes = [size for was, size in zip(before, new, strict=True) if was != size > 2]
    last = events[-MOST_BEFORE:]
    return any(event.value.shape == (size, size) for size in sizes for event in last)


def _is_added_to(event: Event, source: Source) -> bool:
    """Return whether the line of an update adds to a value or subtracts from it.

    The addition may be in a function of the file that the line calls.
    """
    for node in ast.walk(source.tree):
        if isinstance(node, ast.AugAssign) and node.lineno == event.line:
            return True
        if isinstance(node, ast.Assign) and node.lineno == event.line:
            targets = {ast.unparse(part) for target in node.targets for part in _parts(target)}
            targets |= _taken_from(targets, source)
            if any(_adds(part, targets) for part in _parts(node.value)):
                return True
            called = {
                getattr(part.func, "attr", getattr(part.func, "id", ""))
                for part in ast.walk(node.value)
                if isinstance(part, ast.Call)
            }
            return any(_adds_to_argument(f) for f in source.functions if f.name in called)
    return False


def _taken_from(targets: set[str], source: Source) -> set[str]:
    """Return the names that parts of targets are given: ``W, b = params[name]``."""
    return {
        ast.unparse(part)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Assign) and ast.unparse(node.value) in targets
        for target in node.targets
        for part in _parts(target)
    }


def _part_name(event: Event, source: Source) -> str:
    """Return the name from which a part of an assigned tuple is made: ``(W - dW, b - db)``."""
    place = re.search(r"\[(\d+)\]$", event.name)
    if place is None:
        return ""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Assign) and node.lineno == event.line:
            parts = _parts(node.value)[int(place.group(1)) :]
            return ast.unparse(next(_summands(parts[0]))) if parts else ""
    return ""


def _parts(node: ast.expr) -> list[ast.expr]:
    return node.elts if isinstance(node, ast.Tuple | ast.List) else [node]


def _adds(node: ast.expr, names: set[str]) -> bool:
    """Return whether an expression is one of ``names`` plus or minus something."""
    if isinstance(node, ast.ListComp | ast.GeneratorExp):
        names = {
            part.id
            for generator in node.generators
            for part in ast.walk(generator.target)
            if isinstance(part, ast.Name)
        }
        return any(_adds(part, names) for part in _parts(node.elt))
    summands = list(_summands(node))
    return len(summands) > 1 and any(ast.unparse(part) in names for part in summands)


def _summands(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        yield from _summands(node.left)
        yield node.right
    else:
        yield node


def _adds_to_argument(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Return whether a function adds to one of its arguments, or to an entry of one."""
    arguments = {argument.arg for argument in function.args.args}
    for node in ast.walk(function):
        summands: list[ast.expr]
        if isinstance(node, ast.AugAssign):
            summands = [node.target] if isinstance(node.op, ast.Add | ast.Sub) else []
        elif isinstance(node, ast.BinOp):
            summands = list(_summands(node))
            summands = summands if len(summands) > 1 else []
        else:
            continue
        for summand in summands:
            while isinstance(summand, ast.Subscript):
                summand = summand.value
            if isinstance(summand, ast.Name) and summand.id in arguments:
                return True
    return False


def _begins_anew(update: Event, events: list[Event]) -> bool:
    """Return whether the updated name is set to other values of its old shape now and then."""
    firsts = (
        event.value
        for event in events
        if not event.updates
        and (event.name, event.function) == (update.name, update.function)
        and event.value.shape == update.old.shape
    )
    first = next(firsts, None)
    return first is not None and any(not np.array_equal(first, value) for value in firsts)


def _broadcasts(old: Any, new: Any) -> bool:
    """Return whether a shape is what ``old`` and another array give together, entry by entry."""
    try:
        fits = np.broadcast_shapes(old.shape, new.shape) == new.shape
    except ValueError:
        return False
    if not fits or not np.isfinite(new).all():
        return False
    # Where rows or columns of the old values are among the new, arrays were put side by side.
    same = np.isclose(new, np.broadcast_to(old, new.shape), rtol=1e-12, atol=0)
    return not any(same.all(axis=axis).any() for axis in range(new.ndim))
