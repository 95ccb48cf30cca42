"""Paths of an optimizer: the parameters after a few updates, for each way of calling it."""

import inspect
import itertools
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from rosenblatt.check.limits.sandbox import FailedError
from rosenblatt.check.optimizers.calls import (
    READINGS,
    Call,
    NotAnUpdateError,
    begin_calls,
    positions,
)
from rosenblatt.check.optimizers.names import setting_of
from rosenblatt.check.optimizers.worlds import KINDS, World, gradients_of_updates, starts
from rosenblatt.check.source.calls import plain
from rosenblatt.check.source.state import leaves
from rosenblatt.check.source.subjects import seeded

STEPS = 5
"""Updates of one path."""

_MOST_EPS = 1e-4
"""The largest number that is taken for one that keeps a denominator off 0."""


@dataclass(frozen=True)
class Optimizer:
    """Code that updates parameters, with the values of its hyper-parameters.

    Attributes:
        owner: a class or a function.
        method: the method that updates; None where the function does, "" where it makes one that
            does.
        module: the names of the file.
        kinds: kinds of containers to try, and own objects of the file that hold parameters.
        is_held: whether the method is one of the object that holds the parameters.
    """

    owner: Any
    method: str | None
    settings: dict[str, Any]
    module: dict[str, Any]
    kinds: tuple[Any, ...] = KINDS
    is_held: bool = False


@dataclass(frozen=True)
class Way:
    """How an optimizer is called: the number of its beginning, the containers, the reading."""

    beginning: int
    kind: Any
    how: str


@dataclass(frozen=True)
class UpdatePath:
    """Parameters after each update, from two starting points, and the hyper-parameters."""

    paths: list[list[list[Any]]]
    given: dict[str, float]
    way: Way

    def moves(self, member: int) -> list[Any]:
        """Return what each update added to one parameter, from the first starting point."""
        values = [position[member] for position in self.paths[0]]
        return [after - before for before, after in itertools.pairwise(values)]

    @property
    def members(self) -> int:
        """How many parameters there are."""
        return len(self.paths[0][0])


def paths_of(optimizer: Optimizer) -> Iterator[UpdatePath]:
    """Yield the paths of an optimizer that differ, for each way of calling that works."""
    seen: list[Any] = []
    for beginning, kind in itertools.product(range(len(_beginnings(optimizer))), optimizer.kinds):
        for how in READINGS:
            try:
                path = path_of(optimizer, Way(beginning, kind, how))
            except FailedError:
                break
            if path is None:
                continue
            flat = np.concatenate([v.ravel() for position in path.paths[0] for v in position])
            if any(np.array_equal(flat, other, equal_nan=True) for other in seen):
                continue
            seen.append(flat)
            yield path


def path_of(optimizer: Optimizer, way: Way) -> UpdatePath | None:
    """Return the path of an optimizer that is called in one way; None where nothing moves.

    Raises:
        FailedError: it cannot be called so.
    """
    begin = _beginnings(optimizer)[way.beginning]
    calls: list[Call] = []

    def watched(world: World) -> Call:
        calls.append(begin(world))
        return calls[-1]

    paths = [seeded(positions, watched, way.kind, way.how, s, STEPS) for s in starts()]
    still = all(np.array_equal(a, b) for a, b in zip(paths[0][0], paths[0][-1], strict=True))
    if still or not all(np.isfinite(value).any() for value in paths[0][1]):
        return None
    path = UpdatePath(paths, _given(optimizer, calls[0]), way)
    # A function that returns a gradient as it is passes it on.
    return None if way.how in ("added", "subtracted") and _is_the_gradient(path) else path


def _is_the_gradient(path: UpdatePath) -> bool:
    """Return whether every update adds or subtracts the gradient itself."""
    given = gradients_of_updates(STEPS)
    return all(
        np.allclose(np.abs(move), np.abs(gradients[member]), rtol=1e-9, atol=1e-12)
        for member in range(path.members)
        for move, gradients in zip(path.moves(member), given, strict=True)
    )


def _beginnings(optimizer: Optimizer) -> list[Callable[[World], Call]]:
    owner, settings = optimizer.owner, optimizer.settings
    if optimizer.is_held:
        method = getattr(owner, str(optimizer.method))
        return [lambda world: Call(types.MethodType(method, world.params), settings)]
    if optimizer.method != "":
        return list(begin_calls(owner, optimizer.method, settings, optimizer.module))

    def made(_: World) -> Call:
        result = owner(**settings)
        functions = [f for f in (result if isinstance(result, tuple) else [result]) if callable(f)]
        if not functions:
            raise NotAnUpdateError(owner.__name__)
        start = functions[0] if len(functions) > 1 else None
        return Call(functions[-1], {}, start)

    return [made]


def _given(optimizer: Optimizer, call: Call) -> dict[str, float]:
    """Return the hyper-parameters by name: those given, else the object's and the defaults."""
    numbers: dict[str, Any] = {}
    bound = getattr(call.function, "__self__", None)
    for leaf in leaves(bound) if bound is not None else ():
        numbers[leaf.path.strip(".")] = leaf.raw
    for states in call.states.values():
        for state in states.values():
            numbers.update(state if isinstance(state, dict) else {})
    for function in (optimizer.owner, call.function):
        for name, parameter in inspect.signature(function).parameters.items():
            numbers[name] = parameter.default
    numbers.update(optimizer.settings)
    result: dict[str, float] = {}
    for name, value in numbers.items():
        key = setting_of(str(name))
        if key is not None and isinstance(value, int | float) and not isinstance(value, bool):
            result[key] = float(value)
        elif plain(str(name)) == "betas" and isinstance(value, tuple | list) and len(value) == 2:
            result["beta1"], result["beta2"] = float(value[0]), float(value[1])
    small = _small_number(call.function)
    if "eps" not in result and small is not None:
        result["eps"] = small
    return result


def _small_number(function: Any) -> float | None:
    """Return the number that a function's code adds to a denominator, or a constant of its file."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    module = getattr(function, "__globals__", {})
    numbers = list(getattr(code, "co_consts", ()))
    numbers += [module.get(n) for n in getattr(code, "co_names", ()) if setting_of(n) == "eps"]
    small = {n for n in numbers if isinstance(n, float) and 0 < n <= _MOST_EPS}
    return small.pop() if len(small) == 1 else None
