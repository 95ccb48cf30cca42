"""A file whose weights begin larger, where they begin so small that its units are linear.

Of weights drawn as 0.01 N(0, 1), tanh(z) is z but for a part of 1e-4. A derivative at the wrong
value is then right within the errors of differences.
"""

import ast
import re

from rosenblatt.check.source.changes import with_changes
from rosenblatt.check.source.text import Source

SMALL = 0.05
"""Factor of random numbers up to which they are small."""

LARGER = 0.5
"""The factor that takes its place."""

_DRAWN = re.compile(r"^(randn?|normal|uniform|standard_normal|random|random_sample|gauss)$")


def with_larger_weights(source: Source) -> str | None:
    """Return the text of the file with larger factors of random numbers, on the same lines.

    None: no small number multiplies what is drawn, or is the deviation of what is drawn.
    """
    # A step along a random direction, in an update, is no weight.
    updates = {
        id(part)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.AugAssign)
        for part in ast.walk(node)
    }
    nodes = [node for node in ast.walk(source.tree) if id(node) not in updates]
    factors = [factor for node in nodes for factor in _factors(node)]
    changes = [(factor, f"{LARGER}") for factor in factors]
    return with_changes(source.text, changes) if changes else None


def _factors(node: ast.AST) -> list[ast.Constant]:
    """Return the small constants with which a node of the code scales random numbers."""
    given: list[ast.expr] = []
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        sides = (node.left, node.right), (node.right, node.left)
        given = [factor for factor, other in sides if _is_drawn(other)]
    elif isinstance(node, ast.Call) and _name(node) in ("normal", "gauss"):
        scales = [keyword.value for keyword in node.keywords if keyword.arg in ("scale", "sigma")]
        given = [*node.args[1:2], *scales]
    return [
        value
        for value in given
        if isinstance(value, ast.Constant) and isinstance(value.value, float)
        if 0 < value.value <= SMALL
    ]


def _is_drawn(node: ast.expr) -> bool:
    """Return whether an expression has a call that draws random numbers."""
    return any(isinstance(n, ast.Call) and _DRAWN.match(_name(n)) for n in ast.walk(node))


def _name(call: ast.Call) -> str:
    return str(getattr(call.func, "attr", getattr(call.func, "id", "")))
