"""The schema of the settings: what a page needs to show a control for each.

Names, types, choices, defaults and explanations come from the dataclasses and the registries.
Limits are found by trying values, so that they are those of the checks.
"""

import ast
import inspect
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import MISSING
from functools import cache
from itertools import pairwise
from typing import Any, Literal, get_args, get_origin

from cyclopts import App, Argument

from rosenblatt.data import BUNDLED, GENERATORS, Dataset, moons
from rosenblatt.errors import RosenblattError
from rosenblatt.settings.data_options import GENERATOR_SETTINGS
from rosenblatt.settings.forks import changeable
from rosenblatt.settings.network_options import (
    ACTIVATION_SETTINGS,
    INITIALIZER_SETTINGS,
    LOSS_SETTINGS,
)
from rosenblatt.settings.optimizer_options import OPTIMIZER_SETTINGS, RATE, SCHEDULE_SETTINGS
from rosenblatt.settings.plain import Key, keys, parse_settings
from rosenblatt.settings.preparation import UPLOAD, prepare
from rosenblatt.settings.registry_options import RegistrySettings
from rosenblatt.settings.train_options import TrainMLPOptions

REGISTRIES = (
    GENERATOR_SETTINGS,
    ACTIVATION_SETTINGS,
    INITIALIZER_SETTINGS,
    LOSS_SETTINGS,
    OPTIMIZER_SETTINGS,
    SCHEDULE_SETTINGS,
)
WITHOUT = ("engine", "eval_every", "patience", "validation_size", "layer_rates", "keep_zeros")
"""Settings that are no controls: a page evaluates as it draws, its user stops the run, and it has
one learning rate and no pruned weights."""
TRIED_SAMPLES = 30

_UNITS = {
    "n": "samples",
    "turns": "turns",
    "epochs": "epochs",
    "batch_size": "samples",
    "warmup": "updates",
    "decay_every": "updates",
}
_PYTHON = {
    "data": "rb.data.make(name=…)",
    "label": "rb.data.load(label=…)",
    "header": "rb.data.load(header=…)",
    "task": "rb.data.load(task=…)",
    "data_seed": "rb.data.make(seed=…)",
    "n": "rb.data.make(n=…)",
    "test_size": "data.split(test_size=…)",
    "split_seed": "data.split(seed=…)",
    "stratify": "data.split(stratify=…)",
    "standardize": "rb.data.Standardizer.fit(train=…)",
    "hidden": "rb.MLP(n_hidden=…)",
    "activation": "rb.MLP(activation=…)",
    "init": "rb.MLP(init=…)",
    "dropout": "rb.MLP(dropout=…)",
    "loss": "rb.train(loss=…)",
    "optimizer": "rb.train(optimizer=…)",
    "learning_rate": "rb.SGD(learning_rate=…)",
    "schedule": "rb.SGD(learning_rate=…)",
    "warmup": "rb.optimizers.LinearWarmup(updates=…)",
}
"""The names in Python of settings that are no parameters of ``rb.train`` and of no registry."""
_SYMBOLS = re.compile(r"^([α-ωΑ-Ω][₀-₉]?|[½\wα-ω]{1,2}[₀-₉])(?=,)")
"""The letter with which an explanation begins, as in "μ, from 0 to 1"."""
_NOTES = re.compile(r" ?\[(?:default|choices): [^]]*\]| ?\(default [^)]*\)")
"""What explanations say about defaults, which have an entry of their own."""
_LABELS = {
    "n": "samples",
    "n_classes": "classes",
    "n_features": "features",
    "data_seed": "seed of the data",
    "split_seed": "seed of the split",
    "test_size": "test share",
    "hidden": "hidden layers",
    "init": "initial weights",
    "init_scale": "scale of initial weights",
    "warmup": "warm-up",
    "dtype": "precision",
}
"""Labels that are not the key itself."""


@cache
def _schema() -> tuple[dict[str, Any], ...]:
    return tuple(_describe(key) for name, key in keys().items() if name not in WITHOUT)


def describe_settings() -> list[dict[str, Any]]:
    """Return the settings, each with all that a control for it needs.

    ================ ===========================================================================
    ``key``          the name in the mapping of :func:`parse_settings`
    ``group``        the heading: Data, Model, Training or Optimizer
    ``label``        the name for people, with the letter of the formula
    ``type``         float, int, bool, choice, text, widths (a list of widths), names (one, or a
                     list of choices) or points (a list of coordinates)
    ``default``      the value where the key is absent; None where it depends on others or is
                     "none"
    ``defaults``     the defaults by the choice that has the setting, where they differ
    ``choices``      the values of a choice
    ``min``, ``max`` the limits; ``open`` names those that are not reached themselves
    ``unit``         of the number
    ``help``         what it does; ``helps`` by the choice that has the setting
    ``python``       the name in Python; ``pythons`` by the choice that has the setting
    ``only``         the values of another setting with which this one has a meaning, or None
    ``applies``      "fork" if it may change while training, else "new"
    ================ ===========================================================================

    >>> by_key = {setting["key"]: setting for setting in describe_settings()}
    >>> momentum = by_key["momentum"]
    >>> momentum["label"], momentum["min"], momentum["max"], momentum["only"], momentum["applies"]
    ('momentum μ', 0, 1, {'optimizer': ['sgd']}, 'fork')
    """
    return [dict(setting) for setting in _schema()]


def _describe(key: Key) -> dict[str, Any]:
    registry = next((each for each in REGISTRIES if key.name in each.settings), None)
    type_, choices = _type(key)
    setting: dict[str, Any] = {
        "key": key.name,
        "group": _group(key),
        "label": _LABELS.get(key.name, key.name.replace("_", " ")),
        "type": type_,
        "default": None if key.default is MISSING else _plain(key.default),
        "choices": choices,
        "min": None,
        "max": None,
        "open": [],
        "unit": _UNITS.get(key.name, ""),
        "help": _as_sentence(_help(key)),
        "python": _PYTHON.get(key.name, f"rb.train({key.name}=…)"),
        "only": _only(key),
        "applies": "fork" if key.name in changeable() else "new",
    }
    if key.name == "learning_rate":
        setting["default"] = RATE
    if registry is not None:
        setting |= _of_registry(key, registry)
    texts = (
        [setting["help"]] if registry is None else registry.settings[key.name].explanations.values()
    )
    symbols = {match[0] for text in texts if (match := _SYMBOLS.match(text))}
    if len(symbols) == 1:
        setting["label"] += f" {symbols.pop()}"
    if type_ in ("float", "int", "widths"):
        setting |= _limits(key, registry)
    return setting


def _as_sentence(text: str) -> str:
    """Return an explanation that begins with a capital or a formula's letter, and has a stop."""
    text = _NOTES.sub("", text).strip()
    if not _SYMBOLS.match(text):
        text = text[:1].upper() + text[1:]
    return text if text.endswith(".") else f"{text}."


def _type(key: Key) -> tuple[str, list[str] | None]:
    """Return the type of a control, and the choices of a choice."""
    if key.name == "data":
        return "choice", [*GENERATORS, *BUNDLED]
    if key.name == "activation":
        return "names", list(get_args(get_args(key.type)[0]))
    alternatives = [each for each in get_args(key.type) if each is not type(None)]
    is_optional = type(None) in get_args(key.type)
    inner = alternatives[0] if is_optional and len(alternatives) == 1 else key.type
    if get_origin(inner) is Literal:
        return "choice", [choice for choice in get_args(inner) if choice is not None]
    names: Mapping[Any, str] = {float: "float", int: "int", bool: "bool", str: "text"}
    if inner in names:
        return names[inner], None
    return {"hidden": "widths", "means": "points"}[key.name], None


def _plain(value: Any) -> Any:
    return [_plain(entry) for entry in value] if isinstance(value, tuple) else value


def _only(key: Key) -> dict[str, list[str]] | None:
    if key.name in ("label", "header"):
        return {"data": [UPLOAD]}
    if key.name in ("n", "data_seed"):
        return {"data": [*GENERATORS]}
    for registry in REGISTRIES:
        if key.name in registry.settings:
            return {registry.choice: list(registry.settings[key.name].parameters)}
    return None


def _of_registry(key: Key, registry: RegistrySettings) -> dict[str, Any]:
    """Return default, explanation and name in Python of a setting that entries have."""
    setting = registry.settings[key.name]
    defaults, pythons = {}, {}
    for entry, name in setting.parameters.items():
        make = registry.registry[entry]
        default = inspect.signature(make).parameters[name].default
        is_plain = isinstance(default, int | float | str | bool | tuple)
        defaults[entry] = _plain(default) if is_plain else None
        pythons[entry] = f"{python_name(make)}({name}=…)"
    helps = {entry: _as_sentence(text) for entry, text in setting.explanations.items()}
    is_one = len(set(helps.values())) == 1
    return {
        "default": next(iter(defaults.values())),
        "defaults": defaults,
        "python": next(iter(pythons.values())),
        "pythons": pythons,
        "help": next(iter(helps.values())) if is_one else _as_sentence(setting.help),
        "helps": helps,
    }


def python_name(value: Callable[..., Any]) -> str:
    """Return the public name of a class or function of the package, as in ``rb.SGD``.

    >>> from rosenblatt.layers import He
    >>> python_name(He), python_name(GENERATORS["moons"])
    ('rb.layers.He', 'rb.data.moons')
    """
    import rosenblatt as rb

    name = value.__name__
    if name in rb.__all__ and getattr(rb, name) is value:
        return f"rb.{name}"
    for module in ("data", "layers", "losses", "optimizers"):
        if getattr(getattr(rb, module), name, None) is value:
            return f"rb.{module}.{name}"
    return name


@cache
def _arguments() -> dict[str, Argument]:
    """Return what Cyclopts knows about every setting."""

    def command(options: TrainMLPOptions) -> None:
        """Take the options."""

    arguments = App(default_command=command).assemble_argument_collection()
    return {
        argument.name.removeprefix("--").replace("-", "_"): argument
        for argument in arguments
        if not argument.children
    }


def _help(key: Key) -> str:
    """Return the explanation of a setting, as the help of the command line has it."""
    return _arguments()[key.name].parameter.help or _docstrings(key.owner)[key.name]


@cache
def _docstrings(owner: type) -> dict[str, str]:
    """Return the texts below the fields of a dataclass. Cyclopts reads them too, more slowly."""
    (source,) = (
        node
        for node in ast.parse(inspect.getsource(sys.modules[owner.__module__])).body
        if isinstance(node, ast.ClassDef) and node.name == owner.__name__
    )
    return {
        before.target.id: inspect.cleandoc(after.value.value)
        for before, after in pairwise(source.body)
        if isinstance(before, ast.AnnAssign)
        and isinstance(before.target, ast.Name)
        and isinstance(after, ast.Expr)
        and isinstance(after.value, ast.Constant)
        and isinstance(after.value.value, str)
    }


def _group(key: Key) -> str:
    """Return the heading of a setting in the help."""
    group: Any = _arguments()[key.name].parameter.group
    return str(group[0].name)


def _limits(key: Key, registry: RegistrySettings | None) -> dict[str, Any]:
    """Return the smallest and the largest value that the checks accept."""
    context: dict[str, Any] = {
        "data": "moons",
        "n": TRIED_SAMPLES,
        "engine": "reference",
        "epochs": 3,
    }
    context["hidden"] = [2]
    if registry is not None:
        entry = next(iter(registry.settings[key.name].parameters))
        context[registry.choice] = entry
        context |= {
            name: 1
            for name in registry.flags_of(entry)
            if inspect.signature(registry.registry[entry])
            .parameters[registry.settings[name].parameters[entry]]
            .default
            is inspect.Parameter.empty
        }
        if registry is GENERATOR_SETTINGS:
            context["test_size"] = 0
    if key.name == "n":
        context["test_size"] = 0

    group = _group(key)

    def accepts(value: float) -> bool:
        settings = {**context, key.name: [value] if key.name == "hidden" else value}
        return _works(settings, group)

    if key.type in (int, int | None) or key.name == "hidden":
        least = next((value for value in (-1, 0, 1, 2, 3) if accepts(value)), None)
        return {"min": None if least == -1 else least}
    limits: dict[str, Any] = {"open": []}
    if not accepts(-1.0):
        limits["min"] = 0
        limits["open"] += [] if accepts(0.0) else ["min"]
    if key.name != "test_size" and not accepts(2.0):
        limits["max"] = 1 if accepts(0.999) else 0.5
        limits["open"] += [] if accepts(limits["max"]) else ["max"]
    return limits


def _works(settings: dict[str, Any], group: str) -> bool:
    """Return whether a training with these settings could begin; ``group`` is what is tried."""
    from rosenblatt.training.plan import make_plan

    try:
        options = parse_settings(settings)
        prepared = prepare(options, None if group == "Data" else _samples())
        if group == "Training":
            keywords = prepared.keywords()
            make_plan(prepared.model, prepared.splits.train, (keywords.pop("seed"),), keywords)
    except RosenblattError:
        return False
    return True


@cache
def _samples() -> Dataset:
    """Return samples on which settings are tried."""
    return moons(TRIED_SAMPLES)
