"""A file that calls its training several times, with another of the calls first.

A recorded run often has the first training only, such as ``model(X, Y)``. What
``model(X, Y, keep_prob=0.8)`` runs besides is recorded when it comes first.
"""

import ast
import itertools
from collections.abc import Iterator

from rosenblatt.check.record.recording import Event
from rosenblatt.check.source.changes import with_changes
from rosenblatt.check.source.coverage import called_from
from rosenblatt.check.source.text import Source

MOST = 3
"""Calls that are tried first."""


def with_other_calls(source: Source, events: list[Event]) -> Iterator[str]:
    """Yield the text of the file with another call of its training first, on the same lines.

    There are none where ``events`` are of all functions that the training may call. The caller
    adds what a further run records to ``events``.
    """
    updating = {event.function for event in events if event.updates}
    own = {function.name for function in source.functions}
    for calls in _repeated(source.tree):
        names = called_from([ast.unparse(calls[0].func)], source)
        if not names & updating:
            continue
        # A training may be given the function of its gradient: train(x, y, mse_grad).
        given = [*(call.args for call in calls), *([k.value for k in c.keywords] for c in calls)]
        named = {part.id for part in itertools.chain(*given) if isinstance(part, ast.Name)}
        names |= called_from(named & own, source)
        for call in calls[1 : MOST + 1]:
            if not _has_unseen(names, source, events):
                break
            first, second = (ast.get_source_segment(source.text, c) or "" for c in (calls[0], call))
            yield with_changes(source.text, [(calls[0], second), (call, first)])


def _repeated(tree: ast.Module) -> Iterator[list[ast.Call]]:
    """Yield calls of one function with different arguments, in statements of one block."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Module | ast.FunctionDef | ast.If):
            continue
        calls: dict[str, list[ast.Call]] = {}
        for statement in node.body:
            call = statement.value if isinstance(statement, ast.Assign | ast.Expr) else None
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
                calls.setdefault(call.func.id, []).append(call)
        for own in calls.values():
            whole = all(call.lineno == call.end_lineno for call in own)
            if whole and len({ast.unparse(call) for call in own}) == len(own) > 1:
                yield own


def _has_unseen(names: set[str], source: Source, events: list[Event]) -> bool:
    """Return whether a function of these computes something and no event is of it."""
    seen = {event.function for event in events}
    return any(
        isinstance(part, ast.BinOp)
        for function in source.functions
        if function.name in names - seen
        for part in ast.walk(function)
    )
