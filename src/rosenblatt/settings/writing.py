"""Settings as a command line, and as a TOML file."""

import shlex
from collections.abc import Mapping
from typing import Any

from rosenblatt.errors import ConfigurationError
from rosenblatt.settings.forks import DEFAULT
from rosenblatt.settings.preparation import UPLOAD
from rosenblatt.settings.registry_options import as_flag
from rosenblatt.settings.setup import parse_setup
from rosenblatt.settings.texts import to_text

_TABLES = ("points", "changes", "view")


def as_command(settings: Mapping[str, Any]) -> str:
    """Return the command line that trains with these settings, quoted for a shell.

    ``upload:NAME`` becomes the file NAME. What only a page does (``at``, ``view``, ``seeds``, ...)
    is left out.

    Raises:
        ConfigurationError: settings that cannot be parsed, or edits of samples or changes while
            training, which a command does not have.

    >>> as_command({"data": "moons", "hidden": [8, 8], "shuffle": False, "learning_rate": 0.5})
    'rosenblatt train mlp moons --hidden 8,8 --learning-rate 0.5 --no-shuffle'
    """
    setup = parse_setup(settings)
    if setup.points or setup.changes:
        raise ConfigurationError(
            "a command has no samples moved by hand and no changes while training; copy as Python, "
            "or as a link"
        )
    values = setup.settings
    source = source_name(values.pop("data"))
    words = ["rosenblatt", "train", "mlp", f"./{source}" if source.startswith("-") else source]
    for name, value in values.items():
        words += _words(name, value)
    return shlex.join(words)


def source_name(data: str) -> str:
    """Return DATA as a command has it: a file for ``upload:NAME``."""
    name = data.removeprefix(UPLOAD)
    # A file with the name of a generator is meant.
    return f"./{name}" if name != data and "." not in name else name


def _words(name: str, value: Any) -> list[str]:
    flag = as_flag(name)
    if isinstance(value, bool):
        return [flag if value else as_flag(f"no_{name}")]
    text = to_text(value)
    return [f"{flag}={text}"] if text.startswith("-") or not text else [flag, text]


def as_toml(settings: Mapping[str, Any]) -> str:
    """Return the settings as a file for ``--config``; with those that only a page has at its end.

    Raises:
        ConfigurationError: settings that cannot be parsed.

    >>> print(as_toml({"data": "moons", "hidden": [8, 8], "learning_rate": 0.5}), end="")
    data = "moons"
    hidden = [8, 8]
    learning_rate = 0.5
    """
    import tomli_w

    setup = parse_setup(settings)
    values = setup.plain
    if not setup.points:
        values["data"] = source_name(values["data"])
    for change in values.get("changes", []):
        new = change.get("set", {})
        new.update({name: DEFAULT for name, value in new.items() if value is None})
    tables: dict[str, Any] = {name: values.pop(name) for name in _TABLES if name in values}
    lines = [f"{name} = {_toml(value)}\n" for name, value in values.items()]
    return "".join(lines) + (f"\n{tomli_w.dumps(tables)}" if tables else "")


def _toml(value: Any) -> str:
    """Return a value as TOML, lists in one line."""
    import tomli_w

    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return tomli_w.dumps({"x": value}).removeprefix("x = ").rstrip()
