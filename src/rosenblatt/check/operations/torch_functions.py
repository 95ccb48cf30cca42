"""Subclasses of torch.autograd.Function, compared with central differences."""

import inspect
from contextlib import suppress
from typing import Any

import numpy as np

from rosenblatt.check.limits.sandbox import FailedError
from rosenblatt.check.operations.arguments import (
    argument_lists,
    forward_arguments,
    is_real_array,
)
from rosenblatt.check.operations.ctx_functions import check_candidates
from rosenblatt.check.operations.torch_import import loaded_torch
from rosenblatt.check.source.subjects import seeded
from rosenblatt.check.source.text import Source


def is_torch_function(cls: Any) -> bool:
    """Return whether it is a class derived from torch.autograd.Function."""
    torch = loaded_torch()
    function = getattr(getattr(torch, "autograd", None), "Function", None)
    return inspect.isclass(cls) and inspect.isclass(function) and issubclass(cls, function)


def tensor_of(value: Any, requires_grad: bool = False) -> Any:
    """Return an array as a tensor of its own; any other value as it is."""
    if not isinstance(value, np.ndarray):
        return value
    return loaded_torch().tensor(value, requires_grad=requires_grad)


def tensors_of(returned: Any) -> list[Any]:
    """Return the tensors of real numbers among what a forward pass returned."""
    torch = loaded_torch()
    if isinstance(returned, dict):
        returned = list(returned.values())
    if isinstance(returned, tuple | list):
        return [tensor for value in returned for tensor in tensors_of(value)]
    is_real = isinstance(returned, torch.Tensor) and returned.is_floating_point()
    return [returned] if is_real else []


def check_torch_function(cls: Any, source: Source) -> list[dict[str, Any]] | None:
    """Return the findings of an autograd function; None where it could not be called.

    The bias gradient of shape (N, H) for a bias of shape (H,) is right here: autograd sums it.
    """
    torch = loaded_torch()

    def forward(values: list[Any]) -> list[Any]:
        def call() -> Any:
            torch.manual_seed(0)
            with torch.no_grad():
                return tensors_of(cls.apply(*(tensor_of(value) for value in values)))

        return [np.asarray(tensor.detach(), dtype=float) for tensor in seeded(call)]

    def backward(values: list[Any], douts: list[Any], function: Any) -> list[Any]:
        raw: list[Any] = []
        own = inspect.getattr_static(cls, "backward")
        called = getattr(own, "__func__", own)
        called = called if function is inspect.unwrap(called) else function

        def recorded(ctx: Any, *given: Any) -> Any:
            returned = called(ctx, *given)
            several = isinstance(returned, tuple | list)
            raw[:] = returned if several else (returned,)
            return returned

        def call() -> Any:
            torch.manual_seed(0)
            watched: Any = type(cls.__name__, (cls,), {"backward": staticmethod(recorded)})
            inputs = [tensor_of(value, is_real_array(value)) for value in values]
            outputs = tensors_of(watched.apply(*inputs))
            used = [(y, d) for y, d in zip(outputs, douts, strict=True) if y.requires_grad]
            asked = [k for k, x in enumerate(inputs) if getattr(x, "requires_grad", False)]
            found = torch.autograd.grad(
                [y for y, _ in used],
                [inputs[k] for k in asked],
                [tensor_of(d).reshape(y.shape) for y, d in used],
                allow_unused=True,
            )
            result: list[Any] = [None] * len(inputs)
            for k, gradient in zip(asked, found, strict=True):
                result[k] = gradient
            return result

        try:
            result = seeded(call)
        except FailedError:
            # Autograd refuses a gradient of another shape, which the comparison explains.
            if len(raw) < len(names) or not all(_is_tensor(value) for value in raw):
                raise
            result = raw
        return [None if g is None else np.asarray(g.detach(), dtype=float) for g in result]

    names = forward_arguments(cls.forward, 1 if _takes_context(cls) else 0)
    return check_candidates(
        f"{cls.__name__}.backward",
        names,
        forward,
        backward,
        cls.backward,
        source,
        argument_lists(names),
    )


def _is_tensor(value: Any) -> bool:
    return value is None or isinstance(value, loaded_torch().Tensor)


def _takes_context(cls: Any) -> bool:
    """Return whether forward takes ctx: setup_context is not the class's own."""
    with suppress(AttributeError):
        base = loaded_torch().autograd.Function.setup_context
        return bool(cls.setup_context is base)
    return True
