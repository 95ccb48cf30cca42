import math

import numpy as np
import pytest
from scipy import stats

from rosenblatt.report.verdicts import Finding, certain, effect, verdict_of, verdict_over

SUPPORTED = certain(2.0, above=1.0)
CONTRADICTED = certain(0.0, above=1.0)
UNDECIDED = effect([0.0, 2.0], above=1.0)


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
    ],
)
def test_a_verdict_over_several_conditions(conditions, expected):
    assert verdict_over(conditions) == expected


def test_a_finding_reads_as_a_sentence():
    assert str(Finding("holds", "evidence")) == "holds"
    assert str(Finding("holds only if", "evidence", "at equal epochs")) == (
        "holds only if at equal epochs"
    )
