"""The closed form agrees with tabulated values and with simulation."""

import math

import numpy as np
import pytest

from rosenblatt.analysis import equal_gaussians_accuracy


@pytest.mark.parametrize(
    ("m", "percent"), [(10, 100), (5, 99.98), (3, 98.3), (2, 92.1), (1, 76.0), (0.5, 63.8), (0, 50)]
)
def test_two_gaussians_at_distance_m_sqrt_2(m: float, percent: float) -> None:
    assert 100 * equal_gaussians_accuracy(m * math.sqrt(2)) == pytest.approx(percent, abs=0.05)


def test_it_is_the_accuracy_of_the_halfway_rule() -> None:
    n = 200_000
    x = np.random.default_rng(0).standard_normal(n)
    assert equal_gaussians_accuracy(1.5) == pytest.approx((x < 0.75).mean(), abs=4 * 0.5 / n**0.5)
