"""Explanations, in one line, of command lines that were not understood."""

from collections.abc import Iterable

from cyclopts import CycloptsError, MissingArgumentError, UnknownOptionError, UnusedCliTokensError
from cyclopts.exceptions import UnknownCommandError

from rosenblatt.errors import nearest


def explain(error: CycloptsError) -> str:
    """Return the mistake, and either a correction or the help to read."""
    explanation = _explanation(error)
    if explanation.endswith("?"):
        return explanation
    command = " ".join(["rosenblatt", *(error.command_chain or ())])
    return f'{explanation}; see "{command} --help"'


def _explanation(error: CycloptsError) -> str:
    if isinstance(error, UnknownOptionError):
        option = (error.token.keyword or error.token.value).split("=")[0]
        known = [name for argument in error.argument_collection for name in argument.names]
        return f"unknown option {option}{nearest_flag(option, known)}"
    if isinstance(error, UnknownCommandError) and error.app and error.unused_tokens:
        word = error.unused_tokens[0]
        commands = [name for name in error.app if not name.startswith("-")]
        return f'unknown command "{word}", known are {", ".join(commands)}{nearest(word, commands)}'
    if isinstance(error, UnusedCliTokensError) and error.unused_tokens:
        return f'unexpected "{error.unused_tokens[0]}"'
    if isinstance(error, MissingArgumentError) and error.argument is not None:
        argument = error.argument
        if argument.tokens or error.keyword:
            return f"{error.keyword or argument.name} needs a value"
        # Of a dataclass Cyclopts says only that something in it is missing.
        while missing := next((child for child in argument.children if child.required), None):
            argument = missing
        name = argument.names[0]
        keyword = argument.field_info.is_keyword_only
        return f"{name if keyword else name.lstrip('-').upper()} is missing"
    text = str(error).strip().rstrip(".")
    return text[:1].lower() + text[1:]


def nearest_flag(flag: str, known: Iterable[str]) -> str:
    """Return the hint of ``errors.nearest`` for a flag, whose dashes do not count.

    >>> nearest_flag("--epoch", ["--epochs", "--help"]), nearest_flag("--lr", ["--rho", "--help"])
    ('; did you mean "--epochs"?', '')
    """
    hint = nearest(flag.lstrip("-"), [name.lstrip("-") for name in known])
    return hint.replace('"', '"--', 1)
