import math
import re

import numpy as np
import pytest
from scipy import stats

from rosenblatt.report.verdicts import (
    Finding,
    certain,
    effect,
    judged,
    sensitivity,
    verdict_of,
    verdict_over,
)

SUPPORTED = certain(2.0, above=1.0)
CONTRADICTED = certain(0.0, above=1.0)
UNDECIDED = effect([0.0, 2.0], above=1.0)
WEAK = certain(0.5, above=1.0, no_effect=0.0)


def test_an_effect_is_a_mean_with_students_interval():
    values = [0.91, 0.93, 0.92, 0.96]
    found = effect(values, above=0.8)
    low, high = stats.t.interval(0.95, 3, np.mean(values), stats.sem(values))
    assert (found.mean, found.n) == (pytest.approx(0.93), 4)
    assert (found.interval.low, found.interval.high) == pytest.approx((low, high))
    assert found.decision == "supported"


@pytest.mark.parametrize(
    ("thresholds", "decision"),
    [
        ({"above": 0.5}, "supported"),
        ({"above": 1.5}, "contradicted"),
        ({"above": 1.0}, "undecided"),
        ({"below": 1.5}, "supported"),
        ({"below": 0.5}, "contradicted"),
        ({"above": 0.5, "below": 1.5}, "supported"),
        ({"above": 1.5, "below": 2.0}, "contradicted"),
        ({"above": 0.0, "below": 0.5}, "contradicted"),
        ({"above": 1.0, "below": 1.5}, "undecided"),
        ({}, "undecided"),
    ],
)
def test_what_is_decided_depends_on_where_the_interval_lies(thresholds, decision):
    # The interval is 1 ± 0.25.
    assert effect([0.9, 1.0, 1.1], **thresholds).decision == decision


def test_what_is_not_finite_does_not_count():
    found = effect([math.nan, 1.0, math.inf, 3.0, -math.inf], above=0.0)
    assert (found.mean, found.n) == (2.0, 2)
    assert effect(np.array([1, None, 3], dtype=float), above=0.0).n == 2


@pytest.mark.parametrize("values", [[], [math.nan], [math.nan, math.inf]])
def test_no_value_is_no_effect(values):
    assert effect(values, above=0.0) is None
    assert verdict_of(None) == "not testable"


def test_one_value_decides_nothing():
    found = effect([5.0], above=0.0)
    assert (found.interval.low, found.interval.high) == (-math.inf, math.inf)
    assert verdict_of(found) == "not enough runs"


def test_what_is_certain_has_no_interval():
    one = certain(2.0, above=1.0)
    assert (one.interval.low, one.interval.high, one.n) == (2.0, 2.0, 1)
    assert verdict_of(one) == "holds"
    assert verdict_of(certain(1.0, above=1.0)) == "fails"
    assert verdict_of(certain(0.5, above=1.0)) == "fails"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({}, ("not testable", "")),
        ({"a": None}, ("not testable", "")),
        ({"a": SUPPORTED}, ("holds", "")),
        ({"a": CONTRADICTED}, ("fails", "")),
        ({"a": UNDECIDED}, ("not enough runs", "")),
        ({"a": SUPPORTED, "b": SUPPORTED}, ("holds", "")),
        ({"a": CONTRADICTED, "b": CONTRADICTED}, ("fails", "")),
        ({"a": SUPPORTED, "b": None}, ("holds", "")),
        ({"a": SUPPORTED, "b": CONTRADICTED}, ("holds only if", "a")),
        ({"a": CONTRADICTED, "b": SUPPORTED}, ("holds only if", "b")),
        ({"a": SUPPORTED, "b": CONTRADICTED, "c": SUPPORTED}, ("holds only if", "a or c")),
        ({"a": SUPPORTED, "b": CONTRADICTED, "c": UNDECIDED}, ("holds only if", "a")),
        ({"a": SUPPORTED, "b": UNDECIDED}, ("not enough runs", "")),
        ({"a": CONTRADICTED, "b": UNDECIDED}, ("not enough runs", "")),
        ({"a": UNDECIDED, "b": None}, ("not enough runs", "")),
        ({"a": WEAK}, ("only weakly", "")),
        ({"a": WEAK, "b": WEAK}, ("only weakly", "")),
        ({"a": WEAK, "b": CONTRADICTED}, ("only weakly", "a")),
        ({"a": WEAK, "b": SUPPORTED}, ("holds only if", "b")),
        ({"a": WEAK, "b": UNDECIDED}, ("not enough runs", "")),
    ],
)
def test_a_verdict_over_several_conditions(conditions, expected):
    assert verdict_over(conditions) == expected


def test_a_finding_reads_as_a_sentence():
    assert str(Finding("holds", "evidence")) == "holds"
    assert str(Finding("holds only if", "evidence", "at equal epochs")) == (
        "holds only if at equal epochs"
    )


@pytest.mark.parametrize(
    ("values", "thresholds", "is_weak"),
    [
        ([0.4, 0.5, 0.6], {"above": 1.0}, True),
        # The interval is 0.1 ± 0.25: no effect is in it.
        ([0.0, 0.1, 0.2], {"above": 1.0}, False),
        ([-0.6, -0.5, -0.4], {"above": 1.0}, False),
        ([1.4, 1.5, 1.6], {"above": 1.0}, False),
        ([0.9, 1.0, 1.1], {"above": 1.0}, False),
        ([-0.6, -0.5, -0.4], {"below": -1.0}, True),
        ([0.4, 0.5, 0.6], {"below": -1.0}, False),
        # Of a claim of a value there is no direction.
        ([0.4, 0.5, 0.6], {"above": 1.0, "below": 2.0}, False),
    ],
)
def test_a_sure_effect_short_of_the_threshold_is_weak(values, thresholds, is_weak):
    found = effect(values, **thresholds, no_effect=0.0)
    assert found.is_weak == is_weak
    assert (verdict_of(found) == "only weakly") == is_weak
    assert not effect(values, **thresholds).is_weak
    said = sensitivity({"": found}, str)
    assert ("There is an effect in the claimed direction" in said) == is_weak


@pytest.mark.parametrize("direction", ["above", "below", "within"])
def test_the_thresholds_named_are_those_at_which_the_verdict_flips(direction):
    values = [0.8, 1.0, 1.3]

    def finding(threshold):
        if direction == "within":
            return judged(
                effect(values, above=3 - threshold, below=3 + threshold), "evidence.", repr
            )
        return judged(effect(values, **{direction: threshold}), "evidence.", repr)

    said = finding(0.7).sensitivity
    first, second = (float(number) for number in re.findall(r"-?\d+\.\d+", said))
    sign = 1 if direction == "above" else -1
    assert said == finding(1.9).sensitivity
    assert finding(first - sign * 1e-9).verdict == "holds"
    assert finding(first + sign * 1e-9).verdict == "not enough runs"
    assert finding(second - sign * 1e-9).verdict == "not enough runs"
    assert finding(second + sign * 1e-9).verdict == "fails"


@pytest.mark.parametrize("thresholds", [{"above": 0.25}, {"below": -0.25}, {"below": 0.25}])
def test_runs_to_decide_are_those_with_which_four_in_five_verdicts_are_sure(thresholds):
    sample = np.array([-1.0, 1.0] * 4)
    needed = effect(sample, **thresholds).needed
    assert needed > len(sample)
    rng, spread = np.random.default_rng(0), sample.std(ddof=1)

    def share_of_decided(n):
        x = rng.normal(0.0, spread, (4000, n))
        t = stats.t.ppf(0.975, n - 1)
        distance = abs(x.mean(axis=1) - next(iter(thresholds.values())))
        return np.mean(distance > t * x.std(axis=1, ddof=1) / math.sqrt(n))

    assert share_of_decided(int(needed)) == pytest.approx(0.8, abs=0.02)


def test_a_mean_between_two_thresholds_is_told_from_both():
    sample = np.array([-1.0, 1.0] * 4)
    needed = int(effect(sample, above=-0.25, below=0.25).needed)
    x = np.random.default_rng(0).normal(0.0, sample.std(ddof=1), (4000, needed))
    half = stats.t.ppf(0.975, needed - 1) * x.std(axis=1, ddof=1) / math.sqrt(needed)
    low, high = x.mean(axis=1) - half, x.mean(axis=1) + half
    assert np.mean((low > -0.25) & (high < 0.25)) == pytest.approx(0.8, abs=0.02)
    # One outside of them only from the nearer one.
    outside = effect(sample, above=0.25, below=9.0).needed
    assert outside == effect(sample, above=0.25).needed


@pytest.mark.parametrize(
    ("values", "thresholds", "needed"),
    [
        ([5.0], {"above": 0.0}, None),
        ([0.9, 1.0, 1.1], {}, None),
        ([0.9, 1.0, 1.1], {"above": 0.5}, None),
        ([0.9, 1.0, 1.1], {"above": 1.5}, None),
        ([0.9, 1.0, 1.1], {"above": 1.0}, math.inf),
        ([0.9, 1.0, 1.1], {"above": 1.0 - 1e-9}, math.inf),
    ],
)
def test_runs_are_counted_where_they_would_decide(values, thresholds, needed):
    assert effect(values, **thresholds).needed == needed


def test_a_finding_says_how_many_runs_would_decide_it():
    undecided = effect([0.0, 1.0, 2.0, 1.2], above=0.6)
    finding = judged(undecided, "evidence.", repr)
    assert finding.verdict == "not enough runs"
    assert finding.needed == (
        f"about {undecided.needed} (4 here). As many would decide it with a chance of 80 %, were "
        "the true mean and spread those of these runs."
    )
    several = {"a": undecided, "b": None, "c": SUPPORTED, "d": effect([5.0], above=0.0)}
    said = judged(several, "evidence.", repr).needed
    assert said.startswith(
        f"a: about {undecided.needed} (4 here); d: 2 or more, which show how much runs differ "
        "(1 here). As many would decide each with"
    )
    at_threshold = judged(effect([0.0, 1.0], above=0.5), "evidence.", repr).needed
    assert at_threshold.startswith("more than ten million (2 here).")


def test_a_skewed_interval_may_need_more_runs_than_planned():
    # Its longer side reaches the threshold, which Student's interval does not.
    found = effect(np.r_[np.zeros(37), 1.0, 1.0, 10.0], below=1.05)
    assert (found.decision, found.n) == ("undecided", 40)
    assert found.needed < found.n
    assert judged(found, "evidence.", repr).needed.startswith("more than the 40 here. As many")


def test_a_decided_claim_needs_no_runs():
    for finding in (
        judged(SUPPORTED, "evidence.", repr),
        judged(CONTRADICTED, "evidence.", repr),
        judged(WEAK, "evidence.", repr),
        judged({"a": SUPPORTED, "b": CONTRADICTED, "c": UNDECIDED}, "evidence.", repr),
    ):
        assert finding.needed == ""


def test_conditions_with_the_same_thresholds_are_named_together():
    found = {name: certain(2.0, above=1.0) for name in "abc"}
    assert sensitivity(found, str) == (
        "With a threshold below 2.0 it holds, from 2.0 on it does not."
    )
    said = sensitivity(found | {"c": certain(3.0, above=1.0)}, str)
    assert said.startswith("a, b: with a threshold below 2.0")
    assert sensitivity({"a": None, "b": effect([1.0, 2.0])}, str) == ""
