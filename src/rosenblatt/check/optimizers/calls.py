"""Ways to call an optimizer: where it takes parameters and gradients, and how it returns them."""

import copy
import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from rosenblatt.check.optimizers.names import COUNT, VALUES, is_gradient, is_parameter, setting_of
from rosenblatt.check.optimizers.states import state_keys, state_of, states_of_each, zeros_like
from rosenblatt.check.optimizers.worlds import World, gradients_of_updates
from rosenblatt.check.source.calls import arguments, plain, required

_KEY = re.compile(r"^(key|name|idx|index|id|k|layername|paramname|paramid)$")
_STATE = re.compile(
    r"state|cache|memory|veloc|^v\w?$|^m\w?$|config|^[su]$|buf|hist|^opt|accum|conf"
)
_INDEX = re.compile(r"^(idx|index|id|k)$")


READINGS = ("returned", "last", "added", "subtracted")
"""What is done with what an update returns: it replaces the parameters, or is a step."""


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


_BEFORE = re.compile(r"pre_|before|begin|start_")
_AFTER = re.compile(r"post_|after|end_|finish|next_|increment|advance|increase")
"""Names of methods that are called before and after the update itself."""


@dataclass
class Call:
    """A function that updates, with the values it is given besides parameters and gradients.

    Attributes:
        make_state: makes its state from the parameters; None: an optional state is left out.
    """

    function: Callable[..., Any]
    settings: dict[str, Any]
    make_state: Callable[[Any], Any] | None = None
    states: dict[Any, dict[str, Any]] = field(default_factory=dict)
    count: int = 0

    def run(self, world: World, how: str) -> None:
        """Do one update, by one call or by one call for each parameter.

        Methods such as ``pre_update`` and ``post_update``, which count updates, are called too.
        """
        self.count += 1
        self._call_methods(_BEFORE)
        if world.kind != "each":
            self._run(world, how, None)
        elif not any(_KEY.search(plain(name)) for name in required(self.function)):
            raise NotAnUpdateError(world.kind)
        else:
            for key, member in zip(("W1", "b1"), world.members, strict=True):
                self._run(member, how, key)
        self._call_methods(_AFTER)

    def _call_methods(self, names: re.Pattern[str]) -> None:
        """Call the object's methods of these names that need no arguments."""
        owner = getattr(self.function, "__self__", None)
        for name in vars(type(owner)) if owner is not None else ():
            method = getattr(owner, name)
            if names.match(name) and inspect.ismethod(method) and not required(method):
                method()

    def _run(self, world: World, how: str, key: str | None) -> None:
        names = [n for n in arguments(self.function) if n != "self"]
        needed = [*required(self.function), *_optional_counts(self.function)]
        state = self.states.setdefault(key, {})
        values = {**_one_by_one(names, world)}
        free: list[str] = []
        for name in names:
            p = plain(name)
            if name in values:
                continue
            if name in self.settings:
                values[name] = self.settings[name]
            elif is_gradient(p):
                values[name] = _once(world.grads, values)
            elif is_parameter(p):
                values[name] = _once(world.params, values)
            elif key is not None and _KEY.search(p) and name in needed:
                values[name] = ("W1", "b1").index(key) if _INDEX.search(p) else key
            elif _STATE.search(p):
                if name not in state:
                    state[name] = self._first_state(world, name in needed)
                values[name] = state[name]
            elif COUNT.search(p) and name in needed:
                values[name] = self.count
            elif name in needed:
                free.append(name)
        values.update(_containers(world, values, free))
        before = list(state)
        returned = self.function(**values)
        world.adopt(returned, how)
        _keep(state, returned, before, world)

    def _first_state(self, world: World, is_needed: bool) -> Any:
        if self.make_state is not None:
            return self.make_state(world.params)
        return {} if is_needed else None


def _once(container: Any, values: dict[str, Any]) -> Any:
    """Return what an argument is given; a copy where another one has it.

    ``update(W1, W2, dW1, dW2)`` would change one array twice.
    """
    taken = any(value is container for value in values.values())
    return copy.deepcopy(container) if taken else container


def _one_by_one(names: list[str], world: World) -> dict[str, Any]:
    """Return values for the gradients of a weight and a bias that are arguments of their own.

    They are those of ``update(dw, db)``; of ``update(w, b, dw, db)``, the parameters are too.

    Raises:
        NotAnUpdateError: the parameters are not in a list, where each has its place.
    """
    gradients = [n for n in names if is_gradient(plain(n))]
    weight, bias = (plain(n) for n in gradients) if len(gradients) == 2 else ("", "")
    if not bias.endswith("b") or weight[:-1] != bias[:-1]:
        return {}
    if world.kind != "list":
        raise NotAnUpdateError(world.kind)
    others = [n for n in names if is_parameter(plain(n)) or re.match(r"b$|bias", plain(n))]
    values = dict(zip(gradients, world.grads, strict=True))
    if len(others) == 2:
        values |= dict(zip(others, world.params, strict=True))
    return values


def _optional_counts(function: Any) -> list[str]:
    """Return the names of arguments such as t=1, the number of the update."""
    return [
        name
        for name, parameter in inspect.signature(function).parameters.items()
        if type(parameter.default) is int and re.search(r"^(t|step|iter\w*|timestep)$", plain(name))
    ]


def _containers(world: World, values: dict[str, Any], free: list[str]) -> dict[str, Any]:
    """Return parameters and gradients for arguments whose names do not tell what they are."""
    containers = [world.params, world.grads]
    given = [any(value is box for value in values.values()) for box in containers]
    if world.has_gradients:
        given[1] = True
    result = {}
    for name in free:
        if all(given):
            raise NotAnUpdateError(name)
        place = given.index(False)
        result[name], given[place] = containers[place], True
    return result


def _keep(state: dict[str, Any], returned: Any, names: list[str], world: World) -> None:
    """Keep returned state for the next update, by its place."""
    names = names or list(state)
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
        state[name] = part


def positions(
    begin: Callable[[World], Call], kind: Any, how: str, start: list[Any], steps: int
) -> list[list[Any]]:
    """Return the parameters after each update, the start first."""
    world = World(kind, start) if isinstance(kind, str) else kind.world(start)
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
                    if not is_parameter(plain(name)):
                        raise NotAnUpdateError(name)
                    values[name] = world.params
            return Call(getattr(owner(**values), method), {})

        yield made
        return
    start = next((value for value in module.values() if _starts_state(value)), None)
    rates = {"learning_rate": VALUES["lr"], "lr": VALUES["lr"]}
    keys = state_keys(owner)
    for make_state in (
        None,
        *([start] if start is not None else []),
        lambda params: {},
        lambda params: dict(rates),
        zeros_like,
        lambda params: state_of(keys, params),
        lambda params: states_of_each(keys, params),
    ):
        yield lambda world, make=make_state: Call(owner, settings, make)  # type: ignore[misc]
