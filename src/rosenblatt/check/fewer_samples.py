"""A file with fewer samples, where passes fill the record before there are updates."""

import ast
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from rosenblatt.check.source.changes import with_changes
from rosenblatt.check.source.text import Source

FEW = 4
"""Samples that are left."""

_FEWEST = 8
"""Samples of which fewer can be left."""


def with_fewer_samples(
    source: Source, path: Path, names: dict[str, Any], traceback: TracebackType | None
) -> str | None:
    """Return the text of the file with another number of samples, on the same lines.

    The numbers of samples are those of the code that some table of values has as its length, in
    ``names`` or in a function that ran at the end. None: there are none.
    """
    values = [value for scope in (names, *_locals(traceback, path)) for value in scope.values()]
    lengths = {len(value) for value in values if _is_table(value)}
    found = [node for node in _counts(source) if node.value in lengths and node.value >= _FEWEST]
    return with_changes(source.text, [(node, f"{FEW}") for node in found]) if found else None


def _locals(traceback: TracebackType | None, path: Path) -> Iterator[dict[str, Any]]:
    """Yield the local values of the file's functions that an exception has left."""
    while traceback is not None:
        frame = traceback.tb_frame
        if frame.f_code.co_filename == str(path):
            yield dict(frame.f_locals)
        traceback = traceback.tb_next


def _is_table(value: Any) -> bool:
    """Return whether a value has rows."""
    if isinstance(value, np.ndarray):
        return value.ndim > 1
    return (
        isinstance(value, list | tuple)
        and bool(value)
        and isinstance(value[0], list | tuple | np.ndarray)
    )


def _counts(source: Source) -> Iterator[Any]:
    """Yield whole numbers that are assigned, are defaults, end slices, or are given to functions.

    The functions are those of the file.
    """
    own = {"range", *(function.name for function in source.functions)}
    for node in ast.walk(source.tree):
        given: list[Any] = []
        if isinstance(node, ast.Assign):
            given = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
        elif isinstance(node, ast.arguments):
            given = [*node.defaults, *node.kw_defaults]
        elif isinstance(node, ast.Dict):
            given = node.values
        elif isinstance(node, ast.Slice) and node.lower is None:
            given = [node.upper]
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in own:
            given = [*node.args, *(keyword.value for keyword in node.keywords)]
        for value in given:
            if isinstance(value, ast.Constant) and type(value.value) is int:
                yield value
