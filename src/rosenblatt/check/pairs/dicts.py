"""Dicts of parameters for a forward function, and dicts that a backward function fills."""

import ast
import inspect
import itertools
import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from rosenblatt.check.limits.sandbox import FailedError
from rosenblatt.check.source.calls import plain, required
from rosenblatt.check.source.state import leaves
from rosenblatt.check.source.subjects import seeded
from rosenblatt.check.source.text import Source

_MOST_SIZES = 3
"""Required arguments of a function that makes parameters."""


class Zeros(dict[str, Any]):
    """A dict to which a backward function adds: the gradient of a parameter begins at zero.

    >>> zeros = Zeros({"W": np.ones((2, 1))})
    >>> zeros["dW"] += 2.0
    >>> zeros["dW"].tolist(), list(zeros)
    ([[2.0], [2.0]], ['dW'])
    """

    __slots__ = ("parameters",)

    def __init__(self, parameters: dict[str, Any]) -> None:
        super().__init__()
        self.parameters = parameters

    def __missing__(self, key: str) -> Any:
        """Return zeros in the shape of the parameter whose gradient the key is."""
        names = (key, re.sub(r"^(grads?|d)_?|_?grad$", "", key))
        name = next((name for name in names if name in self.parameters), None)
        if name is None:
            raise KeyError(key)
        return np.zeros(np.shape(self.parameters[name]))


def filled_arguments(function: Any, source: Source) -> set[str]:
    """Return the arguments of a function to whose text keys it assigns."""
    node = source.node_of(function)
    if node is None:
        return set()
    own = {argument.arg for argument in node.args.args}
    targets = [
        target
        for part in ast.walk(node)
        if isinstance(part, ast.Assign | ast.AugAssign)
        for target in (part.targets if isinstance(part, ast.Assign) else [part.target])
    ]
    return own & {
        ast.unparse(target.value)
        for target in targets
        if isinstance(target, ast.Subscript) and _is_text(target.slice)
    }


def _is_text(node: ast.expr) -> bool:
    texts = (part for part in ast.walk(node) if isinstance(part, ast.Constant))
    return any(isinstance(part.value, str) for part in texts)


def keys_anywhere(name: str, source: Source) -> set[str]:
    """Return the text keys by which any function of the file reads a name."""
    return {
        str(part.slice.value)
        for part in ast.walk(source.tree)
        if isinstance(part, ast.Subscript) and ast.unparse(part.value) == name
        if isinstance(part.slice, ast.Constant) and isinstance(part.slice.value, str)
    }


def parameter_dicts(
    forward: Any, keys: set[str], sizes: tuple[int, ...], source: Source
) -> Iterator[dict[str, Any]]:
    """Yield dicts with the keys, of arrays: those of the file's own functions that make them."""
    for function in getattr(forward, "__globals__", {}).values():
        node = source.node_of(function) if inspect.isfunction(function) else None
        if node is None or function is forward:
            continue
        text = ast.unparse(node)
        names = required(function)
        # What makes parameters draws numbers, returns, and is no training.
        if not re.search("rand|normal|uniform", text) or not re.search(r"\breturn\b", text):
            continue
        if len(names) > _MOST_SIZES or re.search("backward|lr|epoch", text):
            continue
        for values in itertools.product(sizes, repeat=len(names)):
            try:
                made = seeded(function, *values, seconds=0.5)
            except (FailedError, TypeError, ValueError):
                continue
            if isinstance(made, dict) and keys <= set(made):
                yield made


def guessed_dicts(
    keys: list[str], weights: Any, biases: Any, states: Any, rng: Any
) -> Iterator[dict[str, Any]]:
    """Yield dicts of random arrays, with the shapes of one layout by the names of the keys."""
    hidden = states[0][-1] if states else None
    for weight, bias in itertools.product(weights[:2], biases[:1]):
        result = {}
        for key in keys:
            p = plain(key)
            if hidden is not None and re.search(r"^u|^(w|weight)?(hh|rec)", p):
                shape: tuple[int, ...] = (hidden, hidden)
            elif re.search(r"^b|bias", p):
                shape = bias
            elif re.search(r"^w|weight|kernel|theta", p):
                shape = weight
            else:
                return
            result[key] = rng.normal(size=shape)
        yield result


def moved_dict(values: dict[str, Any]) -> dict[str, Any]:
    """Return a dict whose arrays are moved off zeros."""
    rng = np.random.default_rng(12)
    for leaf in leaves(values):
        if isinstance(leaf.raw, np.ndarray) and leaf.raw.dtype.kind == "f":
            leaf.fill(leaf.array + 0.3 * rng.normal(size=leaf.array.shape))
    return values
