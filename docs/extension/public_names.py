"""The public names of the package, and the one place where the reference describes each."""

import importlib
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import rosenblatt

MODULES = (
    "rosenblatt",
    *(f"rosenblatt.{name}" for name in rosenblatt._MODULES),
    "rosenblatt.analysis.bayes",
    "rosenblatt.analysis.gradcheck",
    "rosenblatt.analysis.hessian",
    "rosenblatt.analysis.statistics",
    "rosenblatt.analysis.trainability",
    "rosenblatt.engines",
    "rosenblatt.errors",
    "rosenblatt.models",
    "rosenblatt.settings",
    "rosenblatt.training",
)
"""The modules that the reference describes, in this order; each name stands with the first that
has it."""


@dataclass(frozen=True)
class PublicName:
    """A name that the reference describes.

    Attributes:
        module: the module with which it stands.
        name: its name there.
        value: the object.
    """

    module: str
    name: str
    value: Any

    @property
    def full(self) -> str:
        """The module and the name."""
        return f"{self.module}.{self.name}"

    @property
    def directive(self) -> str:
        """The directive of Sphinx that describes it."""
        if inspect.isclass(self.value):
            return "autoexception" if issubclass(self.value, Exception) else "autoclass"
        return "autofunction" if inspect.isroutine(self.value) else "autodata"

    @property
    def docstring(self) -> str:
        """What the source says about it, empty where that is nothing."""
        if self.directive == "autodata":
            return _comment_of(self.module, self.name)
        return inspect.getdoc(self.value) or ""


def exported(module: str) -> list[tuple[str, Any]]:
    """Return the public names of a module with their values, modules left out."""
    imported = importlib.import_module(module)
    names = getattr(imported, "__all__", None)
    if names is None:
        names = [name for name, value in vars(imported).items() if _is_own(value, module, name)]
    values = [(name, getattr(imported, name)) for name in sorted(names, key=str.casefold)]
    return [(name, value) for name, value in values if not inspect.ismodule(value)]


def _is_own(value: object, module: str, name: str) -> bool:
    return not name.startswith("_") and getattr(value, "__module__", None) == module


@cache
def public_names() -> tuple[PublicName, ...]:
    """Return every public name once."""
    found: dict[int, PublicName] = {}
    for module in MODULES:
        for name, value in exported(module):
            if not name.startswith("_"):
                found.setdefault(id(value), PublicName(module, name, value))
    return tuple(found.values())


def documented(value: object) -> PublicName | None:
    """Return the public name of an object, or None."""
    return next((public for public in public_names() if public.value is value), None)


def _comment_of(module: str, name: str) -> str:
    """Return the text below the assignment of a constant, in the module that assigns it."""
    from sphinx.pycode import ModuleAnalyzer

    for source in _sources(module):
        comments = ModuleAnalyzer.for_module(source).find_attr_docs()
        if ("", name) in comments:
            return "\n".join(comments["", name]).strip()
    return ""


def _sources(module: str) -> Iterator[str]:
    """Yield a module and the modules from which it imports."""
    yield module
    for value in list(vars(importlib.import_module(module)).values()):
        source = getattr(value, "__module__", None)
        if isinstance(source, str) and source.startswith("rosenblatt."):
            yield source
