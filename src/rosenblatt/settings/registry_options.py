"""Options that follow from a registry: the names of its entries, and their settings as flags."""

import inspect
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import field, make_dataclass, replace
from functools import cache
from typing import Annotated, Any, Literal, NamedTuple, get_origin

from cyclopts import UNSET, Group, Parameter, Token, convert

from rosenblatt.errors import ConfigurationError
from rosenblatt.registry import Registry, snake_case
from rosenblatt.settings.params import OptionalWhole

_TYPES = {float: float | None, int: OptionalWhole, bool: bool | None, str: str | None}
"""The types of parameters that a flag can be given, and those of the flags."""


class Setting(NamedTuple):
    """A flag for a setting of some entries.

    Attributes:
        type: the type of the flag's value.
        parameters: for each entry that has the setting, the name of the entry's parameter.
        explanations: for each of them, the text of the entry's docstring.
    """

    type: Any
    parameters: dict[str, str]
    explanations: dict[str, str]

    @property
    def help(self) -> str:
        """The text of the help: each explanation, after the entries that have it."""
        texts = dict.fromkeys(self.explanations.values())
        entries = {
            text: ", ".join(name for name, of in self.explanations.items() if of == text)
            for text in texts
        }
        return " ".join(f"{names}: {text}." for text, names in entries.items())


class RegistrySettings:
    """The settings of all entries of a registry, one of which a flag chooses.

    A parameter of an entry becomes a flag if it is a number, a switch or a text; its help is what
    the entry's docstring says of it under "Args:".

    Args:
        choice: the flag that chooses the entry, without dashes.
        registry: the entries by name; each is called with its settings.
        group: the heading of the flags in the help.
        without: parameters that are no flags, because other code fills them in.
        flags: for a parameter, the flag's name where it is another.
        types: for a parameter, the flag's type where it does not follow from the annotation.
        texts: for a parameter, its help where the docstring's does not fit the flag.
    """

    def __init__(
        self,
        choice: str,
        registry: Mapping[str, Callable[..., Any]],
        group: Group,
        *,
        without: Collection[str] = (),
        flags: Mapping[str, str] | None = None,
        types: Mapping[str, Any] | None = None,
        texts: Mapping[str, str] | None = None,
    ) -> None:
        self.choice = choice
        self.registry = registry
        self.settings: dict[str, Setting] = {}
        for entry, make in registry.items():
            explained = explanations(make) | dict(texts or {})
            for name, parameter in inspect.signature(make).parameters.items():
                type_ = (types or {}).get(name) or _flag_type(parameter.annotation)
                if name in without or type_ is None:
                    continue
                flag = (flags or {}).get(name, name)
                setting = self.settings.setdefault(flag, Setting(type_, {}, {}))
                setting.parameters[entry] = name
                setting.explanations[entry] = explained.get(name, name) + _default(parameter)
        self.options: type[Any] = Parameter(name="*", group=group)(
            make_dataclass(
                f"{choice.title()}Settings",
                [
                    (
                        flag,
                        Annotated[setting.type, Parameter(help=setting.help)],
                        field(default=None),
                    )
                    for flag, setting in self.settings.items()
                ],
                # Cyclopts looks for flags in no class of the standard library, such as "types".
                namespace={"__module__": __name__},
                frozen=True,
                kw_only=True,
            )
        )

    def flags_of(self, entry: str) -> list[str]:
        """Return the flags of an entry's settings, without dashes."""
        return [flag for flag, setting in self.settings.items() if entry in setting.parameters]

    def given(self, options: Any) -> dict[str, Any]:
        """Return the flags that were given, with their values.

        A switch that is off counts as not given: that is what every entry has without it.
        """
        values = {flag: getattr(options, flag) for flag in self.settings}
        return {
            flag: value
            for flag, value in values.items()
            if value is not None and value is not False
        }

    def of(self, entry: str, options: Any) -> dict[str, Any]:
        """Return the settings given for the chosen entry, by the names of its parameters.

        Raises:
            ConfigurationError: a setting of another entry, or one that is missing.
        """
        settings = {}
        for flag, value in self.given(options).items():
            parameters = self.settings[flag].parameters
            if entry not in parameters:
                raise ConfigurationError(
                    f"{as_flag(flag)} has no meaning for {as_flag(self.choice)} {entry}; "
                    f"it belongs to {as_flag(self.choice)} {' and '.join(parameters)}"
                )
            settings[parameters[entry]] = value
        required = _parameters(self.registry[entry])
        for flag in self.flags_of(entry):
            name = self.settings[flag].parameters[entry]
            if required[name].default is inspect.Parameter.empty and name not in settings:
                raise ConfigurationError(
                    f"{as_flag(self.choice)} {entry} needs {as_flag(flag)}: "
                    f"{explanations(self.registry[entry]).get(name, name)}"
                )
        return settings

    def make(self, entry: str, options: Any) -> Any:
        """Return the chosen entry, made with the settings given for it."""
        return self.registry[entry](**self.of(entry, options))

    def make_each(self, entries: Sequence[str], options: Any) -> list[Any]:
        """Return several chosen entries, each made with those of the given settings that it has.

        Raises:
            ConfigurationError: a setting that none of them has, or one that is missing.
        """
        for flag in self.given(options):
            if not any(entry in self.settings[flag].parameters for entry in entries):
                self.of(entries[0], options)
        return [
            self.make(
                entry,
                replace(
                    options,
                    **{flag: None for flag in self.settings if flag not in self.flags_of(entry)},
                ),
            )
            for entry in entries
        ]


def choices(registry: Registry[Any], names: Collection[str]) -> Any:
    """Return the type of a flag that takes one of these names of a registry, in any spelling.

    The flag also takes the aliases of the classes, such as "xavier".
    """
    type_: Any = Literal[tuple(names)]

    def parse(_: Any, tokens: Sequence[Token]) -> Any:
        token = tokens[0]
        if token.implicit_value is not UNSET:
            return token.implicit_value
        return convert(type_, [canonical(token.value)])

    def canonical(name: object) -> Any:
        return _canonical(registry, names, name)

    parse.canonical = canonical  # type: ignore[attr-defined]
    return Annotated[type_, Parameter(converter=parse)]


def choices_for_layers(registry: Registry[Any], names: Collection[str]) -> Any:
    """Return the type of a flag that takes one of these names, or several with commas.

    The value is a name, or a tuple of several.
    """
    one: Any = Literal[tuple(names)]

    def parse(_: Any, tokens: Sequence[Token]) -> Any:
        token = tokens[0]
        if token.implicit_value is not UNSET:
            return token.implicit_value
        value = canonical(token.value)
        if isinstance(value, list):
            return tuple(convert(one, [name]) for name in value)
        return convert(one, [value])

    def canonical(value: object) -> Any:
        parts = value.split(",") if isinstance(value, str) else value
        if not isinstance(parts, list | tuple):
            return value
        found = [
            _canonical(registry, names, part.strip() if isinstance(part, str) else part)
            for part in parts
        ]
        # No names at all are none of the choices.
        return found if len(found) > 1 else (found or [""])[0]

    parse.canonical = canonical  # type: ignore[attr-defined]
    parameter = Parameter(
        converter=parse, n_tokens=1, negative=(), metavar="NAMES", show_choices=False
    )
    return Annotated[one | tuple[one, ...], parameter]


def _canonical(registry: Registry[Any], names: Collection[str], name: object) -> Any:
    """Return the name of an entry for a name in any spelling; anything else as it is."""
    if not isinstance(name, str):
        return name
    try:
        found = snake_case(registry.find(name).__name__)
    except ConfigurationError:
        return name
    return found if found in names else name


def as_flag(name: str) -> str:
    """Return the flag of a setting.

    >>> as_flag("weight_decay")
    '--weight-decay'
    """
    return f"--{name.replace('_', '-')}"


@cache
def _parameters(entry: Callable[..., Any]) -> Mapping[str, inspect.Parameter]:
    return inspect.signature(entry).parameters


@cache
def explanations(entry: Callable[..., Any]) -> dict[str, str]:
    """Return the first clause that an entry's docstring has for each parameter.

    >>> from rosenblatt.optimizers import SGD
    >>> explanations(SGD)["momentum"]
    'μ, from 0 to 1'
    """
    _, _, section = (inspect.getdoc(entry) or "").partition("\nArgs:\n")
    entries = re.findall(r"^    (\w+): (.*(?:\n {5,}.*)*)", section.split("\n\n")[0], re.MULTILINE)
    return {
        name: re.split(r"[.;:](?:\s|$)", " ".join(text.split()), maxsplit=1)[0]
        for name, text in entries
    }


def _default(parameter: inspect.Parameter) -> str:
    """Return a parameter's default for its help, if that is a number."""
    default = parameter.default
    is_number = isinstance(default, int | float) and not isinstance(default, bool)
    return f" (default {default:g})" if is_number else ""


def _flag_type(annotation: Any) -> Any:
    """Return the type of the flag for a parameter, or None if no flag can be given its values."""
    if get_origin(annotation) is Literal:
        return annotation | None
    return _TYPES.get(annotation)
