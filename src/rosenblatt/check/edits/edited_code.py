"""The classes and functions of a file with other code, next to those of the file itself."""

import ast
from typing import Any

from rosenblatt.check.limits.sandbox import attempt


class Chooser:
    """The edit that code with several edits does: the number ``edit``; −1 for none."""

    def __init__(self) -> None:
        self.edit = -1

    def chosen(self, edits: tuple[int, ...]) -> bool:
        """Return whether one of some edits is done now."""
        return self.edit in edits


def definitions_in(tree: ast.Module) -> ast.Module:
    """Return the classes and functions of a file."""
    kept = ast.ClassDef | ast.FunctionDef
    return ast.Module([part for part in tree.body if isinstance(part, kept)], [])


def run_with(code: Any, around: dict[str, Any], recorder: Any) -> dict[str, Any]:
    """Return the names of a file after compiled definitions have replaced its own.

    Args:
        code: compiled classes and functions.
        around: the names of the file.
        recorder: what the code calls ``__recorder__``.

    Raises:
        FailedError: the definitions raise an error.
    """
    names = {**around, "__recorder__": recorder}
    attempt(exec, code, names, seconds=1.0)
    return names
