"""Ways to call an optimizer: where it takes parameters and gradients, and how it returns them."""

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from rosenblatt.check.calls import arguments, plain, required

SETTINGS = (
    ("eps", r"^eps|epsilon|^delta$|fuzz|tiny"),
    ("decay", r"weightdecay|^wd$|^lamb|^lmbda|^lam$|^l2|^reg"),
    ("beta2", r"^b(eta)?2$|beta2|decay2|rho2"),
    ("beta1", r"^b(eta)?1$|beta1|decay1|rho1"),
    ("lr", r"^lr|^l_?rate$|learn|^eta\d?$|^alpha$|stepsize|^rate$|^steplength$|^a$|^lrate"),
    ("rho", r"^rho$|decayrate|^decay$|smoothing"),
    ("momentum", r"moment|^mu$|^beta$|^gamma$|friction|inertia"),
)
"""Hyper-parameters and patterns of their names."""

VALUES = {
    "lr": 0.05,
    "momentum": 0.8,
    "beta1": 0.8,
    "beta2": 0.95,
    "rho": 0.85,
    "eps": 1e-8,
    "decay": 0.03,
}
_GRADIENT = re.compile(
    r"grad|^g\d?$|^gs$|^d_?(w|p|x|theta|params?|weights?|b|v?ar|l)\w*$|nabla|^dw"
)
_PARAMETER = re.compile(
    r"^(params?|parameters?|model|net|network|layers?|w|ws|weights?|theta|p|ps|x|var\w*|values?|tensors?)\d?$"
)
_KEY = re.compile(r"^(key|name|idx|index|id|k|layername|paramname|paramid)$")
_STATE = re.compile(r"state|cache|memory|veloc|^v\w?$|^m\w?$|config|^s$|buf|hist|^opt|accum|conf")
_COUNT = re.compile(r"^(t|step|iter\w*|epoch|i|n|timestep|k|count\w*|it)$")
_SHAPES = ((4, 3), (3,))


def setting_of(name: str) -> str | None:
    """Return the hyper-parameter that a name stands for.

    >>> [setting_of(name) for name in ("learning_rate", "mu", "beta_2", "weight_decay", "size")]
    ['lr', 'momentum', 'beta2', 'decay', None]
    """
    p = plain(name)
    return next((key for key, pattern in SETTINGS if re.search(pattern, p)), None)


def is_gradient(name: str) -> bool:
    """Return whether an argument's plain name stands for gradients."""
    return bool(_GRADIENT.search(name)) and setting_of(name) is None


def is_parameter(name: str) -> bool:
    """Return whether an argument's plain name stands for parameters."""
    return bool(_PARAMETER.search(name)) and setting_of(name) is None


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
    """Parameters and gradients in containers of one kind."""

    kind: str
    values: list[Any]
    params: Any = field(init=False)
    grads: Any = field(init=False)

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
        elif self.kind == "list":
            self.params, self.grads = values, zeros
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
        if self.kind == "array":
            self.grads = copies[0]
        elif self.kind in ("dict", "dict of d"):
            self.grads = dict(zip(self.grads, copies, strict=True))
        elif self.kind == "list":
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
        if how == "added":
            part = self._sum(part)
        self.params = part
        return True

    def _sum(self, part: Any) -> Any:
        if self.kind == "array":
            return self.params + part
        if isinstance(part, dict):
            return {key: self.params[key] + part[key] for key in self.params}
        return [a + b for a, b in zip(self.params, part, strict=True)]

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
        if self.kind == "array":
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


KINDS = ("dict", "array", "list", "dict of d", "objects", "layer", "layers", "pairs")
READINGS = ("returned", "last", "added")


class NotAnUpdateError(Exception):
    """An argument is none that an optimizer takes."""


def settings_for(call: Any, extra: str | None) -> dict[str, Any]:
    """Return values of hyper-parameters by argument; ``extra`` names an option to switch on."""
    result: dict[str, Any] = {}
    try:
        parameters = inspect.signature(call).parameters
    except (ValueError, TypeError):
        return {}
    for name, parameter in parameters.items():
        key = setting_of(name)
        default = parameter.default
        if plain(name) == "betas" and isinstance(default, tuple | list):
            result[name] = (VALUES["beta1"], VALUES["beta2"])
        elif name == extra:
            result[name] = True if isinstance(default, bool) else VALUES.get(key or "", 0.03)
        elif extra and key == "momentum" and plain(extra) == "nesterov":
            result[name] = VALUES["momentum"]
        elif key is not None and default is parameter.empty:
            result[name] = VALUES[key]
        elif (
            key not in (None, "eps")
            and isinstance(default, int | float)
            and default
            and not isinstance(default, bool)
        ):
            result[name] = VALUES[str(key)]
    return result


def options_of(call: Any) -> list[str]:
    """Return the names of options that are off by default: momentum=0, nesterov=False."""
    try:
        parameters = inspect.signature(call).parameters.values()
    except (ValueError, TypeError):
        return []
    return [
        p.name
        for p in parameters
        if isinstance(p.default, bool | int | float)
        and not p.default
        and (setting_of(p.name) in ("momentum", "decay") or plain(p.name) == "nesterov")
    ]


@dataclass
class Call:
    """A function that updates, with the values it is given besides parameters and gradients."""

    function: Callable[..., Any]
    settings: dict[str, Any]
    state: dict[str, Any] = field(default_factory=dict)
    count: int = 0
    make_state: Callable[[Any], Any] | None = None
    empty_state: Any = None

    def run(self, world: World, how: str) -> None:
        """Do one update."""
        names = [n for n in arguments(self.function) if n != "self"]
        needed = required(self.function)
        values: dict[str, Any] = {}
        self.count += 1
        free: list[str] = []
        for name in names:
            p = plain(name)
            if name in self.settings:
                values[name] = self.settings[name]
            elif is_gradient(p):
                values[name] = world.grads
            elif is_parameter(p):
                values[name] = world.params
            elif _KEY.search(p) and name in needed and world.kind == "array":
                values[name] = "W"
            elif _STATE.search(p):
                values[name] = self._state_of(name, world, name in needed)
            elif _COUNT.search(p) and name in needed:
                values[name] = self.count
            elif name in needed:
                free.append(name)
        containers = [world.params, world.grads]
        given = [any(value is box for value in values.values()) for box in containers]
        if world.has_gradients:
            given[1] = True
        for name in free:
            if not all(given):
                place = given.index(False)
                values[name], given[place] = containers[place], True
            else:
                raise NotAnUpdateError(name)
        before = list(self.state)
        returned = self.function(**values)
        world.adopt(returned, how)
        self._keep(returned, before, world)

    def _state_of(self, name: str, world: World, is_needed: bool) -> Any:
        if name not in self.state:
            if not is_needed and self.empty_state is None:
                self.state[name] = None
            elif self.make_state is not None:
                self.state[name] = self.make_state(world.params)
            elif self.empty_state == "zeros":
                self.state[name] = _zeros(world.params)
            else:
                self.state[name] = dict(self.empty_state or {})
        return self.state[name]

    def _keep(self, returned: Any, names: list[str], world: World) -> None:
        """Keep returned state for the next update, by its place."""
        names = names or list(self.state)
        if not names or not isinstance(returned, tuple):
            return
        rest = list(returned)
        for place, part in enumerate(rest):
            if part is world.params:
                del rest[place]
                break
        else:
            rest = rest[1:]
        for name, part in zip(names, rest, strict=False):
            self.state[name] = part


def _zeros(params: Any) -> Any:
    if isinstance(params, dict):
        return {key: np.zeros_like(value) for key, value in params.items()}
    if isinstance(params, list):
        return [np.zeros_like(value) for value in params]
    return np.zeros_like(params)


def gradients_of_updates(steps: int) -> list[list[Any]]:
    """Return the gradients that each optimizer is given, the same every time."""
    rng = np.random.default_rng(8)
    return [[rng.normal(size=shape) for shape in _SHAPES] for _ in range(steps)]


def starts() -> list[list[Any]]:
    """Return two starting points, the same every time."""
    rng = np.random.default_rng(9)
    return [[rng.normal(size=shape) for shape in _SHAPES] for _ in range(2)]


def positions(
    begin: Callable[[World], Call], kind: str, how: str, start: list[Any], steps: int
) -> list[list[Any]]:
    """Return the parameters after each update, the start first."""
    world = World(kind, start)
    call = begin(world)
    path = [world.read()]
    for gradients in gradients_of_updates(steps):
        world.give(gradients)
        call.run(world, how)
        path.append(world.read())
    return path


def _starts_state(function: Any) -> bool:
    """Return whether a function takes parameters alone, as one that makes a first state does."""
    names = required(function) if inspect.isfunction(function) else []
    return len(names) == 1 and is_parameter(plain(names[0]))


def begin_calls(
    owner: Any, method: str | None, settings: dict[str, Any], module: dict[str, Any]
) -> Iterator[Callable[[World], Call]]:
    """Yield ways to begin: make the object or closure, and say which function updates."""
    if method is not None:

        def made(world: World) -> Call:
            values = dict(settings)
            for name in required(owner):
                if name not in values:
                    if not _PARAMETER.search(plain(name)):
                        raise NotAnUpdateError(name)
                    values[name] = world.params
            return Call(getattr(owner(**values), method), {})

        yield made
        return
    start = next((value for value in module.values() if _starts_state(value)), None)
    for state in (None, {}, {"learning_rate": VALUES["lr"], "lr": VALUES["lr"]}, "zeros"):
        if state is None:
            yield lambda world: Call(owner, settings, make_state=start)
        else:
            yield lambda world, state=state: Call(owner, settings, empty_state=state)  # type: ignore[misc]
