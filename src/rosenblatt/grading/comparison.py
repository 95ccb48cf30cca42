"""The verdict on a criterion: a submission's numbers next to the right ones."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from rosenblatt.grading.process import Answer
from rosenblatt.grading.questions import Array

TOLERANCE = 1e-11
"""The largest difference from a right number, relative to the largest entry of the array.

Two right programs add in different orders. A sum of n products then differs by at most about
n · 1.1e-16 of the sum of their magnitudes. In every question n is below 100, and the sum below
100 times the largest entry: 1.1e-12. float32 is off by 1e-7 and does not pass.
"""


@dataclass(frozen=True)
class Outcome:
    """How one criterion came out.

    Attributes:
        right: whether all its numbers are right.
        problem: in a few words, without any right number; "" if right.
        numbers: the first wrong entry with the right number next to it; "" if there is none.
    """

    right: bool
    problem: str = ""
    numbers: str = ""


def judge(expected: Mapping[str, Array], answer: Answer) -> Outcome:
    """Compare the values of one criterion with the right ones."""
    for name, right in expected.items():
        if name not in answer.values:
            return Outcome(False, answer.error or "there is no such value")
        outcome = compare(answer.values[name], right)
        if not outcome.right:
            return outcome
    return Outcome(True)


def compare(given: Array, right: Array, tolerance: float = TOLERANCE) -> Outcome:
    """Compare one array with the right one.

    >>> compare(np.array([1.0, 2.5]), np.array([1.0, 2.0])).problem
    'entry [1] is wrong'
    """
    if given.shape != right.shape:
        return Outcome(False, f"the shape is {given.shape} and should be {right.shape}")
    allowed = tolerance * max(float(np.abs(right).max(initial=0.0)), 1e-300)
    wrong = ~(np.abs(given - right) <= allowed)
    if not wrong.any():
        return Outcome(True)
    place = tuple(int(index) for index in np.argwhere(wrong)[0]) if right.shape else ()
    where = f"entry {list(place)}" if place else "the number"
    yours, ours = float(given[place]), float(right[place])
    return Outcome(False, f"{where} is wrong", f"{where} is {yours:.9g} and should be {ours:.9g}")
