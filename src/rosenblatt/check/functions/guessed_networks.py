"""Guessed parameters of a small network: a dict, a list, or arrays by name, for a loss function."""

import ast
import itertools
import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from rosenblatt.check.source.calls import D, H, N, plain
from rosenblatt.check.source.dict_keys import keys_read

_LAYER = re.compile(r"^(?:w|weights?|theta|b|bias)(?:ih|ho|hidden|out)?(\d)$")
_HIDDEN = 6
"""Hidden units. All sizes differ, so that a wrong shape cannot fit by chance."""


def network_arguments(
    names: list[str], roles: list[str | None], node: Any, rng: np.random.Generator
) -> Iterator[dict[str, Any]]:
    """Yield arguments of a function that takes the parameters of a network of numbered layers.

    Args:
        names: of the required arguments.
        roles: what each is: "w", "b", "x", "y", "reg".
        node: the function's code.
        rng: draws the numbers.
    """
    holder, keys = _parameters(names, roles, node)
    layers = [int(found[1]) for key in keys if (found := _LAYER.match(plain(key)))]
    numbers = sorted(set(layers))
    if len(layers) != len(keys) or len(numbers) < 2 or not {"x", "y"} <= set(roles):
        return
    x = rng.normal(size=(N, D))
    for outputs, rows, flat in itertools.product((H, 1), (True, False), (True, False)):
        sizes = [D, *[_HIDDEN] * (len(numbers) - 1), outputs]
        arrays: dict[str, Any] = {}
        for key, number in zip(keys, layers, strict=True):
            size, after = sizes[numbers.index(number) :][:2]
            shape: tuple[int, ...] = (size, after) if rows else (after, size)
            if plain(key).startswith("b"):
                shape = (after,) if flat else (1, after) if rows else (after, 1)
            arrays[key] = rng.normal(size=shape)
        for y in _targets(outputs, rows, rng):
            values: dict[str, Any] = {}
            for name, role in zip(names, roles, strict=True):
                if name == holder:
                    values[name] = dict(arrays) if keys_read(node, name) else [*arrays.values()]
                elif name in arrays:
                    values[name] = arrays[name]
                else:
                    known = {"x": x if rows else x.T.copy(), "y": y, "reg": 0.3}
                    values[name] = known.get(str(role))
            yield values


def _parameters(
    names: list[str], roles: list[str | None], node: Any
) -> tuple[str | None, list[str]]:
    """Return the argument that holds the parameters, None for several, and their names."""
    weights = [name for name, role in zip(names, roles, strict=True) if role == "w"]
    if len(weights) == 1 and "b" not in roles:
        (holder,) = weights
        return holder, keys_read(node, holder) or _unpacked(node, holder)
    return None, [name for name, role in zip(names, roles, strict=True) if role in ("w", "b")]


def _unpacked(node: Any, name: str) -> list[str]:
    """Return the names to which a function unpacks an argument."""
    for part in ast.walk(node) if node is not None else ():
        if isinstance(part, ast.Assign) and ast.unparse(part.value) == name:
            target = part.targets[0]
            if isinstance(target, ast.Tuple):
                return [ast.unparse(element) for element in target.elts]
    return []


def _targets(outputs: int, rows: bool, rng: np.random.Generator) -> Iterator[Any]:
    """Yield targets of a network with this number of outputs."""
    if outputs > 1:
        labels = np.arange(N) * 2 % outputs
        hot = np.eye(outputs)[labels]
        yield from (labels, hot if rows else hot.T.copy())
        values: Any = rng.normal(size=(N, outputs))
        yield values if rows else values.T.copy()
    else:
        two: Any = np.arange(N) % 2.0
        column = (N, 1) if rows else (1, N)
        yield from (two.reshape(column), two)
