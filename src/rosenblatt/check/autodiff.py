"""Automatic differentiation: classes whose objects have data, a gradient and a backward pass."""

import inspect
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from rosenblatt.check.calls import plain, required
from rosenblatt.check.compare import first_wrong, ratio, same
from rosenblatt.check.reference import factor_name
from rosenblatt.check.sandbox import FailedError
from rosenblatt.check.source import Source
from rosenblatt.check.state import as_array
from rosenblatt.check.subjects import seeded

_DATA = ("data", "value", "val", "x", "v", "array", "values", "item", "_data", "_value")
_GRADIENT = ("grad", "gradient", "g", "derivative", "adjoint", "_grad", "dv", "d")
_BACKWARD = ("backward", "backprop", "backpropagate", "backpropagation", "run_backward", "back")
_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "__add__": lambda a, b: a + b,
    "__sub__": lambda a, b: a - b,
    "__mul__": lambda a, b: a * b,
    "__truediv__": lambda a, b: a / b,
    "__matmul__": lambda a, b: a @ b,
    "__neg__": lambda a, b: -a,
    "__radd__": lambda a, b: 2.0 + a,
    "__rsub__": lambda a, b: 2.0 - a,
    "__rmul__": lambda a, b: 2.0 * a,
    "__rtruediv__": lambda a, b: 2.0 / a,
}
_SKIPPED = re.compile(r"zero|reset|back|^_|item|numpy|detach|grad|topo|build|step|copy")
_STEP = 1e-5


class _Kind:
    """How the objects of a class are made, read and differentiated."""

    def __init__(self, cls: Any, data: str, gradient: str, backward: str) -> None:
        self.cls, self.data, self.gradient, self.backward = cls, data, gradient, backward

    def value(self, node: Any) -> Any:
        """Return the number or the array of a node."""
        return as_array(getattr(node, self.data))

    def slope(self, node: Any) -> Any:
        """Return the gradient of a node; None where it has none."""
        found = getattr(node, self.gradient)
        return as_array(getattr(found, self.data, found))

    def make(self, value: Any) -> Any:
        """Return a leaf."""
        for name in inspect.signature(self.cls).parameters:
            if plain(name) == "requiresgrad":
                return self.cls(value, **{name: True})
        return self.cls(value)


def kind_of(cls: Any) -> _Kind | None:
    """Return how a class differentiates; None for a class that does not."""
    if not any(name in vars(cls) for name in ("__add__", "__mul__", "__matmul__", "__radd__")):
        return None
    backward = next((name for name in _BACKWARD if callable(getattr(cls, name, None))), None)
    if backward is None:
        return None
    for settings in ({}, {"requires_grad": True}):
        try:
            node = seeded(cls, 1.5, **settings)
        except FailedError:
            continue
        names = list(getattr(node, "__dict__", {})) or list(getattr(cls, "__slots__", ()))
        data = next((n for n in _DATA if n in names), None)
        gradient = next((n for n in _GRADIENT if n in names), None)
        if data is not None and gradient is not None and gradient != data:
            return _Kind(cls, data, gradient, backward)
    return None


def check_autodiff(cls: Any, source: Source) -> list[dict[str, Any]] | None:
    """Return the findings of a class of automatic differentiation; None for another class."""
    kind = kind_of(cls)
    if kind is None:
        return None
    checked = False
    arrays = _holds_arrays(kind)
    for name, function in _operations(cls).items():
        results = []
        for values in _inputs(name, arrays):
            try:
                result = seeded(_compare, kind, function, values, name not in _OPERATORS)
            except FailedError:
                continue
            if result is None:
                continue
            checked = True
            results.append(result)
            if result[0] and arrays:
                return [_finding(cls, name, result, source)]
        if any(mistake for mistake, *_ in results):
            return [_finding(cls, name, _joined(results), source)]
    return [] if checked else None


def _holds_arrays(kind: _Kind) -> bool:
    """Return whether nodes hold arrays, with gradients of the same shape."""
    try:
        node = seeded(kind.make, np.ones((2, 3)))
        value, slope = kind.value(node), kind.slope(node)
    except FailedError:
        return False
    return np.shape(value) == (2, 3) and (slope is None or np.shape(slope) == (2, 3))


_Result = tuple[str, Any, Any, Any, int]
"""(mistake or "", gradient, numeric gradient, weight of each output, operand)"""


def _joined(results: list[_Result]) -> _Result:
    """Return results at several numbers as one of arrays, and its mistake."""
    operand = next(number for mistake, *_, number in results if mistake)
    same_operand = [r for r in results if r[4] == operand and r[2] is not None]
    analytic, numeric, weight = (
        np.array([float(np.sum(r[k])) for r in same_operand]) for k in (1, 2, 3)
    )
    return _name(analytic, numeric, weight), analytic, numeric, weight, operand


def _operations(cls: Any) -> dict[str, Callable[..., Any]]:
    """Return functions of nodes by the name of the method that they test."""
    result: dict[str, Callable[..., Any]] = {}
    if "sum" in vars(cls):
        # The sum comes first: it ends the backward pass of all others.
        result["sum"] = lambda a, b: a.sum()
    result.update({k: v for k, v in _OPERATORS.items() if k in vars(cls)})
    for power in (3, 2, 0.5, -1):
        if "__pow__" in vars(cls):
            result[f"__pow__ {power}"] = lambda a, b, power=power: a**power
    for name, method in vars(cls).items():
        if not inspect.isfunction(method) or _SKIPPED.search(name):
            continue
        takes = [n for n in required(method) if n != "self"]
        if not takes:
            result[name] = lambda a, b, name=name: getattr(a, name)()
        elif len(takes) == 1:
            result[name] = lambda a, b, name=name: getattr(a, name)(b)
    if "__mul__" in vars(cls) and "__add__" in vars(cls):
        # A node that is used twice: its gradients are added.
        result["reuse"] = lambda a, b: a * a + a * b
        result["reuse of a sum"] = lambda a, b: (a + b) * (a + a)
    return result


def _inputs(name: str, arrays: bool) -> list[tuple[Any, Any]]:
    if not arrays:
        return [(1.3, 0.7), (-0.6, 1.7), (0.4, -1.1), (2.1, 0.3), (-1.2, -0.8)]
    rng = np.random.default_rng(3)
    left, right = rng.normal(size=(3, 4)), rng.normal(size=(3, 4))
    if name == "__matmul__" or name in ("matmul", "dot", "mm"):
        return [(left, right.T.copy())]
    return [(left, right), (np.abs(left) + 0.2, np.abs(right) + 0.2)]


def _total(kind: _Kind, function: Callable[..., Any], values: tuple[Any, Any], weight: Any) -> Any:
    nodes = [kind.make(np.array(v) if isinstance(v, np.ndarray) else v) for v in values]
    out = kind.value(function(*nodes))
    return float((out * weight).sum())


def _compare(
    kind: _Kind, function: Callable[..., Any], values: tuple[Any, Any], weighted: bool
) -> _Result | None:
    """Return how the gradients of one operation compare; None where it cannot be called."""
    nodes = [kind.make(np.array(v) if isinstance(v, np.ndarray) else v) for v in values]
    out = function(*nodes)
    if not isinstance(out, kind.cls) or kind.value(out) is None:
        return None
    weight: Any = np.ones(kind.value(out).shape)
    if weighted and weight.ndim and "__mul__" in vars(kind.cls):
        # The sum of a softmax has no gradient: weights make one.
        weight = np.random.default_rng(5).uniform(0.5, 1.5, weight.shape)
        out = out * kind.make(weight.copy())
    try:
        if not _propagate(kind, out):
            return None
    except ValueError:
        return "transposed", None, None, weight, 0
    result: _Result | None = None
    for number, value in enumerate(values):
        numeric = _numeric(kind, function, values, number, weight)
        if np.abs(numeric).max(initial=0.0) < 1e-7:
            continue
        analytic = kind.slope(nodes[number])
        if analytic is None or (not np.any(analytic) and np.shape(value)):
            # A leaf that does not ask for gradients.
            continue
        result = result or ("", analytic, numeric, weight, number)
        if not same(analytic, numeric, 1e-4):
            return _name(analytic, numeric, weight), analytic, numeric, weight, number
    return result


def _propagate(kind: _Kind, out: Any) -> bool:
    """Call the backward pass of the sum of a node; return whether that was possible."""
    shape = kind.value(out).shape
    backward = getattr(out, kind.backward)
    if shape and inspect.signature(backward).parameters:
        try:
            backward(np.ones(shape))
        except (TypeError, AttributeError):
            backward(kind.make(np.ones(shape)))
    elif shape and callable(getattr(out, "sum", None)):
        total = out.sum()
        if np.shape(kind.value(total)) != ():
            return False
        getattr(total, kind.backward)()
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
    if analytic.shape == np.shape(weight) and same(analytic, weight, 1e-6) and analytic.ndim:
        return "activation-derivative-missing"
    c = ratio(analytic, numeric)
    if c is not None and analytic.size > 1:
        return factor_name(c, 0) or ("sign" if c < 0 else "constant-factor")
    if c is not None and abs(c + 1) < 1e-4:
        return "sign"
    if analytic.ndim and np.array_equal((analytic == 0), (numeric != 0)):
        return "relu-wrong-side"
    return "unexplained"


def _numeric(
    kind: _Kind, function: Callable[..., Any], values: tuple[Any, Any], number: int, weight: Any
) -> Any:
    array = np.asarray(values[number], dtype=float)
    result = np.zeros(array.shape)
    for index in np.ndindex(array.shape):
        totals = []
        for sign in (1, -1):
            moved = np.array(array)
            moved[index] += sign * _STEP
            given = list(values)
            given[number] = moved if array.ndim else float(moved)
            totals.append(_total(kind, function, (given[0], given[1]), weight))
        result[index] = (totals[0] - totals[1]) / (2 * _STEP)
    return result


def _finding(cls: Any, name: str, result: _Result, source: Source) -> dict[str, Any]:
    mistake, analytic, numeric, _, operand = result
    method = name.split()[0]
    function = vars(cls).get("__mul__" if method == "reuse" else method)
    if method == "reuse":
        mistake = "gradients-accumulate"
    numbers = {} if analytic is None else first_wrong(analytic, numeric)
    return {
        "mistake": mistake,
        "where": f"{cls.__name__}.{method}",
        "parameter": ("self", "other")[operand],
        "line": source.line_of_value(function, ["grad", "gradient"]),
        "text": f"The gradient of {method} by its {('first', 'second')[operand]} operand is not "
        "the derivative of the value that it computes.",
        **numbers,
    }
