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
    """Return e^x, exact to about 1e-15 relative in float64; x is kept within [lowest, -lowest].

    e^x = 2^k e^r with k = round(x / ln 2), |r| ≤ ½ ln 2, and e^r by its Taylor series to r¹².
    """
    x = minimum(maximum(x, like(x, lowest)), like(x, -lowest))
    k = nearest_whole(x * _LOG2_E)
    # Fused, so that no compiler may join the two parts of ln 2.
    r = fused(k, like(x, -_LN2_HIGH), x)
    r = fused(k, like(x, -_LN2_LOW), r)
    p = r * (1 / 479001600) + 1 / 39916800
    p = p * r + 1 / 3628800
    p = p * r + 1 / 362880
    p = p * r + 1 / 40320
    p = p * r + 1 / 5040
    p = p * r + 1 / 720
    p = p * r + 1 / 120
    p = p * r + 1 / 24
    p = p * r + 1 / 6
    p = p * r + 0.5
    p = p * r + 1.0
    p = p * r + 1.0
    return p * power_of_two(k)


@part
def sigmoid(x, lowest):
    """Return 1 / (1 + e^−x)."""
    return 1.0 / (1.0 + exp(like(x, 0.0) - x, lowest))


@part
def tanh(x, lowest):
    """Return tanh x = 1 − 2 / (1 + e^2x), exact to about 1e-16 absolute in float64."""
    return 1.0 - 2.0 / (1.0 + exp(x + x, lowest))
