"""Objects of a file's own classes that hold a layer, as optimizers and update methods take them."""

import copy
import functools
import inspect
import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from rosenblatt.check.limits.sandbox import FailedError
from rosenblatt.check.optimizers.worlds import World
from rosenblatt.check.source.calls import constructions, plain, required
from rosenblatt.check.source.state import Leaf, leaves
from rosenblatt.check.source.subjects import KeptLayer, seeded
from rosenblatt.check.source.words import ADDS

_DEEPEST = 4
"""How deep in the attributes of a network its layers are looked for."""

_MOST_MODELS = 6
"""Classes of networks of which an object is made."""

_SIZES = (12, 3)
"""Entries of the weights and of the biases of a layer whose updates are compared."""


@dataclass(frozen=True)
class Holder:
    """A way to give a layer to what updates it.

    Attributes:
        name: words for it.
        layer: the layer after a backward pass.
        hold: returns the object that holds a layer, or what an object's method returns.
    """

    name: str
    layer: KeptLayer
    hold: Callable[[Any], Any]

    def world(self, values: list[Any]) -> World:
        """Return the parameters of a new layer with these values."""
        return _HeldWorld(self, values)

    def made(self) -> Any:
        """Return the object with a new layer in it."""
        return self.hold(copy.deepcopy(self.layer.made))


class _HeldWorld(World):
    """The parameters of a layer of the file, inside an object that holds it."""

    def __init__(self, holder: Holder, values: list[Any]) -> None:
        self.kind, self.values, self.members = "held", values, []
        self.has_gradients = True
        self.grads = [np.zeros_like(value) for value in values]
        made = copy.deepcopy(holder.layer.made)
        by_path = {leaf.path: leaf for leaf in leaves(made)}
        pairs = _by_size(holder.layer)
        self._parameters = [by_path[parameter] for parameter, _ in pairs]
        self._gradients = [by_path[gradient] for _, gradient in pairs]
        _write(self._parameters, values)
        self.params = holder.hold(made)

    def give(self, gradients: list[Any]) -> None:
        """Set the gradients of the next update."""
        _write(self._gradients, gradients)

    def adopt(self, returned: Any, how: str) -> bool:
        """Return that no parameters are taken from what an update returns: the layer has them."""
        return False

    def read(self) -> list[Any]:
        """Return copies of the parameters as they are now."""
        return [
            np.reshape(leaf.array, np.shape(value))
            for leaf, value in zip(self._parameters, self.values, strict=True)
        ]


def _write(places: list[Leaf], values: list[Any]) -> None:
    """Set arrays where they are, so that whoever keeps them has the new numbers."""
    for leaf, value in zip(places, values, strict=True):
        raw = leaf.raw
        if isinstance(raw, np.ndarray) and raw.dtype.kind == "f" and raw.flags.writeable:
            raw[...] = np.reshape(value, raw.shape)
        else:
            leaf.fill(np.reshape(value, np.shape(leaf.array)))


def _by_size(layer: KeptLayer) -> list[tuple[str, str]]:
    """Return (parameter, gradient) of the weights and of the biases; [] for another layer."""
    shapes = {leaf.path: np.shape(leaf.array) for leaf in leaves(layer.made)}
    pairs = list(layer.gradients.items())
    found = []
    for size in _SIZES:
        fitting = [
            (p, g)
            for p, g in pairs
            if np.prod(shapes.get(p, ())) == size and shapes.get(p) == shapes.get(g)
        ]
        found += fitting if len(fitting) == 1 else []
    return found if len(found) == len(pairs) == len(_SIZES) else []


def holders_of(module: dict[str, Any], kept: list[KeptLayer], source_code: str) -> list[Holder]:
    """Return the ways in which the file's own classes hold its first layer with a bias.

    They are the layer, a list of it, the file's networks and containers, and what a method of one
    of these returns whose name speaks of parameters.
    """
    layer = next((one for one in kept if _by_size(one)), None)
    if layer is None:
        return []
    holders = [
        Holder("layer", layer, lambda made: made),
        Holder("layers", layer, lambda made: [made]),
    ]
    holders += [Holder(f"{name}", layer, hold) for name, hold in _models(module, layer)]
    names = set(re.findall(r"for [\w, ]+ in [\w(]*?\w+\.(\w+)", source_code))
    if len(holders) == 2 and names:
        # No class holds layers: the optimizer tells under which names it looks for them.
        holders.append(
            Holder("model", layer, lambda made: SimpleNamespace(**{n: [made] for n in names}))
        )
    return [
        working
        for holder in holders
        for working in (holder, *_of_methods(holder))
        if _is_held(working)
    ]


def _is_held(holder: Holder) -> bool:
    """Return whether the object can be made and has the layer's own parameters in it."""
    try:
        seeded(holder.world, [np.zeros((4, 3)), np.zeros(3)])
    except (FailedError, KeyError):
        return False
    return True


def _models(module: dict[str, Any], layer: KeptLayer) -> Iterator[tuple[str, Any]]:
    """Yield the names of classes that hold layers, and functions that make one with a layer."""
    own = [
        value
        for value in module.values()
        if inspect.isclass(value) and value.__module__ == module.get("__name__")
    ]
    found = 0
    for cls in own:
        if cls is type(layer.made) or not inspect.isfunction(getattr(cls, "__init__", None)):
            continue
        for make in _makers(cls, module):
            try:
                made = seeded(_put_in, make, layer)
            except FailedError:
                continue
            if made and found < _MOST_MODELS:
                found += 1
                yield cls.__name__, functools.partial(_holding, make)
                break


def _makers(cls: Any, module: dict[str, Any]) -> Iterator[Callable[[Any], Any]]:
    """Yield functions that make an object of a class, some of them with a given layer."""
    yield lambda one: cls([one])
    yield lambda one: cls(one)
    others = len(required(cls)) - 1
    if others > 0:
        yield lambda one: cls([one], *[None] * others)
    if not required(cls):
        yield lambda one: _added(cls(), one)
    for settings in constructions(cls, module):
        yield _making(cls, settings)


def _making(cls: Any, settings: dict[str, Any]) -> Callable[[Any], Any]:
    """Return a function that makes a network, which makes its layers itself."""
    return lambda one: cls(**settings)


def _added(made: Any, one: Any) -> Any:
    """Return an object to which a layer is added by its method."""
    name = next(name for name in dir(made) if re.match(ADDS, name.lower()))
    getattr(made, name)(one)
    return made


def _put_in(make: Callable[[Any], Any], layer: KeptLayer) -> bool:
    """Return whether an object can be made that holds a layer of the same class."""
    one = copy.deepcopy(layer.made)
    return any(value is one for *_, value in _parts(_holding(make, one), type(one)))


def _holding(make: Callable[[Any], Any], one: Any) -> Any:
    """Return a new object in which a layer takes the place of the first of its class.

    The others of the class are replaced by copies: the gradients of every layer are known.
    """
    made = make(one)
    places = list(_parts(made, type(one)))
    if not any(value is one for *_, value in places):
        for number, (container, key, _) in enumerate(places):
            other = one if number == 0 else copy.deepcopy(one)
            if isinstance(container, list | dict):
                container[key] = other
            else:
                setattr(container, key, other)
    return made


def _parts(obj: Any, cls: Any, depth: int = 0) -> Iterator[tuple[Any, Any, Any]]:
    """Yield (container, key, object) for each object of a class in attributes, lists and dicts."""
    if depth > _DEEPEST:
        return
    if isinstance(obj, dict):
        items: list[tuple[Any, Any]] = list(obj.items())
    elif isinstance(obj, list):
        items = list(enumerate(obj))
    elif hasattr(obj, "__dict__") and not (inspect.isclass(obj) or inspect.isroutine(obj)):
        items = [] if inspect.ismodule(obj) else list(vars(obj).items())
    else:
        return
    for key, value in items:
        if type(value) is cls:
            yield obj, key, value
        else:
            yield from _parts(value, cls, depth + 1)


def _of_methods(holder: Holder) -> Iterator[Holder]:
    """Yield what methods without arguments return whose names speak of parameters."""
    try:
        held = seeded(holder.hold, copy.deepcopy(holder.layer.made))
    except FailedError:
        return
    cls = type(held)
    names = [
        name
        for name in dir(cls)
        if re.search(r"param|weights$|gewicht|poids|pesos|pesi$|trainable", plain(name))
        and not re.search(r"grad|set|zero|update|load|count|num|^_", name.lower())
        and inspect.isfunction(getattr(cls, name, None))
        and not [n for n in required(getattr(cls, name)) if n != "self"]
    ]
    for name in names:

        def listed(made: Any, name: str = name) -> Any:
            value = getattr(holder.hold(made), name)()
            is_lazy = inspect.isgenerator(value) or isinstance(value, itertools.chain)
            return list(value) if is_lazy else value

        yield Holder(f"{holder.name}.{name}", holder.layer, listed)
