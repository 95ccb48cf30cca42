"""Calls of methods that a file defines and never runs: a loss and its gradient of a class."""

import copy
import inspect
from collections.abc import Iterator
from typing import Any

import numpy as np

from rosenblatt.check.functions.gradient_cases import GRADIENT, LOSS, role_of
from rosenblatt.check.functions.makers import classes_of, maker_of
from rosenblatt.check.functions.recorded_calls import RecordedCall
from rosenblatt.check.limits.sandbox import FailedError
from rosenblatt.check.source.calls import H, arguments, required
from rosenblatt.check.source.subjects import first_array, probes, seeded

_FIXED = (staticmethod, classmethod)


def made_calls(module: dict[str, Any], calls: list[RecordedCall]) -> list[RecordedCall]:
    """Return calls of methods that take samples and targets, of classes that no call uses.

    The targets have the form of what the class's own outputs have, where another method takes the
    samples alone.
    """
    used = {call.function.__qualname__.partition(".")[0] for call in calls}
    made: list[RecordedCall] = []
    for cls in classes_of(module):
        make = None if cls.__name__ in used else maker_of(cls, module)
        methods = list(_methods(cls)) if make is not None else []
        if make is None or not any(LOSS.search(m.__name__.lower()) for m in methods):
            continue
        for values in _samples(cls, make):
            try:
                made += [_call(method, make, values) for method in methods]
                break
            except FailedError:
                continue
    return made


def _methods(cls: Any) -> Iterator[Any]:
    """Yield the methods of a class that take samples and targets, losses and gradients."""
    for name, method in vars(cls).items():
        if isinstance(method, _FIXED) or not inspect.isfunction(method):
            continue
        roles = {role_of(argument) for argument in arguments(method)[1:]}
        is_case = LOSS.search(name.lower()) or GRADIENT.search(name.lower())
        if is_case and {"x", "y"} <= roles <= {"x", "y", "reg"}:
            yield method


def _samples(cls: Any, make: Any) -> Iterator[dict[str, Any]]:
    """Yield samples and targets, the likeliest first: of the outputs' shape, then labels."""
    for x in probes(False)[:2]:
        outputs = {np.shape(y): y for y in _outputs(cls, make, x)}
        for shape in outputs:
            if len(shape) == 2 and H in shape:
                hot = np.zeros(shape)
                for k in range(max(shape)):
                    hot[(k, k % H) if shape[1] == H else (k % H, k)] = 1.0
                yield {"x": x, "y": hot}
            elif np.prod(shape) == len(x):
                yield {"x": x, "y": (np.arange(len(x)) % 2.0).reshape(shape)}
        yield {"x": x, "y": np.arange(len(x)) % H}


def _outputs(cls: Any, make: Any, x: Any) -> Iterator[Any]:
    """Yield what methods return that take samples alone."""
    for method in vars(cls).values():
        if inspect.isfunction(method) and [role_of(n) for n in required(method)[1:]] == ["x"]:
            try:
                y = first_array(seeded(method, seeded(make), x.copy()))
            except FailedError:
                continue
            if y is not None and y.dtype.kind == "f":
                yield y


def _call(method: Any, make: Any, values: dict[str, Any]) -> RecordedCall:
    """Return a call of a method.

    Raises:
        FailedError: it fails with these samples.
    """
    known = {**values, "reg": 0.3}
    given = {name: known[str(role_of(name))] for name in arguments(method)[1:]}
    seeded(method, seeded(make), **copy.deepcopy(given))
    return RecordedCall(method, {"self": seeded(make), **copy.deepcopy(given)})
