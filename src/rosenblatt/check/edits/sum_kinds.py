"""Kinds of small changes of sums: over which axis they go, and by what they are divided."""

import ast
import re
from collections.abc import Callable
from typing import Any

from rosenblatt.check.edits.kinds import (
    BIAS,
    BLOCKS,
    Code,
    Found,
    factors_of,
    is_product,
    parsed,
)

_COUNT = re.compile(r"len\(.+\)|.+\.(shape\[\d\]|size)|float\(.+\)|[A-Za-z_]\w*(\.\w+)?")
"""Texts of divisors that may be a number of samples."""

_STRENGTH = re.compile(r"lam|reg|l2|decay|alpha|ridge|penal", re.I)
"""Names of the strength of a penalty."""

MOST_DIVISORS = 4


def sum_axes(node: Any, code: Code) -> Found:
    """Let a sum or a mean go over another axis, or over one axis for all."""
    name = getattr(getattr(node, "func", None), "attr", "")
    if not isinstance(node, ast.Call) or name not in ("sum", "mean"):
        return
    place = next((i for i, key in enumerate(node.keywords) if key.arg == "axis"), None)
    mistake = _axis_mistake(node, code)
    if place is None:
        if len(node.args) > 1 or (len(node.args) == 1 and not _of_numpy(node)):
            return
        for axis in (0, 1):
            yield mistake, f"axis {axis}", _with_axis(axis)
    else:
        given = ast.unparse(node.keywords[place].value)
        if given in ("0", "1", "-1"):
            yield mistake, "other axis", _with_axis(1 if given == "0" else 0)
    summed = node.args[0] if _of_numpy(node) and node.args else getattr(node.func, "value", None)
    size = len(code.readable(node).get(ast.unparse(summed), ())) if summed is not None else 0
    if mistake != "bias-gradient-not-summed":
        return
    for kept in range(size) if size > 2 else ():
        # The bias of a filter serves all samples and all places.
        axes = tuple(axis for axis in range(size) if axis != kept)
        yield mistake, f"axes {axes}", _with_axis(axes)


def _of_numpy(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) in ("np", "numpy")


def _axis_mistake(node: ast.Call, code: Code) -> str:
    parent = code.parents[id(node)]
    divides = isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Div)
    target = code.statement(node).split("=")[0].strip(" +-/")
    if re.search(r"exp", ast.unparse(node)) or (divides and parent.right is node):
        return "softmax-wrong-axis"
    return "bias-gradient-not-summed" if re.search(BIAS, target) or not divides else "broadcast"


def _with_axis(axis: Any) -> Callable[[Any], Any]:
    def change(node: Any) -> Any:
        kept = [key for key in node.keywords if key.arg != "axis"]
        node.keywords = [*kept, ast.keyword("axis", ast.Constant(axis))]
        return node

    return change


def rows(node: Any, code: Code) -> Found:
    """Sum over all rows, or all places, where one is read: d[0], d[:, 0, 0]."""
    if not isinstance(node, ast.Subscript) or not isinstance(node.ctx, ast.Load):
        return
    shape = code.readable(node).get(ast.unparse(node.value), ())
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    texts = [ast.unparse(part) for part in parts]
    axes = tuple(axis for axis, text in enumerate(texts) if text in ("0", "-1"))
    if len(shape) > 1 and axes and all(text in ("0", "-1", ":") for text in texts):
        changed = f"{ast.unparse(node.value)}.sum(axis={axes})"
        yield "bias-gradient-not-summed", changed, lambda node: parsed(changed)


def reductions(node: Any, code: Code) -> Found:
    """Put a mean for a sum, or a sum for a mean."""
    if isinstance(node, ast.Attribute) and node.attr in ("mean", "sum"):
        changed = f"({ast.unparse(node.value)}).{'sum' if node.attr == 'mean' else 'mean'}"
        yield "batch-factor", changed, lambda node: parsed(changed)


def divided(node: Any, code: Code) -> Found:
    """Divide a product of matrices, a penalty or what is added to a sum, as others are divided."""
    product = isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult)
    if is_product(node) and not is_product(code.parents[id(node)]):
        product = any(_STRENGTH.search(ast.unparse(factor)) for factor in factors_of(node))
    if isinstance(node, ast.Call):
        product = getattr(node.func, "attr", "") in ("dot", "matmul", "outer", "sum")
    added = isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add | ast.Sub)
    if product or added:
        for text in _divisors(node, code):
            yield "batch-factor", f"by {text}", _divided(text)


def means(node: Any, code: Code) -> Found:
    """Divide what is spread over an axis by its size: the gradient of a mean over that axis."""
    if not isinstance(node, ast.Call | ast.Subscript) or not _spreads(node):
        return
    statement = code.ancestor(node, ast.stmt)
    if not isinstance(statement, ast.Assign):
        return
    shape = code.readable(node).get(ast.unparse(statement.targets[0]), ())
    for size in dict.fromkeys(shape[1:] if len(shape) > 1 else shape):
        if size > 1:
            yield "batch-factor", f"by {size}", _divided(str(size))


def _spreads(node: Any) -> bool:
    """Return whether a node repeats numbers along an axis, or has a new axis for that."""
    if isinstance(node, ast.Call):
        return (
            re.search(r"(repeat|tile|broadcast_to|ones|full|kron)(_like)?$", _name(node))
            is not None
        )
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    return any(ast.unparse(part) in ("None", "np.newaxis") for part in parts)


def _name(call: ast.Call) -> str:
    return ast.unparse(call.func)


def _divided(text: str) -> Callable[[Any], Any]:
    def change(node: Any) -> Any:
        if isinstance(node, ast.AugAssign):
            node.value = ast.BinOp(node.value, ast.Div(), parsed(text))
            return node
        return ast.BinOp(node, ast.Div(), parsed(text))

    return change


def _divisors(node: Any, code: Code) -> list[str]:
    """Return the counts by which the code around a node divides, or to which its loops go."""
    function = code.ancestor(node, ast.FunctionDef)
    parts: Any = code.nodes if function is None else list(ast.walk(function))
    texts = [
        ast.unparse(part.right if isinstance(part, ast.BinOp) else part.value)
        for part in parts
        if isinstance(part, ast.BinOp | ast.AugAssign) and isinstance(part.op, ast.Div)
    ]
    texts += [
        ast.unparse(part.args[0])
        for part in parts
        if isinstance(part, ast.Call) and ast.unparse(part.func) == "range" and len(part.args) == 1
    ]
    counts = [text for text in dict.fromkeys(texts) if _COUNT.fullmatch(text)]
    return counts[:MOST_DIVISORS]


def divisions(node: Any, code: Code) -> Found:
    """Divide another sum where one is divided: dW /= n after loss /= n."""
    if not isinstance(node, BLOCKS):
        return
    sums: dict[str, int] = {}
    for place, statement in enumerate(node.body):
        if isinstance(statement, ast.AugAssign) and isinstance(statement.op, ast.Div):
            own = ast.unparse(statement.target)
            for text, line in sums.items():
                if text != own:
                    yield "batch-factor", f"divide line {line} {text}", _division(place, text)
        for part in ast.walk(statement):
            if isinstance(part, ast.AugAssign) and isinstance(part.op, ast.Add | ast.Sub):
                target: Any = part.target
                while isinstance(target, ast.Subscript):
                    target = target.value
                sums.setdefault(ast.unparse(target), part.lineno)


def _division(place: int, text: str) -> Callable[[Any], Any]:
    def change(node: Any) -> Any:
        divisor = ast.unparse(node.body[place].value)
        node.body.insert(place + 1, ast.parse(f"{text} = {text} / {divisor}").body[0])
        return node

    return change


SUM_KINDS = (sum_axes, rows, reductions, divisions, divided)
