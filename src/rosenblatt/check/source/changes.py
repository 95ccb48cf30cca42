"""The text of a file with other expressions at some places."""

import ast
from collections.abc import Iterable


def with_changes(text: str, changes: Iterable[tuple[ast.expr, str]]) -> str:
    """Return a text in which expressions of its tree are replaced.

    ``changes`` are (expression, new text); none of them lies within another.

    >>> value = ast.parse("é = f(1, 2)").body[0].value
    >>> with_changes("é = f(1, 2)", [(value.args[0], "10"), (value.args[1], "20")])
    'é = f(10, 20)'
    """
    whole = text.encode()
    starts = [0]
    for line in whole.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    parts = [
        (
            starts[node.lineno - 1] + node.col_offset,
            starts[(node.end_lineno or 0) - 1] + (node.end_col_offset or 0),
            new.encode(),
        )
        for node, new in changes
    ]
    for start, end, new in sorted(parts, reverse=True):
        whole = whole[:start] + new + whole[end:]
    return whole.decode()
