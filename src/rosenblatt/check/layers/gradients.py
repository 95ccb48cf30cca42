"""The gradients of a layer: what the code computes, and differences of its forward pass."""

import copy
import inspect
import itertools
import re
from typing import Any

import numpy as np

from rosenblatt.check.layers.findings import layer_finding
from rosenblatt.check.limits.sandbox import FailedError
from rosenblatt.check.numbers.compare import first_wrong, numeric_gradient, same
from rosenblatt.check.numbers.reference import softmax
from rosenblatt.check.report.texts import LARGE_LOGITS
from rosenblatt.check.source.calls import plain
from rosenblatt.check.source.state import Leaf, flat, leaves
from rosenblatt.check.source.subjects import RATE, Facts, Subject, first_array, seeded
from rosenblatt.check.source.words import last_word


def parameter_leaves(obj: Any, subject: Subject, x: Any, y: Any) -> dict[str, Leaf]:
    """Return the leaves that change the output, by path."""
    result = {}
    for leaf in list(leaves(obj)):
        array = leaf.array
        raw = leaf.raw
        if array is None or not array.size or isinstance(raw, bool | tuple) or _is_size(raw):
            continue
        if isinstance(raw, int) or (
            isinstance(raw, float)
            and re.search(
                r"lr|rate|eps|alpha|slope|momentum|eta|scale|limit|std|gain|leak|lamb|decay",
                plain(leaf.path),
            )
        ):
            continue
        if (
            array.size == 1
            and np.ndim(x) > 0
            and not isinstance(raw, np.ndarray | list)
            and (not re.search(r"w|b", plain(leaf.path)))
        ):
            continue
        try:
            # The largest entry may be the only one that counts.
            moved = np.array(array) + 0.37
            leaf.fill(moved)
            with_change = first_array(seeded(subject.forward, obj, copy.deepcopy(x)))
            leaf.fill(array)
        except FailedError:
            leaf.fill(array)
            continue
        if with_change is not None and not same(with_change, y, 1e-9):
            current = leaf.array
            if current is not None and same(current, array, 1e-12):
                result[leaf.path] = leaf
    return result


def _is_size(raw: Any) -> bool:
    """Return whether numbers are whole ones in a list, such as the size of a kernel."""
    return isinstance(raw, list) and all(type(number) is int for number in raw)


def _common(first: str, second: str) -> int:
    """Return how many containers two paths have in common, from the outermost.

    >>> _common(".layers[1].b.grad", ".layers[1].b.value"), _common(".layers[0].dW", ".W")
    (3, 0)
    """
    words = zip(re.findall(r"\w+", first), re.findall(r"\w+", second), strict=False)
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], words))


def _stem(path: str) -> str:
    """Return a name without what marks a gradient.

    >>> [_stem(name) for name in (".dW", ".grad_weight", ".grads['b']", ".w_g")]
    ['w', 'w', 'b', 'w']
    """
    p = plain(last_word(path))
    p = re.sub(r"gradients?|grads?|nabla|delta|deriv(ative)?", "", p)
    p = re.sub(r"^(d|g)(?=[wb])|(?<=[wbst])g$", "", p)
    p = re.sub(r"weights?|kernel", "w", p)
    return re.sub(r"bias(es)?|intercept", "b", p)


def _is_gradient_name(path: str) -> bool:
    words = path.lower()
    return bool(
        re.search(r"grad|nabla|delta|\.d_?[a-z]|'d_?[a-z]|\"d|\.g[wb]|\w_g\b|return", words)
    )


def rate_of(obj: Any, subject: Subject) -> float:
    """Return the learning rate with which backward itself moves the weights."""
    names = ("lr", "learningrate", "eta", "alpha", "rate", "stepsize")
    try:
        given = inspect.signature(subject.backward_function).parameters.values()
    except (ValueError, TypeError):
        return RATE
    for parameter in given:
        if plain(parameter.name) in names:
            default = parameter.default
            return RATE if default is parameter.empty else float(default)
    for leaf in leaves(obj):
        if plain(last_word(leaf.path)) in names and leaf.array.size == 1:
            return float(leaf.array) or RATE
    return RATE


def analytic_gradients(
    obj: Any,
    kept: dict[str, Any],
    parameters: dict[str, Leaf],
    result: Any,
    x: Any,
    rate: float = RATE,
    subject: Subject | None = None,
) -> tuple[dict[str, Any], dict[str, str], bool] | None:
    """Return the student's gradients by parameter and "x"; their names; whether weights moved.

    None where neither names nor shapes tell which of several gradients is a parameter's.
    """
    after = {leaf.path: leaf.array for leaf in leaves(obj)}
    returned = {}
    for path, value in flat(result).items():
        place = re.fullmatch(r"\[(\d+)\]", path)
        words = []
        if place and subject is not None:
            words = subject.source.returned_name(subject.backward_function, int(place[1]))
        returned[f"return{path}{''.join('.' + word for word in words)}"] = value
    analytic: dict[str, Any] = {}
    names: dict[str, str] = {}
    shape = np.shape(x)
    moved = {
        path
        for path in parameters
        if after.get(path) is not None and not np.array_equal(after[path], kept[path])
    }
    order = list(returned)
    for path in order:
        if returned[path].shape == shape and _stem(path) not in ("w", "b"):
            analytic["x"], names["x"] = returned[path], path
            break
    if "x" not in analytic and len(shape) == 2:
        for path in order:
            if returned[path].shape == shape[::-1] and _stem(path) not in ("w", "b"):
                analytic["x"], names["x"] = returned[path], path
                break
    if "x" not in analytic:
        for path, value in after.items():
            if (
                value is not None
                and value.shape == shape
                and re.search(r"d_?(x|inputs?|prev)|grad_?(in|x)|dinput|delta", path.lower())
            ):
                analytic["x"], names["x"] = value, path
    candidates = {**{p: v for p, v in after.items() if p not in parameters}, **returned}
    for path in parameters:
        if path in moved and after[path] is not None and after[path].shape == kept[path].shape:
            analytic[path] = (kept[path] - after[path]) / rate
            names[path] = path
            continue
        target = kept[path].shape
        stem = _stem(path)
        scored = []
        for other, value in candidates.items():
            if value is None or other == names.get("x"):
                continue
            fits = value.shape == target
            ending = plain(last_word(other)).endswith(plain(last_word(path)))
            like = _stem(other) == stem or (ending and last_word(other) != last_word(path))
            marked = _is_gradient_name(other)
            size = value.size == int(np.prod(target, dtype=int))
            turned = value.shape == target[::-1]
            changed = other not in kept or not np.array_equal(value, kept[other])
            if not marked and not (fits and changed):
                continue
            if not (fits or like or size):
                continue
            if other in kept and not marked and not changed:
                continue
            score = 8 * like + 4 * fits + 2 * (size or turned) + 2 * changed + marked
            if not like and not fits and not (size and other.startswith("return")):
                continue
            scored.append(((score, _common(other, path), -len(other)), other, value, like))
        if scored:
            best, other, value, like = max(scored, key=lambda entry: entry[0])
            equal = [entry[2] for entry in scored if entry[0][:2] == best[:2]]
            if not like and any(not np.array_equal(value, array) for array in equal):
                return None
            analytic[path], names[path] = value, other
    return analytic, names, bool(moved)


def numeric_gradients(
    obj: Any, subject: Subject, x: Any, dout: Any, parameters: dict[str, Leaf]
) -> dict[str, Any]:
    """Return central differences by the parameters and by the input."""

    def total() -> float:
        y = first_array(seeded(subject.forward, obj, copy.deepcopy(held["x"])))
        return float((y * dout).sum())

    held = {"x": copy.deepcopy(x)}
    numeric: dict[str, Any] = {}
    try:
        for path, leaf in parameters.items():
            numeric[path] = numeric_gradient(total, leaf.array, leaf.put)
        array = np.asarray(x, dtype=float)
        numeric["x"] = numeric_gradient(total, array, Leaf(held, "x", "x").put)
    except (FailedError, TypeError, ValueError):
        pass
    return numeric


def softmax_findings(
    subject: Subject, facts: Facts, obj: Any, x: Any, y: Any
) -> list[dict[str, Any]]:
    """Return the findings of a forward pass that is a softmax, or the logarithm of one."""
    if np.shape(x) != y.shape or y.ndim == 0 or not isinstance(x, np.ndarray):
        return []
    is_log = bool((y <= 0).all())
    if is_log:
        y = np.exp(y)
    if (y < 0).any():
        return []
    named = "softmax" in plain(subject.where)
    rows = bool(np.allclose(y.sum(axis=-1), 1))
    across = x.ndim == 2 and bool(np.allclose(y.sum(axis=0), 1))
    whole = x.ndim == 2 and bool(np.allclose(y.sum(), 1))
    function = subject.forward_function
    if not rows and (whole or (across and not facts.columns)):
        return [
            layer_finding(
                subject,
                "softmax-wrong-axis",
                "The probabilities of a sample do not add up to 1: the sum runs over "
                f"{'all numbers' if whole else 'the samples'}.",
                function,
                **first_wrong(y, softmax(x, -1)),
            )
        ]
    if rows and x.ndim == 2 and facts.columns and not across:
        return [
            layer_finding(
                subject,
                "softmax-wrong-axis",
                "Samples are columns here, and the sum runs over each row.",
                function,
                **first_wrong(y, softmax(x, 0)),
            )
        ]
    if named or ((rows or across or whole) and y.size > 1):
        large = np.where(np.arange(x.size).reshape(x.shape) % 2 == 0, 1000.0, 0.0)
        try:
            result = first_array(seeded(subject.forward, copy.deepcopy(obj), large))
        except FailedError:
            return []
        # The logarithm of a small probability may be that of 0.
        if result is not None and is_log and result.shape == large.shape:
            result = result[large > 0]
        if result is not None and not np.isfinite(result).all():
            return [
                layer_finding(
                    subject,
                    "softmax-overflow",
                    LARGE_LOGITS,
                    function,
                )
            ]
    return []
