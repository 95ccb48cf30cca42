"""Functions that return gradients: a loss with them, or next to a function of the loss."""

import copy
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from rosenblatt.check.edits.function_kinds import axes, inner_slopes
from rosenblatt.check.edits.function_repair import repaired
from rosenblatt.check.functions.gradient_cases import (
    CLOSE,
    GRADIENT,
    LOSS,
    MOST_ENTRIES,
    Case,
    cases_of,
    idle_arrays,
    leaves_of,
    moved_arguments,
    role_of,
)
from rosenblatt.check.functions.gradient_mistakes import is_divided, is_unprinted_decay, mistake_of
from rosenblatt.check.functions.recorded_calls import RecordedCall
from rosenblatt.check.limits.sandbox import FailedError, attempt
from rosenblatt.check.numbers.compare import first_wrong, numeric_gradient, ratio, same
from rosenblatt.check.report.texts import TITLES
from rosenblatt.check.source.calls import plain
from rosenblatt.check.source.state import flat
from rosenblatt.check.source.subjects import seeded
from rosenblatt.check.source.text import Source
from rosenblatt.check.source.words import last_name, last_word

MOST_SECONDS = 3.0
"""Processor time of one loss: what is called again and again may be a whole training."""

_MOST_GUESSES = 6
"""Guessed arguments with which a wrong gradient is confirmed."""

NEAR = 1e-2
"""Difference that a small number in a logarithm may make, as a part of the largest entry."""

_LIMITED = re.compile(r"[+(,] ?(1e-\d+|\w*eps\w*)|clip\(|maximum\(")
"""Code that keeps the argument of a logarithm off 0."""

DIFFERENCE = 1e-5
"""Change of a number in a central difference."""

_SLOPE = re.compile(rf"^d_?(?={LOSS.pattern}).*d_?\w|{GRADIENT.pattern}")
"""Names of a derivative of the loss: derror_dbias, dloss_db, grad_loss."""

_USUAL_FACTORS = (1.0, 2.0, 0.5)
"""A ½ in the loss alone, or in its gradient alone, is a usual convention."""

_TO_REPAIR = (
    "unexplained",
    "sign",
    "transposed",
    "bias-gradient-missing",
    "bias-gradient-times-input",
    "gradient-order",
)
"""Mistakes whose line, or better name, a repair of the code may tell."""


def check_gradients(
    functions: dict[str, Any], calls: list[RecordedCall], source: Source
) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the findings of losses with gradients, and the names of what was checked."""
    found: dict[str, list[dict[str, Any]]] = {}
    guesses: dict[str, int] = {}
    for case in cases_of(functions, calls, source):
        name = case.where
        # With guessed arguments of another form, what seemed wrong may be right.
        is_open = bool(found.get(name)) and 0 < guesses.get(name, 0) < _MOST_GUESSES
        # The file may have another loss, such as the squared error, with this gradient.
        is_open = is_open or (bool(found.get(name)) and not (case.both or case.is_guessed))
        if name in found and not is_open:
            continue
        try:
            of_case = attempt(_check, case, source, seconds=MOST_SECONDS)
        except FailedError:
            continue
        if of_case is None:
            continue
        if case.is_guessed:
            guesses[name] = guesses.get(name, 0) + 1
        is_better = name not in found or found[name][0]["mistake"] == "unexplained"
        found[name] = of_case if is_better or not of_case else found[name]
    return [finding for of_case in found.values() for finding in of_case], list(found)


def _check(case: Case, source: Source) -> list[dict[str, Any]] | None:
    """Return the findings of a loss with its gradients; None where it is not understood."""
    if _is_slope_by_output(case):
        return None
    found = _compared(case, moved_arguments(case), source)
    if found and found[0]["mistake"] == "unexplained" and _LIMITED.search(source.code):
        # Moved arguments may be so far off that a small number in a logarithm is the larger part.
        found = _compared(case, case.values, source, NEAR) and found
    return found


def _is_slope_by_output(case: Case) -> bool:
    """Return whether a function of one number and its slope are an activation.

    The slope is given the activation's output: s(1 − s) for s = sigmoid(x).
    """
    values = {name: value for name, value in case.values.items() if name != "self"}
    if case.both or len(values) != 1:
        return False
    ((name, x),) = values.items()
    if np.size(x) != 1 or np.asarray(x).dtype.kind != "f":
        return False

    def given(number: Any) -> dict[str, Any]:
        held = number if isinstance(x, float) else np.full(np.shape(x), number)
        return {**case.values, name: held}

    at = float(np.reshape(x, ()))
    y, above, below = (case.value(given(v)) for v in (at, at + DIFFERENCE, at - DIFFERENCE))
    if y is None or above is None or below is None:
        return False
    slopes = list(case.gradients(given(y)).values())
    numeric = (above - below) / (2 * DIFFERENCE)
    return len(slopes) == 1 and same(slopes[0], np.reshape(numeric, slopes[0].shape), CLOSE)


def _compared(
    case: Case, values: dict[str, Any], source: Source, close: float = CLOSE
) -> list[dict[str, Any]] | None:
    is_sure = True
    if case.both:
        number, is_sure = _loss_of(case, values, source)
        if number is None:
            return None
        case = replace(case, number=number)
    if case.value(copy.deepcopy(values)) is None:
        return None
    case = replace(case, idle=idle_arrays(case, values))
    # What is returned as it was given, such as the inputs in a cache, is no gradient.
    given = [leaf.array for leaf in leaves_of(case, values) if np.ndim(leaf.raw)]
    analytic = {
        path: array
        for path, array in case.gradients(copy.deepcopy(values)).items()
        if not any(np.array_equal(array, other) for other in given)
    }
    if not analytic:
        return None
    numeric = _numeric(case, values, {np.shape(a) for a in analytic.values()})
    if not numeric:
        return None
    names = {path: _returned(case, path, source) for path in analytic}
    pairs = _pairs(analytic, numeric, names, case.both)
    right = [a for a, p in pairs if same(analytic[a], numeric[p], close)]
    named = GRADIENT.search(case.where.lower()) or any(
        _stem(names[a]) == _stem(p) != plain(names[a]) for a, p in pairs
    )
    if not right and not named and not case.both:
        return None
    wrong = [(a, p) for a, p in pairs if a not in right]
    factors = [ratio(analytic[a], numeric[p]) for a, p in pairs]
    for usual in _USUAL_FACTORS[1:]:
        if pairs and all(f is not None and abs(f - usual) < 1e-3 for f in factors):
            return []
    weights = {leaf.path: leaf.array for leaf in leaves_of(case, values)}
    mistakes = [
        (mistake_of(values, analytic[a], numeric[p], weights[p], numeric), a, p)
        for a, p in wrong
        if not is_unprinted_decay(case, values, analytic[a], numeric[p], weights[p])
    ]
    if not case.both and {mistake for mistake, _, _ in mistakes} == {"batch-factor"}:
        # The slope of one sample's loss, whose mean the caller takes.
        name = case.where.rpartition(".")[2]
        mistakes = [] if is_divided(name, source) else mistakes
    if not mistakes:
        # Gradients of other shapes than the guessed parameters say nothing.
        is_partial = case.is_guessed and len(pairs) < min(len(analytic), len(numeric))
        return [] if pairs and not is_partial else None
    # Next to a penalty, only the gradient of a bias is N times too large.
    known = (entry for entry in mistakes if entry[0] != "unexplained")
    mistake, path, parameter = next(known, mistakes[0])
    theirs, ours = analytic[path], numeric[parameter]
    line = None
    if mistake in _TO_REPAIR or (mistake == "constant-factor" and ratio(theirs, ours) is None):
        mistake, line = _repaired(case, values, numeric, pairs, source) or (mistake, None)
    if mistake == "unexplained" and not is_sure:
        return None
    return [_finding(case, mistake, path, parameter, theirs, ours, source, line)]


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
        is_loss = LOSS.search(returned) and not _SLOPE.search(returned)
        if is_loss or returned in ("l", "j", "e", "ce", "mse"):
            return path, True
    if LOSS.search(name):
        return next(iter(numbers), None), True
    return (None if GRADIENT.search(name) else next(iter(numbers), None)), False


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
        return any(
            all(same(found.get(a), factor * numeric[p], CLOSE) for a, p in pairs)
            for factor in _USUAL_FACTORS
        )

    def is_right_of_new(function: Any) -> bool:
        """Return whether all gradients are those of a loss that is changed itself."""
        changed = replace(case, loss=function, gradient=function)
        found = changed.gradients(copy.deepcopy(values))
        new = _numeric(changed, values, {np.shape(a) for a in found.values()})
        return all(same(found.get(a), new.get(p), CLOSE) for a, p in pairs)

    edit = repaired(case.function, source, is_right, deep=True)
    if edit is None:
        edit = repaired(case.function, source, is_right, kinds=(inner_slopes,), deep=True)
    if edit is None and case.both:
        edit = repaired(case.function, source, is_right_of_new, kinds=(axes,), deep=True)
    return None if edit is None else (edit.mistake, edit.line)


def _numeric(case: Case, values: dict[str, Any], shapes: set[Any]) -> dict[str, Any]:
    """Return central differences by the path of each argument that the loss depends on."""
    result: dict[str, Any] = {}

    def total() -> float:
        value = case.value(copy.deepcopy(values))
        return float("nan") if value is None else value

    sizes = {int(np.prod(shape)) for shape in shapes}
    for leaf in leaves_of(case, values):
        array, raw = leaf.array, leaf.raw
        if array is None or isinstance(raw, bool | int | tuple):
            continue
        if isinstance(raw, np.ndarray) and raw.dtype.kind != "f":
            continue
        if array.size not in sizes and array.ndim < 1:
            continue
        if array.size > MOST_ENTRIES or (array.shape not in shapes and array.size not in sizes):
            continue
        name = plain(last_word(leaf.path))
        if role_of(name) in ("reg", "y"):
            continue
        gradient = numeric_gradient(total, array, leaf.put)
        if np.nanmax(np.abs(gradient), initial=0.0) > 1e-9:
            result[leaf.path] = gradient
    return result


def _stem(path: str) -> str:
    return re.sub(r"^(grad|delta|d|g)_?(?=\w)|grad(ient)?$", "", plain(last_word(path)))


def _returned(case: Case, path: str, source: Source) -> str:
    """Return the name under which the function has what it returns at a path."""
    if name := last_name(path):
        return name
    places = [int(place) for place in re.findall(r"\d+", path)]
    found = source.returned_name(case.function, *places) if places else []
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

    match(lambda a, p: same(rest[a], free[p], CLOSE))
    match(lambda a, p: _stem(names[a]) not in ("",) and _stem(names[a]) == _stem(p))

    def marked(a: str) -> bool:
        if not names[a] and len(analytic) == 1:
            return True
        return not both or bool(re.match(r"d_?\w|g[A-Zwb_]|\w*grad|g$|nabla", names[a]))

    if not any(names.values()) and _shapes(analytic) == _shapes(numeric):
        # Expressions without names, one for each parameter in order.
        places = dict(zip(analytic, numeric, strict=True))
        match(lambda a, p: places[a] == p)
    match(lambda a, p: marked(a) and np.shape(rest[a]) == np.shape(free[p]))
    match(lambda a, p: marked(a) and np.shape(rest[a]) == np.shape(free[p])[::-1])
    return pairs


def _shapes(arrays: dict[str, Any]) -> list[tuple[int, ...]]:
    return [np.shape(array) for array in arrays.values()]


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
    name = _returned(case, path, source)
    words = [name] if name else source.returned_name(case.function)
    shown = re.sub(r"\W+", ".", parameter).strip(".")
    return {
        "mistake": mistake,
        "where": case.where,
        "parameter": shown,
        "line": line or source.line_of_value(case.function, words),
        "text": f"The gradient of {shown} is not the derivative of the loss: {TITLES[mistake]}.",
        **first_wrong(analytic, numeric),
    }
