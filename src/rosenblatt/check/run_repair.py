"""Names of mistakes by repair: the small change of the code that makes the updates right.

Where the gradient of a run is wrong and no formula of a known mistake gives its numbers, the usual
mistakes are undone in the file, one at each place. The change after which every update follows the
gradient, with the outputs as they were, names the mistake and its line.
"""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from rosenblatt.check.recording import Event, record
from rosenblatt.check.replay import Replay
from rosenblatt.check.source import Source

MOST_EDITS = 150
MOST_WORK = 120_000
"""Recorded values, over the runs of all edits."""

_FLIPPED: dict[type, type] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Lt: ast.Gt,
    ast.Gt: ast.Lt,
    ast.LtE: ast.GtE,
    ast.GtE: ast.LtE,
}


@dataclass(frozen=True)
class Edit:
    """One change: the mistake that it undoes, the node by its number, and what is done with it."""

    mistake: str
    line: int
    number: int
    change: Callable[[Any], Any]


def repaired(
    replay: Replay, last: int, follows: Callable[[Replay], Any]
) -> tuple[Edit, Any] | None:
    """Return the first edit after which ``follows`` recognizes the loss, with what it returns.

    ``last`` is the event up to which the places of edits are taken from; ``follows`` returns the
    place of the outputs, (line, name), or None.
    """
    for edit in list(edits(replay.source, replay.events[:last]))[:MOST_EDITS]:
        if replay.work > MOST_WORK:
            return None
        changed = _edited(replay, edit)
        if changed is None:
            continue
        difference = _first_difference(replay.events, changed.events)
        if difference is None:
            continue
        place = follows(changed)
        replay.work += changed.work
        if place is not None and any(
            (event.line, event.name) == place for event in replay.events[:difference]
        ):
            return edit, place
    return None


def _first_difference(events: list[Event], others: list[Event]) -> int | None:
    """Return the first event that an edit changes; None where it changes nothing."""
    for number, (one, other) in enumerate(zip(events, others, strict=False)):
        if (one.line, one.name) != (other.line, other.name) or not np.array_equal(
            one.value, other.value
        ):
            return number
    return None


def _edited(replay: Replay, edit: Edit) -> Replay | None:
    """Return the recorded run of the edited file; None where it does not run."""
    source = Source(replay.source.text)
    node = list(ast.walk(source.tree))[edit.number]
    parents = {id(c): p for p in ast.walk(source.tree) for c in ast.iter_child_nodes(p)}
    if isinstance(edit.change, _Parent):
        edit.change.change(parents[id(node)])
    new = edit.change(node)
    if new is not node:
        if not _put(parents[id(node)], node, new):
            return None
        for part in ast.walk(new):
            if isinstance(part, ast.expr | ast.stmt):
                part.lineno = part.end_lineno = edit.line
                part.col_offset = part.end_col_offset = 0
    end = min(len(replay.events), 4000)
    try:
        recorder, _, _ = record(source, replay.path, replay.name, 2.0, end=end)
    except (SyntaxError, ValueError, RecursionError):
        return None
    replay.work += len(recorder.events) + 200
    return Replay(source, replay.path, replay.name, recorder.events)


def _put(parent: Any, node: Any, new: Any) -> bool:
    for name, value in ast.iter_fields(parent):
        if value is node:
            setattr(parent, name, new)
            return True
        if isinstance(value, list) and any(item is node for item in value):
            value[next(i for i, item in enumerate(value) if item is node)] = new
            return True
    return False


def edits(source: Source, events: list[Event]) -> Iterator[Edit]:
    """Yield the edits in the functions that the events come from, the commonest mistakes first."""
    lines = {event.line for event in events}
    tree = source.tree
    nodes = list(ast.walk(tree))
    spans = [(f.lineno, f.end_lineno or f.lineno) for f in source.functions]
    active = [span for span in spans if any(span[0] <= line <= span[1] for line in lines)]
    shapes: dict[str, Any] = {}
    for event in events:
        shapes.setdefault(event.name, event.value.shape)
    parents = {id(c): p for p in nodes for c in ast.iter_child_nodes(p)}

    def inside(node: Any) -> bool:
        line = getattr(node, "lineno", None)
        if line is None:
            return False
        return line in lines or any(first <= line <= last for first, last in active)

    chosen = [(i, node) for i, node in enumerate(nodes) if inside(node)]
    groups = (_moves, _turns, _signs, _sides, _others, _slopes, _without, _sums)
    for group in groups:
        for number, node in chosen:
            for mistake, change in group(node, parents, shapes):
                yield Edit(mistake, int(getattr(node, "lineno", 0)), number, change)


Found = Iterator[tuple[str, Callable[[Any], Any]]]


def _moves(node: Any, parents: Any, shapes: Any) -> Found:
    """Move an update to the end of its block."""
    if not isinstance(node, ast.AugAssign | ast.Assign):
        return
    target = node.target if isinstance(node, ast.AugAssign) else node.targets[0]
    text = ast.unparse(target)
    if isinstance(node, ast.Assign) and text not in ast.unparse(node.value):
        return
    block = getattr(parents[id(node)], "body", None)
    if not isinstance(block, list) or node not in block or block[-1] is node:
        return
    place = block.index(node)
    ends = [i for i in range(place + 1, len(block)) if not isinstance(block[i], ast.Return)]
    if not ends:
        return

    def to_place(parent: Any) -> Any:
        statement = parent.body.pop(place)
        parent.body.insert(ends[-1], statement)
        return parent

    yield "update-before-use", _Parent(to_place)


@dataclass(frozen=True)
class _Parent:
    """A change of the block that a statement stands in."""

    change: Callable[[Any], Any]

    def __call__(self, node: Any) -> Any:
        return node


def _signs(node: Any, parents: Any, shapes: Any) -> Found:
    momentum = re.search(r"mom|vel|\bv\b", _statement(node, parents))
    mistake = "momentum-sign" if momentum else "sign"
    if isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in (ast.Add, ast.Sub):

        def flip(node: Any) -> Any:
            node.op = _FLIPPED[type(node.op)]()
            return node

        yield mistake, flip
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield mistake, lambda node: node.operand


def _sides(node: Any, parents: Any, shapes: Any) -> Found:
    if not isinstance(node, ast.Compare) or type(node.ops[0]) not in _FLIPPED:
        return

    def flip(node: Any) -> Any:
        node.ops[0] = _FLIPPED[type(node.ops[0])]()
        return node

    yield "relu-wrong-side", flip


def _turns(node: Any, parents: Any, shapes: Any) -> Found:
    parent = parents[id(node)]
    product = (isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.MatMult)) or (
        isinstance(parent, ast.Call) and re.search(r"(dot|matmul|outer)$", ast.unparse(parent.func))
    )
    if isinstance(node, ast.Attribute) and node.attr == "T":
        yield "transposed", lambda node: node.value
    elif product and isinstance(node, ast.Name | ast.Attribute | ast.Subscript | ast.Call):
        if isinstance(parent, ast.Call) and parent.func is node:
            return
        yield "transposed", lambda node: ast.Attribute(node, "T", ast.Load())


def _others(node: Any, parents: Any, shapes: Any) -> Found:
    """Put another variable of the same shape in the place of one, or its neighbour in a list."""
    if not isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
        return
    if not isinstance(node.ctx, ast.Load) or (
        isinstance(parents[id(node)], ast.Attribute) and (parents[id(node)].attr != "T")
    ):
        return
    text = ast.unparse(node)
    around = ast.unparse(parents[id(node)])
    if isinstance(parents[id(node)], ast.Compare):
        mistake = "relu-mask-of-gradient"
    elif re.search(r"1(\.0)? ?- ?|deriv|prime|\*\* 2|grad\(", around):
        mistake = "activation-derivative-at-output"
    else:
        mistake = "wrong-input-cached"
    shape = shapes.get(text)
    for other, size in list(shapes.items()):
        usable = re.fullmatch(r"[A-Za-z_][\w.]*(\[[\w' ]+\])?", other) and other != "return"
        if shape and size == shape and other != text and usable and "__" not in other:
            yield mistake, _reading(other)
    if isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Slice | ast.Tuple):
        for step in (" + 1", " - 1"):
            yield mistake, _reading(f"{ast.unparse(node.value)}[{ast.unparse(node.slice)}{step}]")


def _reading(text: str) -> Callable[[Any], Any]:
    return lambda node: ast.parse(text, mode="eval").body


def _slopes(node: Any, parents: Any, shapes: Any) -> Found:
    """Multiply an assigned value by an activation's derivative."""
    if not isinstance(node, ast.Assign) or isinstance(node.targets[0], ast.Tuple):
        return
    shape = shapes.get(ast.unparse(node.targets[0]))
    if not shape:
        return
    for other, size in list(shapes.items()):
        if size != shape or not re.fullmatch(r"[A-Za-z_][\w.]*(\[[\w' ]+\])?", other):
            continue
        if other in ("return", ast.unparse(node.targets[0])):
            continue
        for slope in (f"(1 - {other} ** 2)", f"({other} * (1 - {other}))", f"({other} > 0)"):
            yield "activation-derivative-missing", _multiplied(slope)


def _multiplied(slope: str) -> Callable[[Any], Any]:
    def change(node: Any) -> Any:
        node.value = ast.copy_location(
            ast.BinOp(node.value, ast.Mult(), ast.parse(slope, mode="eval").body), node.value
        )
        for part in ast.walk(node.value):
            if isinstance(part, ast.expr):
                part.lineno = part.end_lineno = node.lineno
        return node

    return change


def _without(node: Any, parents: Any, shapes: Any) -> Found:
    """Leave out a factor, a divisor, or a function around a difference."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div):
        for side in ("right", "left") if isinstance(node.op, ast.Mult) else ("right",):
            text = ast.unparse(getattr(node, side))
            kept = "left" if side == "right" else "right"
            yield _factor_name(text), _side(kept)
    call = isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords
    if call and isinstance(node.args[0], ast.BinOp) and isinstance(node.args[0].op, ast.Sub):
        yield "loss-gradient-mismatch", lambda node: node.args[0]


def _side(name: str) -> Callable[[Any], Any]:
    return lambda node: getattr(node, name)


def _factor_name(text: str) -> str:
    if re.fullmatch(r"[\d.]+", text):
        return "constant-factor"
    if re.search(r"len\(|shape|size|^[nmN]$|batch", text):
        return "batch-factor"
    if re.search(r"1(\.0)? ?- ?|deriv|prime", text):
        return "activation-derivative-at-output"
    return "constant-factor"


def _sums(node: Any, parents: Any, shapes: Any) -> Found:
    """Add to a value that is overwritten."""
    held = isinstance(node, ast.Assign) and isinstance(
        node.targets[0], ast.Attribute | ast.Subscript
    )
    if held:
        yield (
            "gradients-accumulate",
            lambda node: ast.AugAssign(node.targets[0], ast.Add(), node.value),
        )


def _statement(node: Any, parents: Any) -> str:
    while not isinstance(node, ast.stmt) and id(node) in parents:
        node = parents[id(node)]
    return ast.unparse(node) if isinstance(node, ast.AugAssign | ast.Assign) else ""
