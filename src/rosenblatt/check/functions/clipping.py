"""Functions that limit gradients: called with small and with large ones."""

import copy
import inspect
from typing import Any

import numpy as np

from rosenblatt.check.functions.recorded_calls import RecordedCall
from rosenblatt.check.limits.sandbox import FailedError
from rosenblatt.check.numbers.compare import ratio
from rosenblatt.check.source.state import as_array, leaves
from rosenblatt.check.source.subjects import seeded
from rosenblatt.check.source.text import Source

_SMALL, _LARGE = 1e-6, 1e6
"""Factors of the recorded arrays: below and above any limit."""


def check_clipping(calls: list[RecordedCall], source: Source) -> list[dict[str, Any]]:
    """Return the findings of functions that make large gradients larger, or small ones.

    A function clips if it multiplies all arrays that it is given by one number, which depends on
    their size. It is right where small arrays stay and large ones shrink.
    """
    for call in calls:
        if inspect.ismethod(call.function) or "self" in call.values:
            continue
        factors = [_factor(call, size) for size in (_SMALL, _LARGE)]
        small, large = factors
        if small is None or large is None:
            continue
        is_one = [abs(factor - 1) < 1e-9 for factor in (small, large)]
        if (is_one[0] and large > 1 and not is_one[1]) or (is_one[1] and small > 1):
            what = "large" if is_one[0] else "small"
            name = call.function.__name__
            return [
                {
                    "mistake": "unexplained",
                    "where": name,
                    "line": source.line_of_value(call.function, []),
                    "text": f"{name} limits gradients: {what} ones should not grow, and they are "
                    f"multiplied by {max(small, large):.3g}.",
                }
            ]
    return []


def _factor(call: RecordedCall, size: float) -> float | None:
    """Return the number by which a function multiplies the first argument with arrays."""
    values = copy.deepcopy(call.values)
    name = next((n for n, v in values.items() if _arrays(v)), None)
    if name is None:
        return None
    before = []
    for leaf in leaves({name: values[name]}):
        if isinstance(leaf.raw, np.ndarray) and leaf.raw.dtype.kind == "f":
            # In place: a tuple takes no other array.
            leaf.raw[...] = size * leaf.raw
            before.append(leaf.array)
    if not before or not isinstance(values[name], dict | list):
        return None
    try:
        returned = seeded(call.function, **values, seconds=0.5)
    except (FailedError, TypeError, ValueError, KeyError, IndexError):
        return None
    after = _arrays(values[name] if returned is None else returned)
    if [np.shape(a) for a in after] != [np.shape(b) for b in before]:
        return None
    found = [ratio(a, b) for a, b in zip(after, before, strict=True) if np.any(b)]
    known = [factor for factor in found if factor is not None]
    if not known or len(known) < len(found) or max(known) - min(known) > 1e-9 * max(known):
        return None
    return known[0]


def _arrays(value: Any) -> list[Any]:
    """Return the arrays of a container."""
    if isinstance(value, tuple) and value:
        value = value[0]
    if isinstance(value, np.ndarray) or not isinstance(value, dict | list):
        return []
    return [as_array(leaf.raw) for leaf in leaves(value) if isinstance(leaf.raw, np.ndarray)]
