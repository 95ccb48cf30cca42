"""Intervals: of a mean, of a proportion, of curves; and what an interval decides."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from rosenblatt.analysis.statistics.samples import FloatArray, check_level, finite
from rosenblatt.checks import real_number, whole_number
from rosenblatt.errors import ConfigurationError
from rosenblatt.random import check_seed, stream

SMALLEST_BOOTSTRAP = 30
"""From how many values on :func:`mean_interval` is a bootstrap interval."""
N_RESAMPLES = 9_999
_MOST_AT_ONCE = 10_000_000  # numbers drawn at a time, 80 MB

Decision = Literal["supported", "contradicted", "undecided"]


@dataclass(frozen=True)
class Interval:
    """A confidence interval, of −∞ to ∞ where the data say nothing.

    Attributes:
        low: its lower end.
        high: its upper end, not below ``low``.
        level: the share of such intervals that contain the truth, in (0, 1).

    >>> Interval(0.25, 0.75, 0.95).half_width, 0.3 in Interval(0.25, 0.75, 0.95)
    (0.25, True)
    """

    low: float
    high: float
    level: float

    def __post_init__(self) -> None:
        check_level(self.level)
        if not self.low <= self.high:
            raise ConfigurationError(f"an interval needs low <= high, got {self.low}, {self.high}")

    @property
    def half_width(self) -> float:
        """Half of ``high − low``."""
        return (self.high - self.low) / 2

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


def mean_interval(values: npt.ArrayLike, level: float = 0.95, seed: int = 0) -> Interval:
    """Return a confidence interval of the mean that ``values`` (n,) are draws around.

    Below 30 values it is Student's t, mean ± t s/√n; from 30 on the bias-corrected and accelerated
    bootstrap (Efron, *Better bootstrap confidence intervals*, JASA 82, 1987), 9999 resamples drawn
    by ``seed``. The bootstrap follows skewed data but is too narrow for few: of its 95 % intervals
    of 5, 10, 20 values, 83, 91 and 92 % contain the mean of normal data and 82, 87 and 91 % that of
    exponential data; of Student's, 95 % and 89, 90, 93 %. From 30 on they differ by 2 % at most.
    Both fall short for heavy tails: of 30 lognormal values, 87 and 89 %.

    Equal values give [x, x], though they cannot show that there is no spread. One value, which says
    nothing about it, gives [−∞, ∞].

    Raises:
        ShapeError: ``values`` is not (n,).
        DataError: no values, NaN or infinity.
        ConfigurationError: a level outside (0, 1).

    >>> found = mean_interval([0.91, 0.93, 0.92, 0.96])
    >>> round(found.low, 3), round(found.high, 3)
    (0.896, 0.964)
    """
    x = finite(values, "values")
    level = check_level(level)
    rng = stream(check_seed(seed), "analysis.bootstrap")
    if len(x) < SMALLEST_BOOTSTRAP or x.min() == x.max():
        return student_interval(x, level)
    from scipy.stats import bootstrap

    found = bootstrap(
        (x,),
        np.mean,
        n_resamples=N_RESAMPLES,
        batch=max(1, _MOST_AT_ONCE // len(x)),
        confidence_level=level,
        method="BCa",
        rng=rng,
    ).confidence_interval
    return Interval(float(found.low), float(found.high), level)


def student_interval(x: FloatArray, level: float) -> Interval:
    """Return mean ± t s/√n of ``x`` (n,), with t the (1 + level)/2 quantile of n − 1 degrees.

    Student, *The probable error of a mean*, Biometrika 6 (1908). −∞ to ∞ for n = 1.
    """
    from scipy.stats import t

    n = len(x)
    if n == 1:
        return Interval(-math.inf, math.inf, level)
    if x.min() == x.max():
        return Interval(float(x[0]), float(x[0]), level)
    mean = float(x.mean())
    half = float(t.ppf((1 + level) / 2, n - 1) * x.std(ddof=1) / math.sqrt(n))
    return Interval(mean - half, mean + half, level)


def proportion_interval(successes: int, n: int, level: float = 0.95) -> Interval:
    """Return Wilson's score interval of a probability that gave ``successes`` in ``n`` trials.

    With p̂ = successes/n and z the (1 + level)/2 quantile of the normal distribution (Wilson,
    *Probable inference, the law of succession, and statistical inference*, JASA 22, 1927):

        (p̂ + z²/2n ± z √(p̂(1−p̂)/n + z²/4n²)) / (1 + z²/n)

    Raises:
        ConfigurationError: n below 1, successes outside 0 ... n, a level outside (0, 1).

    >>> found = proportion_interval(100, 100)
    >>> round(found.low, 3), found.high
    (0.963, 1.0)
    """
    from scipy.stats import binomtest

    n = whole_number(n, "n", at_least=1)
    successes = whole_number(successes, "successes", at_least=0, at_most=n)
    level = check_level(level)
    found = binomtest(successes, n).proportion_ci(confidence_level=level, method="wilson")
    return Interval(float(found.low), float(found.high), level)


def quantile_band(
    curves: npt.ArrayLike, probabilities: npt.ArrayLike = (0.25, 0.5, 0.75)
) -> FloatArray:
    """Return the quantiles over R runs at each of T times, (P, T).

    A band between two of them holds a share of the runs at each time, not that share of whole
    curves; and it describes runs, it is no interval of their mean. Quantiles lie between order
    statistics, linearly (type 7 of Hyndman and Fan, *Sample quantiles in statistical packages*, The
    American Statistician 50, 1996), so that beyond 1/(R+1) from the ends they are drawn inwards.

    Args:
        curves: (R, T), one run per row.
        probabilities: (P,), in [0, 1].

    Raises:
        ShapeError: ``curves`` is not (R, T).
        DataError: no curves, NaN or infinity.
        ConfigurationError: a probability outside [0, 1].

    >>> quantile_band([[0, 1], [1, 1], [2, 4]], [0.5, 1]).tolist()
    [[1.0, 1.0], [2.0, 4.0]]
    """
    table = finite(curves, "curves", n_axes=2)
    p = finite(probabilities, "probabilities")
    if (p < 0).any() or (p > 1).any():
        raise ConfigurationError(f"probabilities must lie in [0, 1], got {p.tolist()}")
    return np.quantile(table, p, axis=0)


def decide(
    interval: Interval, *, above: float | None = None, below: float | None = None
) -> Decision:
    """Return what an interval of an effect says about a claim on where the effect lies.

    The claim is that the effect is above a threshold, below one, or between two. It is supported
    where the whole interval lies there, contradicted where all of it lies on the other side of a
    threshold, and else undecided.

    Raises:
        ConfigurationError: no threshold, or ``above`` not less than ``below``.

    >>> decide(Interval(0.01, 0.03, 0.95), above=0), decide(Interval(-0.01, 0.03, 0.95), above=0)
    ('supported', 'undecided')
    >>> decide(Interval(0.01, 0.03, 0.95), below=0)
    'contradicted'
    """
    if above is None and below is None:
        raise ConfigurationError("a claim needs a threshold: give above, below or both")
    low = -math.inf if above is None else real_number(above, "above")
    high = math.inf if below is None else real_number(below, "below")
    if low >= high:
        raise ConfigurationError(f"above must be less than below, got {low:g} and {high:g}")
    if interval.high <= low or interval.low >= high:
        return "contradicted"
    # Where no threshold is claimed, an end at infinity does not fall short of one.
    over = above is None or interval.low > low
    under = below is None or interval.high < high
    return "supported" if over and under else "undecided"
