"""Source text: where a function stands, and the line that computes a value."""

import ast
import functools
import inspect
import re
from typing import Any

UNRECORDED = "unrecorded"
"""Attribute of a node of the tree: whether a run leaves it out of its record."""

_LOOPS = "\n# loops that are not recorded: "

_WEIGHT = re.compile(r"_*([UV]\d*$|[Ww](\d|_|[a-z]{0,2}\d*$|[A-Z]|eight))")
"""Names of weights: W1, V, w_hidden, Wxh, wOut, weights."""


class Source:
    """The tree of a file, or of a class or function in it, and questions about it.

    Args:
        text: the source.
        before: how many lines of the file stand before it.
    """

    def __init__(self, text: str, before: int = 0) -> None:
        self.text = text
        self.before = before
        self.tree = ast.parse(text)
        self.functions = [
            node
            for node in ast.walk(self.tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        ]
        names = text.rpartition(_LOOPS)[2].split() if _LOOPS in text else []
        for node in ast.walk(self.tree) if names else ():
            if isinstance(node, ast.ClassDef) and node.name in names:
                _leave_out_loops(node)
            elif isinstance(node, ast.For) and str(node.lineno) in names:
                _leave_out(node)

    def node_of(self, function: Any) -> Any:
        """Return the definition of a function, or None."""
        code = getattr(getattr(function, "__func__", function), "__code__", None)
        if code is None:
            return None
        for node in self.functions:
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            line = code.co_firstlineno - self.before
            if node.name == code.co_name and line in (first, node.lineno):
                return node
        return None

    def line_of_value(self, function: Any, names: list[str]) -> int | None:
        """Return the line in a function that last assigns one of ``names``, else its return."""
        node: Any = function if isinstance(function, ast.AST) else self.node_of(function)
        if node is None:
            return None
        wanted = [name for name in names if name]
        place = None
        for part in ast.walk(node):
            targets: list[ast.expr] = []
            if isinstance(part, ast.Assign):
                targets = part.targets
            elif isinstance(part, ast.AugAssign | ast.AnnAssign):
                targets = [part.target]
            for target in targets:
                words = set(re.findall(r"\w+", ast.unparse(target)))
                if words & set(wanted):
                    place = max(place or 0, target.lineno)
        if place:
            return place
        returns = [part.lineno for part in ast.walk(node) if isinstance(part, ast.Return)]
        return returns[-1] if returns else int(node.lineno)

    def returned_name(self, function: Any, place: int = 0, *inner: int) -> list[str]:
        """Return the name that a function returns at a place of its tuple, or of one inside it."""
        node = self.node_of(function)
        if node is None:
            return []
        for part in ast.walk(node):
            if isinstance(part, ast.Return) and part.value is not None:
                value = part.value
                if isinstance(value, ast.Tuple) and place < len(value.elts):
                    value = value.elts[place]
                for number in inner:
                    parts = _entries(value, node)
                    if number >= len(parts):
                        return []
                    value = parts[number]
                if isinstance(value, ast.Name):
                    return [value.id]
                if isinstance(value, ast.Attribute):
                    return [value.attr]
        return []

    def line_matching(self, pattern: str, start: int = 0) -> int | None:
        """Return the first line after ``start`` that a pattern is found in."""
        for number, line in enumerate(self.text.splitlines(), 1):
            if number > start and re.search(pattern, line.split("#")[0]):
                return number
        return None

    @functools.cached_property
    def code(self) -> str:
        """The text without comments and docstrings."""
        tree = ast.parse(self.text)
        for node in ast.walk(tree):
            body = getattr(node, "body", None)
            if isinstance(body, list) and len(body) > 1 and isinstance(body[0], ast.Expr):
                value = body[0].value
                if isinstance(value, ast.Constant) and isinstance(value.value, str):
                    del body[0]
        return ast.unparse(tree)

    @property
    def columns(self) -> bool:
        """Whether samples seem to be columns: weights stand on the left of products."""
        code, factors = self.code, _factors(self.tree)
        left = sum(_is_weight(one) > _is_weight(other) for one, other in factors)
        right = sum(_is_weight(one) < _is_weight(other) for one, other in factors)
        return (left > right and "shape[1]" in code) or (left > 2 * right and left > 1)


def without_loops_of(text: str, classes: list[str]) -> str | None:
    """Return a text of which loops in methods of some classes are not recorded; None: none are."""
    names = [
        node.name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ClassDef) and node.name in classes
        if any(isinstance(part, ast.For | ast.While) for part in ast.walk(node))
    ]
    return f"{text}{_LOOPS}{' '.join(names)}" if names else None


def without_loops_at(text: str, lines: list[int]) -> str:
    """Return a text of which the loops that begin at some lines are not recorded."""
    return f"{text}{_LOOPS}{' '.join(map(str, lines))}"


def _leave_out(loop: ast.For | ast.While) -> None:
    """Mark all that is in a loop."""
    for part in ast.walk(loop):
        setattr(part, UNRECORDED, True)


def _leave_out_loops(cls: ast.ClassDef) -> None:
    """Mark what is in loops of a class, but for what they return and attributes that they set."""
    for loop in ast.walk(cls):
        if isinstance(loop, ast.For | ast.While):
            _leave_out(loop)
    for part in ast.walk(cls):
        targets = part.targets if isinstance(part, ast.Assign) else [getattr(part, "target", None)]
        sets = isinstance(part, ast.Assign | ast.AugAssign) and any(
            isinstance(target, ast.Attribute) for target in targets
        )
        for inner in ast.walk(part) if sets or isinstance(part, ast.Return) else ():
            setattr(inner, UNRECORDED, False)


def _entries(value: ast.expr, function: ast.AST) -> list[ast.expr]:
    """Return the entries of a tuple or a list, or of one that a function gave a name."""
    if isinstance(value, ast.Name):
        held = [
            part.value
            for part in ast.walk(function)
            if isinstance(part, ast.Assign) and ast.unparse(part.targets[0]) == value.id
        ]
        value = held[0] if len(held) == 1 else value
    return value.elts if isinstance(value, ast.Tuple | ast.List) else []


def _factors(tree: ast.AST) -> list[tuple[ast.expr, ast.expr]]:
    """Return the two factors of each matrix product: ``a @ b``, ``np.dot(a, b)``, ``a.dot(b)``."""
    result = []
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
            result.append((node.left, node.right))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in ("dot", "matmul") and len(node.args) == 2:
                result.append((node.args[0], node.args[1]))
            elif node.func.attr == "dot" and len(node.args) == 1:
                result.append((node.func.value, node.args[0]))
    return result


def _is_weight(node: ast.expr) -> bool:
    """Return whether a factor has the name of weights: W1, self.weights[i], params["W"].T.

    >>> [_is_weight(ast.parse(text, mode="eval").body) for text in ("p['W' + k]", "p[f'b{k}']")]
    [True, False]
    """
    while True:
        if isinstance(node, ast.Subscript):
            words = [part.value for part in ast.walk(node.slice) if isinstance(part, ast.Constant)]
            key = next((word for word in words if isinstance(word, str)), None)
            if isinstance(node.slice, ast.Constant) and key is not None:
                return _WEIGHT.match(key) is not None
            if key is not None and _WEIGHT.match(key):
                return True
            node = node.value
        elif isinstance(node, ast.Attribute) and node.attr == "T":
            node = node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            node = node.func.value
        else:
            name = getattr(node, "attr", getattr(node, "id", ""))
            return _WEIGHT.match(name) is not None


def source_of(checked: Any) -> tuple[str, int]:
    """Return the source of a class or a function, and how many lines of its file stand before it.

    The source is "" where there is none.
    """
    try:
        lines, first = inspect.getsourcelines(checked)
    except (OSError, TypeError):
        return "", 0
    return "".join(lines), max(0, first - 1)
