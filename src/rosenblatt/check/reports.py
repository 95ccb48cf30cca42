"""A file that reports its loss now and then, with a report each time.

The recorded part of a long run may end before the first report, ``if (epoch + 1) % 50 == 0:``.
"""

import ast
import re

from rosenblatt.check.record.recording import Event
from rosenblatt.check.source.changes import with_changes
from rosenblatt.check.source.text import Source

MOST_EVENTS = 6000
"""Events of a run with all reports that are recorded."""

_RATE = re.compile(r"(^|_)(lr|eta|alpha|rate)", re.I)


def with_all_reports(source: Source, events: list[Event]) -> str | None:
    r"""Return the text of a file that reports each time, on the same lines.

    It is None where every function that a report calls was called in ``events``.

    >>> text = "def cost(): print(1)\nif i % 5 == 4:\n    cost()"
    >>> with_all_reports(Source(text), []).splitlines()[1]
    'if True:'
    """
    called = {event.function for event in events}
    missing = {function.name for function in source.functions} - called
    reports = [
        node
        for node in ast.walk(source.tree)
        if isinstance(node, ast.If) and _is_periodic(node.test) and _reports(node)
    ]
    if not any(_called(node) & missing for node in reports):
        return None
    tests = [node.test for node in reports if node.test.lineno == node.test.end_lineno]
    return with_changes(source.text, [(test, "True") for test in tests])


def _is_periodic(test: ast.expr) -> bool:
    return any(isinstance(n, ast.BinOp) and isinstance(n.op, ast.Mod) for n in ast.walk(test))


def _reports(node: ast.If) -> bool:
    """Return whether a branch only computes and prints: it changes nothing of the training."""
    for statement in node.body:
        if isinstance(statement, ast.Assign):
            parts = [part for target in statement.targets for part in ast.walk(target)]
            held = any(isinstance(part, ast.Attribute | ast.Subscript) for part in parts)
            if held or any(isinstance(p, ast.Name) and _RATE.search(p.id) for p in parts):
                return False
        elif not isinstance(statement, ast.Expr):
            return False
    return not node.orelse


def _called(node: ast.If) -> set[str]:
    calls = [n.func for body in node.body for n in ast.walk(body) if isinstance(n, ast.Call)]
    return {getattr(call, "id", getattr(call, "attr", "")) for call in calls}
