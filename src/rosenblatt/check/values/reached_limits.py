"""Gradients of which a run cuts single entries off: their updates follow no gradient."""

import ast
import itertools
from typing import Any

import numpy as np

from rosenblatt.check.record.recording import Event
from rosenblatt.check.source.text import Source

_LEAST, _MOST = 1e-2, 100.0
"""Limits outside of these keep a logarithm or an exponential finite."""


def reaches_limit(events: list[Event], source: Source) -> bool:
    """Return whether an array of a run has entries at a limit ±c of a call such as clip(g, -c, c).

    A limit of the norm multiplies a gradient by one number, and one of each entry does not.
    """
    limits = {limit for node in ast.walk(source.tree) for limit in _limits(node)}
    return any(
        event.value.ndim > 0
        and event.dtype == "f"
        and any(
            (np.abs(event.value) == limit).any() and np.abs(event.value).max() == limit
            for limit in limits
        )
        for event in events
    )


def _limits(node: Any) -> list[float]:
    """Return c of a call of clip with the limits −c and c."""
    if not isinstance(node, ast.Call) or not ast.unparse(node.func).endswith("clip"):
        return []
    given = [*node.args, *(keyword.value for keyword in node.keywords)]
    numbers = [_number(value) for value in given]
    return [
        high
        for low, high in itertools.pairwise(numbers)
        if low is not None and high is not None and low == -high and _LEAST < high < _MOST
    ]


def _number(node: ast.expr) -> float | None:
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return None
    return float(value) if isinstance(value, int | float) else None
