import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pytest

from rosenblatt.checks import real_field, real_number, whole_field, whole_number
from rosenblatt.errors import ConfigurationError


@pytest.mark.parametrize("value", [2, 5, np.int8(3), np.uint64(4)])
def test_whole_numbers_come_back_as_plain_ints(value):
    checked = whole_number(value, "n", at_least=2, at_most=5)
    assert checked == value
    assert type(checked) is int


@pytest.mark.parametrize(
    "value",
    [1, 6, -3, np.int64(1), 2.0, np.float64(3), "3", True, np.True_, None, [3], math.nan, 10**400],
    ids=str,
)
def test_what_is_no_whole_number_within_the_limits_is_refused(value):
    with pytest.raises(ConfigurationError) as caught:
        whole_number(value, "n", at_least=2, at_most=5)
    assert str(caught.value).startswith("n must be a whole number from 2 to 5, got ")
    assert "\n" not in str(caught.value)


def test_without_an_upper_limit_it_is_that_of_64_bits():
    assert whole_number(2**63 - 1, "n", at_least=0) == 2**63 - 1
    for value in (2**63, 10**400, 10**5000):
        with pytest.raises(ConfigurationError, match=r"at least 0 and at most 2\^63 - 1, got"):
            whole_number(value, "n", at_least=0)
    with pytest.raises(ConfigurationError, match=r"must be a whole number of at least 0, got -1$"):
        whole_number(-1, "n", at_least=0)


@pytest.mark.parametrize("value", [0, 0.5, np.float32(0.25), np.int64(0), Fraction(1, 3)])
def test_real_numbers_come_back_as_plain_floats(value):
    checked = real_number(value, "x", at_least=0, below=1)
    assert checked == float(value)
    assert type(checked) is float


@pytest.mark.parametrize(
    ("limits", "expected", "inside", "outside"),
    [
        ({}, "a finite number", -1e300, math.inf),
        ({}, "a finite number", 1e300, -math.inf),
        ({"at_least": 0}, "a finite number of at least 0", 0, -1e-300),
        ({"above": 0}, "a finite number above 0", 1e-300, 0),
        ({"at_least": 0, "below": 1}, "a finite number of at least 0 and below 1", 0, 1),
        ({"at_least": 0, "at_most": 1}, "a finite number of at least 0 and at most 1", 1, 1.1),
    ],
)
def test_the_limits_of_real_numbers(limits, expected, inside, outside):
    assert real_number(inside, "x", **limits) == inside
    for value in (outside, math.nan, math.inf, "0.5", True, None, 1j, 10**400, np.zeros((40, 40))):
        with pytest.raises(ConfigurationError) as caught:
            real_number(value, "x", **limits)
        assert str(caught.value).startswith(f"x must be {expected}, got ")
        assert "\n" not in str(caught.value)
        assert len(str(caught.value)) < 160


def test_fields_become_plain_and_messages_name_their_class():
    @dataclass(frozen=True)
    class Thing:
        width: int
        rate: float

        def __post_init__(self):
            whole_field(self, "width", at_least=1)
            real_field(self, "rate", above=0)

    thing = Thing(np.int32(3), np.float32(0.5))
    assert (type(thing.width), type(thing.rate)) == (int, float)
    with pytest.raises(ConfigurationError, match=r"^width of Thing must be a whole number"):
        Thing(0, 1.0)
    with pytest.raises(ConfigurationError, match=r"^rate of Thing must be a finite number above 0"):
        Thing(1, "1")
