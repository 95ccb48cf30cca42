"""Classes that are a loss and its gradient."""

import ast
import inspect
import itertools
import re
from typing import Any

import numpy as np

from rosenblatt.check.functions.makers import maker_of
from rosenblatt.check.functions.passes import kept_output, loss_gradient
from rosenblatt.check.layers.losses import LossSubject
from rosenblatt.check.limits.sandbox import FailedError
from rosenblatt.check.source.calls import H, N, in_training, plain, required
from rosenblatt.check.source.roles import is_target
from rosenblatt.check.source.subjects import Subject, first_array, seeded
from rosenblatt.check.source.text import Source
from rosenblatt.check.source.words import GRADIENTS

_SLOPES = re.compile(rf"{GRADIENTS}|slope|prime|back|rueck|r[ue]tro|(^|_)diff")


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
        kept = kept_output(obj)
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
