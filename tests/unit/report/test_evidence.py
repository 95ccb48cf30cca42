"""How effects are written: intervals without width, ends that round alike, huge numbers."""

import math
import re

import numpy as np
import pytest

from rosenblatt.analysis.statistics import Interval
from rosenblatt.report.contents import TABLES
from rosenblatt.report.evidence import (
    number_interval,
    percent_interval,
    points_interval,
    times_interval,
)
from rosenblatt.report.format import counted, number
from rosenblatt.report.verdicts import Effect, effect


def written(text):
    return re.sub(r"[\u00a0\u202f]", " ", text)


def of(mean, low, high, n=5):
    return Effect(mean, Interval(low, high, 0.95), "undecided", n)


def test_an_interval_without_width_says_that_all_seeds_agree():
    assert written(percent_interval(effect([0.5] * 40))) == "50.0 % (for every seed)"
    assert written(points_interval(effect([0.01] * 5))) == "1.00 points (for every seed)"
    # Sums of equal numbers are rounded in their last bit.
    assert written(percent_interval(of(0.5, 0.5 - 1e-16, 0.5 + 1e-16))) == "50.0 % (for every seed)"
    # Of one seed nothing is said about all.
    assert written(number_interval(of(2.0, 2.0, 2.0, n=1), 2)) == "2.00"
    assert "∞" in percent_interval(effect([0.5]))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (percent_interval(of(0.49999, 0.49996, 0.50002)), "49.999 % [49.996, 50.002]"),
        (percent_interval(of(0.5, 0.4, 0.6)), "50.0 % [40.0, 60.0]"),
        (
            times_interval(of(0.0, math.log10(0.9996), math.log10(1.0004))),
            "1.0000 times [0.9996, 1.0004]",
        ),
        (points_interval(of(-0.0001, -0.0002, 0.0)), "−0.01 points [−0.02, 0.00]"),
    ],
)
def test_ends_that_would_be_written_alike_get_more_decimals(value, text):
    assert written(value) == text


@pytest.mark.parametrize("exponent", [-300, -170, -20, 12, 170, 300])
def test_no_ratio_is_written_with_hundreds_of_digits(exponent):
    text = times_interval(of(exponent, exponent - 0.5, exponent + 0.5))
    assert len(text) < 40
    assert "×10" in text


@pytest.mark.parametrize("value", [1e9, 3.4e30, 1e227, -1e227, 1.7e308])
def test_no_number_is_written_with_hundreds_of_digits(value):
    assert len(number(value, 4)) < 12


def test_a_loss_that_is_huge_is_a_power_of_ten_in_every_cell(results):
    for key in ("table_batch_sizes", "table_cuts"):
        table = TABLES[key]
        for row in table.rows(results).to_pylist():
            huge = {k: 1e227 if isinstance(v, float) else v for k, v in row.items()}
            cells = [column.cell(huge) for column in table.columns]
            assert max(len(re.sub(r"\s", "", cell)) for cell in cells) < 45
            assert not re.search(r"\d{20}", " ".join(cells))


def test_shares_of_seeds_are_counts():
    assert counted(0.02, 100, "seed") == "2 of 100 seeds"
    assert counted(float(np.mean([True, False, False])), 3, "seed") == "1 of 3 seeds"
    assert counted(1.0, 1, "seed") == "1 of 1 seed"
