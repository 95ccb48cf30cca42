"""Descriptions of models, losses, optimizers and schedules: plain values that a file can hold.

A description has the registered name and the fields, ``{"name": "Linear", "n_inputs": 2, ...}``; a
field that is such a value itself (an initialiser, a schedule) is described likewise. Building a
value calls a class of the registries with the fields, which it checks, and runs nothing else.
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

import numpy as np

from rosenblatt.errors import ConfigurationError, DataError, given, nearest
from rosenblatt.layers import INITIALIZERS, LAYERS, Nested
from rosenblatt.losses import LOSSES, Loss
from rosenblatt.models import MLP, Model, Perceptron, Sequential
from rosenblatt.optimizers import OPTIMIZERS, SCHEDULES, Optimizer

T = TypeVar("T")
Description = dict[str, Any]

_PERCEPTRONS = {"Perceptron": Perceptron}
_WITHIN: dict[int, Mapping[str, type[Any]]] = {
    id(LAYERS): INITIALIZERS,
    id(OPTIMIZERS): SCHEDULES,
    id(SCHEDULES): SCHEDULES,
}
"""By the id of a registry, the registry of the values that its values' fields may hold."""
_RENAMED = {
    "BinaryCrossEntropy": "SigmoidCrossEntropy",
    "CrossEntropy": "CategoricalCrossEntropy",
    "SquaredError": "HalfSquaredError",
}
"""Class names of files that earlier versions wrote, with the present names."""
_RENAMED_FIELDS = {"rmsprop": {"decay": "rho"}}
"""By registered name, the fields of files that earlier versions wrote, with the present names."""
MOST_DEPTH = 20
"""How deep schedules, or layers, may be nested, so that a hostile file stops early."""


def describe_model(model: Model) -> Description:
    """Return a model's description: a Perceptron's by its settings, any other's by its layers.

    Raises:
        ConfigurationError: a layer or an initialiser that is not registered.
    """
    if isinstance(model, Perceptron):
        return _describe(_PERCEPTRONS, model)
    layers = [_describe(LAYERS, layer) for layer in model.layers]
    # Earlier versions read "name" and "layers" alone, and so can read the file of an MLP.
    built_as = {"built_as": "MLP"} if isinstance(model, MLP) else {}
    return {"name": "Sequential", "layers": layers, **built_as}


def describe_loss(loss: Loss) -> Description:
    """Return a loss's description.

    Raises:
        ConfigurationError: it is not registered.
    """
    return _describe(LOSSES, loss)


def describe_optimizer(optimizer: Optimizer) -> Description:
    """Return an optimizer's description, with that of its schedule.

    Raises:
        ConfigurationError: one of them is not registered.
    """
    return _describe(OPTIMIZERS, optimizer)


def build_model(description: object) -> Model:
    """Return the model that :func:`describe_model` described.

    Raises:
        DataError: it is not a description of a model.
        ConfigurationError: a setting that cannot work.
    """
    if not isinstance(description, dict):
        raise DataError(f"a model's description is {given(description)}; expected a table")
    if description.get("name") != "Sequential":
        return _build(_PERCEPTRONS, description)
    layers = description.get("layers")
    if not isinstance(layers, list):
        raise DataError(f"the layers of a model are {given(layers)}; expected a list")
    kind = MLP.from_layers if description.get("built_as") == "MLP" else Sequential
    return kind([_build(LAYERS, layer) for layer in layers])


def build_loss(description: object) -> Loss:
    """Return the loss that was described; raises as :func:`build_model`."""
    return _build(LOSSES, description)


def build_optimizer(description: object) -> Optimizer:
    """Return the optimizer that was described; raises as :func:`build_model`."""
    return _build(OPTIMIZERS, description)


def _describe(registry: Mapping[str, type[Any]], value: object) -> Description:
    name = next((name for name, kind in registry.items() if kind is type(value)), None)
    if name is None or not is_dataclass(value):
        raise ConfigurationError(
            f"a file cannot hold {value!r}, which is not one of {', '.join(registry)}; "
            "keep run.params by other means"
        )
    within = _WITHIN.get(id(registry))
    settings = {entry.name: getattr(value, entry.name) for entry in fields(value)}
    for key, setting in settings.items():
        if isinstance(value, Nested) and key == "layers":
            settings[key] = [_describe(registry, layer) for layer in setting]
        elif within is not None and (callable(setting) or is_dataclass(setting)):
            settings[key] = _describe(within, setting)
        elif isinstance(setting, np.generic):
            settings[key] = setting.item()
    return {"name": name, **settings}


def _build(registry: Mapping[str, type[T]], description: object, depth: int = 0) -> T:
    if not isinstance(description, dict) or depth > MOST_DEPTH:
        raise DataError(f"{given(description)} describes nothing; expected a name and settings")
    settings = dict(description)
    name = settings.pop("name", None)
    if isinstance(name, str):
        name = _RENAMED.get(name, name)
        for old, new in _RENAMED_FIELDS.get(name, {}).items():
            if old in settings:
                settings[new] = settings.pop(old)
    if not isinstance(name, str) or name not in registry:
        hint = nearest(str(name), registry)
        raise DataError(f"{given(name)} is not one of {', '.join(registry)}{hint}")
    within = _WITHIN.get(id(registry))
    for key, setting in settings.items():
        if isinstance(setting, dict) and within is not None:
            settings[key] = _build(within, setting, depth + 1)
    kind: Any = registry[name]
    if issubclass(kind, Nested) and isinstance(settings.get("layers"), list):
        settings["layers"] = [_build(registry, one, depth + 1) for one in settings["layers"]]
    unknown = settings.keys() - {entry.name for entry in fields(kind)}
    if unknown:
        raise DataError(f"{name} has no setting {', '.join(map(given, sorted(unknown)))}")
    try:
        return registry[name](**settings)
    except TypeError as error:
        raise DataError(f"{name} has no such settings: {error}") from error
