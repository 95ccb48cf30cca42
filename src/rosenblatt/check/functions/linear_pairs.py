"""Two methods that are a forward and a backward pass, whatever their names are."""

import copy
import itertools
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from rosenblatt.check.functions.makers import classes_of, is_network, maker_of
from rosenblatt.check.limits.sandbox import FailedError
from rosenblatt.check.optimizers.names import setting_of
from rosenblatt.check.source.calls import required
from rosenblatt.check.source.roles import RATES
from rosenblatt.check.source.state import leaves
from rosenblatt.check.source.subjects import RATE, probes, seeded


def linear_pair(cls: Any, module: dict[str, Any]) -> tuple[str, str] | None:
    """Return methods that may be a forward and a backward pass, whatever their names are.

    The second is linear in its argument, as every backward pass is, and gives an array of the
    first one's input.
    """
    make = maker_of(cls, module)
    takes = {
        name: [n for n in required(getattr(cls, name)) if n != "self"]
        for name in dir(cls)
        if (not name.startswith("_") or name == "__call__")
        and callable(getattr(cls, name, None))
        and not re.search(
            r"inverse|invert|dec|dek|reconstr|transform|load|add|set|update|step", name.lower()
        )
    }
    names = [
        n
        for n, given in takes.items()
        if (len(given) == 1 and not _is_rate(given[0])) or _takes_rate(given)
    ]
    if make is None or len(names) < 2:
        return None
    for first, second in itertools.permutations(names, 2):
        if len(takes[first]) > 1:
            continue
        for x in probes(False)[:2]:
            try:
                if seeded(_is_linear_pair, make, first, second, np.array(x)):
                    return first, second
            except FailedError:
                continue
    return None


def pair_of_others(cls: Any, module: dict[str, Any]) -> tuple[str, str] | None:
    """Return the passes of other classes of the file, by the same names as methods of this one.

    A backward pass that is wrong need not be linear.
    """
    for other in classes_of(module):
        pair = None if other is cls or is_network(other) else linear_pair(other, module)
        if pair is not None and all(
            callable(getattr(cls, name, None))
            and len(required(getattr(cls, name))) == len(required(getattr(other, name)))
            for name in pair
        ):
            return pair
    return None


def _is_rate(name: str) -> bool:
    """Return whether the one argument of a method is a rate, as of an update."""
    return len(name) > 1 and setting_of(name) == "lr"


def _takes_rate(names: list[str]) -> bool:
    """Return whether a backward pass moves the weights too, by a rate after the gradient."""
    return len(names) == 2 and RATES.search(names[1].lower()) is not None


def _is_linear_pair(make: Callable[[], Any], first: str, second: str, x: Any) -> bool:
    obj = make()
    y = getattr(obj, first)(x.copy())
    if not isinstance(y, np.ndarray) or y.ndim != 2 or np.array_equal(x, y):
        return False
    rng = np.random.default_rng(1)
    a: Any = rng.normal(size=y.shape)
    b: Any = rng.normal(size=y.shape)
    rates = [RATE] * (len(required(getattr(obj, second))) - 1)

    def backward(d: Any) -> tuple[Any, dict[str, bytes]]:
        """Return the gradient, and the numbers inside the object after that."""
        own = copy.deepcopy(obj)
        return np.array(getattr(own, second)(d.copy(), *rates)), _numbers(own)

    before = _numbers(obj)
    (one, after), (two, _), (both, _) = backward(a), backward(b), backward(2 * a - 3 * b)
    if one.dtype == object or one.shape != x.shape or not np.any(one):
        return False
    if not np.allclose(both, 2 * one - 3 * two):
        return False
    if _is_of_scaler(lambda d: backward(d)[0], x, y):
        return False
    # What keeps nothing, and is the same after another input, is a second forward pass.
    keeps = before != after
    getattr(obj, first)(0.3 - 2 * x)
    if not keeps and np.allclose(one, backward(a)[0]):
        return False
    # Two linear functions may be two forward passes.
    return a.shape != x.shape or not np.allclose(getattr(obj, first)(2 * a), 2 * one)


def _is_of_scaler(second: Callable[[Any], Any], x: Any, y: Any) -> bool:
    """Return whether a method does once more, or undoes, what fitting to x did to its rows."""

    def gives(given: Any, expected: Any) -> bool:
        try:
            result = second(given)
        # The student's code may raise anything for a shape that it does not take.
        except Exception:
            return False
        return result.shape == expected.shape and np.allclose(result, expected)

    # A mask or a slope of x takes no other number of rows; the numbers of a scaler do.
    return gives(y, x) or (gives(x, y) and gives(x[:2], y[:2]))


def _numbers(obj: Any) -> dict[str, bytes]:
    """Return the numbers inside an object, by path."""
    return {leaf.path: leaf.array.tobytes() for leaf in leaves(obj) if leaf.array is not None}
