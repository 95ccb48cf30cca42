"""Gradients that a run adds up and never sets to zero between two updates."""

import ast
import bisect
import re
from typing import Any

import numpy as np

from rosenblatt.check.descent.replay import Track, tracks_of
from rosenblatt.check.record.recording import Event
from rosenblatt.check.source.text import Source
from rosenblatt.check.source.words import GRADIENTS, last_name

FEWEST_UPDATES = 2
"""Updates of a parameter over which its gradient is only added to."""

_GRADIENT = re.compile(GRADIENTS, re.I)
_OF_ARRAY = re.compile(r"^_?[dg]_?([A-Z]\w{0,3}|[a-z]\d?|[a-z]_\w{1,3})$")
"""Names of a gradient that a plain number may have for another reason: dW, gb1, dx."""

_OTHER = re.compile(r"sq|sum|avg|mean|norm|hist|cache|vel|mom|acc|buf|prev|old|total", re.I)
"""Names of sums that a rule keeps on purpose."""


def never_reset(events: list[Event], source: Source) -> list[dict[str, Any]]:
    """Return a finding for a gradient that is added to over several updates of its parameter.

    A chain of values ends where the gradient is set to zero. Sums of squares only grow.
    """
    lines = _adding_lines(source.tree)
    tracks = tracks_of(events)
    sums = [track for track in tracks if _is_gradient(track)]
    moved = [track for track in tracks if track not in sums and not _OTHER.search(track.name)]
    for track in sums:
        positions = [position for position, _ in track.versions]
        if any(events[position].line not in lines for position in positions):
            continue
        values = np.array([track.first, *(value for _, value in track.versions)])
        steps = np.diff(values, axis=0)
        if not ((steps > 0).any() and (steps < 0).any()):
            continue
        for other in moved:
            if other.first.shape != track.first.shape or not _moves_by(other, track):
                continue
            between = {bisect.bisect(positions, position) for position, _ in other.versions}
            count = len(between - {0, len(positions)})
            if count >= FEWEST_UPDATES:
                line = min(events[position].line for position in positions)
                return [
                    {
                        "mistake": "gradients-accumulate",
                        "where": track.function or "training",
                        "parameter": track.name,
                        "line": line,
                        "text": f"{track.name} is added to in line {line} and not set to zero "
                        f"before {count} updates of {other.name}.",
                    }
                ]
    return []


def _moves_by(parameter: Track, gradient: Track) -> bool:
    """Return whether a parameter has the name of a gradient's own, or moves by parts of it."""
    own = _container(gradient.name).lower()
    stem = re.sub(r"^(d|g|grad|nabla)_?(?=\w)|_?grad$", "", own)
    if stem == _container(parameter.name).lower():
        return True
    before = parameter.first
    factors = []
    for position, value in parameter.versions:
        step, slope = np.ravel(value - before), np.ravel(gradient.at(position))
        before = value
        known = np.abs(slope) > 1e-12
        if step.any() and known.any():
            factors += list(step[known] / slope[known])
    return len(factors) > 1 and bool(np.ptp(factors) <= 1e-6 * np.abs(factors).max())


def _container(name: str) -> str:
    """Return the last name of a path without its indices: "grads" of "self.grads['W']"."""
    return last_name(re.sub(r"\[.*?\]", "", name))


def _is_gradient(track: Track) -> bool:
    word = _container(track.name)
    if _OTHER.search(word):
        return False
    return bool(_GRADIENT.search(track.name)) or bool(
        track.first.size > 1 and _OF_ARRAY.search(word)
    )


def _adding_lines(tree: ast.AST) -> set[int]:
    """Return the lines that add to a value, or divide it by the number of samples."""
    lines = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add | ast.Sub | ast.Div):
            lines.add(node.lineno)
        elif isinstance(node, ast.Assign):
            value = node.value
            sums = [value.body, value.orelse] if isinstance(value, ast.IfExp) else [value]
            target = ast.unparse(node.targets[0])
            if any(
                isinstance(s, ast.BinOp)
                and isinstance(s.op, ast.Add)
                and ast.unparse(s.left) == target
                for s in sums
            ):
                lines.add(node.lineno)
    return lines
