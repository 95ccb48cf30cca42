"""exp, log, tanh and the logistic sigmoid of vectors."""

from rosenblatt.engines.compiled.vector import (
    exponent_of,
    fused,
    like,
    mantissa_of,
    minimum,
    nearest_whole,
    part,
    power_of_two,
    where_above,
)

_LOG2_E = 1.4426950408889634
# ln 2 in two parts, the first with so few digits that k times it is exact (Cody and Waite).
_LN2_HIGH = 0.693359375
_LN2_LOW = -2.1219444005469058277e-4


@part
def exp(x, lowest):
    """Return e^x, exact to about 5e-16 relative in float64; 0 below lowest, e^-lowest above it.

    e^x = 2^k e^r with k = round(x / ln 2), |r| ≤ ½ ln 2, and for e^r the polynomial of degree 11
    that meets it in the Chebyshev nodes of that interval, relative error 2e-17. It is summed by
    Estrin's scheme, halves side by side, so that the sum is not one long chain of waiting.
    """
    x = minimum(x, like(x, -lowest))
    k = nearest_whole(x * _LOG2_E)
    # Fused, so that no compiler may join the two parts of ln 2.
    r = fused(k, like(x, -_LN2_HIGH), x)
    r = fused(k, like(x, -_LN2_LOW), r)
    r2 = r * r
    r4 = r2 * r2
    low = (r + 1.0) + r2 * (r * 0.1666666666666668 + 0.5000000000000019)
    middle = (r * 0.008333333333319601 + 0.04166666666648809) + r2 * (
        r * 0.00019841269890047143 + 0.0013888888952314812
    )
    high = (r * 2.7557240918547625e-06 + 2.480148548228773e-05) + r2 * (
        r * 2.511003761756205e-08 + 2.763263965412376e-07
    )
    value = (low + r4 * (middle + r4 * high)) * power_of_two(k)
    # Asked this way round, NaN stays NaN.
    return where_above(like(x, lowest), x, like(x, 0.0), value)


@part
def sigmoid(x, lowest):
    """Return 1 / (1 + e^−x)."""
    return 1.0 / (1.0 + exp(like(x, 0.0) - x, lowest))


@part
def tanh(x, lowest):
    """Return tanh x = 1 − 2 / (1 + e^2x), exact to about 1e-16 absolute in float64."""
    return 1.0 - 2.0 / (1.0 + exp(x + x, lowest))


@part
def log(x):
    """Return ln x, exact to about 3e-16; x is positive and not denormal.

    x = 2^k m with √½ ≤ m < √2, and ln m = 2 artanh((m − 1) / (m + 1)).
    """
    k, m = exponent_of(x), mantissa_of(x)
    limit = like(x, 1.4142135623730951)
    k = where_above(m, limit, k + 1.0, k)
    m = where_above(m, limit, m * 0.5, m)
    return _twice_artanh((m - 1.0) / (m + 1.0)) + k * _LN2_LOW + k * _LN2_HIGH


@part
def log1p_exp(x, lowest):
    """Return ln(1 + e^x) for x ≤ 0, exact relative to itself even where 1 + e^x is 1.

    With u = e^x: 2 artanh(u / (u + 2)) for u ≤ √2 − 1, else ln 2 + 2 artanh((u − 1) / (u + 3)).
    """
    u = exp(x, lowest)
    limit, zero = like(x, 0.41421356237309503), like(x, 0.0)
    s = where_above(u, limit, (u - 1.0) / (u + 3.0), u / (u + 2.0))
    return _twice_artanh(s) + where_above(u, limit, like(x, 0.6931471805599453), zero)


@part
def _twice_artanh(s):
    """Return 2 artanh s for |s| ≤ 0.172, by its series to s²¹."""
    s2 = s * s
    p = s2 * (2 / 21) + 2 / 19
    p = p * s2 + 2 / 17
    p = p * s2 + 2 / 15
    p = p * s2 + 2 / 13
    p = p * s2 + 2 / 11
    p = p * s2 + 2 / 9
    p = p * s2 + 2 / 7
    p = p * s2 + 2 / 5
    p = p * s2 + 2 / 3
    return s * (p * s2 + 2.0)
