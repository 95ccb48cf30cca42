"""Gradients next to each other."""

import numpy as np

from rosenblatt.check.numbers.compare import first_wrong, same


def test_an_infinite_entry_is_equal_to_itself_alone():
    assert not same([np.inf], [1.0])
    assert not same([np.inf, 0.0], [1.0, 0.0])
    assert not same([np.inf], [-np.inf])
    assert same([np.inf, 1.0], [np.inf, 1.0])
    assert first_wrong([0.0, np.inf], [0.0, 1.0])["entry"] == [1]


def test_the_largest_entry_is_the_scale():
    assert same([1000.0, 0.001], [1000.0, 0.0])
    assert not same([1.0, 0.001], [1.0, 0.0])
    assert same([0.0], [0.0])
    assert not same([np.nan], [1.0])
