"""Each class of a file, checked as what it is: a layer, a loss, an operation, an optimizer."""

import re
from collections.abc import Iterator
from typing import Any

from rosenblatt.check.autodiff.autodiff import check_autodiff
from rosenblatt.check.functions.class_losses import loss_of_class
from rosenblatt.check.functions.classes import class_subject, may_take_targets
from rosenblatt.check.functions.functions import check_derivative, check_softmax_methods
from rosenblatt.check.functions.makers import classes_of
from rosenblatt.check.layers.layers import check_layer
from rosenblatt.check.layers.losses import check_loss
from rosenblatt.check.limits.numpy_names import kept_numpy_names
from rosenblatt.check.limits.sandbox import FailedError
from rosenblatt.check.operations.ctx_functions import check_ctx_function
from rosenblatt.check.operations.torch_functions import check_torch_function, is_torch_function
from rosenblatt.check.operations.torch_modules import check_torch_module, is_torch_module
from rosenblatt.check.optimizers.optimizers import check_optimizer
from rosenblatt.check.source.calls import plain, required
from rosenblatt.check.source.coverage import Coverage
from rosenblatt.check.source.subjects import Facts, seeded
from rosenblatt.check.source.text import Source

_FUNCTION = "function|func|fn|f|activate|activation|apply|value|compute|call|forward"
_DERIVATIVE = "gradient|grad|derivative|deriv|prime|df|slope|derivate|activationprime"


def checked_classes(
    module: dict[str, Any], source: Source, facts: Facts, coverage: Coverage
) -> Iterator[tuple[Any, list[dict[str, Any]]]]:
    """Yield each class of a file that can be checked, with its findings."""
    for cls in classes_of(module):
        coverage.begin()
        with kept_numpy_names():
            try:
                found = _check_class(cls, module, source, facts)
            except FailedError:
                found = None
            if not found:
                found = check_softmax_methods(cls, module, source, facts) or found
        if found is not None:
            coverage.count()
            yield cls, found


def _check_class(cls: Any, module: dict[str, Any], source: Source, facts: Facts) -> Any:
    """Return the findings of a class; None where it is not a layer or a loss."""
    if is_torch_function(cls):
        return check_torch_function(cls, source)
    if is_torch_module(cls):
        return check_torch_module(cls, module, source)
    found = check_ctx_function(cls, module, source)
    if found is not None:
        return found
    found = check_autodiff(cls, module, source)
    if found is None:
        found = _check_activation(cls, source)
    if found is not None:
        return found
    subject = class_subject(cls, module, source)
    if subject is None or subject.backward_function is None:
        found = check_optimizer(cls, source)
        if found is not None or subject is None:
            return found
    loss = loss_of_class(subject)
    if loss is not None:
        found = check_loss(loss, facts)
        if found == []:
            facts.right_losses.append(cls.__name__)
        return found
    if subject.backward_function is None:
        return None
    found = check_layer(subject, facts)
    if found == []:
        facts.right_layers.append(cls.__name__)
    return None if found and may_take_targets(subject) else found


def _check_activation(cls: Any, source: Source) -> Any:
    """Return the findings of a class of an activation and its derivative; None for another."""
    pair = [
        next((n for n in vars(cls) if re.fullmatch(names, plain(n))), None)
        for names in (_FUNCTION, _DERIVATIVE)
    ]
    if None in pair or required(cls):
        return None
    forward, backward = (getattr(seeded(cls), str(name)) for name in pair)
    if len(required(forward)) != 1 or len(required(backward)) != 1:
        return None
    return check_derivative(forward, backward, source)
