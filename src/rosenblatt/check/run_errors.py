"""Mistakes that end a run with an error: whole-number weights, and shapes that do not fit."""

import re
from pathlib import Path
from typing import Any

from rosenblatt.check.limits.sandbox import text_of
from rosenblatt.check.run_ends import last_line
from rosenblatt.check.source.text import Source


def finding_of_error(
    ended: Any, source: Source, path: Path, *, own: bool
) -> list[dict[str, Any]] | None:
    """Return the finding of an error that ended a run; None for another end."""
    words = text_of(ended)
    if isinstance(ended, TypeError) and "Cannot cast ufunc" in words and "int" in words:
        return [
            {
                "mistake": "integer-weights",
                "where": "training",
                "line": last_line(ended, path),
                "text": f"The update fails: {words}.",
            }
        ]
    if own and isinstance(ended, ValueError):
        line = last_line(ended, path)
        broad = re.search("broadcast", words)
        if line and (broad or re.search("not aligned|matmul", words)):
            return [
                {
                    "mistake": "broadcast" if broad or _flat_targets(source) else "transposed",
                    "where": "training",
                    "line": line,
                    "text": f"The run stops: {words}.",
                }
            ]
    return None


def _flat_targets(source: Source) -> bool:
    """Return whether targets (N,) meet outputs (N, 1) in the code."""
    return re.search(r"\by\w* = np\.array\(\[[\d. ,]+\]", source.code) is not None
