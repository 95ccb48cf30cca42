"""Settings from a TOML file: the flags without their dashes, checked where they enter.

Such a file holds values and no code. It is read up to a size that people write
(:mod:`rosenblatt.limits`). Deep nesting and numbers of thousands of digits are refused.
"""

import codecs
import tomllib
from pathlib import Path
from typing import Any, get_args

from cyclopts import UNSET, App, Argument, ArgumentCollection, Token

from rosenblatt import limits
from rosenblatt.errors import ConfigurationError, FileError, nearest
from rosenblatt.settings.values import check_value

CONFIG = "config"


def read_config(app: App, commands: tuple[str, ...], arguments: ArgumentCollection) -> None:
    """Fill in what a command's ``--config FILE`` says and its command line does not.

    Keys are flags without their leading dashes: ``learning-rate`` or ``learning_rate``. Cyclopts
    calls this between reading the command line and making the command's dataclass of it.

    Raises:
        FileError: the file cannot be read, or is not TOML.
        ConfigurationError: an unknown key, or a value of the wrong type; names file and key.
    """
    # --no-shuffle on the command line is shuffle = false in the file.
    by_key = {
        name.removeprefix("--"): argument
        for argument in arguments
        for name in argument.names
        if name.startswith("--") and name not in argument.negatives
    }
    chosen = by_key.pop(CONFIG, None)
    if chosen is not None and chosen.tokens:
        _refuse_empty_path(chosen, chosen.tokens[0].value, "--config")
        _fill_in(chosen.tokens[0].value, by_key, commands)
    for argument in arguments:
        for token in argument.tokens:
            if token.implicit_value is UNSET:
                name = token.keyword or argument.name.lstrip("-").upper()
                _refuse_empty_path(argument, token.value, name)


def _refuse_empty_path(argument: Argument, value: object, name: str) -> None:
    """Raise ConfigurationError for an empty name of a file: it would be the current folder."""
    is_path = Path in (argument.hint, *get_args(argument.hint))
    if is_path and isinstance(value, str) and not value.strip():
        raise ConfigurationError(f"{name} needs the name of a file or a folder, got an empty text")


def _fill_in(path: str, by_key: dict[str, Argument], commands: tuple[str, ...]) -> None:
    """Fill in what a file says and the command line does not."""
    spelt: dict[str, str] = {}
    for key, value in read_toml(path).items():
        flag = key.replace("_", "-")
        if flag not in by_key:
            hint = nearest(flag, by_key)
            raise ConfigurationError(f'{path}: "{key}" is no setting of {" ".join(commands)}{hint}')
        if flag in spelt:
            raise ConfigurationError(f'{path}: "{spelt[flag]}" and "{key}" are the same setting')
        spelt[flag] = key
        argument = by_key[flag]
        _refuse_empty_path(argument, value, f'{path}: "{key}"')
        canonical = getattr(argument.parameter.converter, "canonical", None)
        if canonical is not None:
            value = canonical(value)
        checked = check_value(f'{path}: "{key}"', value, argument.hint)
        if not argument.tokens:
            argument.append(Token(keyword=flag, source=path, implicit_value=checked))


def read_toml(path: str | Path) -> dict[str, Any]:
    """Return the content of a TOML file.

    Raises:
        FileError: the file cannot be read, or is not TOML.
    """
    try:
        with Path(path).open("rb") as file:
            content = file.read(limits.LARGEST_SETTINGS + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise FileError(f"cannot read {path}: {reason}") from error
    if len(content) > limits.LARGEST_SETTINGS:
        most = limits.show_bytes(limits.LARGEST_SETTINGS)
        raise FileError(f"{path} is no file of settings: it has more than {most}")
    try:
        if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise FileError(f"{path} is not a TOML file, but in UTF-16; save it as UTF-8")
        # Some editors begin a file with a byte order mark.
        return tomllib.loads(content.decode("utf-8-sig"))
    except RecursionError:
        raise FileError(f"{path} is not a TOML file for settings: it is nested too deep") from None
    except ValueError as error:
        # Bad syntax, bytes that are no text, a number with too many digits, a date that is none.
        raise FileError(f"{path} is not a TOML file: {error}") from error
