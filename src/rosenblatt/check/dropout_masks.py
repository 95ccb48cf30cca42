"""Masks of inverted dropout in a run: their scale has to be one over the share that is kept."""

import ast
import re
from typing import Any

import numpy as np

from rosenblatt.check.recording import Event
from rosenblatt.check.source import Source

FEWEST = 200
"""Entries of all masks of one line from which the share that is kept is taken."""

_MOST_MASKS = 400
"""Masks of one line that are looked at; more take time and say no more."""

_NEAR = 0.12
"""Relative difference of a scale from a share: a mask keeps about its share."""

_RANDOM = re.compile(r"rand|rng|binomial|uniform|bernoulli|choice")


def wrong_masks(events: list[Event], source: Source) -> list[dict[str, Any]]:
    """Return a finding where a mask multiplies by the share p that it keeps, or by 1 / (1 − p).

    A mask of zeros and ones belongs to dropout that scales in use, and is right.
    """
    lines = _random_lines(source)
    values: dict[tuple[int, str, str], list[Any]] = {}
    for event in events:
        if event.line in lines and event.value.size > 3:
            values.setdefault((event.line, event.name, event.function), []).append(event.value)
    for (line, name, function), masks in values.items():
        flat = np.concatenate([mask.ravel() for mask in masks[:_MOST_MASKS]])
        levels = np.unique(flat)
        if len(levels) != 2 or levels[0] != 0 or levels[1] <= 0 or flat.size < FEWEST:
            continue
        scale, kept = float(levels[1]), float((flat != 0).mean())
        if scale == 1 or abs(scale * kept - 1) < 2 * _NEAR:
            continue
        if any(abs(scale / wrong - 1) < _NEAR for wrong in (kept, 1 / (1 - kept))):
            return [
                {
                    "mistake": "dropout-scale",
                    "where": function or "training",
                    "parameter": name,
                    "line": line,
                    "text": f"{name} keeps {kept:.2f} of the units and multiplies them by "
                    f"{scale:.3g}: their mean becomes {scale * kept:.2f} of what it was.",
                }
            ]
    return []


def _random_lines(source: Source) -> set[int]:
    """Return the lines of assignments that compare random numbers, or draw zeros and ones."""
    return {
        node.lineno
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Assign | ast.AugAssign)
        and _RANDOM.search(text := ast.unparse(node.value))
        and re.search(r"[<>]|binomial|bernoulli|choice", text)
    }
