"""The classes of a file, and how objects of them are made."""

import functools
import inspect
import re
from collections.abc import Callable
from typing import Any

from rosenblatt.check.limits.sandbox import FailedError
from rosenblatt.check.source.calls import constructions, required
from rosenblatt.check.source.subjects import seeded


def classes_of(module: dict[str, Any]) -> list[Any]:
    """Return the classes that the file defines, in order."""
    return [
        value
        for name, value in module.items()
        if inspect.isclass(value)
        and value.__module__ == module.get("__name__")
        and value.__name__ == name
    ]


def maker_of(cls: Any, module: dict[str, Any]) -> Callable[[], Any] | None:
    """Return a function that makes an object of a class; None where no arguments fit."""
    for settings in constructions(cls, module):
        try:
            seeded(cls, **settings)
        except FailedError:
            continue
        return functools.partial(cls, **settings)
    return None


def is_network(cls: Any) -> bool:
    """Return whether a class has more than a layer's methods or a network's arguments."""
    words = " ".join([cls.__name__, *required(cls), *vars(cls)]).lower()
    return bool(re.search(r"net|mlp|sizes|layers|hidden|update|train|fit|fc|model|loss", words))
