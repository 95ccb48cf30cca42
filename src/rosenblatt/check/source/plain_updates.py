"""Statements that subtract from what they change, and functions of nothing but plain updates."""

import ast
import re

from rosenblatt.check.source.words import FURTHER_RATES, RATES, last_word

_RATE = re.compile(rf"_*({RATES}|{FURTHER_RATES})\d*", re.I)
_PLAIN = ast.Name | ast.Attribute | ast.Subscript


def is_plain_update(function: ast.AST) -> bool:
    """Return whether each statement of a function is ``W -= rate * dW``, by the names.

    >>> good = "def step(self, g, lr): self.W -= lr * g['dW']; self.b -= lr * self.db"
    >>> bad = [good.replace("lr * g", "-lr * g"), good.replace("dW", "db")]
    >>> bad += ["def f(W, lr): W = W - lr * dW"]
    >>> [is_plain_update(ast.parse(text).body[0]) for text in (good, *bad)]
    [True, False, False, False]
    """
    if not isinstance(function, ast.FunctionDef):
        return False
    statements = [s for s in function.body if not _is_text(s)]
    return bool(statements) and all(_is_step(statement) for statement in statements)


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def subtraction(statement: ast.AST) -> tuple[ast.expr, ast.expr] | None:
    """Return what ``W -= step`` or ``W = W - step`` changes, and the step; None for other code.

    >>> [ast.unparse(part) for part in subtraction(ast.parse("w = w - 2 * g").body[0])]
    ['w', '2 * g']
    """
    if isinstance(statement, ast.AugAssign) and isinstance(statement.op, ast.Sub):
        return statement.target, statement.value
    if not isinstance(statement, ast.Assign) or not isinstance(statement.value, ast.BinOp):
        return None
    target, value = statement.targets[0], statement.value
    is_own = ast.unparse(value.left) == ast.unparse(target)
    return (target, value.right) if is_own and isinstance(value.op, ast.Sub) else None


def _is_step(statement: ast.stmt) -> bool:
    """Return whether a statement is ``W -= rate * dW`` or ``W = W - rate * dW``."""
    target, value = subtraction(statement) or (None, None)
    if target is None or (isinstance(statement, ast.Assign) and isinstance(target, ast.Name)):
        # A name would only be bound anew.
        return False
    if not isinstance(value, ast.BinOp) or not isinstance(value.op, ast.Mult):
        return False
    sides = (value.left, value.right)
    if not all(isinstance(side, _PLAIN) for side in sides):
        return False
    words = [last_word(ast.unparse(side)) for side in sides]
    name = re.escape(last_word(ast.unparse(target)))
    gradient = re.compile(rf"(d|g|grad|gradient|delta)_?{name}|{name}_?(d|g|grad|gradient)", re.I)
    return any(
        _RATE.fullmatch(rate) and gradient.fullmatch(other) for rate, other in (words, words[::-1])
    )
