"""Number of runs that are needed, given the spread of the first ones."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy.typing as npt

from rosenblatt.analysis.statistics.samples import check_level, differences, finite
from rosenblatt.checks import real_number, whole_number
from rosenblatt.errors import ConfigurationError, DataError

_MOST_RUNS = 10_000_000


@dataclass(frozen=True)
class RunsNeeded:
    """The number of runs (or pairs of runs) that are needed.

    Attributes:
        total: in all, at least 2.
        more: beyond those that there are.

    >>> from rosenblatt.analysis.statistics import runs_needed
    >>> needed = runs_needed([0.01, 0.03, -0.01, 0.02, 0.00], effect=0.01)
    >>> needed.total - needed.more  # there are five
    5
    """

    total: int
    more: int


def paired_power(d_z: float, n: int, level: float = 0.95) -> float:
    """Return the chance that a two-sided paired t test of ``n`` pairs finds an effect ``d_z``.

    t is then noncentral with n − 1 degrees of freedom and noncentrality d_z √n (Cohen, *Statistical
    Power Analysis for the Behavioral Sciences*, 1988, section 2.3.4):

        P(|T| > t*),   t* the (1 + level)/2 quantile of the central t

    Args:
        d_z: the mean of the differences over their standard deviation.
        n: pairs, at least 2.
        level: 1 − α.

    Raises:
        ConfigurationError: n below 2, or a level outside (0, 1).

    >>> round(paired_power(0.5, 34), 3)
    0.808
    """
    from scipy.stats import nct, norm, t

    d = abs(real_number(d_z, "d_z"))
    n = whole_number(n, "n", at_least=2)
    level = check_level(level)
    critical, shift = float(t.ppf((1 + level) / 2, n - 1)), d * math.sqrt(n)
    if n > 10_000:
        # The noncentral t is normal to four digits, and its series no longer converges.
        return float(norm.sf(critical - shift) + norm.cdf(-critical - shift))
    if shift > critical + 35:
        return 1.0
    # P(T < −t*) as the upper tail of −T: SciPy's lower tail is NaN where it is very small.
    return float(nct.sf(critical, n - 1, shift) + nct.sf(critical, n - 1, -shift))


def runs_needed(
    values: npt.ArrayLike,
    *,
    effect: float | None = None,
    half_width: float | None = None,
    power: float = 0.8,
    level: float = 0.95,
) -> RunsNeeded:
    """Return how many runs show an effect, or give an interval of a certain width.

    For an ``effect``, the fewest with which the paired t test finds a mean of that size with a
    chance of ``power``: :func:`paired_power`. For a ``half_width``, the fewest with t s/√n at most
    that. Both take the standard deviation of ``values`` for the truth. With few values it is not
    well known, and too small about half the time: plan again when there are more. Equal values
    have none, and give 2.

    Args:
        values: of the runs that there are, (n,), at least 2; for pairs, the differences.
        effect: the mean, in the unit of the values, that should not be missed; not 0.
        half_width: of the interval of the mean, > 0.
        power: in (0, 1).
        level: of the test or the interval, in (0, 1).

    Raises:
        ShapeError: ``values`` is not (n,).
        DataError: fewer than two values, NaN or infinity.
        ConfigurationError: not one of effect and half_width, a number outside its range, or more
            than ten million runs.

    >>> differences = [0.01, 0.03, -0.01, 0.02, 0.00]
    >>> runs_needed(differences, effect=0.01)
    RunsNeeded(total=22, more=17)
    >>> runs_needed(differences, half_width=0.01)
    RunsNeeded(total=13, more=8)
    """
    x = differences(finite(values, "values"), 0.0)
    if len(x) < 2:
        raise DataError("values must be at least 2 to say how much they differ, got 1; run more")
    power, level = real_number(power, "power", above=0, below=1), check_level(level)
    sd = float(x.std(ddof=1)) if x.min() < x.max() else 0.0
    if effect is not None and half_width is None:
        size = abs(real_number(effect, "effect"))
        if size == 0:
            raise ConfigurationError("effect must not be 0: no number of runs shows a mean of 0")
        total = _fewest(lambda n: sd == 0 or paired_power(size / sd, n, level) >= power)
    elif half_width is not None and effect is None:
        width = real_number(half_width, "half_width", above=0)
        total = _fewest(lambda n: _half_width(sd, n, level) <= width)
    else:
        raise ConfigurationError(
            f"give either effect or half_width, got effect={effect} and half_width={half_width}"
        )
    return RunsNeeded(total, max(0, total - len(x)))


def _half_width(sd: float, n: int, level: float) -> float:
    from scipy.stats import t

    return float(t.ppf((1 + level) / 2, n - 1)) * sd / math.sqrt(n)


def _fewest(enough: Callable[[int], bool]) -> int:
    """Return the least n ≥ 2 that is enough, where every larger n is enough as well."""
    high = 2
    while not enough(high):
        high *= 2
        if high > _MOST_RUNS:
            raise ConfigurationError(
                f"more than {_MOST_RUNS} runs would be needed; ask for a larger effect or width"
            )
    low = max(2, high // 2)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle + 1, high)
    return low
