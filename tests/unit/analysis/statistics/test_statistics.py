"""Statistics agree with statsmodels, textbooks and closed forms, and intervals cover."""

import dataclasses
import itertools
import math

import numpy as np
import pytest
from scipy.stats import binom, norm
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import TTestPower
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.weightstats import DescrStatsW

from rosenblatt.analysis.statistics import (
    Interval,
    compare_all,
    compare_paired,
    compare_to,
    decide,
    equivalence,
    holm,
    mean_interval,
    paired_power,
    proportion_interval,
    quantile_band,
    runs_needed,
)
from rosenblatt.errors import ConfigurationError, DataError, ShapeError

# Student's sleep data (1908): hours of sleep gained by ten patients with each of two drugs. The
# values that R's documentation prints for t.test(..., paired = TRUE) are t = 4.0621, p = 0.002833,
# a mean difference of 1.58 and the interval 0.7001142 to 2.4598858.
FIRST = np.array([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0])
SECOND = np.array([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4])


def ends(interval):
    return interval.low, interval.high


# Intervals ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", [0.5, 0.95, 0.999])
@pytest.mark.parametrize("n", [2, 5, 29])
def test_few_values_have_students_interval(n, level):
    x = np.random.default_rng(n).exponential(size=n)
    expected = DescrStatsW(x).tconfint_mean(alpha=1 - level)
    assert ends(mean_interval(x, level)) == pytest.approx(expected, rel=1e-12)


def bootstrap_by_hand(x, level, n_resamples):
    """BCa as in Efron and Tibshirani, An Introduction to the Bootstrap (1993), section 14.3."""
    rng = np.random.default_rng(99)
    means = np.sort(x[rng.integers(len(x), size=(n_resamples, len(x)))].mean(axis=1))
    z0 = norm.ppf((means < x.mean()).mean())
    left_out = (x.sum() - x) / (len(x) - 1)
    gap = left_out.mean() - left_out
    a = (gap**3).sum() / (6 * (gap**2).sum() ** 1.5)
    z = norm.ppf([(1 - level) / 2, (1 + level) / 2])
    return np.quantile(means, norm.cdf(z0 + (z0 + z) / (1 - a * (z0 + z))))


@pytest.mark.parametrize("n", [30, 60])
def test_more_values_have_the_bca_bootstrap(n):
    x = np.random.default_rng(n).exponential(size=n)
    low, high = bootstrap_by_hand(x, 0.9, 200_000)
    found = mean_interval(x, 0.9)
    assert found.level == 0.9
    # Over seeds the ends vary by 1.2 % of the width.
    assert ends(found) == pytest.approx((low, high), abs=0.05 * (high - low))
    # It follows the skew, which Student's interval does not.
    assert found.high - x.mean() > 1.1 * (x.mean() - found.low)


def test_the_bootstrap_is_a_function_of_the_seed():
    x = np.random.default_rng(0).normal(size=40)
    assert mean_interval(x, seed=3) == mean_interval(x, seed=3)
    assert mean_interval(x, seed=3) != mean_interval(x, seed=4)
    assert mean_interval(x[:29], seed=3) == mean_interval(x[:29], seed=4)


def test_intervals_move_and_stretch_with_the_values():
    x = np.random.default_rng(0).exponential(size=40)
    here, there = mean_interval(x), mean_interval(10 + 100 * x)
    assert ends(there) == pytest.approx((10 + 100 * here.low, 10 + 100 * here.high), rel=1e-9)


@pytest.mark.parametrize("n", [2, 29, 30, 50])
def test_equal_values_have_an_interval_without_width(n):
    assert mean_interval([0.9] * n) == Interval(0.9, 0.9, 0.95)


def test_one_value_says_nothing():
    assert mean_interval([0.9]) == Interval(-math.inf, math.inf, 0.95)


def covered(intervals, truth):
    return np.mean([truth in interval for interval in intervals])


def test_intervals_of_few_normal_values_cover_exactly():
    rng = np.random.default_rng(1)
    found = covered((mean_interval(x, 0.9) for x in rng.normal(3, 2, size=(2000, 5))), 3)
    assert found == pytest.approx(0.9, abs=4 * math.sqrt(0.09 / 2000))


@pytest.mark.slow
@pytest.mark.parametrize("skewed", [False, True])
def test_bootstrap_intervals_cover_nearly(skewed):
    rng = np.random.default_rng(2)
    draws = rng.exponential(size=(250, 40)) if skewed else rng.normal(1, 1, size=(250, 40))
    found = covered((mean_interval(x, seed=seed) for seed, x in enumerate(draws)), 1)
    # At this size 0.94 of the bootstrap's intervals cover; and four standard errors of 250.
    assert found == pytest.approx(0.94, abs=4 * math.sqrt(0.94 * 0.06 / 250))


@pytest.mark.parametrize("level", [0.9, 0.95])
@pytest.mark.parametrize(("successes", "n"), [(0, 10), (1, 10), (15, 148), (81, 263), (10, 10)])
def test_proportions_have_wilsons_interval(successes, n, level):
    expected = proportion_confint(successes, n, alpha=1 - level, method="wilson")
    assert ends(proportion_interval(successes, n, level)) == pytest.approx(expected, abs=1e-12)


def test_proportions_of_newcombe():
    # Newcombe, Two-sided confidence intervals for the single proportion (1998), table I, method 3.
    table = {(81, 263): (0.2553, 0.3662), (15, 148): (0.0624, 0.1605), (0, 20): (0, 0.1611)}
    table[1, 29] = (0.0061, 0.1718)
    for (successes, n), expected in table.items():
        assert ends(proportion_interval(successes, n)) == pytest.approx(expected, abs=5e-5)


def test_wilsons_interval_covers_on_average():
    # Summed over all outcomes, not simulated: 95 % on average, and nowhere far below.
    n = 60
    found = [proportion_interval(k, n) for k in range(n + 1)]
    p = np.linspace(0.1, 0.9, 401)
    chance = np.zeros_like(p)
    for k, interval in enumerate(found):
        chance += binom.pmf(k, n, p) * ((interval.low <= p) & (p <= interval.high))
    assert chance.mean() == pytest.approx(0.95, abs=0.005)
    assert chance.min() > 0.92


def test_bands_are_quantiles_at_each_time():
    curves = np.random.default_rng(0).normal(size=(11, 7))
    band = quantile_band(curves, [0, 0.1, 0.5, 1])
    assert band.shape == (4, 7)
    ordered = np.sort(curves, axis=0)
    np.testing.assert_allclose(band, ordered[[0, 1, 5, 10]])
    np.testing.assert_allclose(quantile_band(curves)[1], np.median(curves, axis=0))
    np.testing.assert_array_equal(quantile_band([[1.0, 2.0]]), [[1, 2]] * 3)


# Decisions ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("low", "high", "threshold", "expected"),
    [
        (0.1, 0.2, {"above": 0}, "supported"),
        (-0.1, 0.2, {"above": 0}, "undecided"),
        (0.0, 0.2, {"above": 0}, "undecided"),
        (-0.2, 0.0, {"above": 0}, "contradicted"),
        (0.0, 0.0, {"above": 0}, "contradicted"),
        (-0.2, -0.1, {"below": 0}, "supported"),
        (-0.2, 0.0, {"below": 0}, "undecided"),
        (0.0, 0.1, {"below": 0}, "contradicted"),
        (-0.1, 0.1, {"above": -0.2, "below": 0.2}, "supported"),
        (-0.1, 0.3, {"above": -0.2, "below": 0.2}, "undecided"),
        (-0.3, 0.3, {"above": -0.2, "below": 0.2}, "undecided"),
        (0.2, 0.3, {"above": -0.2, "below": 0.2}, "contradicted"),
        (-0.3, -0.25, {"above": -0.2, "below": 0.2}, "contradicted"),
        (-math.inf, math.inf, {"above": 0}, "undecided"),
        (-math.inf, -1, {"below": 0}, "supported"),
        (1, math.inf, {"above": 0}, "supported"),
        (1, math.inf, {"below": 0}, "contradicted"),
    ],
)
def test_an_interval_decides_in_three_ways(low, high, threshold, expected):
    assert decide(Interval(low, high, 0.95), **threshold) == expected


# Comparisons --------------------------------------------------------------------------------------


def test_students_sleep_data():
    found = compare_paired(SECOND, FIRST)
    assert found.n == 10
    assert found.difference == pytest.approx(1.58, abs=1e-12)
    assert ends(found.interval) == pytest.approx((0.7001142, 2.4598858), abs=5e-8)
    assert found.p_value == pytest.approx(0.002833, abs=5e-7)
    assert found.d_z == pytest.approx(4.0621 / math.sqrt(10), abs=1e-4)
    assert found.adjusted_p is None
    turned = compare_paired(FIRST, SECOND)
    assert (turned.difference, turned.d_z) == pytest.approx((-1.58, -found.d_z))
    assert (turned.p_value, turned.wilcoxon_p) == pytest.approx((found.p_value, found.wilcoxon_p))


def test_signed_ranks_are_counted_exactly():
    d = np.array([1.0, -2.0, 3.0, 4.0, 5.0, 6.0, 7.0])
    # All 2⁷ ways to give the ranks signs, of which those as far out as a rank sum of 2 count twice.
    sums = [sum(ranks) for ranks in itertools.product(*((0, r) for r in range(1, 8)))]
    assert compare_to(d, 0).wilcoxon_p == 2 * np.mean(np.array(sums) <= 2)


@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
def test_the_interval_leaves_out_0_where_p_is_small(level):
    rng = np.random.default_rng(3)
    found = [compare_to(rng.normal(0.6, 1, size=n), 0, level) for n in (3, 8, 40) * 20]
    rejected = [each.p_value < 1 - level for each in found]
    assert rejected == [0 not in each.interval for each in found]
    assert 0 < sum(rejected) < len(found)


@pytest.mark.slow
def test_false_alarms_are_as_many_as_stated():
    rng = np.random.default_rng(4)
    p = [compare_paired(*rng.normal(size=(2, 6))).p_value for _ in range(1000)]
    assert np.mean(np.array(p) < 0.05) == pytest.approx(0.05, abs=4 * math.sqrt(0.0475 / 1000))


@pytest.mark.parametrize("n", [1, 2, 20])
def test_identical_runs_do_not_differ(n):
    x = np.random.default_rng(0).normal(size=n)
    found = compare_paired(x, x)
    assert (found.difference, found.p_value, found.wilcoxon_p) == (0, 1, 1)
    assert found.d_z == 0 or n == 1
    rounded = compare_paired([0.1 + 0.2] * n, [0.3] * n)
    assert (rounded.difference, rounded.p_value) == (0, 1)


def test_equal_differences_have_the_p_value_of_the_sign_flip():
    b = np.array([0.1, 0.7, 0.35, 0.61, 0.2])
    found = compare_paired(b + 0.1, b)
    assert found.difference == pytest.approx(0.1, abs=1e-12)
    assert found.interval.half_width == 0
    assert (found.p_value, found.d_z) == (2 / 32, math.inf)
    assert compare_paired(b, b + 0.1).d_z == -math.inf
    assert compare_paired(b[:2] + 0.1, b[:2]).p_value == 0.5


def test_one_pair_says_nothing():
    found = compare_paired([2.0], [1.0])
    assert (found.difference, found.p_value, found.wilcoxon_p) == (1, 1, 1)
    assert math.isnan(found.d_z)
    assert ends(found.interval) == (-math.inf, math.inf)


def test_a_constant_is_a_pair_of_itself():
    assert compare_to(SECOND, 0.25) == compare_paired(SECOND, np.full(10, 0.25))


def test_rounding_does_not_break_ties():
    # 0.3 − 0.2 and 0.2 − 0.1 differ in the last bit; their ranks are equal all the same.
    a, b = [0.3, 0.2, 0.5, 0.9, 0.7, 0.1], [0.2, 0.1, 0.6, 0.5, 0.5, 0.0]
    whole = compare_paired([3, 2, 5, 9, 7, 1], [2, 1, 6, 5, 5, 0])
    assert compare_paired(a, b).wilcoxon_p == whole.wilcoxon_p


def test_a_family_is_adjusted_as_statsmodels_does():
    rng = np.random.default_rng(5)
    pairs = {str(k): rng.normal([[0.4 * k], [0]], 1, size=(2, 8)) for k in range(5)}
    found = compare_all({name: (a, b) for name, (a, b) in pairs.items()}, level=0.95)
    assert list(found) == list(pairs)
    alone = [compare_paired(a, b) for a, b in pairs.values()]
    expected = multipletests([each.p_value for each in alone], method="holm")[1]
    assert [each.adjusted_p for each in found.values()] == pytest.approx(list(expected))
    assert [dataclasses.replace(each, adjusted_p=None) for each in found.values()] == alone


@pytest.mark.parametrize("seed", range(5))
def test_holm_is_statsmodels(seed):
    p = np.random.default_rng(seed).choice([0, 0.001, 0.01, 0.02, 0.04, 0.3, 1], size=seed * 3 + 1)
    np.testing.assert_allclose(holm(p), multipletests(p, method="holm")[1], rtol=1e-14)


# Equivalence --------------------------------------------------------------------------------------


@pytest.mark.parametrize("limits", [(-1, 1), (-0.3, 0.5), (0.2, 3)])
@pytest.mark.parametrize("n", [2, 10, 50])
def test_two_one_sided_tests_are_statsmodels(n, limits):
    x = np.random.default_rng(n).normal(0.2, 0.8, size=n)
    found = equivalence(x, *limits)
    expected = DescrStatsW(x).ttost_mean(*limits)[0]
    assert found.p_value == pytest.approx(expected, rel=1e-9)
    assert found.within == (expected < 0.05)
    assert found.interval.level == pytest.approx(0.9)
    inside = decide(found.interval, above=limits[0], below=limits[1]) == "supported"
    assert inside == found.within


def test_a_difference_that_is_not_significant_need_not_be_small():
    noisy = np.array([-3.0, 2.0, 1.0, -2.0, 3.0])
    assert compare_to(noisy, 0).p_value > 0.3
    assert not equivalence(noisy, -1, 1).within
    assert equivalence(noisy / 100, -1, 1).within


def test_values_without_spread_are_judged_by_their_number():
    assert equivalence([0.1] * 5, 0, 0.2).p_value == 2**-5
    assert equivalence([0.1] * 5, 0, 0.2).within
    assert not equivalence([0.1] * 4, 0, 0.2).within
    assert equivalence([0.3] * 9, 0, 0.2).p_value == 1
    assert equivalence([0.2] * 9, 0, 0.2).p_value == 1
    assert equivalence([0.1], 0, 0.2).p_value == 1


# Planning -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", [0.9, 0.95, 0.999])
@pytest.mark.parametrize("n", [2, 5, 34, 1000])
@pytest.mark.parametrize("d_z", [0.0, 0.05, 0.5, -0.5, 2.0])
def test_power_is_statsmodels(d_z, n, level):
    expected = TTestPower().power(d_z, n, alpha=1 - level, alternative="two-sided")
    if math.isnan(expected):  # it is where the tail on the wrong side is too small for it
        expected = TTestPower().power(abs(d_z), n, alpha=(1 - level) / 2, alternative="larger")
    assert paired_power(d_z, n, level) == pytest.approx(expected, abs=1e-8)


def test_power_goes_on_smoothly_where_the_normal_takes_over():
    for d_z in (0.005, 0.02, 0.03):
        assert paired_power(d_z, 10_000) == pytest.approx(paired_power(d_z, 10_001), abs=3e-4)
    assert paired_power(50, 100) == paired_power(1, 10**7) == 1


@pytest.mark.slow
def test_power_is_how_often_an_effect_is_found():
    rng = np.random.default_rng(6)
    found = [compare_to(rng.normal(0.8, 1, size=12), 0).p_value < 0.05 for _ in range(1000)]
    power = paired_power(0.8, 12)
    assert np.mean(found) == pytest.approx(power, abs=4 * math.sqrt(power * (1 - power) / 1000))


@pytest.mark.parametrize(("d_z", "n"), [(0.2, 199), (0.5, 34), (0.8, 15)])
def test_runs_for_cohens_small_medium_and_large_effects(d_z, n):
    # The numbers of G*Power 3 for a paired t test, two-sided, α = 0.05, power 0.8.
    values = np.array([-1.0, 1.0, -1.0, 1.0]) * math.sqrt(3) / 2
    found = runs_needed(values, effect=-d_z)
    assert (found.total, found.more) == (n, n - 4)


@pytest.mark.parametrize("power", [0.5, 0.8, 0.99])
@pytest.mark.parametrize("effect", [0.03, 0.3, 1.0])
def test_runs_for_an_effect_are_statsmodels(effect, power):
    values = np.random.default_rng(7).normal(size=9)
    exact = TTestPower().solve_power(effect / values.std(ddof=1), power=power, alpha=0.05)
    found = runs_needed(values, effect=effect, power=power)
    # Beyond 10 000 runs the power is the normal's.
    assert found.total == pytest.approx(max(2, math.ceil(exact)), rel=2e-4 if exact > 10_000 else 0)
    assert found.more == max(0, found.total - 9)


@pytest.mark.parametrize("half_width", [0.01, 0.1, 1.0, 100.0])
@pytest.mark.parametrize("level", [0.8, 0.95])
def test_runs_for_a_width_are_the_fewest(half_width, level):
    values = np.random.default_rng(8).normal(size=9)
    total = runs_needed(values, half_width=half_width, level=level).total

    def width_of(n):
        # n values of that standard deviation.
        signs = np.resize([1.0, -1.0], n)
        signs -= signs.mean()
        return DescrStatsW(signs * values.std(ddof=1) / signs.std(ddof=1)).tconfint_mean(1 - level)[
            1
        ]

    assert width_of(total) <= half_width
    assert total == 2 or width_of(total - 1) > half_width


def test_enough_runs_are_enough():
    rng = np.random.default_rng(9)
    values = rng.normal(0, 1, size=200)
    assert runs_needed(values, effect=1.0).more == 0
    assert runs_needed([0.5, 0.5, 0.5], effect=0.1).total == 2
    assert runs_needed([0.5, 0.5, 0.5], half_width=0.1).total == 2


# Errors -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "error", "told"),
    [
        (lambda: mean_interval([]), DataError, "values has no values"),
        (lambda: mean_interval(3.0), ShapeError, "values must have shape (n,), got shape ()"),
        (lambda: mean_interval([[1.0]]), ShapeError, "got shape (1, 1)"),
        (lambda: mean_interval([1.0, math.nan]), DataError, "got nan at [1]; a run that diverged"),
        (lambda: mean_interval([1.0, math.inf]), DataError, "got inf at [1]"),
        (lambda: mean_interval(["a", "b"]), DataError, "values must be numbers"),
        (lambda: mean_interval([1.0, 2.0], level=1), ConfigurationError, "level"),
        (lambda: mean_interval([1.0, 2.0], level=95), ConfigurationError, "got 95"),
        (lambda: mean_interval([1.0, 2.0], seed=-1), ConfigurationError, "seed"),
        (lambda: proportion_interval(3, 0), ConfigurationError, "n must be"),
        (lambda: proportion_interval(4, 3), ConfigurationError, "from 0 to 3, got 4"),
        (lambda: proportion_interval(0.5, 3), ConfigurationError, "successes"),
        (lambda: quantile_band([1.0, 2.0]), ShapeError, "(runs, times), got shape (2,)"),
        (lambda: quantile_band([[1.0], [1.0, 2.0]]), ShapeError, "rows differ in length"),
        (lambda: quantile_band([[1.0, math.nan]]), DataError, "got nan at [0, 1]"),
        (lambda: quantile_band([[1.0]], [1.5]), ConfigurationError, "[0, 1], got [1.5]"),
        (lambda: Interval(1, 0, 0.95), ConfigurationError, "low <= high"),
        (lambda: Interval(math.nan, 0, 0.95), ConfigurationError, "low <= high"),
        (lambda: Interval(0, 1, 0), ConfigurationError, "level"),
        (lambda: decide(Interval(0, 1, 0.9)), ConfigurationError, "give above, below or both"),
        (lambda: decide(Interval(0, 1, 0.9), above=math.nan), ConfigurationError, "above"),
        (lambda: decide(Interval(0, 1, 0.9), above=1, below=0), ConfigurationError, "less than"),
        (lambda: compare_paired([1, 2], [1, 2, 3]), ShapeError, "a has 2 values and b 3"),
        (lambda: compare_paired([1, 2], [1, math.nan]), DataError, "b must be finite"),
        (lambda: compare_to([1, 2], math.nan), ConfigurationError, "constant"),
        (lambda: compare_all({}), ConfigurationError, "at least one pair"),
        (lambda: holm([]), DataError, "p_values"),
        (lambda: holm([0.1, math.nan]), DataError, "p_values"),
        (lambda: holm([0.1, 1.1]), DataError, "[0, 1]"),
        (lambda: equivalence([1, 2], 1, 1), ConfigurationError, "low must be below high"),
        (lambda: equivalence([1, 2], 0, 1, level=0.5), ConfigurationError, "level"),
        (lambda: paired_power(0.5, 1), ConfigurationError, "n must be"),
        (lambda: paired_power(math.nan, 5), ConfigurationError, "d_z"),
        (lambda: runs_needed([1.0], effect=1), DataError, "at least 2"),
        (lambda: runs_needed([1.0, 2.0]), ConfigurationError, "either effect or half_width"),
        (
            lambda: runs_needed([1.0, 2.0], effect=1, half_width=1),
            ConfigurationError,
            "got effect=1 and half_width=1",
        ),
        (lambda: runs_needed([1.0, 2.0], effect=0), ConfigurationError, "must not be 0"),
        (lambda: runs_needed([1.0, 2.0], half_width=0), ConfigurationError, "half_width"),
        (lambda: runs_needed([1.0, 2.0], effect=1, power=1), ConfigurationError, "power"),
        (lambda: runs_needed([1.0, 2.0], half_width=1e-9), ConfigurationError, "10000000 runs"),
    ],
)
def test_bad_input_is_refused(call, error, told):
    with pytest.raises(error) as caught:
        call()
    assert told in str(caught.value)
