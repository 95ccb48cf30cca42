"""A function of a file, and those that it calls, with other code next to the rest of the file."""

import ast
import functools
import itertools
import types
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from rosenblatt.check.edits.edited_code import run_with
from rosenblatt.check.source.coverage import called_from
from rosenblatt.check.source.text import Source

_PREFIX = "__changed__"
"""What the names of classes with changed methods begin with."""


@dataclass(frozen=True)
class Definitions:
    """The definitions that may be changed.

    Attributes:
        root: the function itself.
        functions: those of the module that it calls.
        methods: methods that it calls, by class.
    """

    root: Any
    functions: tuple[Any, ...]
    methods: dict[str, tuple[Any, ...]]

    @classmethod
    def of(cls, root: Any, source: Source, *, deep: bool) -> "Definitions":
        """Return the definition of a function, with ``deep`` also those that it calls."""
        names = called_from([root.name], source) if deep else set()
        functions, methods = [], {}
        for statement in source.tree.body:
            if isinstance(statement, ast.ClassDef):
                own = [s for s in statement.body if _is_called(s, names) and s is not root]
                if own:
                    methods[statement.name] = tuple(own)
            elif _is_called(statement, names) and getattr(statement, "name", "") != root.name:
                functions.append(statement)
        return cls(root, tuple(functions), methods)

    def contains(self, node: Any) -> bool:
        """Return whether a node is part of a definition."""
        return id(node) in self._inside

    @functools.cached_property
    def _inside(self) -> set[int]:
        every = [self.root, *self.functions, *(m for own in self.methods.values() for m in own)]
        return {id(part) for definition in every for part in ast.walk(definition)}

    def alone(self, tree: ast.Module) -> ast.Module:
        """Return the definitions as they are in a changed tree of the file, undecorated."""
        wanted = {(f.name, f.lineno) for f in (self.root, *self.functions)}
        body: list[ast.stmt] = []
        for statement in tree.body:
            if isinstance(statement, ast.ClassDef) and statement.name in self.methods:
                lines = {(m.name, m.lineno) for m in self.methods[statement.name]}
                own = [_plain(s) for s in statement.body if _place(s) in lines]
                (empty,) = ast.parse(f"class {_PREFIX}{statement.name}: pass").body
                assert isinstance(empty, ast.ClassDef)
                empty.body = own
                body.append(empty)
        body += [_plain(node) for node in ast.walk(tree) if _place(node) in wanted]
        if not any(_place(node) == _place(self.root) for node in body):
            raise ValueError(self.root.name)
        return ast.fix_missing_locations(ast.Module(body, []))

    def run(self, code: Any, function: Any, recorder: Any) -> Any:
        """Return the function with its compiled definitions.

        Raises:
            FailedError: the definitions raise an error.
            TypeError: it is no function.
        """
        names = run_with(code, getattr(function, "__globals__", {}), recorder)
        made = names[function.__name__]
        if not isinstance(made, types.FunctionType):
            raise TypeError(function.__name__)
        if not self.methods:
            return made

        @functools.wraps(function)
        def changed(*values: Any, **named: Any) -> Any:
            given = _classes_in([values, named])
            with _replaced(names, self.methods, given):
                return made(*values, **named)

        return changed


@contextmanager
def _replaced(
    names: dict[str, Any], methods: dict[str, tuple[Any, ...]], given: set[type]
) -> Iterator[None]:
    """Put changed methods into the classes of the file, as long as a call lasts.

    Objects that another run of the file has made have classes of their own: those ``given``.
    """
    before: list[tuple[Any, str, Any]] = []
    try:
        for owner, own in methods.items():
            alike = {cls for cls in given if cls.__name__ == owner}
            if isinstance(names.get(owner), type):
                alike.add(names[owner])
            for cls, method in itertools.product(alike, own):
                old = vars(cls).get(method.name)
                new = vars(names[f"{_PREFIX}{owner}"])[method.name]
                kind = type(old) if isinstance(old, staticmethod | classmethod) else None
                before.append((cls, method.name, old))
                setattr(cls, method.name, kind(new) if kind else new)
        yield
    finally:
        for cls, name, old in before:
            setattr(cls, name, old)


def _classes_in(value: Any, depth: int = 0) -> set[type]:
    """Return the classes of the objects in arguments."""
    if depth > 4 or value is None:
        return set()
    inner: list[Any] = []
    if isinstance(value, list | tuple):
        inner = list(value[:50])
    elif isinstance(value, dict):
        inner = list(value.values())[:50]
    elif hasattr(value, "__dict__") and not isinstance(value, type):
        inner = list(vars(value).values())
    found = {cls for part in inner for cls in _classes_in(part, depth + 1)}
    return found | {type(value)} if hasattr(value, "__dict__") else found


def _place(node: Any) -> Any:
    return (node.name, node.lineno) if isinstance(node, ast.FunctionDef) else None


def _is_called(statement: Any, names: set[str]) -> bool:
    return isinstance(statement, ast.FunctionDef) and statement.name in names


def _plain(node: Any) -> Any:
    node.decorator_list = []
    return node
