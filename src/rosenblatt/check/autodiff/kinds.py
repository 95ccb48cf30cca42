"""Classes of automatic differentiation: how their nodes are made, read and differentiated."""

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from rosenblatt.check.limits.sandbox import FailedError
from rosenblatt.check.source.calls import plain, required
from rosenblatt.check.source.state import as_array
from rosenblatt.check.source.subjects import seeded

_DATA = ("data", "value", "val", "x", "v", "array", "values", "item", "_data", "_value")
_GRADIENT = ("grad", "gradient", "g", "derivative", "adjoint", "_grad", "dv", "d")
_BACKWARD = ("backward", "backprop", "backpropagate", "backpropagation", "run_backward", "back")
_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "__mul__": lambda a, b: a * b,
    "__add__": lambda a, b: a + b,
    "__matmul__": lambda a, b: a @ b,
    "__neg__": lambda a, b: -a,
    "__abs__": lambda a, b: abs(a),
    "__sub__": lambda a, b: a - b,
    "__truediv__": lambda a, b: a / b,
    "__radd__": lambda a, b: 2.0 + a,
    "__rsub__": lambda a, b: 2.0 - a,
    "__rmul__": lambda a, b: 2.0 * a,
    "__rtruediv__": lambda a, b: 2.0 / a,
    "__rpow__": lambda a, b: 2.0**a,
}
_SKIPPED = re.compile(r"zero|reset|back|^_|item|numpy|detach|grad|topo|build|step|copy")


@dataclass(frozen=True)
class Kind:
    """How the objects of a class are made, read and differentiated.

    Attributes:
        cls: the class of the nodes.
        data: the attribute that holds the number or the array.
        gradient: the attribute that holds its gradient.
        backward: the name of the backward pass.
        function: the backward pass where it is no method, but a function of the file.
    """

    cls: Any
    data: str
    gradient: str
    backward: str
    function: Any = None

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

    def propagate(self, node: Any) -> None:
        """Call the backward pass of a node that holds a number."""
        call = self.backward_of(node)
        if required(call):
            call(1.0)
        else:
            call()

    def backward_of(self, node: Any) -> Callable[..., Any]:
        """Return the backward pass that begins at a node."""
        if self.function is not None:
            return lambda: self.function(node)
        method: Callable[..., Any] = getattr(node, self.backward)
        return method

    @property
    def backward_code(self) -> Any:
        """The function of the backward pass."""
        return self.function or getattr(self.cls, self.backward)


@dataclass(frozen=True)
class Operation:
    """An operation of nodes.

    Attributes:
        name: of the method or of the function.
        call: a function of two nodes, which may leave out the second.
        function: the code that computes it.
    """

    name: str
    call: Callable[[Any, Any], Any]
    function: Any


def kind_of(cls: Any, module: dict[str, Any]) -> Kind | None:
    """Return how a class differentiates; None for a class that does not.

    A backward pass is recognized by what it does, whatever its name: it gives the factors of a
    product gradients. One that does nothing is recognized by its name.
    """
    if not any(name in vars(cls) for name in ("__add__", "__mul__", "__matmul__", "__radd__")):
        return None
    named: Kind | None = None
    for settings in ({}, {"requires_grad": True}):
        try:
            node = seeded(cls, 1.5, **settings)
        except FailedError:
            continue
        for kind in _kinds(cls, node, module):
            try:
                if seeded(_differentiates, kind):
                    return kind
            except FailedError:
                pass
            if named is None and kind.data in _DATA and kind.gradient in _GRADIENT:
                named = kind if kind.backward in _BACKWARD and kind.function is None else None
    return named


def _kinds(cls: Any, node: Any, module: dict[str, Any]) -> Iterator[Kind]:
    """Yield how a class may differentiate, by the attributes of a node that holds 1.5."""
    names = list(getattr(node, "__dict__", {})) or list(getattr(cls, "__slots__", ()))
    held = {name: getattr(node, name, None) for name in names}
    data = sorted((n for n in names if _is_number(held[n], 1.5)), key=_order(_DATA))
    gradients = sorted(
        (n for n in names if held[n] is None or _is_number(held[n], 0.0)), key=_order(_GRADIENT)
    )
    methods = [
        name
        for name, method in inspect.getmembers(cls, inspect.isfunction)
        if not name.startswith("__") and len(required(method)) <= 1 + (name in _BACKWARD)
    ]
    functions = {
        name: function
        for name, function in module.items()
        if inspect.isfunction(function) and len(required(function)) == 1
    }
    for value in data[:2]:
        for gradient in gradients[:4]:
            for name in sorted(methods, key=_order(_BACKWARD)):
                yield Kind(cls, value, gradient, name)
            for name, function in functions.items():
                if gradient in _names_in(function.__code__):
                    yield Kind(cls, value, gradient, name, function)


def _order(words: tuple[str, ...]) -> Callable[[str], int]:
    return lambda name: words.index(name) if name in words else len(words)


def _is_number(value: Any, wanted: float) -> bool:
    array = None if isinstance(value, bool) else as_array(value)
    return array is not None and array.size == 1 and float(array.ravel()[0]) == wanted


def _names_in(code: Any) -> set[str]:
    """Return the names that code uses, and the functions in it."""
    names = {*code.co_names, *code.co_freevars}
    for part in code.co_consts:
        if inspect.iscode(part):
            names |= _names_in(part)
    return names


def _differentiates(kind: Kind) -> bool:
    """Return whether the backward pass gives a node of a product or a sum a gradient."""
    a, b = kind.make(1.5), kind.make(0.7)
    out = a * b if hasattr(kind.cls, "__mul__") else a + b
    if not isinstance(out, kind.cls):
        return False
    kind.propagate(out)
    slopes = [kind.slope(node) for node in (a, b)]
    changed = any(slope is not None and bool(np.any(slope)) for slope in slopes)
    return changed and _is_number(getattr(a, kind.data), 1.5)


def names_of(kind: Kind) -> set[str]:
    """Return the names of the methods of a class, and those that they and the pass use."""
    functions = [*vars(kind.cls).values(), kind.function]
    codes = [function.__code__ for function in functions if inspect.isfunction(function)]
    return set(vars(kind.cls)).union(*[_names_in(code) for code in codes])


def operations_of(kind: Kind, module: dict[str, Any]) -> list[Operation]:
    """Return the operations of a class: operators first, then methods and functions of nodes."""
    cls = kind.cls
    members = vars(cls)
    result: list[Operation] = []
    if "sum" in members:
        # The sum comes first: it ends the backward pass of all others.
        result.append(Operation("sum", lambda a, b: a.sum(), members["sum"]))
    for name, call in _OPERATORS.items():
        if name in members:
            result.append(Operation(name, call, members[name]))
    if "__pow__" in members:
        for power in (3, 2, 0.5, -1):
            call = _power(power)
            result.append(Operation("__pow__", call, members["__pow__"]))
    for name, method in members.items():
        if inspect.isfunction(method) and not _SKIPPED.search(name) and name != kind.backward:
            takes = [n for n in required(method) if n != "self"]
            if len(takes) <= 1 and name != "sum":
                result.append(Operation(name, _method(name, len(takes)), method))
    for name, function in module.items():
        if not inspect.isfunction(function) or function is kind.function:
            continue
        takes = required(function)
        if 1 <= len(takes) <= 2 and cls.__name__ in _names_in(function.__code__):
            result.append(Operation(name, _function(function, len(takes)), function))
    return result


def _power(power: float) -> Callable[[Any, Any], Any]:
    return lambda a, b: a**power


def _method(name: str, takes: int) -> Callable[[Any, Any], Any]:
    return lambda a, b: getattr(a, name)(*[b][:takes])


def _function(function: Any, takes: int) -> Callable[[Any, Any], Any]:
    return lambda a, b: function(*[a, b][:takes])
