"""Models, losses, optimizers and schedules as plain values that a file can hold, and back.

A value becomes its registered name and its fields, ``{"name": "Linear", "n_inputs": 2, ...}``; a
field that is such a value itself (an initialiser, a schedule) likewise. To build one again calls a
class of the registries with the fields, whose own checks they pass, and nothing else.
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

import numpy as np

from rosenblatt.errors import ConfigurationError, DataError, given, nearest
from rosenblatt.layers import INITIALIZERS, LAYERS
from rosenblatt.losses import LOSSES, Loss
from rosenblatt.models import Model, Perceptron, Sequential
from rosenblatt.optimizers import OPTIMIZERS, SCHEDULES, Optimizer

T = TypeVar("T")
Description = dict[str, Any]

_PERCEPTRONS = {"Perceptron": Perceptron}
_REGISTRIES: tuple[Mapping[str, type[Any]], ...] = (
    LAYERS,
    INITIALIZERS,
    LOSSES,
    OPTIMIZERS,
    SCHEDULES,
    _PERCEPTRONS,
)
_WITHIN: dict[int, Mapping[str, type[Any]]] = {
    id(LAYERS): INITIALIZERS,
    id(OPTIMIZERS): SCHEDULES,
    id(SCHEDULES): SCHEDULES,
}
"""What the fields of a registry's values may hold: by its id, the registry of these."""
_DEEPEST = 20
"""Schedules within schedules beyond this are no schedule that anybody has written."""


def describe_model(model: Model) -> Description:
    """Return a model's description: a Perceptron's by its settings, any other's by its layers.

    Raises:
        ConfigurationError: a layer or an initialiser that is not one of the package's own.
    """
    if isinstance(model, Perceptron):
        return _describe(_PERCEPTRONS, model)
    return {"name": "Sequential", "layers": [_describe(LAYERS, layer) for layer in model.layers]}


def describe_loss(loss: Loss) -> Description:
    """Return a loss's description.

    Raises:
        ConfigurationError: it is not one of the package's own.
    """
    return _describe(LOSSES, loss)


def describe_optimizer(optimizer: Optimizer) -> Description:
    """Return an optimizer's description, with that of its schedule.

    Raises:
        ConfigurationError: one of them is not one of the package's own.
    """
    return _describe(OPTIMIZERS, optimizer)


def build_model(description: object) -> Model:
    """Return the model that :func:`describe_model` described.

    Raises:
        DataError: it is no description of a model.
        ConfigurationError: a setting that cannot work.
    """
    if not isinstance(description, dict):
        raise DataError(f"a model's description is {given(description)}; expected a table")
    if description.get("name") != "Sequential":
        return _build(_PERCEPTRONS, description)
    layers = description.get("layers")
    if not isinstance(layers, list):
        raise DataError(f"the layers of a model are {given(layers)}; expected a list")
    return Sequential([_build(LAYERS, layer) for layer in layers])


def build_loss(description: object) -> Loss:
    """Return the loss that was described; raises as :func:`build_model`."""
    return _build(LOSSES, description)


def build_optimizer(description: object) -> Optimizer:
    """Return the optimizer that was described; raises as :func:`build_model`."""
    return _build(OPTIMIZERS, description)


def _describe(registry: Mapping[str, type[Any]], value: object) -> Description:
    name = next((name for name, known in registry.items() if known is type(value)), None)
    if name is None or not is_dataclass(value):
        raise ConfigurationError(
            f"a file cannot hold {value!r}, which is not one of {', '.join(registry)}; "
            "keep run.params by other means"
        )
    within = _WITHIN.get(id(registry))
    settings = {entry.name: getattr(value, entry.name) for entry in fields(value)}
    for key, setting in settings.items():
        if within is not None and (callable(setting) or is_dataclass(setting)):
            settings[key] = _describe(within, setting)
        elif isinstance(setting, np.generic):
            settings[key] = setting.item()
    return {"name": name, **settings}


def _build(registry: Mapping[str, type[T]], description: object, depth: int = 0) -> T:
    if not isinstance(description, dict) or depth > _DEEPEST:
        raise DataError(f"{given(description)} describes nothing; expected a name and settings")
    settings = dict(description)
    name = settings.pop("name", None)
    if not isinstance(name, str) or name not in registry:
        hint = nearest(str(name), registry)
        raise DataError(f"{given(name)} is not one of {', '.join(registry)}{hint}")
    within = _WITHIN.get(id(registry))
    for key, setting in settings.items():
        if isinstance(setting, dict) and within is not None:
            settings[key] = _build(within, setting, depth + 1)
    try:
        return registry[name](**settings)
    except TypeError as error:
        raise DataError(f"{name} has no such settings: {error}") from error
