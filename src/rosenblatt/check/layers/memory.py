"""Mistakes in what a layer keeps between its calls: gradients, inputs and weights."""

import ast
import copy
import inspect
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from rosenblatt.check.layers.findings import layer_finding
from rosenblatt.check.layers.gradients import analytic_gradients, rate_of
from rosenblatt.check.limits.sandbox import FailedError
from rosenblatt.check.numbers.compare import first_wrong, ratio
from rosenblatt.check.source.calls import H, required
from rosenblatt.check.source.coverage import is_update
from rosenblatt.check.source.state import Leaf, leaves
from rosenblatt.check.source.subjects import Subject, first_array, seeded
from rosenblatt.check.source.text import Source
from rosenblatt.check.source.words import BACKWARDS, last_word

OF_ZEROS = "If these zeros are filled with random numbers before a training, that is right."
"""The end of the text of a remark, about a file that only defines layers."""

OF_SUMS = "If a training sets it to zero before each backward pass, that is right."
"""The end of the text of a finding in a file without a training."""


def _sets_to_zero(code: str) -> bool:
    """Return whether a file has a function for it, or sets an array to 0 whatever its name."""
    in_place = r"\[(\.\.\.|:)\] (= 0|\*= 0)|\w \*= 0(\.0*)?$|\.fill\(0"
    return (
        re.search(rf"def \w*(zero|reset|clear)|zero_?grad|{in_place}", code, re.I | re.M)
        is not None
    )


def accumulates(
    subject: Subject, x: Any, dout: Any, parameters: dict[str, Leaf], worked: Any
) -> list[dict[str, Any]]:
    """Return a finding if a second backward pass adds to the first's gradients.

    In a file without a training the text ends with ``OF_SUMS``.
    """
    if not parameters:
        return []
    if _sets_to_zero(subject.source.code):
        return _left_by_reset(subject, x, dout, parameters, worked)
    obj = copy.deepcopy(worked)
    results = []
    try:
        for _ in range(2):
            kept = {leaf.path: leaf.array for leaf in leaves(obj)}
            returned = seeded(subject.forward, obj, copy.deepcopy(x))
            result = seeded(subject.backward, obj, copy.deepcopy(dout), copy.deepcopy(x), returned)
            gradients = analytic_gradients(
                obj, kept, parameters, result, x, rate_of(obj, subject), subject
            )
            if gradients is None or gradients[2]:
                return []
            analytic, names, _ = gradients
            results.append(analytic)
    except (FailedError, KeyError):
        return []
    for path in parameters:
        if path in results[0] and path in results[1]:
            first, second = results[0][path], results[1][path]
            c = ratio(second, first)
            if c is not None and abs(c - 1) > 1e-3 and np.any(first):
                if len(re.findall(r"\+=", subject.source.code)) == 0 and abs(c - 2) > 1e-6:
                    continue
                # Code outside the class may set the gradients to 0.
                last = last_word(names[path])
                if re.search(rf"{last}\b[^\n]*(= 0|zeros|fill\(0|\*= 0)", _outside(subject)):
                    return []
                trains = _runs(subject.source) or any(map(is_update, ast.walk(subject.source.tree)))
                return [
                    layer_finding(
                        subject,
                        "gradients-accumulate",
                        f"A second backward pass gives {c:g} times the gradient: it adds to "
                        f"{names[path].lstrip('.')} and nothing resets it."
                        f"{'' if trains else f' {OF_SUMS}'}",
                        None,
                        [last],
                        parameter=path.lstrip("."),
                        **first_wrong(second, first),
                    )
                ]
    return []


def _left_by_reset(
    subject: Subject, x: Any, dout: Any, parameters: dict[str, Leaf], worked: Any
) -> list[dict[str, Any]]:
    """Return a finding if the method that resets gradients leaves some of them as they are."""
    cls = type(worked)
    name = next((n for n in vars(cls) if re.match(r"_*(zero|reset|clear)", n, re.I)), None)
    method = getattr(cls, name or "", None)
    if not inspect.isfunction(method) or required(method) != ["self"]:
        return []
    obj = copy.deepcopy(worked)
    kept = {leaf.path: leaf.array for leaf in leaves(obj)}
    try:
        returned = seeded(subject.forward, obj, copy.deepcopy(x))
        result = seeded(subject.backward, obj, copy.deepcopy(dout), copy.deepcopy(x), returned)
        found = analytic_gradients(obj, kept, parameters, result, x, 1.0, subject)
        seeded(method, obj)
    except (FailedError, KeyError):
        return []
    after = {leaf.path: leaf.array for leaf in leaves(obj)}
    names = found[1] if found is not None else {}
    paths = [path for path in parameters if names.get(path) in after]
    left = [path for path in paths if np.any(after[names[path]])]
    if not left or len(left) == len(paths):
        return []
    last = last_word(names[left[0]])
    adds = re.search(rf"{last}\b[^\n=]* \+= |np\.add\.at\([^\n]*{last}", subject.source.code)
    if not adds or re.search(rf"{last}\b[^\n]*(= 0|zeros|fill\(0|\*= 0)", _outside(subject)):
        return []
    return [
        layer_finding(
            subject,
            "gradients-accumulate",
            f"{name} leaves {last} as it is, to which every backward pass adds.",
            method,
            [],
            parameter=left[0].lstrip("."),
        )
    ]


def wrong_array_kept(
    subject: Subject, x: Any, is_right: Callable[[Subject], bool]
) -> dict[str, Any] | None:
    """Return a finding if backward is right once an array that forward keeps is another one.

    Args:
        subject: the layer.
        x: an input.
        is_right: returns whether a layer's gradients are right.
    """
    obj = seeded(subject.make)
    y = first_array(seeded(subject.forward, obj, copy.deepcopy(x)))
    for leaf in leaves(obj):
        for name, array in (("input", x), ("output", y)):
            kept = leaf.array
            if np.shape(kept) != np.shape(array) or np.array_equal(kept, array):
                continue
            changed = replace(subject, backward=_backward_with(subject, leaf.path, name))
            if is_right(changed):
                shown = leaf.path.lstrip(".")
                text = f"The gradients are right if {shown} is the {name} of {subject.where}."
                names = [last_word(leaf.path)]
                return layer_finding(
                    subject, "wrong-input-cached", text, subject.forward_function, names
                )
    return None


def _backward_with(subject: Subject, path: str, name: str) -> Callable[[Any, Any, Any, Any], Any]:
    """Return the backward pass of a layer whose array at ``path`` is its input or its output."""

    def backward(obj: Any, dout: Any, x: Any, returned: Any) -> Any:
        array = x if name == "input" else first_array(returned)
        for leaf in leaves(obj):
            if leaf.path == path:
                leaf.replace(np.array(array))
        return subject.backward(obj, dout, x, returned)

    return backward


def _outside(subject: Subject) -> str:
    """Return the code of the file without constructors."""
    text = subject.source.code
    return re.sub(r"def __init__\(.*?(?=\n    def |\nclass |\Z)", "", text, flags=re.S)


def wrong_weights(subject: Subject, parameters: dict[str, Leaf]) -> list[dict[str, Any]]:
    """Return a finding for whole-number weights, and for weights that are all equal.

    Equal weights of a file that runs something are left to the run, where one layer may be all.
    Of zeros the text ends with ``OF_ZEROS``, which makes it a remark.
    """
    fresh = seeded(subject.make)
    init = getattr(type(fresh), "__init__", None) if subject.name == "class" else None
    if init is None or "__dict__" not in dir(fresh):
        return []
    for leaf in leaves(fresh):
        if leaf.path not in parameters:
            continue
        raw, array = leaf.raw, leaf.array
        words = [last_word(leaf.path)]
        if isinstance(raw, np.ndarray) and raw.dtype.kind in "iu":
            return [
                layer_finding(
                    subject,
                    "integer-weights",
                    f"{leaf.path.lstrip('.')} has the dtype {raw.dtype}; small steps are lost.",
                    init,
                    words,
                    parameter=leaf.path.lstrip("."),
                )
            ]
        wide = array.ndim == 2 and min(array.shape) > 1 and H in array.shape
        if wide and np.ptp(array) == 0 and _is_for_several_layers(subject.source):
            return [
                layer_finding(
                    subject,
                    "symmetric-init",
                    f"{leaf.path.lstrip('.')} starts with the same number everywhere, so that all "
                    f"units learn the same.{'' if array.any() else f' {OF_ZEROS}'}",
                    init,
                    words,
                    parameter=leaf.path.lstrip("."),
                )
            ]
    return []


def _is_for_several_layers(source: Source) -> bool:
    """Return whether a file defines layers, of which a network is made elsewhere."""
    layers = [
        node
        for node in source.tree.body
        if isinstance(node, ast.ClassDef)
        and any(re.match(BACKWARDS, getattr(part, "name", "")) for part in node.body)
    ]
    return len(layers) > 1 and not _runs(source)


def _runs(source: Source) -> bool:
    """Return whether a file does more than define classes, functions and constants."""
    return any(
        isinstance(node, ast.For | ast.While | ast.If | ast.With)
        or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call))
        for node in source.tree.body
    )
