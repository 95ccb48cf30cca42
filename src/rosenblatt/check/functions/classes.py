"""The classes of a file, and how their passes are called, whatever their names."""

import ast
import copy
import functools
import inspect
import itertools
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from rosenblatt.check.layers.losses import LossSubject
from rosenblatt.check.limits.sandbox import FailedError
from rosenblatt.check.optimizers.names import setting_of
from rosenblatt.check.source.calls import (
    H,
    N,
    constructions,
    constructor_values,
    in_training,
    plain,
    required,
)
from rosenblatt.check.source.coverage import is_update
from rosenblatt.check.source.state import leaves
from rosenblatt.check.source.subjects import RATE, Subject, first_array, probes, seeded
from rosenblatt.check.source.text import Source
from rosenblatt.check.source.words import BACKWARDS, FORWARDS, GRADIENTS, OUTPUTS

_FORWARD = (
    "forward",
    "__call__",
    "fwd",
    "forwardpass",
    "forwardprop",
    "fprop",
    "call",
    "feedforward",
    "apply",
    "activate",
    "compute",
    "value",
    "fn",
    "func",
    "function",
    "f",
    "loss",
    "calculate",
    "propagate",
    "evaluate",
    "run",
    "cost",
    "error",
    "output",
)
_BACKWARD = (
    "backward",
    "backprop",
    "bwd",
    "backwardpass",
    "bprop",
    "back",
    "gradient",
    "grad",
    "prime",
    "derivative",
    "deriv",
    "df",
    "backpropagate",
    "backpropagation",
    "dloss",
    "delta",
    "dfn",
    "gradients",
    "lossgradient",
    "lossgrad",
    "lossprime",
    "computegradient",
    "backwards",
    "diff",
)
_TARGETS = re.compile(
    r"^(y|t|yt|y_?true|true|targets?|labels?|lab|gt|truth|expected|actual|y_?batch|onehot|one_hot|d|y_real|ground_truth)\d?$"
)
_RATES = re.compile(
    r"lr|learning|eta|alpha|step|rate|taux|tasa|tasso|taxa|takt|krok|rychlost|szybko|snelheid|hiz"
)
_SLOPES = re.compile(rf"{GRADIENTS}|slope|prime|back|rueck|r[ue]tro|(^|_)diff")
_OUTPUTS = re.compile(rf"_?(({OUTPUTS})[a-z]*|y|a|z|result|activations?)", re.I)
"""Names under which an object keeps the output of its forward pass."""

CACHES = re.compile(r"cache|ctx|saved|context|memory|tape")
OUTPUT_GRADIENTS = re.compile(
    r"^(d|g|delta|err|up|out_?grad|grad|gy|gout|gz|ga)|grad|delta|error|upstream|dout|chain|above",
    re.I,
)


def _method(cls: Any, names: tuple[str, ...]) -> str | None:
    methods = {
        plain(name) if name != "__call__" else name: name
        for name in dir(cls)
        if callable(getattr(cls, name, None)) and (not name.startswith("__") or name == "__call__")
    }
    for name in names:
        if name in methods:
            return methods[name]
    for word in names[:3]:
        for key, name in methods.items():
            if len(word) > 4 and key.startswith(word):
                return name
    words = FORWARDS if names is _FORWARD else BACKWARDS
    return next((name for key, name in methods.items() if re.fullmatch(words, key)), None)


def is_target(name: str) -> bool:
    """Return whether an argument seems to take targets or labels."""
    return bool(_TARGETS.match(name.lower())) or "true" in name.lower() or "target" in name.lower()


def classes_of(module: dict[str, Any]) -> list[Any]:
    """Return the classes that the file defines, in order."""
    return [
        value
        for name, value in module.items()
        if inspect.isclass(value)
        and value.__module__ == module.get("__name__")
        and value.__name__ == name
    ]


def call_backward(function: Callable[..., Any], dout: Any, x: Any, returned: Any) -> Any:
    """Call a backward pass with what its arguments' names ask for."""
    names = required(function)
    values: list[Any] = []
    has_dout = False
    if len(names) == 1:
        only = names[0]
        # A derivative that takes nothing but the input is multiplied by dout here.
        return function(dout) if only else None
    if not names and re.search("deriv|prime|slope", function.__name__.lower()):
        # The caller multiplies by what comes from above.
        return dout * np.asarray(function())
    cache = returned[1] if isinstance(returned, tuple) and len(returned) == 2 else None
    for name in names:
        low = name.lower()
        if _RATES.search(low) and not OUTPUT_GRADIENTS.match(low):
            values.append(RATE)
        elif CACHES.search(low):
            values.append(cache if cache is not None else x)
        elif OUTPUT_GRADIENTS.search(low) and not has_dout:
            values.append(dout)
            has_dout = True
        elif re.search(r"^(x|z|h|inp\w*|a_?prev|prev\w*|data|input\w*)\d?$", low):
            values.append(x)
        elif re.search(r"^(y|a|out\w*|s|p)\d?$", low):
            values.append(first_array(returned))
        elif not has_dout:
            values.append(dout)
            has_dout = True
        else:
            values.append(cache if cache is not None else x)
    return function(*values)


def class_subject(cls: Any, module: dict[str, Any], source: Source) -> Subject | None:
    """Return how to call a class with a forward and a backward pass; None for another class."""
    forward, backward = _method(cls, _FORWARD), _method(cls, _BACKWARD)
    if (forward is None or backward is None) and not _is_network(cls):
        pair = linear_pair(cls, module) or _pair_of_others(cls, module)
        forward, backward = pair or (forward, backward)
    if forward is None or backward is None:
        forward, backward = loss_pair(cls, module) or (forward, backward)
    # df takes what f takes, and no gradient of a loss.
    own = re.fullmatch(r"d_?(\w+)", backward or "")
    if own and callable(getattr(cls, own[1], None)):
        return None
    if forward is None or forward == backward:
        return None
    if backward and _returns_update(getattr(cls, backward), source):
        return None
    ours = our_layer(cls, source)
    if ours is not None:
        return ours
    if backward is None and not re.search(r"loss|entropy|mse", cls.__name__.lower()):
        return None
    takes = [n for n in required(getattr(cls, backward)) if n != "self"] if backward else []
    named = [n for n in required(getattr(cls, forward)) if n != "self"]
    has_targets = any(is_target(n) and n != "d" for n in takes)
    # A network's backward pass takes its outputs and the targets.
    has_gradient = any(map(OUTPUT_GRADIENTS.search, takes))
    if len(named) == 1 and has_targets and (_is_network(cls) or not has_gradient):
        return None
    make = maker_of(cls, module)
    if make is None:
        return None

    modes = {name: in_training(name) for name in named[1:] if in_training(name) is not None}

    def forward_call(obj: Any, x: Any) -> Any:
        returned = getattr(obj, forward)(x, **modes)
        return _kept_output(obj) if returned is None else returned

    others = _other_parts(cls, backward) if backward else []

    def backward_call(obj: Any, dout: Any, x: Any, returned: Any) -> Any:
        for other in others:
            call_backward(getattr(obj, other), dout, x, returned)
        return call_backward(getattr(obj, backward or ""), dout, x, returned)

    return Subject(
        where=cls.__name__,
        make=make,
        forward=forward_call,
        backward=backward_call,
        forward_function=getattr(cls, forward),
        backward_function=getattr(cls, backward) if backward else None,
        source=source,
        name="class",
        other_parts=tuple(getattr(cls, other) for other in others),
    )


def _kept_output(obj: Any) -> Any:
    """Return the output that a forward pass keeps in its object and does not return."""
    arrays = {name: value for name, value in vars(obj).items() if isinstance(value, np.ndarray)}
    return next((value for name, value in arrays.items() if _OUTPUTS.fullmatch(name)), None)


def _other_parts(cls: Any, backward: str) -> list[str]:
    """Return further methods of a backward pass: one gives dx, the others keep the gradients.

    They have the same arguments, and names that begin alike: ``backward_delta(x, delta)`` and
    ``backward_update_gradient(x, delta)``.
    """
    begins = next(
        (word for word in ("backward", "backprop") if plain(backward).startswith(word)), None
    )
    given = required(getattr(cls, backward))
    if begins is None or len(given) < 3:
        return []
    return [
        name
        for name in dir(cls)
        if name != backward
        and plain(name).startswith(begins)
        and inspect.isfunction(getattr(cls, name))
        and required(getattr(cls, name)) == given
    ]


def may_take_targets(subject: Subject) -> bool:
    """Return whether backward of a network takes the desired outputs, by whatever name.

    It may be "d"; and where it moves weights or returns something for a gradient of 0, that was no
    gradient.
    """
    if not _is_network(type(seeded(subject.make))):
        return False
    names = [n for n in required(subject.backward_function) if n != "self"]
    return names == ["d"] or any(_moves_by_zeros(subject, x) for x in probes(False)[:2])


def _moves_by_zeros(subject: Subject, x: Any) -> bool:
    """Return whether a backward pass that returns no gradient moves weights for zeros."""
    obj = seeded(subject.make)
    try:
        returned = seeded(subject.forward, obj, x.copy())
        zeros = np.zeros(np.shape(first_array(returned)))
        before = {leaf.path: leaf.array for leaf in leaves(obj)}
        result = seeded(subject.backward, obj, zeros, x.copy(), returned)
    except FailedError:
        return False
    moved = [
        leaf.array
        for leaf in leaves(obj)
        if leaf.array.size > 1
        if leaf.path not in before or not np.array_equal(leaf.array, before[leaf.path])
    ]
    return first_array(result) is None and any(np.any(array) for array in moved)


def _returns_update(function: Any, source: Source) -> bool:
    """Return whether a function gives parameters after a step, such as ``w - rate * dw``."""
    node = source.node_of(function)
    returns = [n for n in ast.walk(node) if isinstance(n, ast.Return)] if node else []
    return any(n.value is not None and is_update(n.value) for n in returns)


def _is_network(cls: Any) -> bool:
    """Return whether a class has more than a layer's methods or a network's arguments."""
    words = " ".join([cls.__name__, *required(cls), *vars(cls)]).lower()
    return bool(re.search(r"net|mlp|sizes|layers|hidden|update|train|fit|fc|model|loss", words))


def loss_pair(cls: Any, module: dict[str, Any]) -> tuple[str, str] | None:
    """Return methods that may be a loss and its gradient, whatever their names are.

    Both take outputs and targets, and the second is called a derivative. The first gives a
    number, the second an array as the outputs.
    """
    own = {
        name: [n for n in required(value) if n != "self"]
        for name, value in vars(cls).items()
        if inspect.isfunction(value) and not name.startswith("__")
    }
    pairs = [
        (first, second)
        for first, second in itertools.permutations(own, 2)
        if len(own[first]) == 2 and own[first] == own[second] and any(map(is_target, own[first]))
        if _SLOPES.search(second.lower()) and not _SLOPES.search(first.lower())
    ]
    make = maker_of(cls, module) if pairs else None
    if make is None:
        return None
    outputs = np.full((N, H), 1 / H)
    targets = np.eye(H)[np.arange(N) % H]
    for first, second in pairs:
        try:
            value = seeded(getattr(seeded(make), first), outputs.copy(), targets.copy())
            slope = seeded(getattr(seeded(make), second), outputs.copy(), targets.copy())
        except FailedError:
            continue
        if np.size(value) == 1 and np.shape(slope) == outputs.shape:
            return first, second
    return None


def linear_pair(cls: Any, module: dict[str, Any]) -> tuple[str, str] | None:
    """Return methods that may be a forward and a backward pass, whatever their names are.

    The second is linear in its argument, as every backward pass is, and gives an array of the
    first one's input.
    """
    make = maker_of(cls, module)
    takes = {
        name: [n for n in required(getattr(cls, name)) if n != "self"]
        for name in dir(cls)
        if (not name.startswith("_") or name == "__call__")
        and callable(getattr(cls, name, None))
        and not re.search(
            r"inverse|invert|dec|dek|reconstr|transform|load|add|set|update|step", name.lower()
        )
    }
    names = [
        n
        for n, given in takes.items()
        if (len(given) == 1 and not _is_rate(given[0])) or _takes_rate(given)
    ]
    if make is None or len(names) < 2:
        return None
    for first, second in itertools.permutations(names, 2):
        if len(takes[first]) > 1:
            continue
        for x in probes(False)[:2]:
            try:
                if seeded(_is_linear_pair, make, first, second, np.array(x)):
                    return first, second
            except FailedError:
                continue
    return None


def _pair_of_others(cls: Any, module: dict[str, Any]) -> tuple[str, str] | None:
    """Return the passes of other classes of the file, by the same names as methods of this one.

    A backward pass that is wrong need not be linear.
    """
    for other in classes_of(module):
        pair = None if other is cls or _is_network(other) else linear_pair(other, module)
        if pair is not None and all(
            callable(getattr(cls, name, None))
            and len(required(getattr(cls, name))) == len(required(getattr(other, name)))
            for name in pair
        ):
            return pair
    return None


def _is_rate(name: str) -> bool:
    """Return whether the one argument of a method is a rate, as of an update."""
    return len(name) > 1 and setting_of(name) == "lr"


def _takes_rate(names: list[str]) -> bool:
    """Return whether a backward pass moves the weights too, by a rate after the gradient."""
    return len(names) == 2 and _RATES.search(names[1].lower()) is not None


def _is_linear_pair(make: Callable[[], Any], first: str, second: str, x: Any) -> bool:
    obj = make()
    y = getattr(obj, first)(x.copy())
    if not isinstance(y, np.ndarray) or y.ndim != 2 or np.array_equal(x, y):
        return False
    rng = np.random.default_rng(1)
    a: Any = rng.normal(size=y.shape)
    b: Any = rng.normal(size=y.shape)
    rates = [RATE] * (len(required(getattr(obj, second))) - 1)

    def backward(d: Any) -> tuple[Any, dict[str, bytes]]:
        """Return the gradient, and the numbers inside the object after that."""
        own = copy.deepcopy(obj)
        return np.array(getattr(own, second)(d.copy(), *rates)), _numbers(own)

    before = _numbers(obj)
    (one, after), (two, _), (both, _) = backward(a), backward(b), backward(2 * a - b)
    if one.dtype == object or one.shape != x.shape or not np.any(one):
        return False
    if not np.allclose(both, 2 * one - two):
        return False
    # What keeps nothing, and is the same after another input, is a second forward pass.
    keeps = before != after
    getattr(obj, first)(0.3 - 2 * x)
    if not keeps and np.allclose(one, backward(a)[0]):
        return False
    # Two linear functions may be two forward passes.
    return a.shape != x.shape or not np.allclose(getattr(obj, first)(2 * a), 2 * one)


def _numbers(obj: Any) -> dict[str, bytes]:
    """Return the numbers inside an object, by path."""
    return {leaf.path: leaf.array.tobytes() for leaf in leaves(obj) if leaf.array is not None}


def maker_of(cls: Any, module: dict[str, Any]) -> Callable[[], Any] | None:
    """Return a function that makes an object of a class; None where no arguments fit."""
    for settings in constructions(cls, module):
        try:
            seeded(cls, **settings)
        except FailedError:
            continue
        return functools.partial(cls, **settings)
    return None


class OurLayer:
    """A layer of this package, with its parameters and its gradients."""

    def __init__(self, layer: Any) -> None:
        self._layer = [layer]
        self.params = layer.init(np.random.default_rng(0))
        self.grads: dict[str, Any] = {}

    def forward(self, x: Any) -> Any:
        """Keep the cache, return y."""
        y, self._cache = self._layer[0].forward(self.params, x)
        return y

    def backward(self, dy: Any) -> Any:
        """Keep the gradients, return dx."""
        dx, self.grads = self._layer[0].backward(self.params, self._cache, dy)
        return dx


def our_layer(cls: Any, source: Source, made: Any = None) -> Subject | None:
    """Return how to call a layer of this package; None for another class."""
    from rosenblatt.layers import Layer

    if not issubclass(cls, Layer):
        return None

    def make() -> Any:
        if made is not None:
            return OurLayer(made)
        names = required(cls)
        values = [constructor_values(name, i, {})[0] for i, name in enumerate(names)]
        return OurLayer(cls(*values))

    return Subject(
        where=cls.__name__,
        make=make,
        forward=lambda obj, x: obj.forward(x),
        backward=lambda obj, dout, x, returned: obj.backward(dout),
        forward_function=cls.forward,
        backward_function=cls.backward,
        source=source,
        name="class",
    )


def instance_subject(obj: Any, source: Source) -> Subject | None:
    """Return how to call an object that exists already; it is copied."""
    cls = type(obj)
    ours = our_layer(cls, source, obj)
    if ours is not None:
        return ours
    forward, backward = _method(cls, _FORWARD), _method(cls, _BACKWARD)
    if forward is None or backward is None or forward == backward:
        return None
    return Subject(
        where=cls.__name__,
        make=lambda: copy.deepcopy(obj),
        forward=lambda o, x: getattr(o, forward)(x),
        backward=lambda o, dout, x, returned: call_backward(
            getattr(o, backward), dout, x, returned
        ),
        forward_function=getattr(cls, forward),
        backward_function=getattr(cls, backward),
        source=source,
        name="class",
    )


def loss_of_class(subject: Subject) -> LossSubject | None:
    """Return a class as a loss; None where forward does not take outputs and targets."""
    names = [n for n in required(subject.forward_function) if n != "self"]
    if len(names) != 2 or in_training(names[1]) is not None or _is_tested(names[1], subject.source):
        return None
    target_first = is_target(names[0]) and not is_target(names[1])
    forward_name = subject.forward_function.__name__
    backward_name = getattr(subject.backward_function, "__name__", None)
    if backward_name and _takes_sums(required(subject.backward_function)):
        return None

    def value(obj: Any, outputs: Any, targets: Any) -> Any:
        given = (targets, outputs) if target_first else (outputs, targets)
        returned = getattr(obj, forward_name)(*given)
        if first_array(returned) is None:
            for name in ("loss", "value", "cost", "L", "output"):
                if isinstance(getattr(obj, name, None), float | np.floating | np.ndarray):
                    return getattr(obj, name)
        return returned

    def gradient(obj: Any, outputs: Any, targets: Any) -> Any:
        returned = value(obj, outputs, targets)
        function = getattr(obj, backward_name or "")
        if required(function) == names:
            return function(targets, outputs) if target_first else function(outputs, targets)
        # A loss with a softmax in it may keep its outputs, from which backward begins.
        kept = _kept_output(obj)
        begins = np.shape(kept) == np.shape(outputs) and required(function)[:1] != names[:1]
        return loss_gradient(function, kept if begins else outputs, targets, returned)

    return LossSubject(subject, value, gradient if backward_name else None)


def _takes_sums(names: list[str]) -> bool:
    """Return whether a backward pass takes outputs and the sums z that they are activations of.

    Its gradient is that by the sums, as in ``delta(z, a, y)``.
    """
    others = [name for name in names if not is_target(name)]
    return len(others) > 1 and any(re.fullmatch(r"z\w?|zs|logits?", plain(n)) for n in others)


def _is_tested(name: str, source: Source) -> bool:
    """Return whether a forward pass of the file asks for the truth of an argument, as of a mode."""
    tests = (
        node.test
        for function in source.functions
        for node in ast.walk(function)
        if isinstance(node, ast.If | ast.IfExp)
    )
    bare = (test.operand if isinstance(test, ast.UnaryOp) else test for test in tests)
    return any(isinstance(test, ast.Name) and test.id == name for test in bare)


def loss_gradient(function: Any, outputs: Any, targets: Any, returned: Any) -> Any:
    """Call a loss's backward pass with what its arguments' names ask for."""
    names = required(function)
    values: list[Any] = []
    for name in names:
        if is_target(name):
            values.append(targets)
        elif CACHES.search(name.lower()):
            values.append(returned[1] if isinstance(returned, tuple) else None)
        elif re.match(r"d_?(out|l|loss)|grad|upstream", name.lower()):
            values.append(1.0)
        else:
            values.append(outputs)
    return function(*values)
