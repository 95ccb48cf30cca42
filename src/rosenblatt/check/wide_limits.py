"""A file that limits each entry of its gradients, with limits that no entry reaches.

Whether an update is a gradient cannot be told where entries of it may be cut off.
"""

import ast
import re

from rosenblatt.check.source.changes import with_changes
from rosenblatt.check.source.text import Source

WIDE = "1e9"
"""The limit that takes the place of each."""

_GRADIENT = re.compile(
    r"(^|[._])(d[A-Zwbxhzpuv_]\w*|g[bBwW]?\d*|\w*grad\w*|nabla\w*|delta\w*)", re.A
)
"""Names of gradients: dW, dparam, self.grads['b'], g."""


def with_wide_limits(source: Source) -> str | None:
    """Return the text of the file with wide limits of its gradients, on the same lines.

    Limits are two numbers, -5 and 5, that ``clip`` is given after a gradient. None: there are none.
    """
    limits = [limit for node in ast.walk(source.tree) for limit in _limits(node)]
    changes = [(n, f"-{WIDE}" if isinstance(n, ast.UnaryOp) else WIDE) for n in limits]
    return with_changes(source.text, changes) if changes else None


def _limits(node: ast.AST) -> list[ast.expr]:
    """Return the two numbers, of opposite signs, between which a call keeps a gradient."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return []
    if node.func.attr != "clip":
        return []
    named = [k.value for k in node.keywords if k.arg in ("a_min", "a_max", "min", "max")]
    of_module = ast.unparse(node.func.value) in ("np", "numpy")
    given = [*([] if of_module else [node.func.value]), *node.args, *named]
    if len(given) < 3 or not _GRADIENT.search(ast.unparse(given[0])):
        return []
    low, high = given[1:3]
    is_pair = isinstance(low, ast.UnaryOp) and isinstance(high, ast.Constant)
    return [low, high] if is_pair and ast.unparse(low) == f"-{ast.unparse(high)}" else []
