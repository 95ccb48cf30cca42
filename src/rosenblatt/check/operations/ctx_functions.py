"""Operations in the style of PyTorch: classes with forward(ctx, …) and backward(ctx, …)."""

import copy
import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from rosenblatt.check.limits.sandbox import FailedError
from rosenblatt.check.operations.arguments import argument_lists, forward_arguments
from rosenblatt.check.operations.operations import Operation, check_operation
from rosenblatt.check.source.state import as_array
from rosenblatt.check.source.subjects import seeded
from rosenblatt.check.source.text import Source

_CONTEXT = re.compile(r"^_?(ctx|context|cx)$")


class Context:
    """What forward keeps for backward.

    >>> ctx = Context()
    >>> ctx.save_for_backward(1, 2)
    >>> ctx.saved_tensors, ctx.saved_values
    ((1, 2), (1, 2))
    """

    def __init__(self) -> None:
        self.saved_tensors: tuple[Any, ...] = ()
        self.needs_input_grad = (True,) * 16

    def save_for_backward(self, *values: Any) -> None:
        """Keep values, which the names below return."""
        self.saved_tensors = values

    @property
    def saved_values(self) -> tuple[Any, ...]:
        """The values that were saved, under another usual name."""
        return self.saved_tensors

    saved_arrays = saved = saved_values


def takes_context(cls: Any) -> bool:
    """Return whether both passes of a class take a context first."""
    for name in ("forward", "backward"):
        try:
            first = next(iter(inspect.signature(getattr(cls, name)).parameters))
        except (AttributeError, TypeError, ValueError, StopIteration):
            return False
        if not _CONTEXT.match(first):
            return False
    return True


def check_ctx_function(
    cls: Any, module: dict[str, Any], source: Source
) -> list[dict[str, Any]] | None:
    """Return the findings of a class with forward(ctx, …); None where it could not be called."""
    if not takes_context(cls):
        return None

    def make() -> Any:
        context = next(
            (v for n, v in module.items() if inspect.isclass(v) and _CONTEXT.match(n.lower())), None
        )
        try:
            return Context() if context is None else seeded(context)
        except FailedError:
            return Context()

    def forward(values: list[Any]) -> list[Any]:
        return _arrays(seeded(cls.forward, make(), *copy.deepcopy(values)))

    def backward(values: list[Any], douts: list[Any], function: Any) -> list[Any]:
        context = make()
        seeded(cls.forward, context, *copy.deepcopy(values))
        takes = len(inspect.signature(function).parameters) > 1
        given = [d.copy() if d.ndim else float(d) for d in douts]
        returned = seeded(function, context, *(given if takes else ()))
        several = isinstance(returned, tuple | list)
        return [as_array(value) for value in (returned if several else (returned,))]

    names = forward_arguments(cls.forward, 1)
    return check_candidates(
        f"{cls.__name__}.backward",
        names,
        forward,
        backward,
        cls.backward,
        source,
        argument_lists(names),
    )


def check_candidates(
    where: str,
    names: list[str],
    forward: Callable[[list[Any]], list[Any]],
    backward: Callable[[list[Any], list[Any], Any], list[Any]],
    function: Any,
    source: Source,
    candidates: Iterator[list[Any]],
) -> list[dict[str, Any]] | None:
    """Check an operation with the first inputs that it accepts; None where it accepts none."""
    failure: FailedError | None = None
    for values in candidates:
        operation = Operation(
            where, names, values, forward, backward, inspect.unwrap(function), source
        )
        try:
            outputs = forward(values)
        except FailedError:
            continue
        finite = all(np.isfinite(y).all() for y in outputs)
        if not outputs or not finite or not depends_on_inputs(operation, outputs):
            continue
        try:
            return check_operation(operation)
        except FailedError as error:
            failure = failure or error
    if failure is None:
        return None
    return [
        {
            "mistake": "backward-fails",
            "where": where,
            "line": source.line_of_value(inspect.unwrap(function), []),
            "text": f"backward raises {failure}.",
        }
    ]


def depends_on_inputs(operation: Operation, outputs: list[Any]) -> bool:
    """Return whether an output changes with an input that has a gradient."""
    for place in operation.differentiable(outputs):
        value = operation.values[place]
        moved = [*operation.values]
        moved[place] = value * 1.01 + 0.003
        try:
            after = operation.forward(moved)
        except FailedError:
            continue
        if any(not np.array_equal(a, b) for a, b in zip(after, outputs, strict=True)):
            return True
    return False


def _arrays(returned: Any) -> list[Any]:
    values = returned if isinstance(returned, tuple | list) else (returned,)
    arrays = [as_array(value) for value in values]
    return [] if any(array is None for array in arrays) else arrays
