"""Functions that return gradients: a loss with them, or next to a function of the loss."""

import copy
import inspect
import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rosenblatt.check.calls import plain, required
from rosenblatt.check.compare import first_wrong, numeric_gradient, ratio, same
from rosenblatt.check.function_repair import repaired
from rosenblatt.check.recorded_calls import RecordedCall
from rosenblatt.check.reference import factor_name
from rosenblatt.check.sandbox import FailedError
from rosenblatt.check.source import Source
from rosenblatt.check.state import Leaf, flat, leaves
from rosenblatt.check.subjects import seeded

_LOSS = re.compile(r"loss|cost|objective|energy|error|risk|nll|likelihood|kosten|verlust|perdita")
_GRADIENT = re.compile(r"grad|deriv|slope|nabla|jac|_prime")
_CLOSE = 1e-4
_TO_REPAIR = ("unexplained", "sign", "transposed", "bias-gradient-missing")
"""Mistakes whose line, or better name, a repair of the code may tell."""
_MOST_ENTRIES = 700


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
        """Return the gradients by path, without the loss."""
        found = flat(seeded(self.gradient, **values))
        if self.both:
            found.pop(self.number, None)
        return found


def cases_of(functions: dict[str, Any], calls: list[RecordedCall]) -> Iterator[Case]:
    """Yield losses with gradients among the file's functions and recorded methods."""
    recorded: dict[Any, dict[str, Any]] = {}
    for call in calls:
        recorded.setdefault(call.function.__qualname__, call.values)
    methods = {c.function.__qualname__: c.function for c in calls if "self" in c.values}
    everything = {**functions, **methods}
    for name, function in everything.items():
        for values in _arguments(function, recorded.get(name), functions):
            yield Case(name, function, function, function, values, True)
    for (first, loss), (second, gradient) in itertools.permutations(everything.items(), 2):
        words = first.rsplit(".", 1)[-1].lower(), second.rsplit(".", 1)[-1].lower()
        if not _LOSS.search(words[0]) or not _GRADIENT.search(words[1]):
            continue
        if _GRADIENT.search(words[0]) or required(loss) != required(gradient):
            continue
        if first.rpartition(".")[0] != second.rpartition(".")[0]:
            continue
        known = recorded.get(second) or recorded.get(first)
        for given in _arguments(gradient, known, functions):
            kept = {k: v for k, v in given.items() if k in required(loss)}
            yield Case(second, gradient, loss, gradient, kept, False)


def _arguments(
    function: Any, recorded: dict[str, Any] | None, functions: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    """Yield arguments to try: those that the file itself gives, or else guessed ones."""
    if recorded is not None:
        yield recorded
        return
    if function.__name__ not in functions:
        return
    names = required(function)
    roles = [_role(name) for name in names]
    if not names or "w" not in roles or (len(names) > 1 and "x" not in roles):
        return
    rng = np.random.default_rng(6)
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


def _role(name: str) -> str | None:
    p = plain(name)
    for role, pattern in (
        ("reg", r"^reg|^lam|^l2|decay|^alpha$|strength|^c$"),
        ("w", r"^w\d?$|weight|theta|^params?$|^coef|^beta$"),
        ("b", r"^b\d?$|bias|intercept"),
        ("x", r"^x\w{0,5}$|inputs?|data|features|samples"),
        ("y", r"^y\w{0,5}$|^t$|target|label"),
    ):
        if re.search(pattern, p):
            return role
    return None


def check_gradients(
    functions: dict[str, Any], calls: list[RecordedCall], source: Source
) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the findings of losses with gradients, and the names of what was checked."""
    findings: list[dict[str, Any]] = []
    checked: list[str] = []
    for case in cases_of(functions, calls):
        if case.where in checked:
            continue
        try:
            found = _check(case, source)
        except (FailedError, TypeError, ValueError, KeyError, IndexError, AttributeError):
            continue
        if found is not None:
            checked.append(case.where)
            findings += found
    return findings, checked


def _moved(case: Case) -> dict[str, Any]:
    """Return the arguments with small numbers added to floating-point arrays: no zeros, no ties."""
    values: dict[str, Any] = copy.deepcopy(case.values)
    rng = np.random.default_rng(12)
    for leaf in leaves(values):
        raw = leaf.raw
        floats = isinstance(raw, np.ndarray) and raw.dtype.kind == "f"
        name = plain(re.findall(r"\w+", leaf.path)[-1])
        if (floats and raw.size <= _MOST_ENTRIES and _role(name) not in ("y", "x")) or (
            isinstance(raw, float) and _role(name) in ("b", "w")
        ):
            leaf.fill(leaf.array + 0.3 * rng.normal(size=np.shape(raw)))
    return values


def _check(case: Case, source: Source) -> list[dict[str, Any]] | None:
    values = _moved(case)
    is_sure = True
    if case.both:
        number, is_sure = _loss_of(case, values, source)
        if number is None:
            return None
        case = replace(case, number=number)
    if case.value(copy.deepcopy(values)) is None:
        return None
    analytic = case.gradients(copy.deepcopy(values))
    if not analytic:
        return None
    numeric = _numeric(case, values, {np.shape(a) for a in analytic.values()})
    if not numeric:
        return None
    names = {path: _returned(case, path, source) for path in analytic}
    pairs = _pairs(analytic, numeric, names, case.both)
    right = [a for a, p in pairs if same(analytic[a], numeric[p], _CLOSE)]
    if not right and not _GRADIENT.search(case.where.lower()) and not case.both:
        return None
    wrong = [(a, p) for a, p in pairs if a not in right]
    factors = [ratio(analytic[a], numeric[p]) for a, p in pairs]
    # ½ in the loss alone is a usual convention.
    for usual in (2, 0.5):
        if pairs and all(f is not None and abs(f - usual) < 1e-3 for f in factors):
            return []
    for path, parameter in wrong:
        weights = next(leaf.array for leaf in _leaves(case, values) if leaf.path == parameter)
        a, d = analytic[path], numeric[parameter]
        if _is_unprinted_decay(case, values, a, d, weights):
            continue
        mistake, line = _mistake(case, values, a, d, weights, numeric), None
        if mistake in _TO_REPAIR:
            mistake, line = _repaired(case, values, numeric, pairs, source) or (mistake, None)
        if mistake == "unexplained" and not is_sure:
            return None
        return [_finding(case, mistake, path, parameter, a, d, source, line)]
    return [] if pairs else None


def _loss_of(case: Case, values: dict[str, Any], source: Source) -> tuple[str | None, bool]:
    """Return where a function returns its loss, and whether a name says that it is one.

    A bias can be a number, and so can its gradient.
    """
    name = case.where.rpartition(".")[2].lower()
    found = flat(seeded(case.function, **copy.deepcopy(values)))
    numbers = [
        path
        for path, value in found.items()
        if value.size == 1 and re.fullmatch(r"(\[\d+\])?", path)
    ]
    for path in numbers:
        returned = _returned(case, path, source).lower()
        if _LOSS.search(returned) or returned in ("l", "j", "e", "ce", "mse"):
            return path, True
    if _LOSS.search(name):
        return next(iter(numbers), None), True
    return (None if _GRADIENT.search(name) else next(iter(numbers), None)), False


def _repaired(
    case: Case,
    values: dict[str, Any],
    numeric: dict[str, Any],
    pairs: list[tuple[str, str]],
    source: Source,
) -> tuple[str, int] | None:
    """Return the mistake and the line whose repair makes all gradients right; None: none does."""

    def is_right(function: Any) -> bool:
        changed = replace(case, loss=function if case.both else case.loss, gradient=function)
        found = changed.gradients(copy.deepcopy(values))
        return all(same(found.get(a), numeric[p], _CLOSE) for a, p in pairs)

    edit = repaired(case.function, source, is_right)
    return None if edit is None else (edit.mistake, edit.line)


def _numeric(case: Case, values: dict[str, Any], shapes: set[Any]) -> dict[str, Any]:
    """Return central differences by the path of each argument that the loss depends on."""
    result: dict[str, Any] = {}

    def total() -> float:
        value = case.value(copy.deepcopy(values))
        return float("nan") if value is None else value

    sizes = {int(np.prod(shape)) for shape in shapes}
    for leaf in _leaves(case, values):
        array, raw = leaf.array, leaf.raw
        if array is None or isinstance(raw, bool | int | tuple):
            continue
        if isinstance(raw, np.ndarray) and raw.dtype.kind != "f":
            continue
        if array.size not in sizes and array.ndim < 1:
            continue
        if array.size > _MOST_ENTRIES or (array.shape not in shapes and array.size not in sizes):
            continue
        name = plain(re.findall(r"\w+", leaf.path)[-1])
        if _role(name) in ("reg", "y"):
            continue
        gradient = numeric_gradient(total, array, leaf.put)
        if np.nanmax(np.abs(gradient), initial=0.0) > 1e-9:
            result[leaf.path] = gradient
    return result


def _leaves(case: Case, values: dict[str, Any]) -> list[Leaf]:
    """Return the arguments, and the arrays of the module that the function reads by name."""
    function = getattr(case.loss, "__func__", case.loss)
    module = getattr(function, "__globals__", {})
    names = getattr(getattr(function, "__code__", None), "co_names", ())
    read = [
        Leaf(module, name, name)
        for name in names
        if isinstance(module.get(name), np.ndarray) and name not in values
    ]
    return [*leaves(values), *read]


def _stem(path: str) -> str:
    words = re.findall(r"\w+", path)
    p = plain(words[-1]) if words else ""
    return re.sub(r"^(grad|delta|d|g)_?(?=\w)|grad(ient)?$", "", p)


def _returned(case: Case, path: str, source: Source) -> str:
    """Return the name under which the function has what it returns at a path."""
    words = re.findall(r"[A-Za-z_]\w*", path)
    if words:
        return str(words[-1])
    places = re.findall(r"\d+", path)
    found = source.returned_name(case.function, int(places[0])) if len(places) == 1 else []
    return found[0] if found else ""


def _pairs(
    analytic: dict[str, Any], numeric: dict[str, Any], names: dict[str, str], both: bool
) -> list[tuple[str, str]]:
    """Return (gradient, parameter) by path: equal numbers first, then names, then shapes.

    Next to a loss, only what is called a gradient is one where the shape alone fits.
    """
    pairs: list[tuple[str, str]] = []
    free = dict(numeric)
    rest = dict(analytic)

    def match(fits: Callable[[str, str], bool]) -> None:
        for a in list(rest):
            p = next((p for p in free if fits(a, p)), None)
            if p is not None:
                pairs.append((a, p))
                del rest[a], free[p]

    match(lambda a, p: same(rest[a], free[p], _CLOSE))
    match(lambda a, p: _stem(names[a]) not in ("",) and _stem(names[a]) == _stem(p))

    def marked(a: str) -> bool:
        if not names[a] and len(analytic) == 1:
            return True
        return not both or bool(re.match(r"d_?\w|g[A-Zwb_]|\w*grad|g$|nabla", names[a]))

    match(lambda a, p: marked(a) and np.shape(rest[a]) == np.shape(free[p]))
    match(lambda a, p: marked(a) and np.shape(rest[a]) == np.shape(free[p])[::-1])
    return pairs


def _is_unprinted_decay(
    case: Case, values: dict[str, Any], analytic: Any, numeric: Any, weights: Any
) -> bool:
    """Return whether the gradient has the term of an L2 penalty that the loss leaves out."""
    if np.shape(analytic) != np.shape(numeric):
        return False
    c = ratio(analytic - numeric, weights)
    if c is None or c < 0:
        return False
    return _penalty(case, values) == 0


def _penalty(case: Case, values: dict[str, Any]) -> float:
    """Return how much the loss changes with the strength of its L2 penalty."""
    changed = copy.deepcopy(values)
    before = case.value(copy.deepcopy(values)) or 0.0
    for leaf in leaves(changed):
        name = plain(re.findall(r"\w+", leaf.path)[-1])
        if _role(name) == "reg" and np.size(leaf.raw) == 1:
            leaf.fill(leaf.array + 0.5)
    for name, parameter in inspect.signature(case.loss).parameters.items():
        if _role(name) == "reg" and name not in changed and parameter.default is not None:
            changed[name] = 0.5 + (
                0.0 if parameter.default is parameter.empty else float(parameter.default)
            )
    return (case.value(changed) or 0.0) - before


def _mistake(
    case: Case,
    values: dict[str, Any],
    analytic: Any,
    numeric: Any,
    weights: Any,
    others: dict[str, Any],
) -> str:
    flat_parameter = np.ndim(weights) < 2 or 1 in np.shape(weights)
    if np.shape(analytic) != np.shape(numeric):
        if np.shape(analytic) == np.shape(numeric)[::-1]:
            return "transposed"
        return "bias-gradient-not-summed" if np.size(analytic) > np.size(numeric) else "broadcast"
    counts = {s for leaf in leaves(values) for s in np.shape(leaf.array) if s > 1}
    c = ratio(analytic, numeric)
    if c is not None and np.size(analytic):
        if abs(c + 1) < 1e-4:
            return "sign"
        for n in counts:
            if factor_name(c, n) == "batch-factor":
                return "batch-factor"
        if np.size(analytic) > 1:
            return "constant-factor" if c > 0 else "sign"
    if not np.any(analytic):
        return "bias-gradient-missing" if flat_parameter else "unexplained"
    if np.ndim(analytic) == 2 and same(analytic.T, numeric, _CLOSE):
        return "transposed"
    if ratio(analytic - numeric, weights) is not None and np.size(weights) > 1:
        return "constant-factor"
    if flat_parameter:
        for other in others.values():
            if np.size(other) > np.size(analytic) and any(
                np.isclose(entry, np.ravel(analytic)[0], rtol=1e-4) for entry in np.ravel(other)
            ):
                return "bias-gradient-times-input"
    return "unexplained"


def _finding(
    case: Case,
    mistake: str,
    path: str,
    parameter: str,
    analytic: Any,
    numeric: Any,
    source: Source,
    line: int | None,
) -> dict[str, Any]:
    from rosenblatt.check.texts import TITLES

    place = re.match(r"\[(\d+)\]", path)
    words = re.findall(r"[A-Za-z_]\w*", path)[-1:]
    words = words or source.returned_name(case.function, int(place[1]) if place else 0)
    shown = re.sub(r"\W+", ".", parameter).strip(".")
    return {
        "mistake": mistake,
        "where": case.where,
        "parameter": shown,
        "line": line or source.line_of_value(case.function, words),
        "text": f"The gradient of {shown} is not the derivative of the loss: {TITLES[mistake]}.",
        **first_wrong(analytic, numeric),
    }
