"""The products in a recorded forward pass: y = f(x W + b), found by their values."""

import itertools
import re
from collections.abc import Iterator
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


_NAMES = [name for name in FUNCTIONS if name != "elu"]
"""Activations that are looked for, in their order."""

_SLACK = 1e-8
"""The share of the largest number by which equal values may differ."""


@dataclass
class _Group:
    """Recorded values of one size, in the order of their first numbers.

    Attributes:
        firsts: the first number of each value, in one piece of memory.
        marks: three numbers of each value, at the same places.
        largest: the largest absolute number of all.
    """

    positions: Any
    flats: list[Any]
    firsts: Any
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

    def may_begin(self, size: int, firsts: Any) -> list[list[int]]:
        """Return the (row, column) of the numbers with which a value of a size may begin."""
        group = self.groups[size]
        slack = 2 * _SLACK * (group.largest + 1e-12)
        low = np.searchsorted(group.firsts, firsts - slack)
        high = np.searchsorted(group.firsts, firsts + slack)
        return np.argwhere(low < high).tolist()

    def find(self, value: Any) -> int | None:
        """Return the position of the first event with these numbers, rows or columns."""
        group = self.groups.get(value.size)
        if group is None:
            return None
        both = value.ndim > 1 and min(value.shape) > 1
        slack = _SLACK * (float(np.abs(value).max()) + 1e-12)
        for flat in (value.ravel(), value.T.ravel()) if both else (value.ravel(),):
            low = np.searchsorted(group.firsts, flat[0] - slack, "left")
            high = np.searchsorted(group.firsts, flat[0] + slack, "right")
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
    return _Group(positions, flats, marks[:, 0].copy(), marks, largest)


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
    tables = [x for _, x in inputs.values()]
    biases = [(c, c.at(moment).reshape(1, -1)) for c in chains if _is_bias(c)]
    biases = [(c, bias) for c, bias in biases if np.any(bias)]
    found: list[Match] = []
    for chain in (c for c in chains if c.versions[0][1].size > 1 and _is_weight(c)):
        own = [(c, bias) for c, bias in biases if c is not chain]
        best = _products(values, chain, tables, own, moment)
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
    values: Values,
    chain: Chain,
    inputs: list[Any],
    biases: list[tuple[Chain, Any]],
    moment: int,
) -> list[Match]:
    """Return the products of a weight with any input, as they are recorded."""
    result = []
    weight = chain.at(moment)
    options = [(None, np.zeros((1, 1))), *biases][::-1]
    products: dict[tuple[int, bool, bool], Any] = {}
    for place in sorted(_may_be_recorded(values, weight, inputs, options)):
        number, columns, turned, option, name = place
        x, (bias, added) = inputs[number], options[option]
        rows = x.T if columns else x.reshape(1, -1) if x.ndim == 1 else x
        if x.shape == weight.shape and np.array_equal(x, weight):
            continue
        product = products.get(place[:3])
        if product is None:
            product = products[place[:3]] = rows @ _matrix(weight, turned)
        if np.ptp(product) <= 1e-12 and (product.size > 1 or not product.any()):
            continue
        z = product + added
        with np.errstate(all="ignore"):
            y = FUNCTIONS[_NAMES[name]](z)
        position = values.find(y)
        # Zeros are found anywhere, such as in labels, and so are ones.
        if position is not None and np.any(y) and not is_saturated(_NAMES[name], y):
            match = Match(chain, bias, rows, z, y, _NAMES[name], position, turned, columns, moment)
            result.append(match)
    return result


def _may_be_recorded(
    values: Values, weight: Any, inputs: list[Any], options: list[tuple[Chain | None, Any]]
) -> Iterator[tuple[int, bool, bool, int, int]]:
    """Yield (input, columns, turned, bias, function) where y may be recorded, by its first number.

    That tells in most cases that it is not; it is computed for all inputs of one shape at once.
    """
    for numbers, stack in _by_shape(inputs):
        for columns, turned in itertools.product((False, True), repeat=2):
            matrix = _matrix(weight, turned)
            rows = stack.transpose(0, 2, 1) if columns else stack
            size = rows.shape[1] * matrix.shape[1]
            if rows.shape[2] != len(matrix) or size not in values.groups:
                continue
            if (turned and matrix.size == 1) or (columns and inputs[numbers[0]].ndim == 1):
                continue
            first_row, first_column = rows[:, 0] @ matrix, rows @ matrix[:, 0]
            for option, (bias, added) in enumerate(options):
                if bias is not None and added.size != matrix.shape[1]:
                    continue
                evenly = matrix.shape[1] == 1 or (bias is not None and _shifts_evenly(bias))
                names = [n for n in range(len(_NAMES)) if not (evenly and _is_softmax(n))]
                with np.errstate(all="ignore"):
                    firsts = [
                        FUNCTIONS[_NAMES[n]]((first_column + added[0, 0]).T)[0]
                        if _NAMES[n] == "softmax over samples"
                        else FUNCTIONS[_NAMES[n]](first_row + added)[:, 0]
                        for n in names
                    ]
                for place, k in values.may_begin(size, np.stack(firsts)):
                    yield numbers[k], columns, turned, option, names[place]


def _is_softmax(name: int) -> bool:
    return _NAMES[name].startswith("softmax")


def _by_shape(inputs: list[Any]) -> Iterator[tuple[list[int], Any]]:
    """Yield inputs of one shape with their numbers, those with one axis as one row."""
    shapes: dict[tuple[int, ...], list[int]] = {}
    for number, x in enumerate(inputs):
        shapes.setdefault(x.shape, []).append(number)
    for shape, numbers in shapes.items():
        stack = np.stack([inputs[number] for number in numbers])
        yield numbers, stack[:, None] if len(shape) == 1 else stack


def _matrix(weight: Any, turned: bool) -> Any:
    matrix = weight.reshape(-1, 1) if weight.ndim == 1 else weight
    return matrix.T if turned else matrix


def _shifts_evenly(bias: Chain) -> bool:
    """Return whether a bias is the same number everywhere and stays.

    The outputs of a softmax are the same without it: a vector of ones is found in any softmax.
    """
    return len(bias.versions) == 1 and not np.ptp(bias.versions[0][1])


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
