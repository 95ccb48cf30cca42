"""Classes with a forward and a backward pass, and how these are called, whatever their names."""

import ast
import copy
import inspect
import re
from typing import Any

import numpy as np

from rosenblatt.check.functions.class_losses import loss_pair
from rosenblatt.check.functions.linear_pairs import linear_pair, pair_of_others
from rosenblatt.check.functions.makers import is_network, maker_of
from rosenblatt.check.functions.our_layers import our_layer
from rosenblatt.check.functions.passes import call_backward, kept_output
from rosenblatt.check.limits.sandbox import FailedError
from rosenblatt.check.source.calls import in_training, plain, required
from rosenblatt.check.source.coverage import is_update
from rosenblatt.check.source.roles import OUTPUT_GRADIENTS, is_target
from rosenblatt.check.source.state import leaves
from rosenblatt.check.source.subjects import Subject, first_array, probes, seeded
from rosenblatt.check.source.text import Source
from rosenblatt.check.source.words import BACKWARDS, FORWARDS

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

_LABELS = re.compile(r"true|target|label|truth|expected|onehot|one_hot", re.I)
"""Arguments that take labels and nothing else; y may be an output."""


def class_subject(cls: Any, module: dict[str, Any], source: Source) -> Subject | None:
    """Return how to call a class with a forward and a backward pass; None for another class."""
    forward, backward = _method(cls, _FORWARD), _method(cls, _BACKWARD)
    if (forward is None or backward is None) and not is_network(cls):
        pair = linear_pair(cls, module) or pair_of_others(cls, module)
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
    if len(named) == 1 and has_targets and (is_network(cls) or not has_gradient):
        return None
    if len(named) == 1 and any(map(_LABELS.search, takes)):
        # The gradient of a loss behind the layer: p - y of a softmax and the cross-entropy.
        return None
    make = maker_of(cls, module)
    if make is None:
        return None

    modes = {name: in_training(name) for name in named[1:] if in_training(name) is not None}

    def forward_call(obj: Any, x: Any) -> Any:
        returned = getattr(obj, forward)(x, **modes)
        return kept_output(obj) if returned is None else returned

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


def may_take_targets(subject: Subject) -> bool:
    """Return whether backward of a network takes the desired outputs, by whatever name.

    It may be "d"; and where it moves weights or returns something for a gradient of 0, that was no
    gradient.
    """
    if not is_network(type(seeded(subject.make))):
        return False
    names = [n for n in required(subject.backward_function) if n != "self"]
    return names == ["d"] or any(_moves_by_zeros(subject, x) for x in probes(False)[:2])


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
