"""Which part of what a backward function returns is the gradient by which argument."""

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from rosenblatt.check.numbers.compare import same
from rosenblatt.check.source.calls import plain
from rosenblatt.check.source.text import Source
from rosenblatt.check.source.words import last_name


def variable_of(gradient: str) -> str:
    """Return what a gradient is by, from its name.

    >>> [variable_of(name) for name in ("dW1", "grad_x", "dA_prev", "w_grad", "out")]
    ['w1', 'x', 'aprev', 'w', 'out']
    """
    return plain(re.sub(r"^(grads?_?|delta_?|d_?|g_)(?=\w)|_?grad(ient)?$", "", gradient))


@dataclass(frozen=True)
class Returned:
    """The names of what a backward function returns, by path."""

    names: dict[str, str]

    @classmethod
    def of(
        cls, gradients: dict[str, Any], backward: Any, arguments: list[str], source: Source
    ) -> "Returned":
        """Return the names of gradients: keys of dicts, variables, or those where it is called."""
        names = {}
        for path in gradients:
            place = re.fullmatch(r"(?:\[(\d+)\])?", path)
            if place is None:
                names[path] = last_name(path)
                continue
            found = source.returned_name(backward, int(place[1] or 0))
            is_marked = found and variable_of(found[0]) != plain(found[0])
            names[path] = found[0] if is_marked else ""
        if not any(names.values()) and len(names) > 1:
            for targets in unpacked(backward.__name__, source):
                by = [variable_of(re.sub(r"\d+$", "", target)) for target in targets]
                if sorted(by) == sorted(map(plain, arguments)) and len(by) == len(names):
                    return cls(dict(zip(names, targets, strict=True)))
        return cls(names)


def computing_function(function: Any, names: dict[str, Any], source: Source) -> Any:
    """Return the function of the file whose result a function returns as it is, or itself."""
    for _ in range(3):
        node = source.node_of(function)
        last = node.body[-1] if node is not None else None
        call = getattr(last, "value", None) if isinstance(last, ast.Return) else None
        other = names.get(ast.unparse(call.func)) if isinstance(call, ast.Call) else None
        if source.node_of(other) is None:
            return function
        function = other
    return function


def unpacked(function: str, source: Source) -> list[list[str]]:
    """Return the names to which the file assigns the parts of what a function returns."""
    result = []
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Tuple):
            continue
        if isinstance(node.value, ast.Call) and ast.unparse(node.value.func) == function:
            targets = node.targets[0].elts
            result.append([last_name(ast.unparse(target)) for target in targets])
    return result


def matched(
    gradients: dict[str, Any],
    names: dict[str, str],
    inputs: dict[int, tuple[str, Any]],
    numeric: dict[int, Any],
) -> dict[int, str]:
    """Return the path of the gradient by each input: names first, then numbers, then order.

    Args:
        gradients: what backward returns, by path.
        names: their names; "" where there is none.
        inputs: name and value by place.
        numeric: the right gradient by place.
    """
    result: dict[int, str] = {}
    rest = dict(gradients)

    def match(fits: Callable[[str, int], bool]) -> None:
        for path in list(rest):
            place = next((k for k in inputs if k not in result and fits(path, k)), None)
            if place is not None:
                result[place] = path
                del rest[path]

    match(lambda path, k: variable_of(names[path]) == plain(last_name(inputs[k][0])) != "")
    match(lambda path, k: same(shaped(rest[path], inputs[k][1]), numeric.get(k)))
    match(lambda path, k: np.shape(rest[path]) == np.shape(inputs[k][1]))
    match(lambda path, k: np.shape(rest[path]) == np.shape(inputs[k][1])[::-1])
    if len(gradients) == len(inputs):
        match(lambda path, k: True)
    return result


def shaped(value: Any, parameter: Any) -> Any:
    """Return a gradient in the shape of the parameter where only axes of length 1 differ."""
    a, b = np.shape(value), np.shape(parameter)
    if a != b and [n for n in a if n > 1] == [n for n in b if n > 1]:
        return np.reshape(value, b)
    return value
