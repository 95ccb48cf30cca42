"""First states of an optimizer that is a function: zeros for running averages, in containers."""

import re
from typing import Any

import numpy as np

from rosenblatt.check.optimizers.names import COUNT, VALUES, setting_of
from rosenblatt.check.source.calls import plain


def zeros_like(params: Any) -> Any:
    """Return zeros in the container of the parameters."""
    if isinstance(params, dict):
        return {key: np.zeros_like(value) for key, value in params.items()}
    if isinstance(params, list):
        return [np.zeros_like(value) for value in params]
    return np.zeros_like(params)


def state_keys(function: Any) -> list[str]:
    """Return the words in a function's code that may be keys of its state: "m", "v", "t"."""
    constants = getattr(getattr(function, "__code__", None), "co_consts", ())
    return [c for c in constants if isinstance(c, str) and re.fullmatch(r"[A-Za-z_]\w*", c)]


def state_of(keys: list[str], params: Any) -> dict[str, Any]:
    """Return a state with zeros for all parameters at each key."""
    return {key: _first(key, params) for key in keys}


def states_of_each(keys: list[str], params: Any) -> Any:
    """Return a state of its own for each parameter of a dict or a list."""
    if isinstance(params, dict):
        return {name: state_of(keys, value) for name, value in params.items()}
    if isinstance(params, list):
        return [state_of(keys, value) for value in params]
    return state_of(keys, params)


def _first(key: str, params: Any) -> Any:
    setting = setting_of(key)
    if setting is not None:
        return VALUES[setting]
    return 0 if COUNT.search(plain(key)) else zeros_like(params)
