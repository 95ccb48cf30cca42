"""Mistakes that the values of a run show: shapes that broadcast, equal or whole weights."""

import re
from typing import Any

import numpy as np

from rosenblatt.check.network.network import Step
from rosenblatt.check.record.recording import Event
from rosenblatt.check.source.words import without_index


def value_findings(events: list[Event], steps: list[Step]) -> list[dict[str, Any]]:
    """Return a finding for shapes that broadcast, whole-number weights and equal weights."""
    for step in steps[:1]:
        net = step.net
        n = len(net.x)
        widths = {w for weight in net.weights for w in weight.shape}
        if n > 2 and n not in widths:
            for event in events[step.start : step.end + 1]:
                if event.value.shape == (n, n) and is_broadcast(event.value):
                    return [broadcast_finding(event)]
        if len(net.weights) > 1:
            first = net.weights[0]
            if first.shape[1] > 1 and np.ptp(first, axis=1).max() == 0:
                line = _assigned(events, step.names["W0"])
                return [
                    {
                        "mistake": "symmetric-init",
                        "where": "training",
                        "parameter": step.names["W0"],
                        "line": line,
                        "text": f"All hidden units start with the same weights in "
                        f"{step.names['W0']}, so that they stay equal.",
                    }
                ]
    equal = _equal_weights(events)
    if equal is not None:
        return [equal]
    moved = {without_index(event.name) for event in events if event.updates}
    for event in events[:400]:
        last = event.name.split(".")[-1]
        if without_index(event.name) not in moved:
            # Data may be called w2.
            continue
        if event.dtype in "iu" and event.value.ndim in (1, 2) and event.value.size > 1:
            named = re.fullmatch(r"_?(w|W|weights?|Ws?)_?\d*(\[.*\])?(_\w+)?", last)
            if named and not re.search(r"shape|size|dim", last):
                return [
                    {
                        "mistake": "integer-weights",
                        "where": event.function or "training",
                        "parameter": event.name,
                        "line": event.line,
                        "text": f"{event.name} holds whole numbers; small steps are lost.",
                    }
                ]
    return []


def broadcast_finding(event: Event) -> dict[str, Any]:
    """Return the finding of a value (N, N) that arrays (N, 1) and (N,) made."""
    n = len(event.value)
    return {
        "mistake": "broadcast",
        "where": event.function or "training",
        "parameter": event.name,
        "line": event.line,
        "text": f"{event.name} has the shape ({n}, {n}): an array (N, 1) and an array (N,) were "
        "combined.",
    }


def is_broadcast(square: Any) -> bool:
    """Return whether a square array is a_i ± b_j or a_i b_j, as of arrays (N, 1) and (N,).

    >>> a = np.array([[1.0], [2.0], [4.0]])
    >>> is_broadcast(a - np.array([1.0, 0.0, 1.0])), is_broadcast(np.eye(3))
    (True, False)
    """
    if not np.isfinite(square).all() or np.ptp(square) == 0:
        return False
    scale = np.abs(square).max()
    differs = np.ptp(square, axis=0).max() > 0 and np.ptp(square, axis=1).max() > 0
    added = np.ptp(square - square[:1], axis=1).max() <= 1e-9 * scale
    largest = np.linalg.svd(square, compute_uv=False)
    return bool(differs and (added or largest[1] <= 1e-9 * largest[0]))


def _equal_weights(events: list[Event]) -> dict[str, Any] | None:
    """Return a finding if a matrix of weights starts with one number, next to another matrix."""
    first: dict[str, Event] = {}
    for event in events[:300]:
        named = re.fullmatch(
            r"_?(W|w|weights?|theta|Theta|kernel)(_\w+|\d*\w{0,3})(\[\d+\])?", _key(event.name)
        )
        moment = re.search(
            r"vel|mom|grad|cache|upd|prev|delta|last|change|^m|^v|^d|^g(\W|$)", event.name
        )
        if named and event.value.ndim == 2 and not moment:
            first.setdefault(event.name, event)
    entries = {event.name for event in events[:300] if "[" in event.name and not event.updates}
    # An array of zeros may get its numbers one by one.
    first = {
        name: event
        for name, event in first.items()
        if not any(entry.startswith(f"{name}[") for entry in entries)
    }
    if len({event.value.shape for event in first.values()}) < 2:
        return None
    different = {(_key(n), e.value.shape) for n, e in first.items() if np.ptp(e.value) > 0}
    for name, event in first.items():
        # A gradient of 0 has the key of its weights.
        is_gradient = (_key(name), event.value.shape) in different
        if min(event.value.shape) > 1 and np.ptp(event.value) == 0 and not is_gradient:
            text = f"All numbers in {name} start equal, so that all hidden units learn the same."
            return _symmetric(event, text)
        if _is_empty_layer(event, first) and not is_gradient:
            text = f"{name} and the weights of the next layer are 0: no weight has a gradient."
            return _symmetric(event, text)
    return None


def _is_empty_layer(event: Event, weights: dict[str, Event]) -> bool:
    """Return whether weights are 0, and those that take their outputs are too."""
    rows, columns = event.value.shape
    following = [
        other.value
        for other in weights.values()
        if _key(other.name) != _key(event.name)
        and (columns == other.value.shape[0] > 1 or rows == other.value.shape[1] > 1)
    ]
    return bool(following) and not any(value.any() for value in (event.value, *following))


def _symmetric(event: Event, text: str) -> dict[str, Any]:
    return {
        "mistake": "symmetric-init",
        "where": event.function or "training",
        "parameter": event.name,
        "line": event.line,
        "text": text,
    }


def _key(name: str) -> str:
    """Return the key or the attribute of a name: "W1" of params['W1'] and of self.W1."""
    return re.sub(r"^.*?[.\[]", "", name).strip("]'\"")


def _assigned(events: list[Event], name: str) -> int | None:
    for event in events:
        if event.name == name:
            return event.line
    return None
