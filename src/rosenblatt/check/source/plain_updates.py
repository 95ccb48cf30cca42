"""Functions that do nothing but subtract a rate times a gradient from each parameter."""

import ast
import re

from rosenblatt.check.source.words import last_word

_RATE = re.compile(r"lr|eta|alpha|rate|step_?size|taxa|tasa|taux|passo", re.I)


def is_plain_update(function: ast.AST) -> bool:
    """Return whether each statement of a function is ``W -= rate * dW``, by the names.

    >>> good = "def step(self, g, lr): self.W -= lr * g['dW']; self.b -= lr * self.db"
    >>> [is_plain_update(ast.parse(t).body[0]) for t in (good, good.replace("dW", "db"))]
    [True, False]
    """
    if not isinstance(function, ast.FunctionDef):
        return False
    statements = [s for s in function.body if not _is_text(s)]
    return bool(statements) and all(_is_step(statement) for statement in statements)


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _is_step(statement: ast.stmt) -> bool:
    """Return whether a statement is ``W -= rate * dW`` or ``W = W - rate * dW``."""
    if isinstance(statement, ast.AugAssign) and isinstance(statement.op, ast.Sub):
        target, value = ast.unparse(statement.target), statement.value
    elif (
        isinstance(statement, ast.Assign)
        and isinstance(statement.value, ast.BinOp)
        and isinstance(statement.value.op, ast.Sub)
        and ast.unparse(statement.targets[0]) == ast.unparse(statement.value.left)
    ):
        target, value = ast.unparse(statement.targets[0]), statement.value.right
    else:
        return False
    if not isinstance(value, ast.BinOp) or not isinstance(value.op, ast.Mult):
        return False
    sides = [ast.unparse(value.left), ast.unparse(value.right)]
    name = re.escape(last_word(target))
    gradient = re.compile(rf"(d|g|grad|gradient|delta)_?{name}|{name}_?(d|g|grad|gradient)", re.I)
    return any(
        _RATE.search(rate) and gradient.fullmatch(last_word(other))
        for rate, other in (sides, sides[::-1])
    )
