"""Biases that no update moves."""

import ast
import re
from typing import Any

import numpy as np

from rosenblatt.check.descent_findings import run_finding
from rosenblatt.check.moments import Moment
from rosenblatt.check.replay import Replay, Track, tracks_of

BIAS = re.compile(
    r"((^|[^a-z])(b|bias\w*|intercept\w*|theta0)|^(self\.)?c)(\d*|_?\w{0,3}|_\w+)(\[\d+\])?\W*$",
    re.I,
)


def missing_biases(
    replay: Replay, tracks: list[Track], moments: list[Moment]
) -> list[dict[str, Any]]:
    """Return a finding for a bias that the outputs depend on and that no update moves."""
    if _changes_loop_variables(replay.source.tree):
        # `for b, g in zip(biases, gradients): b -= g` moves a bias under another name.
        return []
    updated = [*tracks, *tracks_of(replay.events)]
    moving = {_key(track.name) for track in updated}
    start, first = moments[0].window
    constant: dict[str, Track] = {}
    for position, event in enumerate(replay.events[:start]):
        name = event.name
        if not BIAS.search(name) or event.dtype in "iub" or event.single:
            continue
        if _key(name) in moving or name.startswith("return"):
            continue
        if sum(s > 1 for s in event.value.shape) > 1 or event.value.size > 200:
            continue
        track = constant.setdefault(
            name, Track(name, event.line, event.value, None, event.function)
        )
        track.versions.append((position, event.value))
    for track in list(constant.values())[:8]:
        if any(not np.array_equal(value, track.first) for _, value in track.versions):
            continue
        track.versions = track.versions[:1]
        # biases[-1] moves under the name biases[2], and a list with its entries.
        moves = any(
            np.array_equal(track.first, other.first) or other.name.startswith(f"{track.name}[")
            for other in updated
        )
        if moves:
            continue
        outputs = {p for moment in moments[:1] for s in moment.series for p in s.events}
        if track.first.ndim == 0:
            is_bias = _is_added(replay, track, tracks, moments)
        else:
            is_bias = bool(outputs & set(replay.changed(track, start, first)))
        if is_bias:
            finding = run_finding("bias-gradient-missing", track.name, track.line, track.function)
            text = f"The loss depends on {track.name}, and no update changes it."
            return [{**finding, "text": text}]
    return []


def _is_added(replay: Replay, number: Track, tracks: list[Track], moments: list[Moment]) -> bool:
    """Return whether a 0 is added to what parameters give, and changes nothing else."""
    if number.first:
        # A number that is not 0 may be a constant.
        return False
    places = {s.key[:2] for moment in moments for s in moment.series}
    first = min(track.versions[0][0] for track in tracks)
    differences = replay.differences(number, number.versions[0][0], first, ())
    # What a decision gives has no derivative where it changes.
    slopes = {p: slope for p, slope in differences.items() if not np.isnan(slope).all()}
    forward = [p for p in slopes if (replay.events[p].line, replay.events[p].name) in places]
    copies = {p for p in slopes if np.array_equal(replay.events[p].value, number.first)}
    return set(slopes) <= copies | set(forward) and any(
        np.allclose(np.abs(slopes[p]), 1, atol=1e-5) for p in forward
    )


def _changes_loop_variables(tree: ast.AST) -> bool:
    """Return whether the code changes what a loop runs over, in place."""
    nodes = list(ast.walk(tree))
    loops = {
        name.id
        for node in nodes
        if isinstance(node, ast.For | ast.comprehension)
        for name in ast.walk(node.target)
        if isinstance(name, ast.Name)
    }
    changed = {
        name.id
        for node in nodes
        if isinstance(node, ast.AugAssign)
        for name in [node.target.value if isinstance(node.target, ast.Subscript) else node.target]
        if isinstance(name, ast.Name)
    }
    return bool(loops & changed)


def _key(name: str) -> str:
    """Return the last word of a name, with its index: "by" of params['by'], "b0" of self.b[0]."""
    match = re.search(r"([A-Za-z_]\w*)\W*(\d*)\W*$", name)
    return "".join(match.groups()) if match else name
