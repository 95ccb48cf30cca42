"""Arguments for a forward function: those of the file's own call, or guessed from names."""

import ast
import copy
import dataclasses
import inspect
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from rosenblatt.check.operations.arguments import forward_arguments, is_number, is_real_array
from rosenblatt.check.pairs.dicts import guessed_dicts, keys_anywhere, moved_dict, parameter_dicts
from rosenblatt.check.source.calls import D, H, N, arguments, plain
from rosenblatt.check.source.dict_keys import keys_read
from rosenblatt.check.source.roles import is_target
from rosenblatt.check.source.state import Leaf, as_array, leaves
from rosenblatt.check.source.text import Source
from rosenblatt.check.source.words import last_name

_MOST_TRIES = 48
"""Combinations of guessed arguments of one layout that are tried."""

_MOST_DICTS = 8
"""Dicts of parameters that are tried with one layout."""

_FEW = 5
"""Samples of a recorded call that are kept."""

_KEPT = r"mask|running|^eps|momentum|^seed"
"""Arrays and numbers of a recorded call that stay as they are."""


STATE = re.compile(
    r"^[hc](0|old|last|alt|vor\w*|p\w{2,8}|tm1|ant\w*)?$|^[as](0|prev)$|prev[hcas]$|state|hidden"
)
"""Plain names of the state before a step."""


@dataclass(frozen=True)
class _Layout:
    """Shapes that belong together: of inputs, weights, biases, scales, and states before a step."""

    x: tuple[int, ...]
    weights: tuple[tuple[int, ...], ...]
    biases: tuple[tuple[int, ...], ...]
    scales: tuple[tuple[int, ...], ...] = ((D,), (1, D))
    states: tuple[tuple[int, ...], ...] = ((N, H),)
    gates: int = 1
    """How many parts the sums of a recurrent step have, each as wide as the state."""

    def with_gates(self, gates: int, *, joined: bool) -> "_Layout":
        """Return the layout of a step with gates, which may take input and state as one array."""
        columns = self.biases[0][-1] == 1
        d, h = (self.x[-2], self.states[0][0]) if columns else (self.x[-1], self.states[0][-1])
        shape = (d + h * joined, gates * h)
        bias = (gates * h, 1) if columns else (gates * h,)
        weights = (shape[::-1] if columns else shape,)
        return dataclasses.replace(self, weights=weights, biases=(bias,), gates=gates)

    def recurrent(self) -> list[tuple[int, ...]]:
        """Return the shapes of weights that take the state."""
        columns = self.biases[0][-1] == 1
        sizes = {shape[0] if columns else shape[-1] for shape in self.states}
        return [(self.gates * h, h) if columns else (h, self.gates * h) for h in sizes]


_ROWS = _Layout((N, D), ((D, H), (H, D), (D,)), ((H,), (1, H), (D,)))
_COLUMNS = _Layout((D, N), ((H, D), (D, H)), ((H, 1), (H,)), ((D, 1), (D,)), ((H, N),))
_IMAGES = _Layout((3, 2, 5, 7), ((4, 2, 3, 3),), ((4,),), ((2,), (1, 2, 1, 1)), ())
_EVEN_IMAGES = _Layout((3, 2, 4, 6), ((4, 2, 3, 3),), ((4,),), ((2,), (1, 2, 1, 1)), ())
_CHANNELS_LAST = _Layout((3, 5, 7, 2), ((3, 3, 2, 4),), ((1, 1, 1, 4), (4,)), ((2,),), ())
_EVEN_CHANNELS_LAST = _Layout((3, 4, 6, 2), ((3, 3, 2, 4),), ((1, 1, 1, 4), (4,)), ((2,),), ())
_STEPS = _Layout((4, N, D), ((D, H), (H, D)), ((H,),), states=((N, H),))
_STEPS_OF_COLUMNS = _Layout((4, D, N), ((H, D), (D, H)), ((H, 1),), states=((H, N),))
_SEQUENCES = _Layout((3, 4, 5), ((5, 6), (6, 5)), ((6,),), ((5,),), ((3, 6),))
_INDICES = _Layout((6, D), ((D, H),), ((H,),))
_BY_AXES = {
    2: (_ROWS, _COLUMNS),
    3: (_SEQUENCES, _STEPS, _STEPS_OF_COLUMNS),
    4: (_IMAGES, _EVEN_IMAGES, _CHANNELS_LAST, _EVEN_CHANNELS_LAST),
}
_NUMBERS: tuple[tuple[str, list[Any]], ...] = (
    (r"^(mode|phase)$", ["train"]),
    (r"test|eval|infer|determin", [False]),
    (r"train", [True]),
    (r"keep|drop|prob|^p$|^rate$|ratio", [0.3]),
    (r"momentum", [0.9]),
    (r"^eps", [1e-5]),
    (r"stride|^s$", [2, 1]),
    (r"pad", [1, 0]),
    (r"pool|size|^(k|f|kh|kw|hh|ww)$|height|width|window|kernel", [2]),
    (r"groups?$|heads|^g$", [2]),
    (r"seed", [0]),
    (r"^(rng|rs|gen|generator|random)$", [np.random.RandomState(0), np.random.default_rng(0)]),
    (r"axis|^dim", [-1, 1, 0]),
    (r"slope|alpha|leak|negative", [0.1]),
    (r"act|nonlin", ["relu", "tanh", "sigmoid"]),
    (r"lam|reg|scale$|temperature|^c$", [0.5]),
)


def guessed_arguments(forward: Any, source: Source) -> Iterator[dict[str, Any]]:
    """Yield arguments by name, the likeliest first."""
    names = forward_arguments(forward, 0)
    if not names:
        return
    node = source.node_of(forward)
    images = re.search(r"conv|pool|im2col|spatial|image", forward.__name__.lower())
    axes = _axes(node, names[0]) or (4 if images else 2)
    if axes == 2 and len(names) > 1 and _is_looped(node, names[0]):
        axes = 3
    indices = re.search(r"embed|lookup", forward.__name__.lower()) or _are_indices(node, names)
    layouts = [_INDICES] if indices else list(_BY_AXES.get(axes, ()))
    if axes == 2 and source.columns:
        layouts.reverse()
    if layouts == list(_BY_AXES[2]):
        # Only the backward function may unpack a shape of three.
        layouts += _BY_AXES[3]
    if axes < 4 and any(STATE.search(plain(name)) for name in names[1:]):
        layouts += [
            layout.with_gates(gates, joined=joined)
            for gates, joined in ((4, False), (3, False), (1, True), (4, True))
            for layout in layouts
        ]
    for layout in layouts:
        rng = np.random.default_rng(4)
        choices = [
            _dicts(forward, names[k], layout, source, rng) or _choices(names, k, layout, node, rng)
            for k in range(len(names))
        ]
        for values in itertools.islice(itertools.product(*choices), _MOST_TRIES):
            yield copy.deepcopy(dict(zip(names, values, strict=True)))


def _dicts(forward: Any, name: str, layout: _Layout, source: Source, rng: Any) -> list[Any]:
    """Return dicts of parameters for an argument that is read by the names of arrays."""
    keys = keys_anywhere(name, source)
    own = keys_read(source.node_of(forward), name)
    if not keys or not layout.states or any(_number(plain(key)) for key in own):
        return []
    sizes = (layout.x[-1], layout.states[0][-1])
    if layout.states[0][-1] == N:
        sizes = (layout.x[-2], layout.states[0][0])
    made = [moved_dict(found) for found in parameter_dicts(forward, keys, sizes, source)]
    guessed = guessed_dicts(sorted(keys), layout.weights, layout.biases, layout.states, rng)
    return (made or list(guessed))[:_MOST_DICTS]


def _is_looped(node: Any, name: str) -> bool:
    """Return whether a loop takes the entries of an argument, one after the other."""
    loops = [part for part in ast.walk(node) if isinstance(part, ast.For)] if node else []
    taken = (
        rf"{name}|enumerate\({name}\)|reversed\({name}\)",
        rf"range\((len\({name}\)|{name}\.shape\[0\])\)",
    )
    return any(re.fullmatch("|".join(taken), ast.unparse(loop.iter)) for loop in loops)


def _are_indices(node: Any, names: list[str]) -> bool:
    """Return whether the first argument is an index into another one, as in an embedding."""
    return any(
        isinstance(part, ast.Subscript)
        and ast.unparse(part.slice) == names[0]
        and ast.unparse(part.value) in names[1:]
        for part in (ast.walk(node) if node is not None else ())
    )


def _axes(node: Any, name: str) -> int | None:
    """Return how many names the shape of an argument is unpacked to."""
    for part in ast.walk(node) if node is not None else ():
        if not isinstance(part, ast.Assign) or not isinstance(part.targets[0], ast.Tuple):
            continue
        if ast.unparse(part.value) in (f"{name}.shape", f"np.shape({name})"):
            return len(part.targets[0].elts)
    return None


def _choices(names: list[str], place: int, layout: _Layout, node: Any, rng: Any) -> list[Any]:
    def drawn(*shape: int) -> Any:
        values = rng.normal(size=shape)
        return np.where(np.abs(values) < 0.05, 0.3, values)

    name = names[place]
    p = plain(name)
    if place == 0:
        return (
            [rng.integers(layout.x[-1], size=(3, 2))] if layout is _INDICES else [drawn(*layout.x)]
        )
    keys = [key for key in keys_read(node, name) if not re.search("running|moving", key)]
    if keys or re.search(r"params?\d?$|config|conf$|options|settings", p):
        options = [[(key, value) for value in _number(plain(key)) or [1]] for key in keys]
        return [dict(entries) for entries in itertools.islice(itertools.product(*options), 6)]
    if is_target(name) and len(name) > 1:
        return [np.arange(layout.x[0]) % layout.x[-1]]
    if re.search(r"^[wur](hh|h|rec\w*)\d?$|^u\d?$", p):
        return [drawn(*shape) for shape in layout.recurrent()]
    if re.search(r"^w\w?\d?$|weight|kernel$|^filters?$|theta", p):
        return [drawn(*shape) for shape in (*layout.weights, layout.x)]
    if re.search(r"^b\w?\d?$|bias|intercept", p):
        # Next to a first "a", b is an operand.
        same = [layout.x] if names[0] == "a" else []
        return [drawn(*shape) for shape in (*layout.biases, *same)]
    if re.search(r"gamma|beta|gain|shift|^scale$", p):
        return [drawn(*shape) for shape in layout.scales]
    if STATE.search(p) and layout.states:
        return [drawn(*shape) for shape in layout.states]
    if {"q", "k", "v"} <= set(map(plain, names)):
        return [drawn(*layout.x)]
    arrays = [drawn(*shape) for shape in (layout.x, *layout.scales, *layout.weights)]
    return _number(p) or [arrays[0], 0.3, *arrays[1:]]


def _number(p: str) -> list[Any]:
    return next((values for pattern, values in _NUMBERS if re.search(pattern, p)), [])


def variants(values: dict[str, Any], forward: Any, source: Source) -> list[dict[str, Any]]:
    """Return the arguments with the other texts with which the file compares or calls it.

    The texts of training and use are no variants: in use, many have no backward pass.
    """
    parameters = inspect.signature(forward).parameters
    result = []
    for place, (name, parameter) in enumerate(parameters.items()):
        value = values.get(name, parameter.default)
        if not isinstance(value, str):
            continue
        texts = _texts(forward, name, place, source) - {value}
        if not any(re.match("train", text) for text in {*texts, value}):
            result += [{**values, name: text} for text in sorted(texts)]
    return result


def _texts(forward: Any, name: str, place: int, source: Source) -> set[str]:
    constants: list[Any] = []
    for node in ast.walk(source.node_of(forward) or source.tree):
        if isinstance(node, ast.Compare) and ast.unparse(node.left) == name:
            constants += node.comparators
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == forward.__name__:
            constants += [node.args[place]] if place < len(node.args) else []
            constants += [keyword.value for keyword in node.keywords if keyword.arg == name]
    values = {getattr(constant, "value", None) for constant in constants}
    return {value for value in values if isinstance(value, str)}


def prepared(recorded: dict[str, Any], forward: Any) -> Iterator[dict[str, Any]]:
    """Yield the arguments of a recorded call to try: of few samples and moved, or as they were.

    They are moved off zeros and ties, where there is no gradient, and off ones, which hide factors.
    """
    names = [name for name in arguments(forward) if name in recorded]
    values = {name: recorded[name] for name in names}
    few = dict(values)
    first = next((name for name in names if is_real_array(values[name])), None)
    if first is not None and np.ndim(values[first]) > 1 and len(values[first]) > _FEW:
        few[first] = values[first][:_FEW].copy()
        yield _moved(few)
    yield _moved(values)
    yield copy.deepcopy(values)


def _moved(values: dict[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = copy.deepcopy(values)
    rng = np.random.default_rng(12)
    for leaf in input_leaves(result):
        array = leaf.array
        noise = rng.normal(size=array.shape)
        if array.size and array.min() >= 0:
            noise = np.abs(noise)
        leaf.fill(array + 0.2 * (float(np.std(array)) or 1.0) * noise)
    return result


def input_leaves(values: dict[str, Any]) -> list[Leaf]:
    """Return the arrays, lists and numbers of floating-point among the arguments."""
    result = []
    for leaf in leaves(values):
        name = last_name(leaf.path)
        raw = leaf.raw
        while isinstance(raw, list | tuple) and raw:
            raw = raw[0]
        floats = is_real_array(raw) if isinstance(raw, np.ndarray) else type(raw) is float
        if not floats or isinstance(leaf.raw, tuple) or re.search(_KEPT, plain(name)):
            continue
        if is_target(name) and len(name) > 1:
            continue
        if isinstance(leaf.raw, float) and (is_number(name) or _number(plain(name))):
            continue
        if as_array(leaf.raw) is not None:
            result.append(leaf)
    return result
