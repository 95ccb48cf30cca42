"""exp, tanh and the logistic sigmoid of vectors."""

from rosenblatt.engines.compiled.vector import (
    fused,
    like,
    maximum,
    minimum,
    nearest_whole,
    part,
    power_of_two,
)

_LOG2_E = 1.4426950408889634
# ln 2 in two parts, the first with so few digits that k times it is exact (Cody and Waite).
_LN2_HIGH = 0.693359375
_LN2_LOW = -2.1219444005469058277e-4


@part
def exp(x, lowest):
    """Return e^x, exact to about 5e-16 relative in float64; x is kept within [lowest, -lowest].

    e^x = 2^k e^r with k = round(x / ln 2), |r| ≤ ½ ln 2, and for e^r the polynomial of degree 11
    that meets it in the Chebyshev nodes of that interval, relative error 2e-17. It is summed by
    Estrin's scheme, halves side by side, so that the sum is not one long chain of waiting.
    """
    x = minimum(maximum(x, like(x, lowest)), like(x, -lowest))
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
    return (low + r4 * (middle + r4 * high)) * power_of_two(k)


@part
def sigmoid(x, lowest):
    """Return 1 / (1 + e^−x)."""
    return 1.0 / (1.0 + exp(like(x, 0.0) - x, lowest))


@part
def tanh(x, lowest):
    """Return tanh x = 1 − 2 / (1 + e^2x), exact to about 1e-16 absolute in float64."""
    return 1.0 - 2.0 / (1.0 + exp(x + x, lowest))
