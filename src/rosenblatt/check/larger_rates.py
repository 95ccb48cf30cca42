"""A file with a larger learning rate, where a parameter may be used after its update.

With a rate of 0.001, a gradient that is computed with the new weights is that of the old ones but
for a part of 1e-5.
"""

import ast
import re
from collections.abc import Iterator

from rosenblatt.check.source.changes import with_changes
from rosenblatt.check.source.text import Source
from rosenblatt.check.source.words import FURTHER_RATES, RATES, last_word, without_index

SMALL = 0.03
"""Learning rates up to which they are small."""

LARGER = 0.2
"""The learning rate that takes their place."""

LARGER_RATE = (
    f"It shows with a learning rate of {LARGER}; with that of the file, the error is too small."
)

_RATE = re.compile(
    rf"(^|_)({RATES}|{FURTHER_RATES})\d*(_|$)|learn|lern|ap+ren[dt]|[oö][gğ]ren|obuch|uczen", re.I
)

_OTHER = re.compile(r"decay|drop|leak|slope", re.I)
"""Names of other settings, such as the decay of a rate."""


def with_larger_rates(source: Source) -> str | None:
    """Return the text of the file with larger learning rates, on the same lines.

    None: it has no small one, or reads no parameter between its update and the next pass.
    """
    if not any(_is_read_later(body) for body in _bodies(source.tree)):
        return None
    rates = [rate for node in ast.walk(source.tree) for rate in _rates(node)]
    return with_changes(source.text, [(rate, f"{LARGER}") for rate in rates]) if rates else None


def _bodies(tree: ast.AST) -> Iterator[list[ast.stmt]]:
    """Yield the statements of each function, loop and branch."""
    for node in ast.walk(tree):
        if isinstance(node, ast.For | ast.While | ast.FunctionDef | ast.If):
            yield node.body


def _is_read_later(body: list[ast.stmt]) -> bool:
    """Return whether a statement reads what one before it moves, and does not move it itself.

    >>> body = ast.parse("w -= rate * g; d = e * w").body
    >>> _is_read_later(body), _is_read_later(body[::-1])
    (True, False)
    """
    moved: set[str] = set()
    for statement in body:
        nodes = [*ast.walk(statement)]
        own = {_word(target) for target in map(_moved, nodes) if target is not None}
        read = {_word(n) for n in nodes if isinstance(getattr(n, "ctx", None), ast.Load)}
        if (moved - own) & read:
            return True
        moved |= own
    return False


def _moved(node: ast.AST) -> ast.expr | None:
    """Return what ``w -= rate * g`` or ``w = w + rate * g`` moves; None for other code."""
    target: ast.expr
    if isinstance(node, ast.AugAssign):
        target, step = node.target, node.value
    elif isinstance(node, ast.Assign) and isinstance(node.value, ast.BinOp):
        target, step = node.targets[0], node.value.right
        if ast.unparse(node.value.left) != ast.unparse(target):
            return None
    else:
        return None
    names = (_word(part) for part in ast.walk(step) if isinstance(part, ast.Name | ast.Attribute))
    return target if any(map(_RATE.search, names)) else None


def _word(node: ast.AST) -> str:
    return last_word(without_index(ast.unparse(node)))


def _rates(node: ast.AST) -> Iterator[ast.expr]:
    """Yield small numbers that a node of the code gives the name of a learning rate."""
    named: list[tuple[str, ast.expr | None]] = []
    if isinstance(node, ast.Assign | ast.AnnAssign):
        first = node.targets[0] if isinstance(node, ast.Assign) else node.target
        named = [(_word(first), node.value)]
    elif isinstance(node, ast.Call):
        named = [(keyword.arg or "", keyword.value) for keyword in node.keywords]
    elif isinstance(node, ast.arguments):
        last = [arg.arg for arg in [*node.posonlyargs, *node.args][::-1]]
        named = [*zip(last, node.defaults[::-1], strict=False)]
        named += zip([arg.arg for arg in node.kwonlyargs], node.kw_defaults, strict=True)
    for name, value in named:
        if not isinstance(value, ast.Constant) or not isinstance(value.value, float):
            continue
        is_rate = _RATE.search(name) and not _OTHER.search(name)
        if is_rate and 0 < value.value <= SMALL:
            yield value
