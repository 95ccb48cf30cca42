"""All that a link or a lesson says: settings, and what is done with them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rosenblatt.checks import whole_number
from rosenblatt.errors import ConfigurationError, given
from rosenblatt.settings.forks import LARGEST_UPDATE, Change, parse_changes
from rosenblatt.settings.plain import parse_settings, plain_settings
from rosenblatt.settings.points import parse_edits
from rosenblatt.settings.train_options import TrainMLPOptions

EXTRAS = ("points", "changes", "at", "seeds", "view", "lesson", "hide", "lock")
"""The keys that are no settings of ``train mlp``."""
MOST_SEEDS = 256
LONGEST_NAME = 200
"""Characters in the name of a lesson, a control or a part of the view."""
MOST_NAMES = 100
LARGEST_VIEW = 4000
"""Characters of the view as JSON."""


@dataclass(frozen=True)
class Setup:
    """Settings, and what is done with them.

    Attributes:
        options: the settings.
        has_end: whether the settings say how many epochs there are.
        points: edits of samples, in order; see :func:`parse_edits`.
        changes: changes while training, in order.
        at: the update to show.
        seeds: the number of runs that differ in their seeds, from the seed of the settings on.
        view: what the page shows, as JSON holds it.
        lesson: the name of a lesson.
        hide: names of controls and panels that are not shown.
        lock: names of controls that cannot be changed.

    >>> from rosenblatt.settings import parse_setup
    >>> setup = parse_setup({"data": "moons", "learning_rate": 0.5, "seeds": 64})
    >>> setup.seeds, setup.options.optimizer.learning_rate
    (64, 0.5)
    """

    options: TrainMLPOptions
    has_end: bool = False
    points: tuple[dict[str, Any], ...] = ()
    changes: tuple[Change, ...] = ()
    at: int | None = None
    seeds: int | None = None
    view: Mapping[str, Any] = field(default_factory=dict)
    lesson: str | None = None
    hide: tuple[str, ...] = ()
    lock: tuple[str, ...] = ()

    @property
    def settings(self) -> dict[str, Any]:
        """The settings that differ from their defaults, as plain values."""
        settings = plain_settings(self.options)
        if self.has_end:
            settings["epochs"] = self.options.training.epochs
        return settings

    @property
    def plain(self) -> dict[str, Any]:
        """Everything as a flat mapping of plain values, from which :func:`parse_setup` makes it."""
        extras: dict[str, Any] = {
            "points": list(self.points),
            "changes": [change.plain for change in self.changes],
            "at": self.at,
            "seeds": self.seeds,
            "view": dict(self.view),
            "lesson": self.lesson,
            "hide": list(self.hide),
            "lock": list(self.lock),
        }
        given_extras = {
            name: value for name, value in extras.items() if value not in (None, [], {})
        }
        return self.settings | given_extras


def parse_setup(mapping: Mapping[str, Any]) -> Setup:
    """Return what a mapping of plain values describes: settings, and the keys of ``EXTRAS``.

    Raises:
        ConfigurationError: an unknown key, or a value of the wrong type.

    >>> setup = parse_setup({"data": "moons", "hidden": [20], "at": 150, "seeds": 64})
    >>> setup.plain
    {'data': 'moons', 'at': 150, 'seeds': 64}
    """
    if not isinstance(mapping, Mapping):
        raise ConfigurationError(f"settings must be a mapping, got {given(mapping)}")
    settings = {key: value for key, value in mapping.items() if key not in EXTRAS}
    extras = {key: mapping[key] for key in EXTRAS if mapping.get(key) is not None}
    return Setup(
        options=parse_settings(settings),
        has_end=settings.get("epochs") is not None,
        points=parse_edits(extras.get("points", [])),
        changes=parse_changes(extras.get("changes", [])),
        at=_whole(extras, "at", 0, LARGEST_UPDATE - 1),
        seeds=_whole(extras, "seeds", 1, MOST_SEEDS),
        view=_view(extras.get("view", {})),
        lesson=_name("lesson", extras["lesson"]) if "lesson" in extras else None,
        hide=_names("hide", extras.get("hide", [])),
        lock=_names("lock", extras.get("lock", [])),
    )


def _whole(extras: Mapping[str, Any], key: str, at_least: int, at_most: int) -> int | None:
    return whole_number(extras[key], f'"{key}"', at_least, at_most) if key in extras else None


def _name(key: str, value: object) -> str:
    if not isinstance(value, str) or not value.isprintable() or len(value) > LONGEST_NAME:
        raise ConfigurationError(f'"{key}" must be a short text, got {given(value)}')
    return value


def _names(key: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or len(value) > MOST_NAMES:
        raise ConfigurationError(f'"{key}" must be a list of names, got {given(value)}')
    return tuple(_name(key, name) for name in value)


def _view(value: object) -> dict[str, Any]:
    try:
        text = json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        text = ""
    # TOML has no null.
    if not isinstance(value, Mapping) or not 0 < len(text) <= LARGEST_VIEW or _has_null(value):
        raise ConfigurationError(
            f'"view" must be a table of at most {LARGEST_VIEW} characters, got {given(value)}'
        )
    view: dict[str, Any] = json.loads(text)
    for name in view:
        _name("view", name)
    return view


def _has_null(value: object) -> bool:
    if isinstance(value, Mapping):
        return any(map(_has_null, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_has_null, value))
    return value is None
