"""Mistakes that make one gradient of another."""

import ast
import copy
import inspect
import re
from typing import Any

import numpy as np

from rosenblatt.check.functions.gradient_cases import (
    CLOSE,
    Case,
    role_of,
)
from rosenblatt.check.numbers.compare import ratio, same
from rosenblatt.check.numbers.reference import factor_name
from rosenblatt.check.source.calls import plain
from rosenblatt.check.source.state import leaves
from rosenblatt.check.source.text import Source
from rosenblatt.check.source.words import last_word

LEAST_ENTRIES = 3
"""Entries that a gradient needs before two arguments can be told apart by it."""

_HELD = ast.Name | ast.Attribute

_COUNT = re.compile(r"len\(|shape|size|^\(?([nmNM]|n_\w+|batch\w*|num\w*|count|samples?)\)?$")
"""Numbers of samples."""


def is_unprinted_decay(
    case: Case, values: dict[str, Any], analytic: Any, numeric: Any, weights: Any
) -> bool:
    """Return whether the gradient has the term of an L2 penalty that the loss leaves out."""
    if np.shape(analytic) != np.shape(numeric):
        return False
    c = ratio(analytic - numeric, weights)
    if c is None or c < 0:
        return False
    return _penalty(case, values) == 0


def _penalty(case: Case, values: dict[str, Any]) -> float:
    """Return how much the loss changes with the strength of its L2 penalty."""
    changed = copy.deepcopy(values)
    before = case.value(copy.deepcopy(values)) or 0.0
    for leaf in leaves(changed):
        name = plain(last_word(leaf.path))
        if role_of(name) == "reg" and np.size(leaf.raw) == 1:
            leaf.fill(leaf.array + 0.5)
    for name, parameter in inspect.signature(case.loss).parameters.items():
        if role_of(name) == "reg" and name not in changed and parameter.default is not None:
            changed[name] = 0.5 + (
                0.0 if parameter.default is parameter.empty else float(parameter.default)
            )
    return (case.value(changed) or 0.0) - before


def mistake_of(
    values: dict[str, Any],
    analytic: Any,
    numeric: Any,
    weights: Any,
    others: dict[str, Any],
) -> str:
    """Return the mistake that makes ``analytic`` of ``numeric``, the gradient by ``weights``."""
    flat_parameter = np.ndim(weights) < 2 or 1 in np.shape(weights)
    if np.shape(analytic) != np.shape(numeric):
        if np.shape(analytic) == np.shape(numeric)[::-1]:
            return "transposed"
        return "bias-gradient-not-summed" if np.size(analytic) > np.size(numeric) else "broadcast"
    counts = {s for leaf in leaves(values) for s in np.shape(leaf.array) if s > 1}
    c = ratio(analytic, numeric)
    if c is not None and np.size(analytic):
        if abs(c + 1) < 1e-4:
            return "sign"
        if any(abs(c / f - 1) < 1e-4 for f in (2, 0.5)):
            # There may be 2 inputs, but a batch of 2 samples is rare.
            return "constant-factor"
        for n in counts:
            if factor_name(c, n) == "batch-factor":
                return "batch-factor"
        if np.size(analytic) > 1:
            return "constant-factor" if c > 0 else "sign"
    if _is_of_others(analytic, numeric, others):
        return "gradient-order"
    if not np.any(analytic):
        return "bias-gradient-missing" if flat_parameter else "unexplained"
    if np.ndim(analytic) == 2 and same(analytic.T, numeric, CLOSE):
        return "transposed"
    if ratio(analytic - numeric, weights) is not None and np.size(weights) > 1:
        return "constant-factor"
    if flat_parameter:
        for other in others.values():
            # One number alone is near one of many by chance.
            if np.size(other) > np.size(analytic) and all(
                np.isclose(np.ravel(other), entry, rtol=1e-4).any() for entry in np.ravel(analytic)
            ):
                return "bias-gradient-times-input"
    return "unexplained"


def _is_of_others(analytic: Any, numeric: Any, others: dict[str, Any]) -> bool:
    """Return whether the code returns the gradient of another argument in place of this one.

    Where all parameters are parts of one vector, its parts are in another order.
    """
    if np.size(analytic) < LEAST_ENTRIES:
        return False
    if np.ndim(analytic) == 1 and same(np.sort(analytic), np.sort(numeric), CLOSE):
        return True
    return any(same(analytic, other, CLOSE) for other in others.values() if other is not numeric)


def is_divided(name: str, source: Source) -> bool:
    """Return whether the file divides what a function returns by a count, or takes its mean.

    >>> code = "g = X.T @ slope(X @ w - y) / len(X)"
    >>> is_divided("slope", Source(code)), is_divided("other", Source(code))
    (True, False)
    >>> is_divided("slope", Source("g = rate / n * X.T @ slope(out, y)"))
    True
    """
    held = {
        ast.unparse(target)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Assign) and any(_calls(part, name) for part in ast.walk(node.value))
        for target in node.targets
    }
    for node in ast.walk(source.tree):
        divided: list[ast.expr] = []
        if isinstance(node, ast.BinOp):
            divided = [node] if _has_share(node) else []
        elif isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Div):
            divided = [node.target] if _COUNT.search(ast.unparse(node.value)) else []
        elif isinstance(node, ast.Call) and last_word(ast.unparse(node.func)) in (
            "mean",
            "average",
        ):
            divided = [*node.args, node.func]
        for part in (part for whole in divided for part in ast.walk(whole)):
            if _calls(part, name) or (isinstance(part, _HELD) and ast.unparse(part) in held):
                return True
    return False


def _has_share(node: ast.expr) -> bool:
    """Return whether a product has a quotient by a count as a factor: ``x / n``, ``1 / n * x``."""
    if not isinstance(node, ast.BinOp):
        return False
    if isinstance(node.op, ast.Div):
        return bool(_COUNT.search(ast.unparse(node.right)))
    is_product = isinstance(node.op, ast.Mult | ast.MatMult)
    return is_product and (_has_share(node.left) or _has_share(node.right))


def _calls(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Call) and last_word(ast.unparse(node.func)) == name
