"""The check of a pair of functions that drops some of its inputs."""

import ast
import copy
import inspect
import re
import types
from typing import Any

import numpy as np

from rosenblatt.check.layers.dropout import check_dropout
from rosenblatt.check.limits.sandbox import FailedError
from rosenblatt.check.pairs.calls import Binding, Pair
from rosenblatt.check.source.calls import plain
from rosenblatt.check.source.subjects import Subject
from rosenblatt.check.source.words import RANDOM

_RANDOM = re.compile(RANDOM)
_MODE = re.compile(r"^(is)?(train\w*|mode|phase|test\w*|eval|inference|deterministic)$")
_PROBABILITY = re.compile(r"keep|drop|prob|^p$|rate|ratio|^q$")


def check_pair_dropout(
    pair: Pair, binding: Binding, arguments: dict[str, Any]
) -> list[dict[str, Any]] | None:
    """Return the findings of a pair that drops numbers at random; None where it drops none."""
    node = pair.source.node_of(pair.forward)
    if node is None or not _RANDOM.search(ast.unparse(node)):
        return None
    first = next(iter(arguments))
    start = _uneven({**_default_modes(pair.forward), **arguments})
    modes = _modes(start, node)
    for train, use in [*modes, *[(b, a) for a, b in modes]] or [(None, None)]:

        def make(train: Any = train) -> Any:
            return types.SimpleNamespace(**({} if train is None else {"training": True}))

        def given(obj: Any, x: Any, train: Any = train, use: Any = use) -> dict[str, Any]:
            values = copy.deepcopy(start)
            if train is not None:
                path, value = train if obj.training else use
                next(leaf for leaf in _settings(values) if leaf.path == path).replace(value)
            values[first] = x
            return values

        def forward(obj: Any, x: Any, given: Any = given) -> Any:
            returned = pair.run(given(obj, x))
            return returned if binding.outputs[0] < 0 else returned[binding.outputs[0]]

        def backward(obj: Any, dout: Any, x: Any, _: Any, given: Any = given) -> Any:
            return pair.run_backward(pair.backward, binding, given(obj, x), [dout])

        subject = Subject(
            where=pair.backward.__name__,
            make=make,
            forward=forward,
            backward=backward,
            forward_function=pair.forward,
            backward_function=pair.backward,
            source=pair.source,
            name="function",
        )
        try:
            found = check_dropout(subject, np.ones(1))
        except (FailedError, TypeError, ValueError):
            continue
        if found is None:
            continue
        if found and train is None and _is_scaled_elsewhere(pair, arguments):
            return None
        return found
    return None


class _Setting:
    """One argument, or one entry of a dict among them, that is no array."""

    def __init__(self, container: dict[str, Any], key: str, path: str) -> None:
        self.container, self.key, self.path = container, key, path

    @property
    def value(self) -> Any:
        return self.container[self.key]

    def replace(self, value: Any) -> None:
        self.container[self.key] = value


def _settings(arguments: dict[str, Any]) -> list[_Setting]:
    result = []
    for name, value in arguments.items():
        if isinstance(value, dict):
            result += [_Setting(value, key, f"{name}.{key}") for key in value]
        else:
            result.append(_Setting(arguments, name, name))
    return result


def _uneven(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments with 0.3 for a probability near ½, which does not tell p from 1 − p."""
    values: dict[str, Any] = copy.deepcopy(arguments)
    for setting in _settings(values):
        value = setting.value
        if not isinstance(value, float) or not _PROBABILITY.search(plain(setting.key)):
            continue
        if 0.4 < value < 0.6 or not 0 < value < 1:
            setting.replace(0.3)
    return values


def _default_modes(function: Any) -> dict[str, Any]:
    """Return the optional arguments that tell training from use."""
    return {
        name: parameter.default
        for name, parameter in inspect.signature(function).parameters.items()
        if isinstance(parameter.default, bool | str) and _MODE.match(plain(name))
    }


def _modes(arguments: dict[str, Any], node: Any) -> list[tuple[Any, Any]]:
    """Return the settings of training and of use: (path, value) of each."""
    for setting in _settings(arguments):
        value = setting.value
        if not isinstance(value, str | bool) or not _MODE.match(plain(setting.key)):
            continue
        if isinstance(value, bool):
            return [((setting.path, value), (setting.path, not value))]
        texts = {
            part.value
            for compare in ast.walk(node)
            if isinstance(compare, ast.Compare)
            for part in ast.walk(compare)
            if isinstance(part, ast.Constant) and isinstance(part.value, str)
        }
        others = sorted({*texts, "test"} - {value})
        return [((setting.path, value), (setting.path, other)) for other in others]
    return []


def _is_scaled_elsewhere(pair: Pair, arguments: dict[str, Any]) -> bool:
    """Return whether other code multiplies by the probability, as for a mask without a scale."""
    own = [pair.source.node_of(f) for f in (pair.forward, pair.backward)]
    names = "|".join(re.escape(name) for name in arguments if _PROBABILITY.search(plain(name)))
    others = [node for node in pair.source.tree.body if node not in own]
    text = "\n".join(ast.unparse(node) for node in others)
    return bool(names) and re.search(rf"\*=? \(?(1(\.0)? - )?({names})\b", text) is not None
