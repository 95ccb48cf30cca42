"""Comparisons: of paired runs, with a constant, of a family, and with a range.

The paired t test decides, because it asks what the reports claim, whether a mean difference is 0,
and because it rejects at 1 − level exactly where the interval of that mean leaves out 0. Wilcoxon's
signed-rank test asks about the median of symmetric differences and cannot reach p < 0.05 with fewer
than 6 pairs; its p-value is given too, to show where a few odd runs make the difference.

Where all differences are equal, t has no denominator. There the p-value is that of the sign-flip
test (Fisher, *The Design of Experiments*, 1935, section 21): under the hypothesis every pair might
as well have come out the other way round, and of the 2ⁿ ways two are as extreme, so p = 2^(1−n).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from rosenblatt.analysis.statistics.intervals import Interval, student_interval
from rosenblatt.analysis.statistics.samples import FloatArray, check_level, differences, finite
from rosenblatt.checks import real_number
from rosenblatt.errors import ConfigurationError, DataError, ShapeError


@dataclass(frozen=True)
class PairedComparison:
    """A mean difference, and how sure it is.

    Attributes:
        n: how many pairs.
        difference: the mean of the differences.
        interval: Student's interval of it.
        d_z: Cohen's d_z, the mean of the differences over their standard deviation (Lakens,
            *Calculating and reporting effect sizes*, Frontiers in Psychology 4, 2013, equation 6):
            the effect that :func:`paired_power` takes. It grows with the correlation within pairs.
            0 where all are 0, ±∞ where all are equal otherwise, NaN for one pair.
        p_value: of the paired t test, two-sided; 1 for one pair or where all are 0.
        wilcoxon_p: of Wilcoxon's signed-rank test, two-sided, which does not decide.
        adjusted_p: ``p_value`` after Holm, where the comparison belongs to a family.

    >>> from rosenblatt.analysis.statistics import compare_paired
    >>> found = compare_paired([0.97, 0.95, 0.96, 0.98], [0.95, 0.94, 0.96, 0.95])
    >>> found.n, round(found.difference, 4), found.interval.low < 0 < found.interval.high
    (4, 0.015, True)
    """

    n: int
    difference: float
    interval: Interval
    d_z: float
    p_value: float
    wilcoxon_p: float
    adjusted_p: float | None = None


@dataclass(frozen=True)
class Equivalence:
    """Two one-sided tests of whether a mean lies in a range.

    Attributes:
        n: how many values.
        mean: their mean.
        low: the lower end of the range.
        high: the upper end.
        interval: Student's interval of the mean, at level 1 − 2α, which lies within the range where
            the tests reject at α.
        p_value: the larger of the two.
        within: whether it is below α.

    >>> from rosenblatt.analysis.statistics import equivalence
    >>> found = equivalence([0.01, -0.01, 0.00, 0.01, -0.01], low=-0.05, high=0.05)
    >>> found.n, found.within, -0.05 < found.interval.low < found.interval.high < 0.05
    (5, True, True)
    """

    n: int
    mean: float
    low: float
    high: float
    interval: Interval
    p_value: float
    within: bool


def compare_paired(a: npt.ArrayLike, b: npt.ArrayLike, level: float = 0.95) -> PairedComparison:
    """Compare ``a`` with ``b``, both (n,), whose i-th values share a seed: the mean of a − b.

    The interval is Student's at every n, so that it leaves out 0 exactly where p < 1 − level; all
    equal differences are the exception (see the module).

    Raises:
        ShapeError: not two arrays (n,) of one length.
        DataError: no values, NaN or infinity.
        ConfigurationError: a level outside (0, 1).

    >>> found = compare_paired([0.97, 0.95, 0.96, 0.98], [0.95, 0.94, 0.96, 0.95])
    >>> round(found.difference, 4), round(found.p_value, 3), round(found.d_z, 2)
    (0.015, 0.103, 1.16)
    """
    x, y = finite(a, "a"), finite(b, "b")
    if len(x) != len(y):
        raise ShapeError(f"a has {len(x)} values and b {len(y)}; pairs need as many of each")
    return _compare(differences(x, y), check_level(level))


def compare_to(values: npt.ArrayLike, constant: float, level: float = 0.95) -> PairedComparison:
    """Compare the mean of ``values`` (n,) with a constant, as :func:`compare_paired` would.

    >>> found = compare_to([0.97, 0.95, 0.96, 0.98], 0.90)
    >>> round(found.difference, 4), found.p_value < 0.01
    (0.065, True)
    """
    x = finite(values, "values")
    return _compare(differences(x, real_number(constant, "constant")), check_level(level))


def compare_all(
    pairs: Mapping[str, tuple[npt.ArrayLike, npt.ArrayLike]], level: float = 0.95
) -> dict[str, PairedComparison]:
    """Compare each pair (a, b) of a family, and adjust the p-values by :func:`holm`.

    The intervals are not adjusted: each is of its own level.

    >>> family = compare_all({"x": ([1, 2, 4, 6], [0, 0, 1, 2]), "y": ([1, 2, 2], [2, 1, 2])})
    >>> [(round(c.p_value, 3), round(c.adjusted_p, 3)) for c in family.values()]
    [(0.03, 0.061), (1.0, 1.0)]
    """
    if not pairs:
        raise ConfigurationError("compare_all needs at least one pair, got none")
    found = {name: compare_paired(a, b, level) for name, (a, b) in pairs.items()}
    adjusted = holm([comparison.p_value for comparison in found.values()])
    return {
        name: replace(comparison, adjusted_p=float(p))
        for (name, comparison), p in zip(found.items(), adjusted, strict=True)
    }


def holm(p_values: npt.ArrayLike) -> FloatArray:
    """Return p-values adjusted for their number, (m,), which bound the chance of any false alarm.

    With p_(1) ≤ ... ≤ p_(m), the adjusted p_(i) is max_{j ≤ i} min(1, (m − j + 1) p_(j)) (Holm, *A
    simple sequentially rejective multiple test procedure*, Scandinavian Journal of Statistics 6,
    1979).

    Raises:
        ShapeError: not (m,).
        DataError: none, NaN, or outside [0, 1].

    >>> holm([0.01, 0.04, 0.03]).tolist()
    [0.03, 0.06, 0.06]
    """
    p = finite(p_values, "p_values")
    if (p < 0).any() or (p > 1).any():
        raise DataError(f"p_values must lie in [0, 1], got {p.tolist()}")
    order = np.argsort(p)
    adjusted = np.empty_like(p)
    adjusted[order] = np.maximum.accumulate(np.arange(len(p), 0, -1) * p[order]).clip(max=1)
    return adjusted


def equivalence(values: npt.ArrayLike, low: float, high: float, level: float = 0.95) -> Equivalence:
    """Test whether the mean of ``values`` (n,) lies within (low, high): two one-sided t tests.

    To say "no difference larger than X", give the differences of pairs, −X and X. That a difference
    is not significant does not show it; this does (Schuirmann, *A comparison of the two one-sided
    tests procedure and the power approach*, Journal of Pharmacokinetics and Biopharmaceutics 15,
    1987). One value never shows it; n equal values within the range have p = 2⁻ⁿ.

    Raises:
        ShapeError: ``values`` is not (n,).
        DataError: no values, NaN or infinity.
        ConfigurationError: ``low`` not below ``high``, or a level outside (½, 1).

    >>> equivalence([0.01, -0.02, 0.0, 0.01, -0.01], low=-0.05, high=0.05).within
    True
    """
    x = finite(values, "values")
    low, high = real_number(low, "low"), real_number(high, "high")
    if low >= high:
        raise ConfigurationError(f"low must be below high, got {low:g} and {high:g}")
    alpha = 1 - real_number(level, "level", above=0.5, below=1)
    p = max(_one_sided_p(differences(x, low)), _one_sided_p(-differences(x, high)))
    interval = student_interval(x, 1 - 2 * alpha)
    return Equivalence(len(x), float(x.mean()), low, high, interval, p, p < alpha)


def _compare(d: FloatArray, level: float) -> PairedComparison:
    from scipy.stats import ttest_1samp, wilcoxon

    n, mean, interval = len(d), float(d.mean()), student_interval(d, level)
    if n == 1:
        return PairedComparison(n, mean, interval, math.nan, p_value=1.0, wilcoxon_p=1.0)
    if not d.any():
        return PairedComparison(n, mean, interval, d_z=0.0, p_value=1.0, wilcoxon_p=1.0)
    wilcoxon_p = float(wilcoxon(d).pvalue)
    if d.min() == d.max():
        return PairedComparison(
            n, mean, interval, math.copysign(math.inf, mean), 2.0 ** (1 - n), wilcoxon_p
        )
    p_value = float(ttest_1samp(d, 0.0).pvalue)
    return PairedComparison(n, mean, interval, mean / float(d.std(ddof=1)), p_value, wilcoxon_p)


def _one_sided_p(d: FloatArray) -> float:
    """Return the p-value of "the mean is at most 0" against "it is above"."""
    from scipy.stats import ttest_1samp

    if len(d) == 1:
        return 1.0
    if d.min() == d.max():
        return 2.0 ** -len(d) if d[0] > 0 else 1.0
    return float(ttest_1samp(d, 0.0, alternative="greater").pvalue)
