"""Automatic differentiation: the operations of classes with data, a gradient, a backward pass."""

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from rosenblatt.check.autodiff.kinds import Kind, Operation, kind_of, names_of, operations_of
from rosenblatt.check.autodiff.scalars import scalar_findings
from rosenblatt.check.limits.sandbox import FailedError
from rosenblatt.check.numbers.compare import first_wrong, ratio, same
from rosenblatt.check.numbers.reference import factor_name
from rosenblatt.check.source.subjects import seeded
from rosenblatt.check.source.text import Source

_STEP = 1e-5
_ARRAYS = {
    "__matmul__",
    "shape",
    "sum",
    "ones_like",
    "zeros_like",
    "asarray",
    "array",
    "matmul",
    "dot",
}
"""Names that the code of arrays uses."""
_REUSE = "reuse"
"""The name of graphs in which a node is used twice."""


def check_autodiff(cls: Any, module: dict[str, Any], source: Source) -> list[dict[str, Any]] | None:
    """Return the findings of a class of automatic differentiation; None for another class."""
    kind = kind_of(cls, module)
    if kind is None:
        return None
    operations = operations_of(kind, module)
    if not _holds_arrays(kind):
        return scalar_findings(kind, operations, source)
    if "__mul__" in vars(cls) and "__add__" in vars(cls):
        # A node that is used twice: its gradients are added.
        reused = vars(cls)["__mul__"]
        operations.append(Operation(_REUSE, lambda a, b: a * a + a * b, reused))
        operations.append(Operation(_REUSE, lambda a, b: (a + b) * (a + a), reused))
    checked = False
    for operation in operations:
        for values in _inputs(operation.name):
            try:
                result = seeded(_compare, kind, operation, values)
            except FailedError:
                continue
            if result is None:
                continue
            checked = True
            if result[0]:
                return [_finding(cls, operation, result, source)]
    return [] if checked else None


def scalar_kind(cls: Any, module: dict[str, Any]) -> Kind | None:
    """Return how a class differentiates single numbers; None for any other class."""
    kind = kind_of(cls, module)
    return None if kind is None or _holds_arrays(kind) else kind


def _holds_arrays(kind: Kind) -> bool:
    """Return whether nodes hold arrays, with gradients of the same shape."""
    try:
        node = seeded(kind.make, np.ones((2, 3)))
        value, slope = kind.value(node), kind.slope(node)
    except FailedError:
        return False
    if slope is None:
        # A product of arrays may work by chance.
        return np.shape(value) == (2, 3) and bool(names_of(kind) & _ARRAYS)
    return np.shape(value) == np.shape(slope) == (2, 3)


_Result = tuple[str, Any, Any, Any, int]
"""(mistake or "", gradient, numeric gradient, weight of each output, operand)"""


def _inputs(name: str) -> list[tuple[Any, Any]]:
    rng = np.random.default_rng(3)
    left, right = rng.normal(size=(3, 4)), rng.normal(size=(3, 4))
    if name == "__matmul__" or name in ("matmul", "dot", "mm"):
        return [(left, right.T.copy())]
    return [(left, right), (np.abs(left) + 0.2, np.abs(right) + 0.2)]


def _total(kind: Kind, function: Callable[..., Any], values: tuple[Any, Any], weight: Any) -> Any:
    out = kind.value(function(*[kind.make(np.array(v)) for v in values]))
    return float((out * weight).sum())


def _compare(kind: Kind, operation: Operation, values: tuple[Any, Any]) -> _Result | None:
    """Return how the gradients of one operation compare; None where it cannot be called."""
    nodes = [kind.make(np.array(v)) for v in values]
    out = operation.call(*nodes)
    if not isinstance(out, kind.cls) or kind.value(out) is None:
        return None
    weight: Any = np.ones(kind.value(out).shape)
    operator = operation.name.startswith("__") or operation.name == _REUSE
    if not operator and weight.ndim and "__mul__" in vars(kind.cls):
        # The sum of a softmax has no gradient: weights make one.
        weight = np.random.default_rng(5).uniform(0.5, 1.5, weight.shape)
        out = out * kind.make(weight.copy())
    try:
        if not _propagate(kind, out):
            return None
    except ValueError as error:
        if "non-broadcastable output" in str(error):
            # A number next to an array, of which the class sums no gradient.
            return None
        return "transposed", None, None, weight, 0
    result: _Result | None = None
    for number in range(2):
        numeric = _numeric(kind, operation.call, values, number, weight)
        if not np.isfinite(numeric).all():
            # The root or the logarithm of a negative number: other values tell more.
            return None
        if np.abs(numeric).max(initial=0.0) < 1e-7:
            continue
        analytic = kind.slope(nodes[number])
        if analytic is None or not np.any(analytic):
            # A leaf that does not ask for gradients.
            continue
        result = result or ("", analytic, numeric, weight, number)
        if not same(analytic, numeric, 1e-4):
            return _name(analytic, numeric, weight), analytic, numeric, weight, number
    return result


def _propagate(kind: Kind, out: Any) -> bool:
    """Call the backward pass of the sum of a node; return whether that was possible."""
    shape = kind.value(out).shape
    backward = kind.backward_of(out)
    if shape and inspect.signature(backward).parameters:
        try:
            backward(np.ones(shape))
        except (TypeError, AttributeError):
            backward(kind.make(np.ones(shape)))
    elif shape and callable(getattr(out, "sum", None)):
        total = out.sum()
        if np.shape(kind.value(total)) != ():
            return False
        kind.propagate(total)
    else:
        backward()
    return True


def _name(analytic: Any, numeric: Any, weight: Any) -> str:
    if analytic.shape != numeric.shape:
        if analytic.shape == numeric.shape[::-1]:
            return "transposed"
        return "bias-gradient-not-summed" if analytic.size > numeric.size else "broadcast"
    if same(analytic.T, numeric, 1e-4) and analytic.ndim == 2:
        return "transposed"
    c = ratio(analytic, numeric)
    if c is not None and analytic.size > 1:
        # The slope of a difference is −1, that of an activation has different numbers.
        return factor_name(c, 0) or ("sign" if c < 0 else "constant-factor")
    if analytic.shape == np.shape(weight) and same(analytic, weight, 1e-6) and analytic.ndim:
        return "activation-derivative-missing"
    if c is not None and abs(c + 1) < 1e-4:
        return "sign"
    if analytic.ndim and np.array_equal((analytic == 0), (numeric != 0)):
        return "relu-wrong-side"
    return "unexplained"


def _numeric(
    kind: Kind, function: Callable[..., Any], values: tuple[Any, Any], number: int, weight: Any
) -> Any:
    array = np.asarray(values[number], dtype=float)
    result = np.zeros(array.shape)
    for index in np.ndindex(array.shape):
        totals = []
        for sign in (1, -1):
            moved = np.array(array)
            moved[index] += sign * _STEP
            given = list(values)
            given[number] = moved
            totals.append(_total(kind, function, (given[0], given[1]), weight))
        result[index] = (totals[0] - totals[1]) / (2 * _STEP)
    return result


def _finding(cls: Any, operation: Operation, result: _Result, source: Source) -> dict[str, Any]:
    mistake, analytic, numeric, _, operand = result
    name = operation.name
    if name == _REUSE:
        mistake, name = "gradients-accumulate", "__mul__"
    numbers = {} if analytic is None else first_wrong(analytic, numeric)
    return {
        "mistake": mistake,
        "where": f"{cls.__name__}.{name}" if name in vars(cls) else name,
        "parameter": ("self", "other")[operand],
        "line": source.line_of_value(operation.function, ["grad", "gradient"]),
        "text": f"The gradient of {name} by its {('first', 'second')[operand]} operand is not "
        "the derivative of the value that it computes.",
        **numbers,
    }
