"""A file's namespace: its imports, classes, functions and values, without its loops and calls."""

import ast
import copy
import sys
import types
from pathlib import Path
from typing import Any

from rosenblatt.check.limits.sandbox import FailedError
from rosenblatt.check.run_ends import described
from rosenblatt.check.source.coverage import Coverage, counted
from rosenblatt.check.source.subjects import seeded
from rosenblatt.check.source.text import Source

NAME = "student_code"
"""The module's name while its parts are checked; a script's loop does not run under it."""

STATEMENT_SECONDS = 1.0
"""Seconds of processor time of one statement."""

IMPORT_SECONDS = 30.0
"""Seconds of processor time of an import of installed packages, none of the file's own code."""


def definitions(
    source: Source, path: Path, coverage: Coverage
) -> tuple[dict[str, Any], str | None]:
    """Return the file's namespace without its loops and calls, and what went wrong.

    Its functions note in ``coverage`` that they were called.
    """
    module = types.ModuleType(NAME)
    module.__file__ = str(path)
    vars(module)["__called__"] = coverage.called
    sys.modules[NAME] = module
    problem = None
    for statement in source.tree.body:
        if isinstance(
            statement, ast.For | ast.While | ast.Expr | ast.AugAssign | ast.If | ast.With
        ):
            continue
        node = ast.Module(body=[counted(copy.deepcopy(statement))], type_ignores=[])
        try:
            code = compile(node, str(path), "exec")
            seconds = (
                IMPORT_SECONDS if _imports_packages(statement, path.parent) else STATEMENT_SECONDS
            )
            seeded(exec, code, vars(module), seconds=seconds)
        except (FailedError, SyntaxError) as error:
            cause = error.cause if isinstance(error, FailedError) else error
            problem = problem or f"line {statement.lineno}: {described(cause)}"
    return vars(module), problem


def _imports_packages(statement: ast.stmt, folder: Path) -> bool:
    """Return whether a statement imports installed packages and no files of ``folder``."""
    if isinstance(statement, ast.Import):
        names = [alias.name for alias in statement.names]
    elif isinstance(statement, ast.ImportFrom) and not statement.level:
        names = [statement.module or ""]
    else:
        return False
    tops = [name.split(".")[0] for name in names]
    return not any((folder / f"{top}.py").exists() or (folder / top).is_dir() for top in tops)
