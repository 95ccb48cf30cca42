"""Parameters and gradients for an optimizer, in the containers that optimizers take."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

KINDS = ("dict", "each", "array", "list", "dict of d", "objects", "layer", "layers", "pairs")
"""Kinds of containers; of "each", every parameter is updated by a call of its own."""

_SHAPES = ((4, 3), (3,))


class Parameter:
    """A parameter with a gradient, as some optimizers take it."""

    def __init__(self, value: Any) -> None:
        self.data = self.value = self.w = value
        self.grad = self.gradient = np.zeros_like(value)
        self.requires_grad = True


class Layer:
    """A layer with a weight, a bias and their gradients under their usual names."""

    def __init__(self, weight: Any, bias: Any) -> None:
        self.W = self.w = self.weights = self.weight = weight
        self.b = self.bias = self.biases = bias
        self.dW = self.dw = self.dweights = self.grad_W = self.grad_w = np.zeros_like(weight)
        self.db = self.dbiases = self.dbias = self.grad_b = np.zeros_like(bias)
        self.params = {"W": weight, "b": bias}
        self.grads = {"W": self.dW, "b": self.db}


@dataclass
class World:
    """Parameters and gradients in containers of one kind.

    Attributes:
        members: of "each", the parameters one by one.
    """

    kind: str
    values: list[Any]
    params: Any = field(init=False)
    grads: Any = field(init=False)
    members: list["World"] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        values = [np.array(value) for value in self.values]
        zeros = [np.zeros_like(value) for value in values]
        self.has_gradients = False
        if self.kind == "array":
            self.params, self.grads = values[0], zeros[0]
        elif self.kind in ("dict", "dict of d"):
            mark = "d" if self.kind == "dict of d" else ""
            self.params = dict(zip(("W1", "b1"), values, strict=True))
            self.grads = {f"{mark}W1": zeros[0], f"{mark}b1": zeros[1]}
        elif self.kind in ("list", "each"):
            self.params, self.grads = values, zeros
            if self.kind == "each":
                self.members = [World("array", [value]) for value in values]
        elif self.kind == "pairs":
            self.params = list(zip(values, zeros, strict=True))
            self.grads, self.has_gradients = zeros, True
        elif self.kind == "objects":
            self.params = [Parameter(value) for value in values]
            self.grads, self.has_gradients = zeros, True
        else:
            layer = Layer(*values)
            self.params = layer if self.kind == "layer" else [layer]
            self.grads, self.has_gradients = zeros, True
        self._values = values

    def give(self, gradients: list[Any]) -> None:
        """Set the gradients of the next update."""
        copies = [np.array(gradient) for gradient in gradients]
        for member, copy in zip(self.members, copies, strict=False):
            member.grads = copy
        if self.kind == "array":
            self.grads = copies[0]
        elif self.kind in ("dict", "dict of d"):
            self.grads = dict(zip(self.grads, copies, strict=True))
        elif self.kind in ("list", "each"):
            self.grads = copies
        elif self.kind == "pairs":
            for (_, held), new in zip(self.params, copies, strict=True):
                held[...] = new
        elif self.kind == "objects":
            for parameter, new in zip(self.params, copies, strict=True):
                parameter.grad = parameter.gradient = new
        else:
            layer = self.params if self.kind == "layer" else self.params[0]
            layer.dW[...], layer.db[...] = copies
            layer.grads = {"W": layer.dW, "b": layer.db}

    def adopt(self, returned: Any, how: str) -> bool:
        """Take the parameters that an update returned; return whether there were any."""
        parts = [returned]
        if isinstance(returned, tuple) and not (
            self.kind == "list" and len(returned) == 2 and self._like(returned)
        ):
            parts = list(returned)
        fitting = [part for part in parts if self._like(part)]
        if not fitting:
            return False
        part = fitting[-1] if how == "last" else fitting[0]
        if how in ("added", "subtracted"):
            part = self._moved_by(part, 1 if how == "added" else -1)
        self.params = part
        return True

    def _moved_by(self, part: Any, sign: int) -> Any:
        if self.kind == "array":
            return self.params + sign * part
        if isinstance(part, dict):
            return {key: self.params[key] + sign * part[key] for key in self.params}
        return [a + sign * b for a, b in zip(self.params, part, strict=True)]

    def _like(self, part: Any) -> bool:
        shapes = [np.shape(value) for value in self.values]
        if self.kind == "array":
            return isinstance(part, np.ndarray) and part.shape == shapes[0]
        if self.kind in ("dict", "dict of d"):
            return isinstance(part, dict) and all(
                getattr(part.get(key), "shape", None) == shape
                for key, shape in zip(("W1", "b1"), shapes, strict=True)
            )
        if self.kind == "list":
            return (
                isinstance(part, list | tuple)
                and len(part) == 2
                and [getattr(value, "shape", None) for value in part] == shapes
            )
        return False

    def read(self) -> list[Any]:
        """Return copies of the parameters as they are now."""
        if self.kind == "each":
            values = [member.params for member in self.members]
        elif self.kind == "array":
            values = [self.params]
        elif self.kind in ("dict", "dict of d"):
            values = [self.params["W1"], self.params["b1"]]
        elif self.kind == "list":
            values = list(self.params)
        elif self.kind == "pairs":
            values = [value for value, _ in self.params]
        elif self.kind == "objects":
            values = [
                _moved([p.data, p.value, p.w], start)
                for p, start in zip(self.params, self.values, strict=True)
            ]
        else:
            layer = self.params if self.kind == "layer" else self.params[0]
            values = [
                _moved(
                    [layer.W, layer.w, layer.weights, layer.weight, layer.params["W"]],
                    self.values[0],
                ),
                _moved([layer.b, layer.bias, layer.biases, layer.params["b"]], self.values[1]),
            ]
        return [np.array(value, dtype=float) for value in values]


def _moved(values: list[Any], start: Any) -> Any:
    return next((value for value in values if not np.array_equal(value, start)), values[0])


def gradients_of_updates(steps: int) -> list[list[Any]]:
    """Return the gradients that each optimizer is given, the same every time.

    They are small, so that a limit of their norm, such as 1 or 5, is not reached.
    """
    rng = np.random.default_rng(8)
    return [[rng.normal(0, 0.1, size=shape) for shape in _SHAPES] for _ in range(steps)]


def starts() -> list[list[Any]]:
    """Return two starting points, the same every time."""
    rng = np.random.default_rng(9)
    return [[rng.normal(size=shape) for shape in _SHAPES] for _ in range(2)]
