"""The verdict on a repair: which numbers of a program equal those of the right one."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from rosenblatt.lab.exercise import Exercise
from rosenblatt.lab.symptoms import measure_file, measure_right

_ONE_PASS = 1e-9
"""Relative difference of one pass: the order of a sum changes 1e-13 of it."""
_TRAINED = 1e-6
"""Relative difference after training: 210 updates let the rounding of one pass grow."""


@dataclass(frozen=True)
class Part:
    """One comparison.

    Attributes:
        name: what was compared.
        right: whether it is equal to rounding.
        difference: the largest difference, relative to the right one's largest entry; infinite
            where shapes differ or numbers are not finite.
    """

    name: str
    right: bool
    difference: float


@dataclass(frozen=True)
class Verdict:
    """The verdict on an exercise.

    Attributes:
        repaired: whether all parts are right.
        parts: the comparisons, in the order in which a program computes.
        reason: the error if the program fails; None if it runs.
    """

    repaired: bool
    parts: tuple[Part, ...] = ()
    reason: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the verdict as plain values; an infinite difference is None."""
        values = asdict(self)
        for part in values["parts"]:
            if not np.isfinite(part["difference"]):
                part["difference"] = None
        return values

    def lines(self) -> list[str]:
        """Return the verdict in lines for people."""
        if self.reason is not None:
            return [f"not repaired: the program fails: {self.reason}"]
        lines = ["repaired: all numbers are those of the right program" * self.repaired]
        if not self.repaired:
            lines = ["not repaired: these numbers are not those of the right program"]
        for part in self.parts:
            finite = np.isfinite(part.difference) and not part.right
            difference = "" if not finite else f", relative difference {part.difference:.2g}"
            lines.append(f"  {'right' if part.right else 'wrong'}  {part.name}{difference}")
        return lines


def check_repair(exercise: Exercise) -> Verdict:
    """Compare the program of an exercise with the right one; it runs in a process of its own.

    Any code that computes the right numbers is a repair, however it is written.
    """
    return compare(measure_file(exercise.program), measure_right(exercise.bug.program))


def compare(measured: dict[str, Any], right: dict[str, Any]) -> Verdict:
    """Return the verdict on the measurements of a program."""
    if "reason" in measured:
        return Verdict(False, reason=measured["reason"])
    parts = [
        _part("data", measured, right, ("data",), _ONE_PASS),
        _part("outputs and loss", measured, right, ("outputs", "loss"), _ONE_PASS),
        _part("gradients", measured, right, ("analytic",), _ONE_PASS),
        _part("gradients of a second call", measured, right, ("again",), _ONE_PASS),
        _part("initial weights", measured, right, ("start",), _ONE_PASS),
    ]
    for key, name in (("loss", "loss of each epoch"), ("end", "weights after training")):
        ours, theirs = ([curve[key] for curve in one["curves"]] for one in (measured, right))
        difference = _difference(ours, theirs)
        parts.append(Part(name, difference <= _TRAINED, difference))
    finite = bool(np.isfinite(measured["large"]))
    parts.append(Part("finite loss for large weights", finite, 0.0 if finite else np.inf))
    return Verdict(all(part.right for part in parts), tuple(parts))


def _part(name: str, measured: Any, right: Any, keys: tuple[str, ...], tolerance: float) -> Part:
    difference = max(_difference(measured[key], right[key]) for key in keys)
    return Part(name, difference <= tolerance, difference)


def _difference(ours: Any, theirs: Any) -> float:
    """Return the largest difference of nested values, relative to the right array's largest."""
    if isinstance(theirs, dict):
        if not isinstance(ours, dict) or ours.keys() != theirs.keys():
            return float("inf")
        return max(_difference(ours[name], theirs[name]) for name in theirs)
    if isinstance(theirs, list) and theirs and isinstance(theirs[0], dict):
        return max(_difference(a, b) for a, b in zip(ours, theirs, strict=True))
    try:
        a, b = np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float)
    except (TypeError, ValueError):
        return float("inf")
    if a.shape != b.shape or not np.isfinite(a).all():
        return float("inf")
    return float(np.abs(a - b).max() / max(np.abs(b).max(), 1e-300))
