"""Parameters whose shape an update changes, because the shapes of its parts broadcast."""

import re
from typing import Any

import numpy as np

from rosenblatt.check.chains import NO_PARAMETER
from rosenblatt.check.descent_biases import BIAS
from rosenblatt.check.recording import Event


def grown(events: list[Event]) -> list[dict[str, Any]]:
    """Return a finding for a parameter that an update makes larger.

    (3, 1) − (3, 70) has the shape (3, 70): something in the gradient was not summed, or an array
    (N, 1) met an array (N,).
    """
    for event in events:
        if not event.updates or event.old is None or event.dtype != "f":
            continue
        if NO_PARAMETER.search(re.sub(r"\[.*$", "", event.name.split(".")[-1])):
            continue
        old, new = event.old, event.value
        is_bias = BIAS.search(event.name) is not None
        if new.size <= old.size or (old.size == 1 and not is_bias) or not _broadcasts(old, new):
            continue
        return [
            {
                "mistake": "bias-gradient-not-summed" if is_bias else "broadcast",
                "where": event.function or "training",
                "parameter": event.name,
                "line": event.line,
                "text": f"The update turns {event.name} from the shape {old.shape} into "
                f"{new.shape}.",
            }
        ]
    return []


def _broadcasts(old: Any, new: Any) -> bool:
    """Return whether a shape is what ``old`` and another array give together, entry by entry."""
    try:
        fits = np.broadcast_shapes(old.shape, new.shape) == new.shape
    except ValueError:
        return False
    if not fits or not np.isfinite(new).all():
        return False
    # Where rows or columns of the old values are among the new, arrays were put side by side.
    same = np.isclose(new, np.broadcast_to(old, new.shape), rtol=1e-12, atol=0)
    return not any(same.all(axis=axis).any() for axis in range(new.ndim))
