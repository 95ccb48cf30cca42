"""Kinds of small changes that undo a usual mistake of an optimizer.

They are of the form of ``edit_kinds``. None of them takes a term, a bound or a schedule away, so
that no rule of its own becomes a simpler one.
"""

import ast
import re
from typing import Any

from rosenblatt.check.edits.kinds import Code, Found, moves, signs, sums
from rosenblatt.check.optimizers.names import is_gradient, setting_of
from rosenblatt.check.source.calls import plain

CORRECTION = "adam-bias-correction"

_COUNT = re.compile(r"(^|[._'\"])(t|n?_?steps?|iter\w*|count\w*|timestep|it|n|k|i)['\"\]]*$")
_READ = (ast.Name, ast.Attribute, ast.Subscript)


def _name(node: ast.AST) -> str:
    """Return the last name in a text such as self.beta1 or config['beta1']."""
    words = re.findall(r"\w+", ast.unparse(node))
    return plain(words[-1]) if words else ""


def _setting(node: ast.AST) -> str | None:
    return setting_of(_name(node)) if isinstance(node, _READ) else None


def _is_decay(node: ast.AST) -> bool:
    """Return whether a node stands for a factor near 1: β, μ, ρ."""
    return _setting(node) in ("beta1", "beta2", "rho", "momentum")


def _mistake(node: Any, code: Code, default: str = "unexplained") -> str:
    """Return the mistake of an edit, from the statement in which it is."""
    statement = code.ancestor(node, ast.stmt)
    text = ast.unparse(statement) if isinstance(statement, ast.Assign | ast.AugAssign) else ""
    corrects = re.search(r"1(\.0)? [-+] [^-+/=()]*(\*\* (?!2\b)|\* \(?(self\.)?t\b)", text)
    counts = _COUNT.search(re.split(r" [-+]?= ", text)[0])
    hats = re.search(r"hat|corr", text.split("=")[0])
    return CORRECTION if corrects or counts or hats else default


def flips(node: Any, code: Code) -> Found:
    """Flip + and −, or leave out a minus."""
    for mistake, what, change in signs(node, code):
        yield _mistake(node, code, mistake), what, change


def powers(node: Any, code: Code) -> Found:
    """Put β ** t for β t, t ± 1 for t, a square for a value, or a value for its square."""
    parent = code.parents[id(node)]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        for base, exponent in ((node.left, node.right), (node.right, node.left)):
            if _is_decay(base) and _COUNT.search(ast.unparse(exponent)):
                text = f"({ast.unparse(base)}) ** ({ast.unparse(exponent)})"
                yield CORRECTION, "power", _replaced(text)
    if isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Pow) and node is parent.right:
        if _COUNT.search(ast.unparse(node)):
            for step in ("+ 1", "- 1"):
                yield CORRECTION, step, _replaced(f"({ast.unparse(node)} {step})")
        elif isinstance(node, ast.BinOp) and _COUNT.search(ast.unparse(node.left)):
            yield CORRECTION, "plainly", lambda node: node.left
    averaged = (
        isinstance(parent, ast.BinOp) and _is_complement(parent.left) and node is parent.right
    )
    is_read = isinstance(node, _READ) and isinstance(node.ctx, ast.Load)
    if is_read and (averaged or is_gradient(_name(node))):
        yield "unexplained", "square", _replaced(f"({ast.unparse(node)}) ** 2")
    squared = isinstance(node, ast.BinOp) and ast.unparse(node.right) == "2"
    if squared and isinstance(node.op, ast.Pow):
        yield _mistake(node, code), "without square", lambda node: node.left


def roots(node: Any, code: Code) -> Found:
    """Take the square root of a divisor or leave it out, or the absolute value of a bound."""
    parent = code.parents[id(node)]
    if isinstance(node, ast.Call) and re.search(r"(^|\.)sqrt$", ast.unparse(node.func)):
        yield _mistake(node, code), "without root", lambda node: node.args[0]
    if isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Div) and node is parent.right:
        yield "unexplained", "root", _replaced(f"({ast.unparse(node)}) ** 0.5")
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            left, right = ast.unparse(node.left), ast.unparse(node.right)
            yield "unexplained", "root", _replaced(f"({left}) ** 0.5 + {right}")
            yield "unexplained", "root", _replaced(f"{left} + ({right}) ** 0.5")
    if isinstance(node, ast.Call) and re.search(r"(^|\.)(f?max|maximum)$", ast.unparse(node.func)):
        for place, argument in enumerate(node.args):
            yield "unexplained", f"absolute {place}", _absolute(place, argument)


def bounds(node: Any, code: Code) -> Found:
    """Put a maximum for a minimum of a running value."""
    parent = code.parents[id(node)]
    if not isinstance(parent, ast.Call) or parent.func is not node:
        return
    running = any(_is_decay(part) for argument in parent.args for part in ast.walk(argument))
    if running and isinstance(node, ast.Attribute) and node.attr in ("minimum", "fmin"):
        yield "unexplained", "maximum", _replaced(f"{ast.unparse(node.value)}.maximum")


def complements(node: Any, code: Code) -> Found:
    """Put 1 − β for β, or β for 1 − β."""
    parent = code.parents[id(node)]
    factor = isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Mult)
    if factor and isinstance(node, _READ) and _is_decay(node):
        yield "constant-factor", "complement", _replaced(f"(1 - {ast.unparse(node)})")
    if _is_complement(node):
        yield "constant-factor", "plainly", lambda node: node.right


def factors(node: Any, code: Code) -> Found:
    """Leave out a number, a hyper-parameter or 1 − β."""
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Mult | ast.Div):
        return
    targets = getattr(code.ancestor(node, ast.stmt), "targets", [])
    # A rate that is stored again may be a schedule.
    if any(_setting(target) == "lr" for target in targets):
        return
    sides = ("right", "left") if isinstance(node.op, ast.Mult) else ("right",)
    for side in sides:
        part = getattr(node, side)
        number = isinstance(part, ast.Constant)
        twice = _setting(part) == "lr" and _is_read_again(part, code)
        if number or _is_complement(part) or _is_decay(part) or twice:
            other = "left" if side == "right" else "right"
            yield _mistake(node, code, "constant-factor"), f"without {side}", _side(other)


def _is_read_again(node: Any, code: Code) -> bool:
    """Return whether the function around a node reads the same value at another place."""
    text = ast.unparse(node)
    parts = (part for part in ast.walk(_outermost(node, code)) if isinstance(part, ast.expr))
    return any(part is not node and ast.unparse(part) == text for part in parts)


def readings(node: Any, code: Code) -> Found:
    """Read another β, or a value that the code computes and does not use."""
    if not isinstance(node, _READ) or not isinstance(node.ctx, ast.Load):
        return
    parent = code.parents[id(node)]
    if isinstance(parent, ast.Attribute | ast.Subscript) and parent.value is node:
        return
    text = ast.unparse(node)
    around = _outermost(node, code)
    parts = [part for part in ast.walk(around) if isinstance(part, _READ)]
    loaded = [ast.unparse(part) for part in parts if isinstance(part.ctx, ast.Load)]
    if _is_decay(node):
        for other in dict.fromkeys(loaded):
            setting = setting_of(plain(re.findall(r"\w+", other)[-1]))
            same_family = re.sub(r"\d", "", other) == re.sub(r"\d", "", text)
            if other != text and same_family and setting in ("beta1", "beta2"):
                yield _mistake(node, code), f"read {other}", _replaced(other)
        return
    statement = code.ancestor(node, ast.stmt)
    if not isinstance(statement, ast.Assign | ast.AugAssign | ast.Return):
        return
    stored = [part.id for part in parts if isinstance(part, ast.Name) and _is_stored(part)]
    unused = [name for name in stored if name not in loaded]
    own = [ast.unparse(target) for target in getattr(statement, "targets", [])]
    for other in dict.fromkeys([*unused, *own]):
        if other != text and re.fullmatch(r"[\w.]+(\[.+\])?", other):
            yield _mistake(node, code), f"read {other}", _replaced(other)


def _is_stored(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Store)


def orders(node: Any, code: Code) -> Found:
    """Move an update, such as that of the velocity or of the count, to the end of its block."""
    for mistake, what, change in moves(node, code):
        lines = {int(line) for line in re.findall(r"\d+", what)}
        moved = [s for s in node.body if s.lineno in lines and isinstance(s, ast.AugAssign)]
        counted = any(_is_one(statement.value) for statement in moved)
        yield CORRECTION if counted else mistake, what, change


def counts(node: Any, code: Code) -> Found:
    """Count updates before the loop over the parameters instead of in it."""
    if not isinstance(node, ast.FunctionDef):
        return
    for place, statement in enumerate(node.body):
        for number, inner in enumerate(getattr(statement, "body", [])):
            counted = isinstance(inner, ast.AugAssign) and _is_one(inner.value)
            if isinstance(statement, ast.For) and counted:
                yield CORRECTION, f"move {inner.lineno}", _counted_before(place, number)


def _counted_before(place: int, number: int) -> Any:
    def change(node: Any) -> Any:
        node.body.insert(place, node.body[place].body.pop(number))
        return node

    return change


def _outermost(node: Any, code: Code) -> Any:
    """Return the outermost function around a node, or the module."""
    function = code.ancestor(node, ast.FunctionDef)
    while True:
        outer = code.ancestor(code.parents.get(id(function)), ast.FunctionDef)
        if outer is None:
            return function if function is not None else code.nodes[0]
        function = outer


def _is_one(node: Any) -> bool:
    return isinstance(node, ast.Constant) and node.value == 1


def _is_complement(node: Any) -> bool:
    """Return whether a node is 1 − β."""
    difference = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub)
    return difference and _is_one(node.left) and _is_decay(node.right)


def _replaced(text: str) -> Any:
    return lambda node: ast.parse(text, mode="eval").body


def _side(name: str) -> Any:
    return lambda node: getattr(node, name)


def _absolute(place: int, argument: ast.AST) -> Any:
    text = f"abs({ast.unparse(argument)})"

    def change(node: Any) -> Any:
        node.args[place] = ast.parse(text, mode="eval").body
        return node

    return change


OPTIMIZER_KINDS = (
    readings,
    powers,
    flips,
    roots,
    bounds,
    complements,
    factors,
    counts,
    orders,
    sums,
)
