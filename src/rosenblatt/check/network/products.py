"""The products in a recorded forward pass: y = f(x W + b), found by their values."""

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from rosenblatt.check.network.chains import Chain
from rosenblatt.check.numbers.reference import FUNCTIONS, is_saturated
from rosenblatt.check.record.recording import Event


@dataclass
class Match:
    """One product in the forward pass: y = f(x W + b), rows as samples."""

    chain: Chain
    bias: Chain | None
    x: Any
    z: Any
    y: Any
    activation: str
    position: int
    turned: bool
    columns: bool
    start: int


_SLACK = 1e-8
"""The share of the largest number by which equal values may differ."""


@dataclass
class _Group:
    """Recorded values of one size, in the order of their first numbers.

    Attributes:
        marks: three numbers of each value, at the same places.
        largest: the largest absolute number of all.
    """

    positions: Any
    flats: list[Any]
    marks: Any
    largest: float


class Values:
    """The recorded values of a window, by size and first number, to look one up."""

    def __init__(self, events: list[Event], start: int, end: int) -> None:
        sizes: dict[int, list[tuple[int, Any]]] = {}
        for position in range(start, min(end, len(events))):
            value = events[position].value
            if value.size and value.flat[0] == value.flat[0]:
                sizes.setdefault(value.size, []).append((position, value.ravel()))
        self.groups = {size: _group(pairs) for size, pairs in sizes.items()}

    def may_begin(self, size: int, first: float) -> bool:
        """Return whether a value of a size may be found that begins with a number."""
        group = self.groups[size]
        slack = 2 * _SLACK * (group.largest + 1e-12)
        low, high = np.searchsorted(group.marks[:, 0], [first - slack, first + slack])
        return bool(low < high)

    def find(self, value: Any) -> int | None:
        """Return the position of the first event with these numbers, rows or columns."""
        group = self.groups.get(value.size)
        if group is None:
            return None
        both = value.ndim > 1 and min(value.shape) > 1
        slack = _SLACK * (float(np.abs(value).max()) + 1e-12)
        for flat in (value.ravel(), value.T.ravel()) if both else (value.ravel(),):
            low = np.searchsorted(group.marks[:, 0], flat[0] - slack, "left")
            high = np.searchsorted(group.marks[:, 0], flat[0] + slack, "right")
            if low == high:
                continue
            near = np.abs(group.marks[low:high] - _marks(flat)).max(axis=1) <= slack
            found = low + np.flatnonzero(near)
            for place in found[np.argsort(group.positions[found])]:
                if np.abs(group.flats[place] - flat).max() <= slack:
                    return int(group.positions[place])
        return None


def _group(pairs: list[tuple[int, Any]]) -> _Group:
    pairs = sorted(pairs, key=lambda pair: pair[1][0])
    flats = [flat for _, flat in pairs]
    marks = np.array([_marks(flat) for flat in flats])
    positions = np.array([position for position, _ in pairs])
    tops = [float(np.abs(flat).max()) for flat in flats]
    largest = max((top for top in tops if np.isfinite(top)), default=0.0)
    return _Group(positions, flats, marks, largest)


def _marks(flat: Any) -> Any:
    """Return the first number, one in the middle and the last."""
    return flat[[0, flat.size // 2, -1]]


def layers_of(
    events: list[Event], chains: list[Chain], start: int, end: int, moment: int
) -> list[Match]:
    """Return the products that the window of events has, with the weights of ``moment``."""
    values = Values(events, start, end)
    inputs: dict[tuple[Any, ...], tuple[int, Any]] = {}
    for position in range(start, min(end, len(events))):
        value = events[position].value
        if 1 <= value.ndim <= 2 and value.size > 1 and len(inputs) < 80:
            inputs.setdefault((value.shape, value.tobytes()), (position, value))
    for position in range(min(start, len(events))):
        event = events[position]
        value = event.value
        named = re.search(r"x|data|inp|feat|sample|batch", event.name, re.I)
        if named and 1 <= value.ndim <= 2 and value.size > 1 and len(inputs) < 110:
            inputs.setdefault((value.shape, value.tobytes()), (position, value))
    matrices = [c for c in chains if c.versions[0][1].size > 1 and _is_weight(c)]
    biases = [c for c in chains if _is_bias(c)]
    found: list[Match] = []
    for chain in matrices:
        weight = chain.at(moment)
        best: list[Match] = []
        for _, x in inputs.values():
            if x.shape == weight.shape and np.array_equal(x, weight):
                continue
            best += _products(values, chain, weight, x, biases, moment)
        if best:
            # The same product in later passes is found first in time.
            first = min(match.position for match in best)
            near = [m for m in best if m.position <= first + 40]
            found += near
    return found


def _is_weight(chain: Chain) -> bool:
    shape = chain.versions[0][1].shape
    if len(shape) == 1 and re.search(r"(^|[^a-z])b(ias\w*)?\d*\W*$", chain.name, re.I):
        return False
    return len(shape) in (1, 2)


def _is_bias(chain: Chain) -> bool:
    shape = chain.versions[0][1].shape
    return sum(s > 1 for s in shape) <= 1


def _products(
    values: Values, chain: Chain, weight: Any, x: Any, biases: list[Chain], moment: int
) -> list[Match]:
    result = []
    w2 = weight.reshape(-1, 1) if weight.ndim == 1 else weight
    for columns in (False, True):
        rows = x.T if columns and x.ndim == 2 else x
        rows = rows.reshape(1, -1) if rows.ndim == 1 else rows
        if columns and x.ndim == 1:
            continue
        for turned in (False, True):
            w = w2.T if turned else w2
            if rows.shape[1] != w.shape[0] or (turned and w2.shape == (1, 1)):
                continue
            product = rows @ w
            if rows.shape[0] * w.shape[1] not in values.groups:
                continue
            options: list[Chain | None] = [None]
            options += [b for b in biases if b is not chain and b.at(moment).size in (w.shape[1],)]
            for bias in reversed(options):
                z = product if bias is None else product + bias.at(moment).reshape(1, -1)
                if np.ptp(product) <= 1e-12 and (product.size > 1 or not product.any()):
                    continue
                if bias is not None and not np.any(bias.at(moment)):
                    continue
                with np.errstate(all="ignore"):
                    for name, function in FUNCTIONS.items():
                        softmax = name.startswith("softmax")
                        if name == "elu" or (softmax and z.shape[1] == 1):
                            continue
                        if softmax and bias is not None and _shifts_evenly(bias, moment):
                            continue
                        # A few numbers of y show in most cases that it was not recorded.
                        part = z[:, :1] if name == "softmax over samples" else z[:1]
                        if not values.may_begin(z.size, function(part).flat[0]):
                            continue
                        y = function(z)
                        position = values.find(y)
                        # Zeros are found anywhere, such as in labels, and so are ones.
                        if position is not None and np.any(y) and not is_saturated(name, y):
                            result.append(
                                Match(
                                    chain, bias, rows, z, y, name, position, turned, columns, moment
                                )
                            )
    return result


def _shifts_evenly(bias: Chain, moment: int) -> bool:
    """Return whether a bias is the same number everywhere and stays.

    The outputs of a softmax are the same without it: a vector of ones is found in any softmax.
    """
    return len(bias.versions) == 1 and not np.ptp(bias.at(moment))


def assemble(matches: list[Match]) -> list[Match] | None:
    """Return the longest sequence of layers in which each takes the output of the one before."""
    best: list[Match] = []

    def follows(first: Match, second: Match) -> bool:
        return (
            first.y.shape == second.x.shape
            and np.allclose(first.y, second.x, rtol=1e-8, atol=1e-12)
            and first.chain is not second.chain
        )

    def score(path: list[Match]) -> tuple[Any, ...]:
        return (
            len(path),
            sum(m.bias is not None for m in path),
            sum(m.activation != "identity" for m in path),
            -sum(m.activation in ("softmax over samples",) for m in path),
            -sum(m.turned for m in path),
        )

    def walk(path: list[Match]) -> None:
        nonlocal best
        if not best or score(path) > score(best):
            best = list(path)
        if len(path) > 8:
            return
        for match in matches:
            if follows(path[-1], match) and all(match.chain is not m.chain for m in path):
                walk([*path, match])

    starts = [m for m in matches if not any(follows(other, m) for other in matches)] or matches
    for match in starts[:60]:
        walk([match])
    return best or None
