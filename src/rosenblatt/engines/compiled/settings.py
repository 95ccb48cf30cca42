"""Settings in which the members of a population differ: numbers that become inputs of a program."""

import copy
import dataclasses
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.engines.compiled.tracer import Traced, TracingError
from rosenblatt.layers import Layer, Nested, flattened
from rosenblatt.losses import Loss
from rosenblatt.models import Model
from rosenblatt.optimizers import Optimizer

TRACED = (
    "forward",
    "backward",
    "value_and_gradient",
    "per_sample",
    "is_correct",
    "n_correct",
    "init",
    "update",
)
"""Methods of layers, losses and optimizers that are traced."""

TRACED_OF_MODELS = (
    "forward",
    "backward",
    "_params_of",
    "_names",
    "shapes",
    "n_inputs",
    "n_outputs",
)
"""What a program takes of a model, besides its layers."""

PLAIN = (bool, int, float, str, type(None))

Place = tuple[int | str, ...]
"""Where a setting is: "optimizer" or "loss" and a field, or the number of a layer and a field. A
number within a tuple is the field with its position, "layer_rates.0"."""


@dataclass(frozen=True)
class Settings:
    """The numbers in which members differ, the learning rate left out.

    Attributes:
        places: where each setting is.
        values: (settings, members).
    """

    places: tuple[Place, ...]
    values: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.places)

    def of(self, members: Sequence[int]) -> npt.NDArray[np.float64]:
        """Return the values of some members, (settings, members)."""
        return self.values[:, list(members)] if self.places else np.zeros((0, len(members)))

    def applied(
        self, parts: tuple[Model, Loss, Any], leaf: Callable[[int], Traced]
    ) -> tuple[Model, Loss, Any]:
        """Return model, loss and optimizer with a traced leaf in place of each setting.

        ``leaf(i)`` returns the i-th.
        """
        if not self.places:
            return parts
        model, loss, optimizer = parts
        layers = list(model.layers)
        for i, (part, name) in enumerate(self.places):
            traced = leaf(i)
            traced.values = self.values[i]
            if part == "loss":
                loss = with_field(loss, name, traced)
            elif part == "optimizer":
                optimizer = with_field(optimizer, name, traced)
            else:
                layers[int(part)] = with_field(layers[int(part)], name, traced)
        return _Layers(layers), loss, optimizer


NONE = Settings((), np.zeros((0, 0)))
"""Of members that differ in no setting."""


def settings_of(
    members: Sequence[tuple[Model, Loss, Optimizer]], *, every: bool = False
) -> Settings:
    """Return the settings in which members differ, or with ``every`` all that are not 0.

    Raises:
        TracingError: they differ in more than numbers, for instance in a layer's width.
    """
    first = members[0]
    others = [parts for parts in members[1:] if parts is not first]
    if not every and all(parts[0] is first[0] and parts[1:] == first[1:] for parts in others):
        return NONE
    places, values = [], []
    for place, fields in _numbers([dict(_parts(parts)) for parts in members]):
        if any(fields) if every else any(number != fields[0] for number in fields):
            places.append(place)
            values.append(fields)
    return Settings(tuple(places), np.array(values, dtype=np.float64).reshape(-1, len(members)))


def structure_of(parts: tuple[Model, Loss, Optimizer]) -> tuple[object, ...]:
    """Return what members have to agree in so that they differ in settings alone.

    Code often asks whether a number is 0, as of a momentum: members that agree in it go together.
    """
    return tuple(structure_of_part(part) for _, part in _parts(parts))


def structure_of_part(part: object) -> tuple[object, ...]:
    """Return what a layer, a loss or an optimizer contributes to :func:`structure_of`."""
    if not dataclasses.is_dataclass(part):
        return type(part), id(part)
    kind: Any = type(part)
    return kind, *(_zeros(getattr(part, name)) for name in _settings_of(kind))


@cache
def _settings_of(kind: type[Any]) -> tuple[str, ...]:
    """Return the fields that determine the code, but for the numbers in them."""
    names = (field.name for field in dataclasses.fields(kind))
    return tuple(name for name in names if name not in ("learning_rate", "weight_init"))


def code_of(model: Model, *others: Loss | Optimizer) -> tuple[object, ...] | None:
    """Return what determines the program of these parts, but for the learning rate.

    None, if code is not of this package: it may use anything, and may change in a notebook.
    """
    found: list[object] = [getattr(type(model), name) for name in TRACED_OF_MODELS]
    if any(
        code is not getattr(Model, name) for code, name in zip(found, TRACED_OF_MODELS, strict=True)
    ):
        return None
    for part in (*flattened(model.layers), *others):
        kind = type(part)
        if not kind.__module__.startswith("rosenblatt.") or not dataclasses.is_dataclass(part):
            return None
        found.append(kind)
        found.extend(getattr(kind, name, None) for name in TRACED)
        for field in dataclasses.fields(part):
            if field.name not in ("learning_rate", "weight_init"):
                value = getattr(part, field.name)
                if isinstance(part, Nested) and field.name == "layers":
                    found.append(len(value))  # the layers themselves follow
                    continue
                if not all(isinstance(one, PLAIN) for one in _each(value)):
                    return None
                found.append(repr(value))
    return tuple(found)


def _parts(parts: tuple[Model, Loss, Optimizer]) -> Iterator[tuple[int | str, Any]]:
    model, loss, optimizer = parts
    yield from enumerate(model.layers)
    yield "loss", loss
    yield "optimizer", optimizer


def _numbers(members: Sequence[dict[int | str, Any]]) -> Iterator[tuple[Place, list[float]]]:
    """Yield where the parts have numbers, and the members' numbers; refuse other differences."""
    if any(list(parts) != list(members[0]) for parts in members):
        raise TracingError("members with different numbers of layers")
    for part, first in members[0].items():
        values = [parts[part] for parts in members]
        if any(type(value) is not type(first) for value in values):
            raise TracingError(f"members with different kinds of {_name(part)}")
        if not dataclasses.is_dataclass(first):
            if any(value is not first for value in values):
                raise TracingError(f"members that differ in {_name(part)}, which is no dataclass")
            continue
        for field in dataclasses.fields(first):
            numbers = [getattr(value, field.name) for value in values]
            if all(isinstance(number, float) for number in numbers):
                if (part, field.name) != ("optimizer", "learning_rate"):
                    yield (part, field.name), numbers
            elif isinstance(numbers[0], tuple) and all(
                _is_numbers(number, len(numbers[0])) for number in numbers
            ):
                for i, column in enumerate(zip(*numbers, strict=True)):
                    yield (part, f"{field.name}.{i}"), [*column]
            elif field.name not in ("learning_rate", "weight_init") and any(
                number != numbers[0] for number in numbers
            ):
                raise TracingError(f"members that differ in {field.name} of {_name(part)}")


def _each(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def _is_numbers(value: Any, count: int) -> bool:
    """Return whether a value is a tuple of this number of floats."""
    return (
        isinstance(value, tuple)
        and len(value) == count
        and all(isinstance(number, float) for number in value)
    )


def _zeros(value: Any) -> object:
    """Return which of a setting's numbers are 0; anything else as text."""
    if isinstance(value, tuple) and _is_numbers(value, len(value)):
        return tuple(number == 0 for number in value)
    return value == 0 if isinstance(value, float) else repr(value)


def _name(part: int | str) -> str:
    return f"layer {part}" if isinstance(part, int) else part


def with_field(value: Any, name: int | str, new: Any) -> Any:
    """Return a copy of a frozen dataclass with another value of a field, which is not checked.

    A name such as "layer_rates.0" is that of a number within a tuple.
    """
    changed = copy.copy(value)
    field, _, position = str(name).partition(".")
    if position:
        numbers = list(getattr(value, field))
        numbers[int(position)] = new
        new = tuple(numbers)
    object.__setattr__(changed, field, new)
    return changed


class _Layers(Model):
    """A model of layers whose settings are traced."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        self._traced_layers = tuple(layers)

    @property
    def layers(self) -> tuple[Layer, ...]:
        return self._traced_layers
