"""The notation of formulas: what they can have, and the numbers that they give."""

import ast
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from rosenblatt.errors import ConfigurationError

SAMPLE = "n"
"""The index of the sample."""


FUNCTIONS: dict[str, tuple[Callable[..., float], str]] = {
    "exp": (lambda x: math.exp(x) if x < 709.7 else math.inf, r"\exp"),
    "log": (lambda x: math.log(x) if x > 0 else (-math.inf if x == 0 else math.nan), r"\log"),
    "sqrt": (lambda x: math.sqrt(x) if x >= 0 else math.nan, r"\sqrt"),
    "tanh": (math.tanh, r"\tanh"),
    "abs": (abs, ""),
    "max": (max, r"\max"),
    "min": (min, r"\min"),
}
COMPARISONS: dict[type[ast.cmpop], tuple[str, str, Callable[[float, float], bool]]] = {
    ast.Gt: (">", ">", lambda a, b: a > b),
    ast.GtE: ("≥", r"\ge", lambda a, b: a >= b),
    ast.Lt: ("<", "<", lambda a, b: a < b),
    ast.LtE: ("≤", r"\le", lambda a, b: a <= b),
    ast.Eq: ("=", "=", lambda a, b: a == b),
    ast.NotEq: ("≠", r"\ne", lambda a, b: a != b),
}

Values = Mapping[str, Any]
"""Numbers and arrays by name."""


def check(node: ast.expr, source: str) -> None:
    """Refuse what formulas cannot have.

    Raises:
        ConfigurationError: naming it.
    """
    children: Sequence[ast.expr] = ()
    match node:
        case ast.Constant(value=int() | float()) | ast.Name():
            pass
        case ast.Subscript(value=ast.Name()):
            indices_of(node)
        case ast.BinOp(
            left=left, op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div() | ast.Pow(), right=right
        ):
            children = left, right
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            children = (operand,)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            children = test, body, orelse
        case ast.Compare(left=left, ops=[operator], comparators=[right]) if (
            type(operator) in COMPARISONS
        ):
            children = left, right
        case ast.Call(func=ast.Name(id="sum"), args=[ast.Name(), term], keywords=[]):
            children = (term,)
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in FUNCTIONS:
            children = arguments
        case _:
            raise ConfigurationError(
                f"the formula {source!r} has {ast.unparse(node)!r}, which formulas cannot have"
            )
    for child in children:
        check(child, source)


def indices_of(node: ast.Subscript) -> tuple[str, ...]:
    """Return the names of the indices of an indexed name.

    Raises:
        ConfigurationError: an index is not a name.
    """
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    names = tuple(part.id for part in parts if isinstance(part, ast.Name))
    if len(names) != len(parts):
        raise ConfigurationError(f"indices of formulas are names, got {ast.unparse(node)!r}")
    return names


def value_of(node: Any, values: Values, bound: dict[str, int]) -> float:
    """Return the number that a part of a formula gives, for ``bound`` indices."""
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name):
            return float(named(values, name))
        case ast.Subscript(value=ast.Name(id=name)):
            return float(np.asarray(named(values, name))[tuple(bound[i] for i in indices_of(node))])
        case ast.UnaryOp(operand=operand):
            return -value_of(operand, values, bound)
        case ast.BinOp(left=left, op=operator, right=right):
            return _combine(operator, value_of(left, values, bound), value_of(right, values, bound))
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return value_of(body if _holds(test, values, bound) else orelse, values, bound)
        case ast.Compare():
            return float(_holds(node, values, bound))
        case ast.Call(func=ast.Name(id="sum"), args=[ast.Name(id=index), term]):
            size = size_of(term, index, values)
            # Added one after the other, as one would do it by hand.
            return float(sum(value_of(term, values, {**bound, index: i}) for i in range(size)))
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return float(FUNCTIONS[name][0](*(value_of(one, values, bound) for one in arguments)))
    raise AssertionError(ast.dump(node))  # check has let nothing else through.


def named(values: Values, name: str) -> Any:
    """Return the number or the array of a name.

    Raises:
        ConfigurationError: there is none.
    """
    if name not in values:
        raise ConfigurationError(f"a formula has {name!r}; known are {', '.join(values)}")
    return values[name]


def _combine(operator: ast.operator, a: float, b: float) -> float:
    try:
        match operator:
            case ast.Add():
                return a + b
            case ast.Sub():
                return a - b
            case ast.Mult():
                return a * b
            case ast.Div():
                return a / b
            case _:
                return float(a**b)
    except OverflowError:
        return math.inf
    except TypeError:  # A complex number: a root of a negative one.
        return math.nan
    except ZeroDivisionError:
        return math.nan if a == 0 or a != a else math.copysign(math.inf, a)


def _holds(node: Any, values: Values, bound: dict[str, int]) -> bool:
    if not isinstance(node, ast.Compare):
        return bool(value_of(node, values, bound))
    _, _, compare = COMPARISONS[type(node.ops[0])]
    return compare(value_of(node.left, values, bound), value_of(node.comparators[0], values, bound))


def size_of(node: ast.expr, index: str, values: Values) -> int:
    """Return how far an index runs: the length of the first axis that it is used on."""
    for part in ast.walk(node):
        if isinstance(part, ast.Subscript) and isinstance(part.value, ast.Name):
            for axis, name in enumerate(indices_of(part)):
                if name == index:
                    return int(np.shape(named(values, part.value.id))[axis])
    raise ConfigurationError(f"a sum over {index!r} has nothing with this index")


def n_samples(node: ast.expr, values: Values) -> int | None:
    """Return the number of samples that a formula is about, None where it is about none."""
    try:
        return size_of(node, SAMPLE, values)
    except ConfigurationError:
        return None
