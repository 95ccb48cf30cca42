"""Backward passes and losses, called with what the names of their arguments ask for."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from rosenblatt.check.source.calls import required
from rosenblatt.check.source.roles import CACHES, OUTPUT_GRADIENTS, RATES, is_target
from rosenblatt.check.source.subjects import RATE, first_array
from rosenblatt.check.source.words import OUTPUTS

_OUTPUTS = re.compile(rf"_?(({OUTPUTS})[a-z]*|y|a|z|result|activations?)", re.I)
"""Names under which an object keeps the output of its forward pass."""


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
        if RATES.search(low) and not OUTPUT_GRADIENTS.match(low):
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


def kept_output(obj: Any) -> Any:
    """Return the output that a forward pass keeps in its object and does not return."""
    arrays = {name: value for name, value in vars(obj).items() if isinstance(value, np.ndarray)}
    return next((value for name, value in arrays.items() if _OUTPUTS.fullmatch(name)), None)
