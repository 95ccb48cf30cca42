"""Layers: classes with a forward and a backward pass, and pairs of functions."""

import ast
import copy
import inspect
from typing import Any

import numpy as np

from rosenblatt.check.edits.function_repair import repaired
from rosenblatt.check.layers.dropout import check_dropout
from rosenblatt.check.layers.findings import broken_layer, mistake_reason
from rosenblatt.check.layers.gradients import (
    analytic_gradients,
    numeric_gradients,
    parameter_leaves,
    rate_of,
    softmax_findings,
)
from rosenblatt.check.layers.memory import accumulates, wrong_array_kept, wrong_weights
from rosenblatt.check.layers.mistakes import LayerCase, has_more_entries
from rosenblatt.check.layers.moved_weights import gradients_of_moves
from rosenblatt.check.limits.sandbox import FailedError, attempt
from rosenblatt.check.numbers.compare import same
from rosenblatt.check.source.calls import N
from rosenblatt.check.source.state import flat, leaves
from rosenblatt.check.source.subjects import (
    Facts,
    KeptLayer,
    Subject,
    first_array,
    images,
    probes,
    randomize,
    seeded,
)

MOST_OUTPUTS = 3
"""Outputs of a vector of which each in turn is the only one that the loss depends on."""


def check_layer(subject: Subject, facts: Facts) -> list[dict[str, Any]] | None:
    """Return the findings of a layer; None where it cannot be checked as one."""
    for x in _inputs(subject, facts):
        try:
            obj = seeded(subject.make)
            y = seeded(subject.forward, obj, copy.deepcopy(x))
            y = first_array(y)
            if y is None or (np.ndim(x) > 0 and y.ndim == 0) or not y.size:
                continue
            if np.ndim(x) == 2 and len(np.shape(y)) == 2 and N not in np.shape(y):
                continue
        except FailedError:
            continue
        findings = _check_at(subject, facts, x)
        if findings is None or (findings and (_raises(findings) or _is_too_large(findings[0]))):
            x, findings = _of_one_sample(subject, facts, x, findings)
        elif findings:
            findings = _of_one_output(subject, facts, x, findings)
        if findings and findings[0]["mistake"] == "unexplained" and subject.name == "class":
            return _repaired(subject, facts, x, findings)
        return findings
    return None


def _inputs(subject: Subject, facts: Facts) -> list[Any]:
    """Return inputs to try: arrays, or lists where the file has no NumPy."""
    arrays = [*probes(facts.columns), *images()]
    names = getattr(subject.forward_function, "__globals__", {"np": np})
    if any(_is_of_numpy(value) for value in names.values()):
        return arrays
    return [np.asarray(array).tolist() for array in arrays]


def _is_of_numpy(value: Any) -> bool:
    """Return whether a value is NumPy or PyTorch, or a function or a class of them."""
    module = getattr(value, "__module__", None) or getattr(value, "__name__", "")
    return str(module).startswith(("numpy", "torch"))


def _raises(findings: list[dict[str, Any]]) -> bool:
    return bool(findings) and "backward raises" in findings[0]["text"]


def _is_too_large(finding: dict[str, Any]) -> bool:
    """Return whether the gradient of a matrix has more entries than it, as np.outer of a batch."""
    arrays = finding.get("gradients") or {}
    shapes = [arrays[name]["shape"] for name in ("analytic", "numeric") if arrays]
    return bool(shapes) and has_more_entries(*shapes)


def _repaired(
    subject: Subject, facts: Facts, x: Any, findings: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Name an unexplained mistake by the change of the code that repairs it."""
    cls = type(seeded(subject.make))
    shapes = _returned_shapes(subject, x)
    edit = None
    for name in _own_methods(cls, subject):
        original = vars(cls)[name]

        def is_right(changed: Any, name: str = name) -> bool:
            setattr(cls, name, changed)
            # A gradient of another shape would not be compared.
            if _returned_shapes(subject, x) != shapes:
                return False
            found = _check_at(subject, facts, x)
            if found:
                found = _of_one_output(subject, facts, x, found)
            return found == []

        try:
            edit = edit or repaired(original, subject.source, is_right)
        finally:
            setattr(cls, name, original)
    if edit is None:
        kept = wrong_array_kept(subject, x, lambda other: _check_at(other, facts, x) == [])
        return findings if kept is None else [{**findings[0], **kept}]
    mistake = edit.mistake
    if mistake == "gradients-accumulate":
        # The repair is to add where the code assigns, at each position of a loop.
        is_of_bias = len(findings[0].get("entry") or ()) == 1
        mistake = "bias-gradient-not-summed" if is_of_bias else "unexplained"
    first = {**findings[0], "mistake": mistake, "line": edit.line}
    first["text"] = first["text"].replace(mistake_reason("unexplained"), mistake_reason(mistake))
    return [first, *findings[1:]]


def _own_methods(cls: Any, subject: Subject) -> list[str]:
    """Return the names of a class's own methods with the backward pass: it, or what it calls."""
    name = getattr(subject.backward_function, "__name__", "")
    own = [n for n, value in vars(cls).items() if inspect.isfunction(value)]
    if name in own:
        return [name]
    node = subject.source.node_of(subject.backward_function)
    parts = ast.walk(node) if node is not None else ()
    called = {part.attr for part in parts if isinstance(part, ast.Attribute)}
    return [n for n in own if n in called]


def _returned_shapes(subject: Subject, x: Any) -> dict[str, Any]:
    """Return the shapes of what the backward pass of a layer returns."""
    obj = seeded(subject.make)
    returned = seeded(subject.forward, obj, copy.deepcopy(x))
    ones = np.ones(np.shape(first_array(returned)))
    given = ones if isinstance(x, np.ndarray) else ones.tolist()
    result = seeded(subject.backward, obj, given, copy.deepcopy(x), returned)
    return {path: np.shape(array) for path, array in flat(result).items()}


def _of_one_sample(
    subject: Subject, facts: Facts, x: Any, findings: list[dict[str, Any]] | None
) -> tuple[Any, list[dict[str, Any]] | None]:
    """Return an input that a layer takes where it takes no batch, and its findings with it.

    Much code takes one sample at a time, as a column, a row or a vector, or signals, not images.
    """
    array = np.asarray(x)
    parts: list[Any] = []
    if array.ndim in (2, 4):
        parts = [array[0]] if array.ndim == 4 else [array[:, :1], array[:1], array[0]]
    results = []
    for part in (one.copy() if isinstance(x, np.ndarray) else one.tolist() for one in parts):
        found = _check_at(subject, facts, part)
        if found and not _raises(found):
            found = _of_one_output(subject, facts, part, found)
        if found is not None and not _raises(found) and not (found and _is_too_large(found[0])):
            results.append((part, found))
    right = [(part, found) for part, found in results if not found]
    return next(iter([*right, *results]), (x, findings))


def _of_one_output(
    subject: Subject, facts: Facts, x: Any, findings: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return the findings where the loss depends on one output of a vector, if these say more.

    The cross-entropy of one sample does; the backward pass may stop after that output.
    """
    y = first_array(seeded(subject.forward, seeded(subject.make), copy.deepcopy(x)))
    if np.ndim(y) != 1:
        return findings
    outputs = range(min(np.size(y), MOST_OUTPUTS))
    found = [_check_at(subject, facts, x, output) for output in outputs]
    if any(not one for one in found):
        return [] if all(one == [] for one in found) else findings
    names = {one[0]["mistake"] for one in found if one}
    is_unknown = findings[0]["mistake"] == "unexplained"
    return found[0] or findings if is_unknown and names != {"unexplained"} else findings


def _check_at(
    subject: Subject, facts: Facts, x: Any, output: int | None = None
) -> list[dict[str, Any]] | None:
    """Return the findings for an input; ``output`` is the only one with a gradient, None: all."""
    rng = np.random.default_rng(11)
    stale = copy.deepcopy(x)
    if isinstance(stale, np.ndarray):
        stale = stale[::-1].copy() * 0.7 + 0.1
    obj = seeded(subject.make)
    other = seeded(subject.make)
    # Random biases: zeros would hide their gradients.
    randomize(obj, rng)
    randomize(other, np.random.default_rng(3))
    try:
        seeded(subject.forward, obj, copy.deepcopy(stale))
        returned = seeded(subject.forward, obj, copy.deepcopy(x))
        y = first_array(returned)
        again = first_array(seeded(subject.forward, copy.deepcopy(obj), copy.deepcopy(x)))
        np.random.seed(5)  # noqa: NPY002
        differing = first_array(attempt(subject.forward, copy.deepcopy(obj), copy.deepcopy(x)))
    except FailedError:
        return None
    if y is None or again is None:
        return None
    if not same(again, differing) or not same(y, again):
        return check_dropout(subject, x)
    overflow = softmax_findings(subject, facts, obj, x, y)
    if overflow:
        return overflow
    dout = rng.normal(size=y.shape)
    if output is not None:
        dout[np.arange(dout.size) != output] = 0.0
    kept = {leaf.path: leaf.array for leaf in leaves(obj)}
    worked = copy.deepcopy(obj)
    give = dout.copy() if not isinstance(x, list | float) else dout.tolist()
    try:
        seeded(subject.forward, other, copy.deepcopy(stale))
        result = seeded(subject.backward, obj, give, copy.deepcopy(x), returned)
    except FailedError as error:
        return broken_layer(subject, error)
    parameters = parameter_leaves(worked, subject, x, y)
    gradients = analytic_gradients(obj, kept, parameters, result, x, rate_of(obj, subject), subject)
    if gradients is None:
        return None
    analytic, names, changed = gradients
    numeric = numeric_gradients(worked, subject, x, dout, parameters)
    if changed and isinstance(x, np.ndarray):
        rate = rate_of(obj, subject)
        analytic |= gradients_of_moves(subject, x, worked, returned, dout, rate, numeric)
    case = LayerCase(
        subject, facts, x, y, dout, kept, parameters, analytic, numeric, names, changed, obj
    )
    findings = case.findings()
    if not findings:
        findings = accumulates(subject, x, give, parameters, worked)
    if not findings:
        findings = wrong_weights(subject, parameters)
    places = {path: names[path] for path in parameters if path in names}
    if not findings and places and subject.name == "class" and not changed:
        facts.layers.append(KeptLayer(copy.deepcopy(obj), places))
    return findings
