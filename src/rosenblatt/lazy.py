"""Names of a package that are loaded when they are first used."""

import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any


def loads(package: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """Return the ``__getattr__`` of a package (PEP 562) for names that its modules define.

    The package imports the names for type checkers as well, under ``TYPE_CHECKING``.

    Args:
        package: its full name.
        homes: for each name the module within the package that defines it; for a module itself,
            its own name.
    """

    def load(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module = importlib.import_module(f"{package}.{homes[name]}")
        value = module if homes[name] == name else getattr(module, name)
        setattr(sys.modules[package], name, value)
        return value

    return load
