"""The check of objects of this process."""

import inspect
import random
import textwrap
from typing import Any

import numpy as np

from rosenblatt.check.components import (
    _ours,
    check_functions,
    class_subject,
    instance_subject,
    loss_of_class,
)
from rosenblatt.check.layers import Facts, check_layer
from rosenblatt.check.losses import check_loss
from rosenblatt.check.sandbox import FailedError
from rosenblatt.check.source import Source, source_of


def check_live(checked: Any) -> dict[str, Any]:
    """Return the findings of a class, an object or a function, as plain values.

    Seeds of NumPy's and Python's global generators are as they were afterwards.
    """
    states = np.random.get_state(), random.getstate()  # noqa: NPY002
    try:
        return _check(checked)
    finally:
        np.random.set_state(states[0])  # noqa: NPY002
        random.setstate(states[1])


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
    subject = (
        class_subject(cls, _names_around(cls), source)
        if inspect.isclass(checked)
        else instance_subject(checked, source)
    )
    if subject is None:
        return {"reason": reason}
    try:
        loss = loss_of_class(subject) if _ours(cls, source) is None else None
        result = check_loss(loss, facts) if loss is not None else check_layer(subject, facts)
    except FailedError as error:
        return {"reason": f"{reason}: {error}"}
    if result is None:
        return {"reason": reason}
    return {"findings": result, "checked": [cls.__name__]}
