"""Settings of ``train mlp`` as a flat mapping of plain values, as JSON and TOML hold them.

The keys are the flags with underscores: ``{"data": "moons", "hidden": [8, 8]}``. A key that is
absent, or None, has its default.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache
from types import UnionType
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin

from cyclopts import Parameter

from rosenblatt.errors import ConfigurationError, RosenblattError, given, nearest
from rosenblatt.settings.train_options import TrainMLPOptions
from rosenblatt.settings.values import check_value


class Key(NamedTuple):
    """A setting of ``train mlp``.

    Attributes:
        name: the flag with underscores.
        type: the type of its value.
        parameter: what Cyclopts knows about the flag.
        default: the value where the key is absent; ``dataclasses.MISSING`` where it is required.
        owner: the dataclass that has the setting as a field.
    """

    name: str
    type: Any
    parameter: Parameter
    default: Any
    owner: type


@cache
def keys() -> Mapping[str, Key]:
    """Return every setting of ``train mlp`` by its key, in the order of the dataclasses."""
    return {key.name: key for key in keys_of(TrainMLPOptions)}


def keys_of(owner: type) -> Iterator[Key]:
    """Yield the settings of a dataclass of options, and of those within it."""
    for field in fields(owner):
        if is_dataclass(field.type):
            yield from keys_of(field.type)  # type: ignore[arg-type]
        else:
            yield _key(owner, field)


def _key(owner: type, field: Field[Any]) -> Key:
    type_, parameters = _without_annotations(field.type)
    return Key(field.name, type_, Parameter.combine(*parameters), field.default, owner)


def _without_annotations(type_: Any) -> tuple[Any, list[Parameter]]:
    """Return a type, and what its annotations and those of its alternatives say to Cyclopts."""
    if get_origin(type_) is Annotated:
        type_, *more = get_args(type_)
        inner, parameters = _without_annotations(type_)
        return inner, [*parameters, *(entry for entry in more if isinstance(entry, Parameter))]
    if get_origin(type_) not in (Union, UnionType):
        return type_, []
    alternatives = [_without_annotations(alternative) for alternative in get_args(type_)]
    union: Any = Union[tuple(alternative for alternative, _ in alternatives)]  # noqa: UP007
    return union, [parameter for _, parameters in alternatives for parameter in parameters]


def parse_settings(settings: Mapping[str, Any]) -> TrainMLPOptions:
    """Return the options of ``train mlp`` that a mapping of plain values describes.

    Args:
        settings: values by key; see :func:`describe_settings` for the keys.

    Raises:
        ConfigurationError: an unknown key, or a value of the wrong type. Whether the values can
            work together is found out by :func:`prepare`.

    >>> options = parse_settings({"data": "moons", "hidden": [8, 8], "learning_rate": 1})
    >>> options.network.hidden, options.optimizer.learning_rate
    ((8, 8), 1.0)
    >>> parse_settings({"data": "moons", "epoch": 1})
    Traceback (most recent call last):
    ...
    rosenblatt.errors.ConfigurationError: "epoch" is no setting; did you mean "epochs"?
    """
    if not isinstance(settings, Mapping):
        raise ConfigurationError(f"settings must be a mapping, got {given(settings)}")
    values: dict[str, Any] = {}
    for name, value in settings.items():
        key = find_key(name)
        if key.name in values:
            raise ConfigurationError(f"{given(name)} is there twice, with - and with _")
        if value is not None:
            values[key.name] = check_setting(key, value)
    for name, key in keys().items():
        if key.default is MISSING and name not in values:
            raise ConfigurationError(f'"{name}" is missing')
    options: TrainMLPOptions = _build(TrainMLPOptions, values)
    return options


def find_key(name: object) -> Key:
    """Return the setting of that name, with dashes or underscores.

    Raises:
        ConfigurationError: there is none; the message names the nearest.
    """
    key = keys().get(name.replace("-", "_")) if isinstance(name, str) else None
    if key is None:
        shown = f'"{name}"' if isinstance(name, str) and len(name) < 80 else given(name)
        raise ConfigurationError(f"{shown} is no setting{nearest(str(name)[:80], keys())}")
    return key


def check_setting(key: Key, value: object) -> Any:
    """Return a plain value as the type of its setting; raises as :func:`parse_settings`."""
    canonical = getattr(key.parameter.converter, "canonical", None)
    if canonical is not None:
        value = canonical(value)
    return check_value(f'"{key.name}"', value, key.type)


def _build(owner: type[Any], values: Mapping[str, Any]) -> Any:
    arguments: dict[str, Any] = {}
    for field in fields(owner):
        if is_dataclass(field.type):
            arguments[field.name] = _build(field.type, values)  # type: ignore[arg-type]
        elif field.name in values:
            arguments[field.name] = values[field.name]
    return owner(**arguments)


def plain_settings(options: TrainMLPOptions) -> dict[str, Any]:
    """Return the settings that differ from their defaults, as plain values by key.

    >>> plain_settings(parse_settings({"data": "moons", "hidden": [8], "epochs": 100}))
    {'data': 'moons', 'hidden': [8]}
    """
    settings: dict[str, Any] = {}
    _collect(options, settings)
    return settings


def _collect(options: Any, settings: dict[str, Any]) -> None:
    for field in fields(options):
        value = getattr(options, field.name)
        if is_dataclass(value):
            _collect(value, settings)
        elif value != field.default:
            settings[field.name] = _as_lists(value)


def _as_lists(value: Any) -> Any:
    return [_as_lists(entry) for entry in value] if isinstance(value, tuple) else value


@contextmanager
def naming_keys() -> Iterator[None]:
    """Make errors name settings by their keys, ``batch_size``, in place of ``--batch-size``."""
    try:
        yield
    except RosenblattError as error:
        text = re.sub(r"(?<![\w-])--([a-z][a-z0-9-]*)", _flag_as_key, str(error))
        if text == str(error):
            raise
        raise type(error)(text) from error


def _flag_as_key(flag: re.Match[str]) -> str:
    name = flag[1].replace("-", "_")
    return name if name in keys() else flag[0]
