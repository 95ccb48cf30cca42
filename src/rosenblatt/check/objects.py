"""The check of objects of this process."""

import inspect
import random
import textwrap
from typing import Any

import numpy as np

from rosenblatt.check.functions.class_losses import loss_of_class
from rosenblatt.check.functions.classes import class_subject, instance_subject
from rosenblatt.check.functions.functions import check_functions
from rosenblatt.check.functions.our_layers import our_layer
from rosenblatt.check.layers.layers import check_layer
from rosenblatt.check.layers.losses import check_loss
from rosenblatt.check.limits.sandbox import FailedError
from rosenblatt.check.operations.ctx_functions import check_ctx_function, takes_context
from rosenblatt.check.operations.torch_functions import check_torch_function, is_torch_function
from rosenblatt.check.operations.torch_import import loaded_torch
from rosenblatt.check.operations.torch_modules import check_torch_module, is_torch_module
from rosenblatt.check.source.subjects import Facts
from rosenblatt.check.source.text import Source, source_of


def check_live(checked: Any) -> dict[str, Any]:
    """Return the findings of a class, an object or a function, as plain values.

    Seeds of NumPy's, Python's and PyTorch's global generators are as they were afterwards.
    """
    states = np.random.get_state(), random.getstate()  # noqa: NPY002
    torch = loaded_torch()
    torch_state = torch.get_rng_state() if hasattr(torch, "get_rng_state") else None
    try:
        return _check(checked)
    finally:
        np.random.set_state(states[0])  # noqa: NPY002
        random.setstate(states[1])
        if torch_state is not None:
            torch.set_rng_state(torch_state)


def text_of(checked: Any) -> tuple[str, int]:
    """Return the source of a class, an object's class or a function, without its indentation.

    The number is that of the lines of its file before it.
    """
    is_defined = inspect.isclass(checked) or inspect.isfunction(checked)
    text, before = source_of(checked if is_defined else type(checked))
    return textwrap.dedent(text), before


def _names_around(cls: type) -> dict[str, Any]:
    """Return the names that the methods of a class find around it, in a file or in a notebook."""
    for method in vars(cls).values():
        if inspect.isfunction(method):
            return dict(method.__globals__)
    return {}


def _check(checked: Any) -> dict[str, Any]:
    cls = checked if inspect.isclass(checked) else type(checked)
    try:
        source = Source(*text_of(checked))
    except SyntaxError:
        source = Source("")
    facts = Facts(columns=source.columns)
    if inspect.isfunction(checked):
        findings, names = check_functions({checked.__name__: checked}, source, facts)
        if not names:
            return {"reason": f"{checked.__name__} is not a loss, a softmax or an activation"}
        return {"findings": findings, "checked": names}
    reason = f"{cls.__name__} has no forward and backward pass that can be called"
    if is_torch_function(cls) or is_torch_module(checked) or takes_context(cls):
        found = _check_autograd(checked, cls, source)
        if found is not None:
            return {"findings": found, "checked": [cls.__name__]}
        return {"reason": f"{cls.__name__} could not be called with inputs that were guessed"}
    subject = (
        class_subject(cls, _names_around(cls), source)
        if inspect.isclass(checked)
        else instance_subject(checked, source)
    )
    if subject is None:
        return {"reason": reason}
    try:
        loss = loss_of_class(subject) if our_layer(cls, source) is None else None
        result = check_loss(loss, facts) if loss is not None else check_layer(subject, facts)
    except FailedError as error:
        return {"reason": f"{reason}: {error}"}
    if result is None:
        return {"reason": reason}
    return {"findings": result, "checked": [cls.__name__]}


def _check_autograd(checked: Any, cls: Any, source: Source) -> list[dict[str, Any]] | None:
    """Return the findings of a module of PyTorch, or of a class with forward(ctx, …)."""
    try:
        if is_torch_module(checked):
            return check_torch_module(checked, _names_around(cls), source)
        if is_torch_function(cls):
            return check_torch_function(cls, source)
        return check_ctx_function(cls, _names_around(cls), source)
    except FailedError:
        return None
