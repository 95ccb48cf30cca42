"""The order of findings, without those that follow from another one."""

import ast
import re
from typing import Any

from rosenblatt.check.source.text import Source

_LATE = {"unexplained": 2, "log-of-zero": 1, "softmax-overflow": 4}
"""Findings that come after others: a training that diverges meets logarithms of 0.

A softmax that overflows for large logits comes last, since the file's own run may have none.
"""


_VAGUE = (*_LATE, "loss-gradient-mismatch")
"""Findings that do not tell which part of a function is wrong."""


def ranked(findings: list[dict[str, Any]], source: Source) -> list[dict[str, Any]]:
    """Return findings, the likeliest first.

    A gradient that nothing explains is left out where its code uses a part that is named: it may
    be wrong for no other reason. It comes after one of a part that it uses, and a gradient of
    another loss after a mistake of its own place or of such a part.
    """
    named = {_part(finding) for finding in findings if finding["mistake"] not in _LATE}
    kept = [
        finding
        for finding in findings
        if finding["mistake"] != "unexplained"
        or not (named - {_part(finding)}) & _used(_part(finding), source)
    ]
    causes = [finding for finding in kept if finding["mistake"] not in _VAGUE]
    places = {finding["where"] for finding in causes}
    parts = {_part(finding) for finding in causes}
    unexplained = {_part(finding) for finding in kept if finding["mistake"] == "unexplained"}
    written = {getattr(node, "name", "") for node in source.tree.body}

    def order(finding: dict[str, Any]) -> int:
        own = _part(finding)
        # The gradient of a loss is wrong where a softmax that it uses is.
        used = _used(own, source) - {own} if own in written else set()
        vague = finding["mistake"] == "loss-gradient-mismatch" and (
            finding["where"] in places or parts & used
        )
        if finding["mistake"] == "unexplained" and unexplained & used:
            return _LATE["unexplained"] + 1
        return 1 if vague else _LATE.get(finding["mistake"], 0)

    return sorted(kept, key=order)


def _part(finding: dict[str, Any]) -> str:
    return str(finding["where"].split(".")[0])


def _used(part: str, source: Source) -> set[str]:
    """Return the classes and functions of a file that a part of it uses, directly or not."""
    texts = {
        node.name: set(re.findall(r"\w+", ast.unparse(node)))
        for node in source.tree.body
        if isinstance(node, ast.ClassDef | ast.FunctionDef)
    }
    used: set[str] = set()
    reached = [part] if part in texts else list(texts)
    while reached:
        name = reached.pop()
        if name not in used:
            used.add(name)
            reached += texts[name] & texts.keys()
    return used
