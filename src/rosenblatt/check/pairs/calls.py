"""How a forward function and its backward function are called, one after the other."""

import ast
import copy
import inspect
import itertools
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from rosenblatt.check.pairs.dicts import Zeros, filled_arguments
from rosenblatt.check.source.calls import plain
from rosenblatt.check.source.roles import CACHES, OUTPUT_GRADIENTS, is_target
from rosenblatt.check.source.state import as_array
from rosenblatt.check.source.subjects import seeded
from rosenblatt.check.source.text import Source

_SETTINGS = re.compile(r"^(dims?|decay|drop\w*|dilation|depth|dt|dtype|groups|gamma|data\w*)$")
"""Arguments that begin like gradients of outputs and are none."""

_OTHERS = re.compile(
    CACHES.pattern
    + r"|y|label|target|expect|desired|true|correct|hot|data|batch|sample|param|weight|model|net"
    r"|theta|rate|^lr"
)
"""Arguments that are no gradients of outputs, whatever their place."""

_GENERATORS = (np.random.Generator, np.random.RandomState, random.Random)

Role = tuple[str, Any]
"""What an argument of the backward function is given: ("output gradient", place),
("argument", name), ("arguments", None) for all of them, ("returned", place; -1 for everything), or
("rest", None): what forward returns next to its outputs; ("filled", None): a dict to which backward
adds gradients.
"""


@dataclass(frozen=True)
class Binding:
    """The arguments of the backward function.

    Attributes:
        roles: by the names of the arguments.
        outputs: where the outputs are in the tuple that forward returns; (-1,) without a tuple.
    """

    roles: dict[str, Role]
    outputs: tuple[int, ...]


@dataclass(frozen=True)
class Pair:
    """A forward function and its backward function.

    Attributes:
        generators: the random generators of their module with the states to start from.
    """

    forward: Any
    backward: Any
    source: Source
    generators: tuple[tuple[Any, Any], ...] = ()

    @classmethod
    def of(cls, forward: Any, backward: Any, source: Source) -> "Pair":
        """Return the pair of two functions of a file."""
        generators = [
            v for v in getattr(forward, "__globals__", {}).values() if isinstance(v, _GENERATORS)
        ]
        states = tuple((g, copy.deepcopy(_state(g))) for g in generators)
        return cls(forward, backward, source, states)

    def run(self, arguments: dict[str, Any]) -> Any:
        """Return what forward returns for copies of the arguments, with random numbers of seed 0.

        Raises:
            FailedError: forward raised an error.
        """
        for generator, state in self.generators:
            _set_state(generator, state)
        return seeded(self.forward, **copy.deepcopy(arguments))

    def bindings(self, arguments: dict[str, Any], returned: Any) -> Iterator[Binding]:
        """Yield ways of calling backward, the likeliest first; none without an output gradient."""
        parameters = [
            p
            for p in inspect.signature(self.backward).parameters.values()
            if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
        ]
        if any(is_target(p.name) and p.name not in arguments for p in parameters):
            return
        names = self._returned_names(returned)
        roles: dict[str, Role] = {}
        open_names: list[str] = []
        gradients = 0
        filled = filled_arguments(self.backward, self.source)
        has_dict = any(isinstance(value, dict) for value in arguments.values())
        for parameter in parameters:
            name, low = parameter.name, parameter.name.lower()
            if name in arguments:
                roles[name] = ("argument", name)
            elif name in filled and has_dict:
                roles[name] = ("filled", None)
            elif plain(name) in names:
                roles[name] = ("returned", names.index(plain(name)))
            elif CACHES.search(low):
                open_names.append(name)
            elif OUTPUT_GRADIENTS.search(low) and not _SETTINGS.match(low):
                roles[name] = ("output gradient", gradients)
                gradients += 1
            elif parameter.default is parameter.empty:
                open_names.append(name)
        may_be_gradient = open_names and not _OTHERS.search(open_names[0].lower())
        if not gradients and may_be_gradient and not self._is_taken_apart(open_names[0]):
            roles[open_names.pop(0)] = ("output gradient", 0)
            gradients = 1
        if not gradients:
            return
        outputs = self._output_places(returned, names, gradients)
        if not outputs:
            return
        for given in _rests(open_names, arguments, returned, outputs):
            yield Binding({**roles, **given}, outputs)

    def _is_taken_apart(self, name: str) -> bool:
        """Return whether backward takes several parts of an argument, which is then a cache."""
        node = self.source.node_of(self.backward)
        parts = {
            ast.unparse(part.slice)
            for part in (ast.walk(node) if node is not None else ())
            if isinstance(part, ast.Subscript) and isinstance(part.slice, ast.Constant)
            if ast.unparse(part.value) == name
        }
        return len(parts) > 1

    def _returned_names(self, returned: Any) -> list[str]:
        """Return the names under which forward has the parts of the tuple that it returns."""
        if not isinstance(returned, tuple):
            return []
        found = [self.source.returned_name(self.forward, k) for k in range(len(returned))]
        return [plain(name[0]) if name else "" for name in found]

    @staticmethod
    def _output_places(returned: Any, names: list[str], count: int) -> tuple[int, ...]:
        if not isinstance(returned, tuple):
            return (-1,) if count == 1 and _arrays(returned) else ()
        places = [
            k for k, value in enumerate(returned) if _arrays(value) and not CACHES.search(names[k])
        ]
        return tuple(places[:count]) if len(places) >= count else ()

    def outputs(self, binding: Binding, returned: Any) -> list[Any]:
        """Return the outputs as arrays, [] where there are none."""
        arrays = [_arrays(returned if k < 0 else returned[k]) for k in binding.outputs]
        return [array for part in arrays for array in part] if all(arrays) else []

    def run_backward(
        self, function: Any, binding: Binding, arguments: dict[str, Any], douts: list[Any]
    ) -> Any:
        """Return what ``function``, the backward function or a changed one, returns after forward.

        Raises:
            FailedError: one of them raised an error.
        """
        returned = self.run(arguments)
        given = copy.deepcopy(arguments)
        values: dict[str, Any] = {}
        outputs = [returned if place < 0 else returned[place] for place in binding.outputs]
        left = iter(douts)
        output_gradients = [
            _like(list(itertools.islice(left, len(_arrays(output)))), output) for output in outputs
        ]
        for name, (kind, key) in binding.roles.items():
            if kind == "output gradient":
                values[name] = output_gradients[key]
            elif kind == "argument":
                values[name] = given[key]
            elif kind == "arguments":
                values[name] = tuple(given.values())
            elif kind == "filled":
                values[name] = Zeros(next(v for v in given.values() if isinstance(v, dict)))
            elif kind == "returned":
                values[name] = returned if key < 0 else returned[key]
            else:
                rest = [v for k, v in enumerate(returned) if k not in binding.outputs]
                values[name] = rest[0] if len(rest) == 1 else tuple(rest)
        result = seeded(function, **values)
        filled = [value for value in values.values() if isinstance(value, Zeros)]
        if not filled:
            return result
        parts = result if isinstance(result, tuple) else (result,)
        return (
            *[part for part in parts if part is not None and not isinstance(part, Zeros)],
            *filled,
        )


def _rests(
    names: list[str], arguments: dict[str, Any], returned: Any, outputs: tuple[int, ...]
) -> Iterator[dict[str, Role]]:
    """Yield what the arguments that no name explains are given."""
    if not names:
        yield {}
        return
    rest = [k for k in range(len(returned)) if k not in outputs] if outputs[0] >= 0 else []
    if rest and len(names) == 1:
        yield {names[0]: ("rest", None)}
        if len(rest) > 1:
            # Next to a cache, a pass may return what it measures, such as a mean.
            yield from ({names[0]: ("returned", k)} for k in rest)
    elif rest and len(names) <= len(rest):
        yield {name: ("returned", k) for name, k in zip(names, rest, strict=False)}
    elif not rest and len(names) == 1:
        first = next(iter(arguments))
        yield {names[0]: ("argument", first)}
        if outputs == (-1,):
            yield {names[0]: ("returned", -1)}
            yield {names[0]: ("arguments", None)}


def _arrays(output: Any) -> list[Any]:
    """Return an output as an array, or the arrays of an output that is a list of them."""
    array = as_array(output)
    if array is not None:
        return [array]
    arrays = [as_array(part) for part in output] if isinstance(output, list) else []
    return [] if any(array is None for array in arrays) else arrays


def _like(douts: list[Any], output: Any) -> Any:
    """Return output gradients of the kind of an output: an array, a list, nested ones, a number."""
    if as_array(output) is None:
        return [np.array(dout) for dout in douts]
    (dout,) = douts
    if isinstance(output, list | tuple):
        return dout.tolist()
    return np.array(dout) if isinstance(output, np.ndarray) and dout.ndim else dout[()]


def _state(generator: Any) -> Any:
    if isinstance(generator, np.random.Generator):
        return generator.bit_generator.state
    if isinstance(generator, random.Random):
        return generator.getstate()
    return generator.get_state()


def _set_state(generator: Any, state: Any) -> None:
    if isinstance(generator, np.random.Generator):
        generator.bit_generator.state = state
    elif isinstance(generator, random.Random):
        generator.setstate(state)
    else:
        generator.set_state(state)
