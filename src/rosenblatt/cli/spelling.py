"""What a misspelt flag was meant to be."""

from collections.abc import Iterable

from rosenblatt.errors import nearest


def nearest_flag(flag: str, known: Iterable[str]) -> str:
    """Return what ``errors.nearest`` does, for flags: the dashes of two do not make them alike.

    >>> nearest_flag("--epoch", ["--epochs", "--help"]), nearest_flag("--lr", ["--rho", "--help"])
    ('; did you mean "--epochs"?', '')
    """
    hint = nearest(flag.lstrip("-"), [name.lstrip("-") for name in known])
    return hint.replace('"', '"--', 1)
