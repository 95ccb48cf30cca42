"""Names of functions that belong together: a forward pass with its backward pass or derivative."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from rosenblatt.check.source.calls import required
from rosenblatt.check.source.words import BACKWARDS, FORWARDS

_DERIVATIVE = (
    r"derivative|derivate|derivada|derivata|ableitung|deriv|der|prime|gradient|grad|jacobian|diff"
    r"|vjp"
)
_MARK_AFTER = re.compile(rf"_?({_DERIVATIVE}|backprop|back|bwd|{BACKWARDS})s?$")
_MARK_BEFORE = re.compile(rf"^((backward|backprop|back|bwd|{_DERIVATIVE}|d)_?|({BACKWARDS})_)")
_FORWARD = re.compile(rf"_?(fn|func|{FORWARDS})$|^(forward|fwd)_?|^({FORWARDS})_")
_NO_PASSES = re.compile(
    r"train|fit|pred|test|eval|init|update|step|plot|show|print|load|save|make|loss|cost|score"
    r"|encod|decod|kod|accura|1|2"
)
"""Parts of names that many functions of a file share without being passes."""

_VARIANT = re.compile(r"_(naive|fast|slow|alt|loops?|vec(tori[sz]ed)?|simple|direct)$")
"""The end of a name that tells how a pass is computed: conv_forward_naive."""

_GIVEN_GRADIENT = re.compile(
    r"^d(?!ata|im|rop|t$|ec|ist|egr)|^g(rad)?_|grad|delta|upstream|^err", re.I
)
"""Names of the gradient that a backward pass is given."""


def marks_derivative(name: str) -> bool:
    """Return whether a name ends as that of a backward pass or a derivative.

    >>> marks_derivative("relu_backward"), marks_derivative("relu_zpet"), marks_derivative("relu")
    (True, True, False)
    """
    return _MARK_AFTER.search(name.lower()) is not None


def function_pairs(functions: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the names of functions and of the functions that differentiate them.

    >>> function_pairs(dict.fromkeys(["relu", "d_relu", "mse", "mse_prime"]))
    [('relu', 'd_relu'), ('mse', 'mse_prime')]
    >>> function_pairs(dict.fromkeys(["bn_forward", "bn_backward", "bn_backward_alt"]))
    [('bn_forward', 'bn_backward'), ('bn_forward', 'bn_backward_alt')]
    >>> passes = dict.fromkeys(["relu_vor", "affine_vor"], lambda x: x)
    >>> passes |= dict.fromkeys(["relu_her", "affine_her"], lambda dy, x: x)
    >>> function_pairs(passes)
    [('relu_vor', 'relu_her'), ('affine_vor', 'affine_her')]
    """
    names = list(functions)
    pairs = set()
    by_stem = {
        (_stem(_VARIANT.sub("", name.lower())), _variant(name)): name
        for name in names
        if not marks_derivative(_VARIANT.sub("", name.lower()))
    }
    for name in names:
        low = _VARIANT.sub("", name.lower())
        for rest in (_MARK_AFTER.sub("", low), _MARK_BEFORE.sub("", low)):
            # One forward pass may have a backward pass of each variant.
            stem = _stem(rest)
            first = by_stem.get((stem, _variant(name))) or by_stem.get((stem, ""), name)
            if rest != low and first != name:
                pairs.add((first, name))
                break
    paired = {name for pair in pairs for name in pair}
    pairs |= {
        (first, second)
        for first, second in _by_common_ends(names)
        if not paired & {first, second}
        and any(map(_GIVEN_GRADIENT.search, required(functions[second])))
        and not any(map(_GIVEN_GRADIENT.search, required(functions[first])))
    }
    return sorted(pairs, key=lambda pair: [names.index(name) for name in pair])


def _variant(name: str) -> str:
    """Return the end of a name that tells how it computes, "" where there is none."""
    match = _VARIANT.search(name.lower())
    return match[1] if match else ""


def _stem(name: str) -> str:
    return _FORWARD.sub("", name.lower()).replace("_", "")


def _by_common_ends(names: list[str]) -> list[tuple[str, str]]:
    """Return pairs of names that differ in their last part, where two such parts occur twice."""
    parts = [name.lower().rpartition("_") for name in names]
    ends: Counter[tuple[str, str]] = Counter()
    candidates: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for i, (stem, _, first) in enumerate(parts):
        for j in range(i + 1, len(parts)):
            other, _, second = parts[j]
            if stem and stem == other and not _NO_PASSES.search(f"{first} {second}"):
                ends[first, second] += 1
                candidates.setdefault((first, second), []).append((names[i], names[j]))
    return [pair for end, count in ends.items() if count > 1 for pair in candidates[end]]
