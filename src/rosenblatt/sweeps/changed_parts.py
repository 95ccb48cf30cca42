"""Parts of a network with other settings: layers, losses, optimizers and schedules."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rosenblatt.errors import ConfigurationError
from rosenblatt.layers import Activation, Dropout, Layer, Linear, Nested
from rosenblatt.models import Model
from rosenblatt.optimizers import SCHEDULES, LinearWarmup
from rosenblatt.optimizers.base import count_layers
from rosenblatt.optimizers.schedules import Schedule
from rosenblatt.registry import snake_case
from rosenblatt.settings.optimizer_options import SCHEDULE_SETTINGS
from rosenblatt.settings.registry_options import RegistrySettings
from rosenblatt.sweeps.grid import LAYER_RATES

OF_LAYER = f"{LAYER_RATES}."
"""How settings of the learning rate of one layer begin."""

Settings = Mapping[str, Any]


def part_of(
    options: RegistrySettings,
    settings: Settings,
    choice: str,
    base: Any,
    registry: Any,
    defaults: Settings | None = None,
) -> Any:
    """Return the part that settings describe: of another kind, or the base with other settings.

    None where the settings say nothing about it.
    """
    given = {word: settings[word] for word in options.settings if word in settings}
    if choice in settings:
        entry = settings[choice]
        values = {word: given.get(word) for word in options.settings}
        return options.registry[entry](
            **(defaults or {}), **options.of(entry, options.options(**values))
        )
    if not given:
        return None
    entry = None if base is None else snake_case(type(base).__name__)
    parameters = {}
    for word, value in given.items():
        # A class of a user's own may have a setting of the same name.
        of_its_own = word if entry not in options.registry and hasattr(base, word) else None
        name = options.settings[word].parameters.get(str(entry), of_its_own)
        if name is None:
            known = " and ".join(options.settings[word].parameters)
            raise ConfigurationError(
                f"{word} has no meaning for {choice} {entry}; it belongs to {choice} {known}"
            )
        parameters[name] = value
    return replace(base, **{name: value for name, value in parameters.items() if value is not None})


def with_layer_rates(
    factors: tuple[float, ...], of_layers: Settings, model: Model
) -> tuple[float, ...]:
    """Return the learning rates of layers, as multiples, with those that settings give.

    Args:
        factors: those before, empty for all 1.
        of_layers: by "layer_rates.0", "layer_rates.1" and so on.
        model: has the layers.
    """
    found = list(factors) or [1.0] * count_layers(model.shapes)
    for word, value in of_layers.items():
        i = int(word.removeprefix(OF_LAYER))
        if i >= len(found):
            raise ConfigurationError(
                f"{word} has no layer: {len(found)} layers have parameters, the first of them is "
                f"{OF_LAYER}0"
            )
        found[i] = value
    return tuple(found)


def changed_layer(layer: Layer, init: Any, activation: Any, dropout: float | None) -> Layer:
    """Return a layer with another initialiser, activation or dropout, where it has them."""
    if isinstance(layer, Nested):
        inner = [changed_layer(one, init, activation, dropout) for one in layer.layers]
        return replace(layer, layers=tuple(inner))
    if isinstance(layer, Linear) and init is not None:
        return replace(layer, weight_init=init)
    if isinstance(layer, Activation) and activation is not None:
        return activation
    if isinstance(layer, Dropout) and dropout is not None:
        return replace(layer, rate=dropout)
    return layer


def start_of(rate: Any) -> float:
    """Return the first learning rate of a schedule, without its warm-up."""
    if isinstance(rate, LinearWarmup):
        return start_of(rate.then)
    return float(getattr(rate, "start", None) or rate(0)) if callable(rate) else float(rate)


def changed_schedule(rate: Any, start: float | None, settings: Settings) -> Any:
    """Return a schedule with another start, and other settings."""
    if isinstance(rate, LinearWarmup):
        return replace(rate, then=changed_schedule(rate.then, start, settings))
    if start is None and not settings:
        return rate
    if not isinstance(rate, Schedule):
        raise ConfigurationError(
            f"the learning rate is the function {rate!r}, whose settings are not known; use a "
            f"schedule of rosenblatt.optimizers: {', '.join(SCHEDULES)}"
        )
    changed: Any = part_of(SCHEDULE_SETTINGS, settings, "schedule", rate, SCHEDULES) or rate
    return changed if start is None else replace(changed, start=start)
