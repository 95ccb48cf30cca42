"""Losses with their gradients among the functions of a file, and arguments for them."""

import copy
import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from rosenblatt.check.functions.guessed_networks import network_arguments
from rosenblatt.check.functions.recorded_calls import RecordedCall
from rosenblatt.check.limits.sandbox import FailedError
from rosenblatt.check.source.calls import plain, required
from rosenblatt.check.source.state import Leaf, flat, leaves
from rosenblatt.check.source.subjects import seeded
from rosenblatt.check.source.text import Source
from rosenblatt.check.source.words import ERRORS, GRADIENTS, LOSSES, last_word

LOSS = re.compile(rf"{LOSSES}|{ERRORS}")
"""Words of a loss in the name of a function."""

GRADIENT = re.compile(rf"{GRADIENTS}|slope|jac|_prime")
_MARK = re.compile(r"_?(grad(ient)?s?|deriv(ative|ata|ada|ee)?|prime|jac(obian)?)_?|^d_?(?=[a-z])")
"""What the name of a function's gradient has in addition to the function's own."""

CLOSE = 1e-4
"""The largest difference of two gradients, as a fraction of the largest entry."""

MOST_ENTRIES = 700
"""Entries of an array that is moved or compared."""


@dataclass(frozen=True)
class Case:
    """A loss and its gradients as functions of the same arguments."""

    where: str
    function: Any
    loss: Callable[..., Any]
    gradient: Callable[..., Any]
    values: dict[str, Any]
    both: bool
    number: str = ""
    """Where the loss is among what one function of both returns."""
    idle: tuple[str, ...] = ()
    """Arrays of ``self`` that the loss does not depend on."""
    is_guessed: bool = False
    """Whether the file itself makes no such call."""

    def value(self, values: dict[str, Any]) -> float | None:
        """Return the loss, a number; None where there is none."""
        returned = seeded(self.loss, **values)
        if not self.both and isinstance(returned, tuple) and len(returned) != 1:
            return None
        if not self.both and isinstance(returned, tuple):
            (returned,) = returned
        found = flat(returned).get(self.number)
        return float(found.reshape(())) if found is not None and found.size == 1 else None

    def gradients(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return the gradients by path, without the loss; none where they are of an earlier pass.

        A method may need what the pass of the loss keeps in ``self``.
        """
        if not self.both and "self" in values:
            for leaf in leaves(values):
                if leaf.path in self.idle:
                    leaf.fill(np.full(np.shape(leaf.array), np.nan))
            seeded(self.loss, **{name: values[name] for name in self.values})
        found = flat(seeded(self.gradient, **values))
        if self.both:
            found.pop(self.number, None)
        elif any(np.isnan(array).any() for array in found.values()):
            return {}
        return found


def cases_of(
    functions: dict[str, Any], calls: list[RecordedCall], source: Source
) -> Iterator[Case]:
    """Yield losses with gradients among the file's functions and recorded methods."""
    recorded: dict[Any, dict[str, Any]] = {}
    for call in calls:
        # Of net.loss(X) and net.loss(X, y), the second has a loss.
        name, values = call.function.__qualname__, call.values
        if name not in recorded or _left_out(values) < _left_out(recorded[name]):
            recorded[name] = values
    methods = {c.function.__qualname__: c.function for c in calls if "self" in c.values}
    everything = {**functions, **methods}
    for name, function in everything.items():
        for values in _arguments(function, recorded.get(name), functions, source):
            yield Case(
                name, function, function, function, values, True, is_guessed=name not in recorded
            )
    for (first, loss), (second, gradient) in itertools.permutations(everything.items(), 2):
        if not _may_be_pair(first, second) or set(required(loss)) != set(required(gradient)):
            continue
        own = _loss_name(second)
        if own in everything and own not in (first, second):
            continue
        known = recorded.get(second) or recorded.get(first)
        for given in _arguments(gradient, known, functions, source):
            kept = {k: v for k, v in given.items() if k in required(loss)}
            yield Case(second, gradient, loss, gradient, kept, False, is_guessed=known is None)


def _loss_name(gradient: str) -> str:
    """Return what the function would be called of which a gradient has the name.

    >>> _loss_name("squared_error_gradient"), _loss_name("Net.cost_prime")
    ('squared_error', 'Net.cost')
    """
    owner, dot, name = gradient.rpartition(".")
    return owner + dot + _MARK.sub("", name)


def _left_out(values: dict[str, Any]) -> int:
    """Return how many arguments are None."""
    return sum(value is None for value in values.values())


def _may_be_pair(first: str, second: str) -> bool:
    """Return whether two functions, or two methods of a class, may be a loss and its gradient.

    What is not called a gradient is one if some of its numbers are.

    >>> _may_be_pair("bowl", "bowl_grad"), _may_be_pair("loss", "accuracy_grad")
    (True, True)
    >>> _may_be_pair("Net.cost", "Net.backprop"), _may_be_pair("sigmoid", "relu_grad")
    (True, False)
    """
    owner, loss = first.lower().rpartition(".")[::2]
    other, gradient = second.lower().rpartition(".")[::2]
    if owner != other or GRADIENT.search(loss):
        return False
    return bool(LOSS.search(loss)) or (
        bool(GRADIENT.search(gradient)) and _loss_name(gradient) == loss
    )


def idle_arrays(case: Case, values: dict[str, Any]) -> tuple[str, ...]:
    """Return the arrays of ``self`` without which the loss is the same."""
    if case.both or "self" not in values:
        return ()
    before, idle = case.value(copy.deepcopy(values)), []
    for leaf in leaves(values):
        raw = leaf.raw
        floats = isinstance(raw, np.ndarray) and raw.dtype.kind == "f" and raw.size
        if not floats or not leaf.path.startswith("['self']"):
            continue
        changed = copy.deepcopy(values)
        own = next(part for part in leaves(changed) if part.path == leaf.path)
        own.fill(np.full(raw.shape, np.nan))
        try:
            after = case.value(changed)
        except (FailedError, TypeError, ValueError, KeyError, IndexError):
            continue
        if after == before:
            idle.append(leaf.path)
    return tuple(idle)


def _arguments(
    function: Any, recorded: dict[str, Any] | None, functions: dict[str, Any], source: Source
) -> Iterator[dict[str, Any]]:
    """Yield arguments to try: those that the file itself gives, or else guessed ones."""
    if recorded is not None:
        yield recorded
        return
    if function.__name__ not in functions:
        return
    names = required(function)
    roles = [role_of(name) for name in names]
    if roles[1:] == ["y", "mask"] and LOSS.search(function.__name__.lower()):
        yield from _masked_steps(names)
    if not names or "w" not in roles or (len(names) > 1 and "x" not in roles):
        return
    rng = np.random.default_rng(6)
    if None not in roles:
        yield from network_arguments(names, roles, source.node_of(function), rng)
    n, d, c = 5, 4, 3
    x = rng.normal(size=(n, d))
    labels = np.array([0, 2, 1, 0, 2])
    hot, two = np.eye(c)[labels], np.array([0.0, 1.0, 1.0, 0.0, 1.0])
    weights = ((d, c), (c, d), (d,), (d, 1))
    targets: tuple[Any, ...] = (labels, hot, two, two[:, None], 2 * two - 1, rng.normal(size=n))
    for shape, y, turned in itertools.product(weights, targets, (False, True)):
        values: dict[str, Any] = {}
        for name, role in zip(names, roles, strict=True):
            inputs = x.T.copy() if turned else x
            bias = rng.normal(size=shape[1:] if len(shape) > 1 else ())
            choices: dict[str | None, Any] = {
                "w": rng.normal(size=shape),
                "x": inputs,
                "y": y,
                "b": bias if bias.ndim else float(bias),
                "reg": 0.3,
            }
            values[name] = choices.get(role)
        if None in roles:
            return
        yield values


def _masked_steps(names: list[str]) -> Iterator[dict[str, Any]]:
    """Yield outputs (N, T, classes), labels (N, T) and a mask (N, T) for the loss of sequences."""
    rng = np.random.default_rng(7)
    labels = rng.integers(4, size=(2, 3))
    mask = np.array([[1, 1, 1], [1, 0, 0]])
    for kept in (mask.astype(bool), mask.astype(float)):
        yield dict(zip(names, (rng.normal(size=(2, 3, 4)), labels, kept), strict=True))


def role_of(name: str) -> str | None:
    """Return what an argument is: "w", "b", "x", "y", "reg", "mask", or None."""
    p = plain(name)
    for role, pattern in (
        ("reg", r"^reg|^lam|^l2|decay|^alpha$|strength|^c$"),
        ("w", r"^w\d?$|weight|theta|^par(am\w*)?$|^coef|^beta$|^model\w{0,2}$|^net(work)?$|^p$"),
        ("b", r"^b\d?$|bias|intercept"),
        ("x", r"^x\w{0,5}$|inputs?|data|features|samples"),
        ("y", r"^y\w{0,5}$|^t$|target|label"),
        ("mask", r"mas[kc]|padding"),
    ):
        if re.search(pattern, p):
            return role
    return None


def moved_arguments(case: Case) -> dict[str, Any]:
    """Return the arguments with small numbers added to floating-point arrays: no zeros, no ties."""
    values: dict[str, Any] = copy.deepcopy(case.values)
    rng = np.random.default_rng(12)
    for leaf in leaves(values):
        raw = leaf.raw
        floats = isinstance(raw, np.ndarray) and raw.dtype.kind == "f"
        name = plain(last_word(leaf.path))
        if (floats and raw.size <= MOST_ENTRIES and role_of(name) not in ("y", "x")) or (
            isinstance(raw, float) and role_of(name) in ("b", "w")
        ):
            leaf.fill(_moved(leaf.array, 0.3 * rng.normal(size=np.shape(raw))))
        elif isinstance(raw, float) and raw == 0.0 and role_of(name) == "reg":
            # Without a penalty, its gradient cannot be seen.
            leaf.fill(np.asarray(0.3))
    return values


def _moved(array: Any, change: Any) -> Any:
    """Return an array with a change added to it; probabilities stay between 0 and 1."""
    new = array + change
    if np.min(array, initial=0.0) < 0 or not 0 < np.max(array, initial=0.0) <= 1:
        return new
    return 0.05 + 0.9 * (1 - np.abs(1 - np.abs(new) % 2))


def leaves_of(case: Case, values: dict[str, Any]) -> list[Leaf]:
    """Return the arguments, and the arrays of the module that the function reads by name.

    What the functions read that it calls is read as well.
    """
    function = getattr(case.loss, "__func__", case.loss)
    module = getattr(function, "__globals__", {})
    open_codes, names = [getattr(function, "__code__", None)], set[str]()
    while open_codes:
        code = open_codes.pop()
        for name in set(getattr(code, "co_names", ())) - names:
            names.add(name)
            open_codes.append(getattr(module.get(name), "__code__", None))
    read: list[Leaf] = []
    for name in sorted(names - set(values)):
        if isinstance(module.get(name), np.ndarray):
            read.append(Leaf(module, name, name))
        elif isinstance(module.get(name), dict | list):
            read += leaves(module[name], name)
    return [*leaves(values), *read]
