"""Verdicts on claims, computed from intervals."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from rosenblatt.analysis.statistics import (
    Decision,
    Interval,
    decide,
    mean_interval,
    runs_needed,
)
from rosenblatt.errors import ConfigurationError
from rosenblatt.report.format import count

Verdict = Literal[
    "holds", "holds only if", "only weakly", "fails", "not testable", "not enough runs"
]
VERDICTS: tuple[Verdict, ...] = (
    "holds",
    "holds only if",
    "only weakly",
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
    """A verdict on a claim, with its evidence.

    Attributes:
        verdict: computed, never written by hand.
        evidence: the numbers, with their intervals, in a sentence or two.
        condition: what follows "holds only if" or "only weakly"; else empty.
        sensitivity: how the verdict depends on the threshold; empty where there is none.
        typical: of a claim about the source's own run, where it lies among ours; else empty.
        needed: with how many runs the claim would be decided; empty where it is.
    """

    verdict: Verdict
    evidence: str
    condition: str = ""
    sensitivity: str = ""
    typical: str = ""
    needed: str = ""

    def __str__(self) -> str:
        return f"{self.verdict} {self.condition}".strip()


@dataclass(frozen=True)
class Effect:
    """The mean of something over seeds, and what it says of a claim about it.

    Attributes:
        mean: over seeds.
        interval: of the mean.
        decision: on the claim that the mean lies above ``above`` and below ``below``.
        n: how many seeds.
        above: the lower threshold, None for none.
        below: the upper threshold, None for none.
        no_effect: the value that means no effect, None where there is no such value.
        needed: with how many seeds the claim would be decided with a chance of at least 80 %, were
            the true mean and spread those of the seeds; infinity for more than ten million; None
            where it is decided, without a threshold, and for one seed, which shows no spread.
    """

    mean: float
    interval: Interval
    decision: Decision
    n: int
    above: float | None = None
    below: float | None = None
    no_effect: float | None = None
    needed: float | None = None

    @property
    def is_weak(self) -> bool:
        """Whether there is an effect in the claimed direction that stays short of the threshold."""
        if self.decision != "contradicted" or self.no_effect is None:
            return False
        if self.above is not None and self.below is None:
            return self.interval.low > self.no_effect
        return self.above is None and self.interval.high < self.no_effect


def effect(
    values: npt.ArrayLike,
    *,
    above: float | None = None,
    below: float | None = None,
    no_effect: float | None = None,
) -> Effect | None:
    """Return the mean over the finite ``values`` (n,), its interval, and whether it lies there.

    None where there is no value: nothing can be said then. Without a threshold nothing is decided.
    """
    x = np.asarray(values, dtype=np.float64)
    x = x[np.isfinite(x)]
    if not len(x):
        return None
    found = _decided(float(x.mean()), mean_interval(x), len(x), above, below, no_effect)
    thresholds = [threshold for threshold in (above, below) if threshold is not None]
    if found.decision != "undecided" or not thresholds or found.n == 1:
        return found
    distance = min(abs(found.mean - threshold) for threshold in thresholds)
    # Between two thresholds a mean is told from both: 90 % for each is at least 80 % for the two.
    is_between = above is not None and below is not None and above < found.mean < below
    power = 0.9 if is_between else 0.8
    try:
        return replace(found, needed=runs_needed(x, effect=distance, power=power).total)
    except ConfigurationError:
        return replace(found, needed=math.inf)


def certain(
    value: float,
    *,
    above: float | None = None,
    below: float | None = None,
    no_effect: float | None = None,
) -> Effect:
    """Return an effect that does not vary, and whether it lies there."""
    return _decided(value, Interval(value, value, 0.95), 1, above, below, no_effect)


def _decided(
    mean: float,
    interval: Interval,
    n: int,
    above: float | None,
    below: float | None,
    no_effect: float | None,
) -> Effect:
    has_threshold = above is not None or below is not None
    decision = decide(interval, above=above, below=below) if has_threshold else "undecided"
    return Effect(mean, interval, decision, n, above, below, no_effect)


def judged(
    found: Mapping[str, Effect | None] | Effect | None,
    evidence: str,
    write: Callable[[float], str],
    typical: str = "",
) -> Finding:
    """Return the finding on a claim about one effect, or about one under several conditions.

    Args:
        found: the effect, or effects by the condition they were measured under.
        evidence: a sentence or two.
        write: writes a threshold, or a tolerance, with its unit.
        typical: see :class:`Finding`.
    """
    conditions = found if isinstance(found, Mapping) else {"": found}
    verdict, condition = verdict_over(conditions)
    needed = runs_to_decide(conditions) if verdict == "not enough runs" else ""
    return Finding(verdict, evidence, condition, sensitivity(conditions, write), typical, needed)


def verdict_of(one: Effect | None) -> Verdict:
    """Return the verdict on a claim about a single effect."""
    if one is None:
        return "not testable"
    return "only weakly" if one.is_weak else _OF_DECISION[one.decision]


def verdict_over(conditions: Mapping[str, Effect | None]) -> tuple[Verdict, str]:
    """Return the verdict on a claim that was put to the test under several conditions.

    It holds, or fails, where it does so under all of them; it holds only under some where others
    contradict it; else the runs are too few to say. Where it holds under none, but there is an
    effect in the claimed direction under some, it is true only weakly, under these. Conditions
    without a value do not count.
    """
    verdicts = {name: verdict_of(one) for name, one in conditions.items() if one is not None}
    if not verdicts:
        return "not testable", ""
    kinds = set(verdicts.values())
    if len(kinds) == 1:
        return kinds.pop(), ""
    if "holds" in kinds and kinds & {"fails", "only weakly"}:
        return "holds only if", _named(verdicts, "holds")
    if kinds == {"fails", "only weakly"}:
        return "only weakly", _named(verdicts, "only weakly")
    return "not enough runs", ""


def _named(verdicts: Mapping[str, Verdict], wanted: Verdict) -> str:
    return " or ".join(name for name, verdict in verdicts.items() if verdict == wanted)


def sensitivity(conditions: Mapping[str, Effect | None], write: Callable[[float], str]) -> str:
    """Say with which thresholds the verdict would be another, and where an effect is weak."""
    measured = {name: one for name, one in conditions.items() if one is not None}
    if not any(one.above is not None or one.below is not None for one in measured.values()):
        return ""
    alike: dict[str, list[str]] = {}
    for name, one in measured.items():
        alike.setdefault(_flips(one, write), []).append(name)
    said = "; ".join(
        flips if names == [""] or len(alike) == 1 else f"{', '.join(names)}: {flips}"
        for flips, names in alike.items()
    )
    weak = [name for name, one in measured.items() if one.is_weak]
    if not weak:
        return f"{_capitalised(said)}."
    where = f" ({'; '.join(weak)})" if weak != [""] else ""
    return (
        f"{_capitalised(said)}. There is an effect in the claimed direction{where}: the interval "
        "excludes no effect, and the threshold is what it falls short of."
    )


def runs_to_decide(conditions: Mapping[str, Effect | None]) -> str:
    """Say with how many runs each undecided condition would be decided."""
    said = {
        name: _needed(one)
        for name, one in conditions.items()
        if one is not None and one.decision == "undecided"
    }
    each = "each" if len(said) > 1 else "it"
    return (
        f"{'; '.join(f'{name}: {runs}' if name else runs for name, runs in said.items())}. As many "
        f"would decide {each} with a chance of 80 %, were the true mean and spread those of these "
        "runs."
    )


def _needed(one: Effect) -> str:
    if one.needed is None:
        return "2 or more, which show how much runs differ (1 here)"
    if math.isinf(one.needed):
        return f"more than ten million ({count(one.n)} here)"
    if one.needed <= one.n:
        # The interval of these runs is skewed, which the plan does not count with.
        return f"more than the {count(one.n)} here"
    return f"about {count(int(one.needed))} ({count(one.n)} here)"


def _capitalised(text: str) -> str:
    # A condition keeps its case: "m = 10".
    return text[0].upper() + text[1:] if text.startswith("with ") else text


def _flips(one: Effect, write: Callable[[float], str]) -> str:
    """Write for which thresholds (of a claim of a value: tolerances) it holds, and fails."""
    low, high = one.interval.low, one.interval.high
    if not (np.isfinite(low) and np.isfinite(high)):
        return "with no threshold are these runs enough"
    if one.above is not None and one.below is not None:
        target = (one.above + one.below) / 2
        far = max(abs(low - target), abs(high - target))
        near = max(low - target, target - high, 0.0)
        fails = f"fails up to {write(near)}" if near > 0 else "fails with none"
        return f"with a tolerance above {write(far)} it holds, and it {fails}"
    if one.above is not None:
        return f"with a threshold below {write(low)} it holds, from {write(high)} on it does not"
    return f"with a threshold above {write(high)} it holds, up to {write(low)} it does not"


def not_testable(_: object, *, reason: str) -> Finding:
    """Return that a statement cannot be put to the test, and why."""
    return Finding("not testable", reason)
