"""Gradients in a dict whose keys the loop of the updates does not name.

``for k in ("W1", "W2"): p[k] -= rate * g[k]`` leaves ``p["b1"]`` as it is, although ``g["b1"]`` is
computed.
"""

import ast
import re
from collections.abc import Iterator
from typing import Any

from rosenblatt.check.descent.biases import BIAS
from rosenblatt.check.descent.findings import run_finding
from rosenblatt.check.record.recording import Event
from rosenblatt.check.source.text import Source
from rosenblatt.check.source.words import FROZEN

_FROZEN = re.compile(FROZEN, re.I)
_ENTRY = re.compile(r"(\w[\w.]*)\['(\w+)'\]")
"""A value in a dict: the name of the dict, and the key."""


def left_out_of_loop(events: list[Event], source: Source) -> list[dict[str, Any]]:
    """Return a finding of a parameter that a loop over keys leaves out, next to its gradient."""
    if _FROZEN.search(source.text):
        return []
    moved = {event.name for event in events if event.updates}
    shapes: dict[str, dict[str, tuple[int, ...]]] = {}
    lines: dict[str, int] = {}
    values: dict[str, set[bytes]] = {}
    for event in events:
        if entry := _ENTRY.fullmatch(event.name):
            shapes.setdefault(entry[1], {})[entry[2]] = event.value.shape
            lines[event.name] = event.line
            values.setdefault(event.name, set()).add(event.value.tobytes())
    for loop, keys, holder in _loops(source):
        if not all(f"{holder}['{key}']" in moved for key in keys):
            continue
        own = shapes.get(holder, {})
        for other, gradients in shapes.items():
            if other == holder or not set(keys) <= set(gradients):
                continue
            for key, shape in gradients.items():
                if key in keys or f"{holder}['{key}']" in moved or own.get(key) != shape:
                    continue
                # What is computed again in each step is no parameter: g[k] += decay * p[k].
                if len(values[f"{holder}['{key}']"]) > 1 or len(values[f"{other}['{key}']"]) < 2:
                    continue
                mistake = "bias-gradient-missing" if BIAS.search(key) else "gradient-missing"
                line = lines[f"{other}['{key}']"]
                text = (
                    f"{other}['{key}'] is computed in line {line}; the loop "
                    f"over {', '.join(keys)} leaves {holder}['{key}'] as it is."
                )
                finding = run_finding(mistake, f"{holder}['{key}']", loop.lineno, "")
                return [{**finding, "text": text}]
    return []


def _loops(source: Source) -> Iterator[tuple[ast.For, list[str], str]]:
    """Yield loops over keys that are written in the code, with the dict whose entries they move."""
    for loop in ast.walk(source.tree):
        if not isinstance(loop, ast.For) or not isinstance(loop.iter, ast.Tuple | ast.List):
            continue
        keys = [getattr(element, "value", None) for element in loop.iter.elts]
        if not keys or not all(isinstance(key, str) for key in keys):
            continue
        for node in ast.walk(loop):
            if isinstance(node, ast.Assign | ast.AugAssign):
                target = node.target if isinstance(node, ast.AugAssign) else node.targets[0]
                if isinstance(target, ast.Subscript) and ast.unparse(target.slice) == ast.unparse(
                    loop.target
                ):
                    yield loop, [str(key) for key in keys], ast.unparse(target.value)
