"""Arguments for the forward pass of an operation, guessed from names and tried."""

import inspect
import itertools
import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from rosenblatt.check.source.calls import D, H, N, plain
from rosenblatt.check.source.roles import is_target

_MOST_TRIES = 60
"""Combinations of arguments that are tried for one operation."""

_WEIGHT = r"^w\d?$|weight|kernel|^filters?$|theta"
_BIAS = r"^b$|^b\d$|bias|intercept"
_SCALE = r"^gamma$|^beta$|gain|shift"
_NUMBER = (
    r"alpha|slope|^eps|epsilon|lambda|lam$|^scale$|const|scalar|factor|^p$|power|expon"
    r"|temperature|^k$|^c$"
)
_AXIS = r"^dims?$|^axis$|^axes$"
_FLAG = r"training|train|keepdims?|affine|^mask$"


def forward_arguments(call: Any, skipped: int) -> list[str]:
    """Return the names to give: those without a default, and optional weights and biases.

    Args:
        call: the forward pass.
        skipped: how many of its first arguments are not inputs, such as ctx.
    """
    parameters = list(inspect.signature(call).parameters.values())[skipped:]
    names: list[str] = []
    for parameter in parameters:
        if parameter.kind == parameter.VAR_POSITIONAL:
            return names or ["x"]
        if parameter.kind not in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            break
        optional = parameter.default is not parameter.empty
        if optional and not is_parameter(parameter.name):
            break
        names.append(parameter.name)
    return names


def is_real_array(value: Any) -> bool:
    """Return whether it is an array of floating-point numbers."""
    return isinstance(value, np.ndarray) and value.dtype.kind == "f"


def is_parameter(name: str) -> bool:
    """Return whether an argument is named as a weight or a bias."""
    return re.search(f"{_WEIGHT}|{_BIAS}", plain(name)) is not None


def is_bias(names: list[str], place: int) -> bool:
    """Return whether an argument is named as a bias; next to a first "a", b is an operand."""
    p = plain(names[place])
    return "bias" in p or (place > 0 and re.search(_BIAS, p) is not None and names[0] != "a")


def is_number(name: str) -> bool:
    """Return whether an argument is named as a setting: a slope, a power, an axis, a flag."""
    return re.search(f"{_NUMBER}|{_AXIS}|{_FLAG}", plain(name)) is not None


def argument_lists(names: list[str], inputs: list[Any] | None = None) -> Iterator[list[Any]]:
    """Yield values for the arguments, the likeliest first.

    Args:
        names: the arguments' names.
        inputs: values for the first argument; None for arrays of usual shapes.
    """
    rng = np.random.default_rng(4)

    def drawn(*shape: int) -> Any:
        values = rng.normal(size=shape)
        return np.where(np.abs(values) < 0.05, 0.3, values)

    first = inputs or [drawn(N, D), np.abs(drawn(N, D)) + 0.2, drawn(D), drawn(2, 2, 6, 6)]
    choices = []
    for place, name in enumerate(names):
        choices.append(first if place == 0 else _values(plain(name), name, drawn, first[0]))
    for values in itertools.islice(itertools.product(*choices), _MOST_TRIES):
        yield [value.copy() if isinstance(value, np.ndarray) else value for value in values]


def _values(p: str, name: str, drawn: Any, x: Any) -> list[Any]:
    if is_target(name):
        classes = x.shape[-1] if np.ndim(x) else 1
        labels = np.arange(len(x) if np.ndim(x) else 1) * 2 % max(classes, 1)
        return [labels, np.eye(max(classes, 1))[labels], drawn(*np.shape(x)), drawn(len(labels))]
    if re.search(_WEIGHT, p):
        return [drawn(D, H), drawn(H, D), drawn(D), drawn(3, 2, 3, 3)]
    if re.search(_BIAS, p):
        # Next to a first argument "a", b is an operand, not a bias.
        return [drawn(H), drawn(1, H), drawn(N, D), drawn(D), drawn(D, H), drawn(3)]
    if re.search(_SCALE, p):
        return [drawn(D), drawn(1, D), 0.3]
    if re.search(_AXIS, p):
        return [-1, 1, 0]
    if re.search(_FLAG, p):
        return [True]
    if re.search(_NUMBER, p):
        return [0.3, 2]
    return [drawn(N, D), drawn(D, H), np.abs(drawn(N, D)) + 0.2, drawn(D), 0.3, 2]
