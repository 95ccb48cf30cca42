"""From intervals to verdicts: what may be said of a claim, computed from the results."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from rosenblatt.analysis import Decision, Interval, decide, mean_interval

Verdict = Literal["holds", "fails", "holds only if", "not testable", "not enough runs"]
VERDICTS: tuple[Verdict, ...] = (
    "holds",
    "holds only if",
    "fails",
    "not enough runs",
    "not testable",
)
_OF_DECISION: Mapping[Decision, Verdict] = {
    "supported": "holds",
    "contradicted": "fails",
    "undecided": "not enough runs",
}


@dataclass(frozen=True)
class Finding:
    """What the results say of a claim.

    Attributes:
        verdict: computed, never written by hand.
        condition: what follows "holds only if"; else empty.
        evidence: the numbers, with their intervals, in a sentence or two.
    """

    verdict: Verdict
    evidence: str
    condition: str = ""

    def __str__(self) -> str:
        return f"{self.verdict} {self.condition}".strip()


@dataclass(frozen=True)
class Effect:
    """The mean of something over seeds, and what it says of a claim about it."""

    mean: float
    interval: Interval
    decision: Decision
    n: int


def effect(
    values: npt.ArrayLike, *, above: float | None = None, below: float | None = None
) -> Effect | None:
    """Return the mean over the finite ``values`` (n,), its interval, and whether it lies there.

    None where there is no value: nothing can be said then. Without a threshold nothing is decided.
    """
    x = np.asarray(values, dtype=np.float64)
    x = x[np.isfinite(x)]
    if not len(x):
        return None
    interval = mean_interval(x)
    if above is None and below is None:
        return Effect(float(x.mean()), interval, "undecided", len(x))
    return Effect(float(x.mean()), interval, decide(interval, above=above, below=below), len(x))


def certain(value: float, *, above: float) -> Effect:
    """Return an effect that does not vary, and whether it lies above a threshold."""
    interval = Interval(value, value, 0.95)
    return Effect(value, interval, decide(interval, above=above), 1)


def verdict_of(one: Effect | None) -> Verdict:
    """Return the verdict on a claim about a single effect."""
    return "not testable" if one is None else _OF_DECISION[one.decision]


def verdict_over(conditions: Mapping[str, Effect | None]) -> tuple[Verdict, str]:
    """Return the verdict on a claim that was put to the test under several conditions.

    It holds, or fails, where it does so under all of them; it holds only under some where others
    contradict it; and else the runs are too few to say. Conditions without a value do not count.
    """
    decisions = {name: one.decision for name, one in conditions.items() if one is not None}
    if not decisions:
        return "not testable", ""
    kinds = set(decisions.values())
    if len(kinds) == 1:
        return _OF_DECISION[kinds.pop()], ""
    if {"supported", "contradicted"} <= kinds:
        where = [name for name, decision in decisions.items() if decision == "supported"]
        return "holds only if", " or ".join(where)
    return "not enough runs", ""
