"""Changes while training: a list of forks, one after the other."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from rosenblatt.errors import ConfigurationError, given
from rosenblatt.settings.network_options import LOSS_SETTINGS, build_network
from rosenblatt.settings.optimizer_options import (
    OPTIMIZER_SETTINGS,
    SCHEDULE_SETTINGS,
    OptimizerOptions,
    default_rate,
)
from rosenblatt.settings.plain import (
    check_setting,
    find_key,
    keys_of,
    naming_keys,
    parse_settings,
    plain_settings,
)
from rosenblatt.settings.preparation import Prepared

if TYPE_CHECKING:
    from rosenblatt.layers import Params
    from rosenblatt.losses import Loss
    from rosenblatt.optimizers import Optimizer

MOST_CHANGES = 10_000
"""The number of changes in a list."""
LARGEST_UPDATE = 2**53
"""The largest number of an update: beyond it, JSON in a browser is not exact."""

DEFAULT = "default"
"""The value that stands for a setting's default in a change, as None does, which TOML lacks."""
_PARAMETER = re.compile(r"[\w.]{1,100}")


@cache
def changeable() -> frozenset[str]:
    """Return the settings that may change while training; others need new weights or data.

    >>> "learning_rate" in changeable(), "hidden" in changeable()
    (True, False)
    """
    of_optimizer = {key.name for key in keys_of(OptimizerOptions)}
    registries = (OPTIMIZER_SETTINGS, SCHEDULE_SETTINGS, LOSS_SETTINGS)
    of_registries = {flag for registry in registries for flag in registry.settings}
    return frozenset(of_optimizer | of_registries | {"loss", "batch_size", "epochs"})


@dataclass(frozen=True)
class Change:
    """A change after ``at`` updates.

    Attributes:
        at: the update after which it is made.
        set: new values of settings, by key; None, or "default", for the default.
        weights: new values of single weights: by parameter, lists of an index and a value.

    >>> from rosenblatt.settings import parse_changes
    >>> (change,) = parse_changes([{"at": 120, "weights": {"0.bias": [[1, 0.5]]}}])
    >>> change.at, change.weights  # entry 1 of the first bias becomes 0.5
    (120, {'0.bias': [[1, 0.5]]})
    """

    at: int
    set: Mapping[str, Any]
    weights: Mapping[str, Sequence[Sequence[float]]]

    @property
    def plain(self) -> dict[str, Any]:
        """The change as JSON holds it."""
        parts: dict[str, Any] = {"set": dict(self.set), "weights": dict(self.weights)}
        return {"at": self.at, **{name: part for name, part in parts.items() if part}}


def parse_changes(changes: object) -> tuple[Change, ...]:
    """Return a list of changes, checked.

    Raises:
        ConfigurationError: something else, or changes that are not in order.

    >>> parse_changes([{"at": 120, "set": {"learning_rate": 0.1}}])
    (Change(at=120, set={'learning_rate': 0.1}, weights={}),)
    """
    if not isinstance(changes, list | tuple) or len(changes) > MOST_CHANGES:
        raise ConfigurationError(
            f'"changes" must be a list of at most {MOST_CHANGES} changes, got {given(changes)}'
        )
    parsed = tuple(_parse_change(change) for change in changes)
    for before, after in pairwise(parsed):
        if after.at < before.at:
            raise ConfigurationError(
                f"changes: update {after.at} comes after update {before.at}; put them in order"
            )
    return parsed


def _parse_change(change: object) -> Change:
    if (
        not isinstance(change, Mapping)
        or not set(change) <= {"at", "set", "weights"}
        or not is_update(change.get("at"))
        or not isinstance(change.get("set", {}), Mapping)
        or not isinstance(change.get("weights", {}), Mapping)
    ):
        raise ConfigurationError(
            'a change is {"at": update, "set": {...}} or {"at": update, "weights": {...}}, got '
            f"{given(change)}"
        )
    settings = {}
    for name, value in change.get("set", {}).items():
        key = find_key(name)
        if key.name not in changeable():
            raise ConfigurationError(f'"{key.name}" cannot change while training')
        is_default = value is None or value == DEFAULT
        settings[key.name] = None if is_default else check_setting(key, value)
    weights = {
        _parameter(name): [_parse_weight(name, entry) for entry in _entries(name, entries)]
        for name, entries in change.get("weights", {}).items()
    }
    return Change(change["at"], settings, weights)


def is_update(value: object) -> bool:
    """Return whether a value is a number of updates."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < LARGEST_UPDATE


def _parameter(name: object) -> str:
    if isinstance(name, str) and _PARAMETER.fullmatch(name):
        return name
    raise ConfigurationError(f"changes: {given(name)} is no name of a parameter")


def _entries(name: object, entries: object) -> Sequence[object]:
    if not isinstance(entries, list | tuple):
        raise ConfigurationError(f"weights of {name}: expected a list, got {given(entries)}")
    return entries


def _parse_weight(name: object, entry: object) -> list[float]:
    if isinstance(entry, list | tuple) and len(entry) > 1:
        *index, value = entry
        is_value = isinstance(value, int | float) and not isinstance(value, bool)
        if all(map(is_update, index)) and is_value and abs(value) < math.inf:
            return [*index, float(value)]
    raise ConfigurationError(
        f"weights of {name}: expected an index and a finite value, as in [0, 1, 0.5], got "
        f"{given(entry)}"
    )


@dataclass(frozen=True, eq=False)
class Fork:
    """A branch of a run, with what is different from there on.

    Attributes:
        at: the update after which it begins.
        epochs_begun: the epochs that its run needs to reach that update.
        prepared: the settings from there on.
        optimizer: another update rule, or None.
        loss: another loss, or None.
        batch_size: another number of rows per update, or None.
        weights: new values of single weights, as in :class:`Change`.

    >>> from rosenblatt.settings import parse_changes, parse_settings, plan_forks, prepare
    >>> prepared = prepare(parse_settings({"data": "moons", "batch_size": 20, "epochs": 9}))
    >>> (fork,) = plan_forks(prepared, parse_changes([{"at": 10, "set": {"learning_rate": 0.5}}]))
    >>> fork.at, fork.optimizer.learning_rate, fork.batch_size
    (10, 0.5, None)
    """

    at: int
    epochs_begun: int
    prepared: Prepared
    optimizer: "Optimizer | None"
    loss: "Loss | None"
    batch_size: int | None
    weights: Mapping[str, Sequence[Sequence[float]]]

    @property
    def edit(self) -> "Callable[[Params], None] | None":
        """The change of the weights, in place; None where they stay."""
        return set_weights(self.weights) if self.weights else None

    def keywords(self) -> dict[str, Any]:
        """Return the keywords of ``Run.fork`` for this branch."""
        return {
            "update": self.at,
            "optimizer": self.optimizer,
            "loss": self.loss,
            "batch_size": self.batch_size,
            "edit": self.edit,
        }


def set_weights(weights: Mapping[str, Sequence[Sequence[float]]]) -> "Callable[[Params], None]":
    """Return a function that sets single weights of a model in place.

    Args:
        weights: by parameter, lists of an index and a value.

    >>> import numpy as np
    >>> params = {"0.bias": np.zeros(2)}
    >>> set_weights({"0.bias": [[1, 0.5]]})(params)
    >>> params["0.bias"].tolist()
    [0.0, 0.5]
    """

    def edit(params: "Params") -> None:
        for name, entries in weights.items():
            if name not in params:
                raise ConfigurationError(
                    f"there is no parameter {given(name)}: {', '.join(params)}"
                )
            for *index, value in entries:
                place = tuple(int(i) for i in index)
                shape = params[name].shape
                if len(place) != len(shape) or any(
                    i >= size for i, size in zip(place, shape, strict=True)
                ):
                    raise ConfigurationError(
                        f"{name} has the shape {shape}, and no place {list(place)}"
                    )
                params[name][place] = value

    return edit


def change_settings(prepared: Prepared, settings: Mapping[str, Any]) -> Prepared:
    """Return what a training needs from a change of settings on.

    Args:
        prepared: the training before.
        settings: new values by key; None for the default.

    Raises:
        ConfigurationError: a setting that cannot change while training, or that cannot work.

    >>> from rosenblatt.settings import parse_settings, prepare
    >>> prepared = prepare(parse_settings({"data": "moons", "learning_rate": 0.1}))
    >>> change_settings(prepared, {"learning_rate": 0.5}).optimizer().learning_rate
    0.5
    >>> change_settings(prepared, {"hidden": [8]})  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
        ...
    ConfigurationError: "hidden" cannot change while training
    """
    for name in settings:
        if find_key(name).name not in changeable():
            raise ConfigurationError(f'"{name}" cannot change while training')
    changed = {find_key(name).name: value for name, value in settings.items()}
    options = parse_settings(plain_settings(prepared.options) | changed)
    with naming_keys():
        model, loss = build_network(options.network, prepared.data)
        if model != prepared.model:
            raise ConfigurationError(
                f"{type(loss).__name__} needs another last layer: {model!r}; start a new run"
            )
        train = prepared.splits.train
        rate = default_rate(options.optimizer.optimizer, loss, options.network.hidden, train)
        after = replace(prepared, options=options, loss=loss, rate=rate)
        after.optimizer()
        after.model.batch_size(after.batch_size, len(train))
    return after


def plan_forks(prepared: Prepared, changes: Sequence[Change]) -> list[Fork]:
    """Return the branches that a list of changes makes, each from the one before.

    Raises:
        ConfigurationError: a change that cannot work: another batch size within an epoch.

    >>> from rosenblatt.settings import parse_changes, parse_settings, prepare
    >>> prepared = prepare(parse_settings({"data": "moons", "learning_rate": 1.0, "epochs": 9}))
    >>> rates = [{"at": at, "set": {"learning_rate": 1 / at}} for at in (2, 4)]
    >>> [fork.optimizer.learning_rate for fork in plan_forks(prepared, parse_changes(rates))]
    [0.5, 0.25]
    """
    forks = []
    epoch = first = 0  # The whole epochs, and their updates, up to the last change.
    rule = prepared.optimizer()
    for change in changes:
        per_epoch = prepared.updates_per_epoch
        epoch += (change.at - first) // per_epoch
        batch = (change.at - first) % per_epoch
        first = change.at - batch
        after = change_settings(prepared, change.set)
        n = len(after.splits.train)
        size = after.model.batch_size(after.batch_size, n)
        is_same_size = size == prepared.model.batch_size(prepared.batch_size, n)
        if batch and not is_same_size:
            raise ConfigurationError(
                f"changes: another batch_size needs the end of an epoch, and update {change.at} is "
                f"within one; take {first} or {first + per_epoch}"
            )
        epochs = max(after.options.training.epochs, epoch + bool(batch))
        new_rule = after.optimizer(first + (epochs - epoch) * after.updates_per_epoch)
        forks.append(
            Fork(
                at=change.at,
                epochs_begun=epoch + bool(batch),
                prepared=after,
                optimizer=None if new_rule == rule else new_rule,
                loss=None if after.loss == prepared.loss else after.loss,
                batch_size=None if is_same_size else size,
                weights=change.weights,
            )
        )
        prepared, rule = after, new_rule
    return forks
