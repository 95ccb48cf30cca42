"""The cells of a sweep: which settings each of its networks has."""

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from typing import Any, get_args

import numpy as np
from cyclopts import Parameter

from rosenblatt.errors import ConfigurationError, RosenblattError, given, nearest
from rosenblatt.settings.plain import Key, check_setting, keys
from rosenblatt.sweeps.ranges import Range, draw, parse_values

LAYER_RATES = "layer_rates"
_LAYER_RATE = re.compile(rf"(?:optimizer\.)?{LAYER_RATES}\.(\d{{1,4}})")
"""The number of one layer in ``layer_rates``, the first being 0."""

MOST_NETWORKS = 2_000_000
"""Of a sweep: its table then takes some gigabytes while it is made."""


@dataclass(frozen=True)
class Grid:
    """Cells, in order.

    Attributes:
        names: the settings that the sweep goes over.
        cells: of each cell, the settings that it has; one that is left out is the base's.
    """

    names: tuple[str, ...]
    cells: tuple[Mapping[str, Any], ...]


def grid_of(over: object, allowed: Iterable[str]) -> Grid:
    """Return the cells of ``over``: a mapping of settings to values, or a list of mappings.

    Args:
        over: for each setting a list, an array or a range of its values, all of which are combined;
            or cells as a list of mappings.
        allowed: the settings that can differ.

    Raises:
        ConfigurationError: an unknown setting, an empty list, or a value of the wrong type.

    >>> grid_of({"learning_rate": [0.1, 1], "hidden": [[8]]}, ["learning_rate", "hidden"]).cells
    ({'learning_rate': 0.1, 'hidden': (8,)}, {'learning_rate': 1.0, 'hidden': (8,)})
    """
    allowed = tuple(allowed)
    if isinstance(over, Mapping):
        return _combined(over, allowed)
    if isinstance(over, str) or not isinstance(over, Sequence) or not over:
        raise ConfigurationError(
            "over must be a mapping such as {'learning_rate': [0.1, 1.0]}, or a list of mappings, "
            f"got {given(over)}"
        )
    cells = []
    for number, cell in enumerate(over):
        if not isinstance(cell, Mapping):
            raise ConfigurationError(f"cell {number} of over is {given(cell)}, and no mapping")
        found = {name: _value(name, value) for name, value in _by_name(cell, allowed).items()}
        cells.append(found)
    _refuse_twice("over", cells)
    return Grid(tuple(dict.fromkeys(name for cell in cells for name in cell)), tuple(cells))


def _combined(over: Mapping[Any, Any], allowed: Sequence[str]) -> Grid:
    """Return all combinations of the values of settings; ranges count as one setting."""
    values = choices_of(over, allowed)
    lists = {name: value for name, value in values.items() if not isinstance(value, Range)}
    ranges = {name: value for name, value in values.items() if isinstance(value, Range)}
    drawn = draw(ranges)
    axes: list[list[dict[str, Any]]] = []
    for name in values:
        if name in lists:
            axes.append([{name: value} for value in lists[name]])
        elif name == next(iter(ranges)):
            points = zip(*(column.tolist() for column in drawn.values()), strict=True)
            axes.append([_point(ranges, point) for point in points])
    size = math.prod(map(len, axes))
    if size > MOST_NETWORKS:
        raise ConfigurationError(
            f"over has {size} cells, and at most {MOST_NETWORKS} are taken; draw some with "
            "rb.uniform or rb.log_uniform"
        )
    cells = []
    for parts in product(*axes):
        cell = {name: value for part in parts for name, value in part.items()}
        cells.append({name: cell[name] for name in values})
    return Grid(tuple(values), tuple(cells))


def choices_of(over: Mapping[Any, Any], allowed: Sequence[str]) -> dict[str, list[Any] | Range]:
    """Return the values of settings by name: lists, checked, or ranges.

    Raises:
        ConfigurationError: an unknown setting, an empty list, or a value of the wrong type.
    """
    found: dict[str, list[Any] | Range] = {}
    for name, values in _by_name(over, allowed).items():
        parsed = parse_values(values) if isinstance(values, Mapping) else values
        if isinstance(parsed, Range):
            found[name] = parsed
            continue
        found[name] = listed = [_value(name, value) for value in _listed(name, parsed)]
        _refuse_twice(name, listed)
    return found


def _point(names: Iterable[str], point: Iterable[float]) -> dict[str, Any]:
    return {
        name: check_setting(_key(name), round(value) if _is_whole(_key(name)) else value)
        for name, value in zip(names, point, strict=True)
    }


def _key(name: str) -> Key:
    """Return the setting of that name, or of a number within it: "layer_rates.0"."""
    if _LAYER_RATE.fullmatch(name):
        return keys()[LAYER_RATES]._replace(name=name, type=float, parameter=Parameter())
    return keys()[name]


def is_whole(name: str) -> bool:
    """Return whether a setting is a whole number."""
    return _is_whole(keys()[name])


def _is_whole(key: Key) -> bool:
    kinds = (key.type, *get_args(key.type))
    return int in kinds and float not in kinds


def _by_name(over: Mapping[Any, Any], allowed: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for word, value in over.items():
        name = setting_named(word, allowed)
        if name in found:
            raise ConfigurationError(f'"{name}" is there twice in over')
        found[name] = value
    return found


def setting_named(name: object, allowed: Sequence[str]) -> str:
    """Return the setting of that name: "init.scale" is "init_scale", "optimizer.momentum" too."""
    text = str(name).replace("-", "_")
    if (match := _LAYER_RATE.fullmatch(text)) and LAYER_RATES in allowed:
        return f"{LAYER_RATES}.{int(match[1])}"
    for spelling in (text, text.replace(".", "_"), text.rpartition(".")[2]):
        if spelling in allowed:
            return spelling
    if text == "seed" or text == "seeds":
        raise ConfigurationError('"seed" is no setting of over; give seeds=range(10) instead')
    if text in keys():
        raise ConfigurationError(
            f'"{text}" cannot differ between the networks of a sweep; what can: '
            f"{', '.join(allowed)}"
        )
    hint = nearest(text, allowed) or f"; known: {', '.join(allowed)}"
    raise ConfigurationError(f'"{name}" is no setting that a sweep can go over{hint}')


def _listed(name: str, values: object) -> list[Any]:
    if isinstance(values, str) or not np.iterable(values):
        raise ConfigurationError(
            f'"{name}" must have a list of values, as in {{"{name}": [{values!r}]}}, got '
            f"{given(values)}"
        )
    found = list(values)
    if not found:
        raise ConfigurationError(f'"{name}" has an empty list of values; give at least one')
    return found


def _value(name: str, value: object) -> Any:
    key = _key(name)
    if isinstance(value, np.generic | np.ndarray):
        value = value.tolist()
    if key.name == "hidden" and isinstance(value, int) and not isinstance(value, bool):
        value = [value] if value else []
    if _is_whole(key) and isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, tuple | range):
        value = list(value)
    return check_setting(key, value)


def _refuse_twice(name: str, values: Sequence[Any]) -> None:
    seen = set()
    for value in values:
        text = repr(sorted(value.items())) if isinstance(value, Mapping) else repr(value)
        if text in seen:
            raise ConfigurationError(f'"{name}" has {given(value)} twice')
        seen.add(text)


def named(settings: Mapping[str, Any]) -> str:
    """Return a cell in words.

    >>> named({"learning_rate": 0.1, "hidden": (8, 8)})
    'learning_rate=0.1, hidden=8,8'
    """
    return ", ".join(f"{name}={shown(value)}" for name, value in settings.items())


@contextmanager
def naming_network(settings: Mapping[str, Any], seed: int) -> Iterator[None]:
    """Say in an error at which network it was raised: in its message, or in a note."""
    try:
        yield
    except RosenblattError as error:
        raise type(error)(f"{named({**settings, 'seed': seed})}: {error}") from error
    except Exception as error:
        error.add_note(f"at the network with {named({**settings, 'seed': seed})}")
        raise


def shown(value: Any) -> Any:
    """Return a setting as a column of a table holds it: widths and names as text."""
    if isinstance(value, tuple):
        return ",".join(map(str, value)) or "0"
    return value
