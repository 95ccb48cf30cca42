"""Gradients next to each other."""

import numpy as np

from rosenblatt.check.numbers.compare import first_wrong, numeric_gradient, same


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


def differences(function, values):
    array = np.array(values)

    def put(index, value):
        array[index] = value

    return numeric_gradient(lambda: float(function(array).sum()), array, put)


def test_a_kink_within_the_step_or_at_the_point_has_no_gradient():
    at = differences(lambda x: np.maximum(x, 0), [0.0, 1e-9, -4e-5, 7e-5, 0.3, -0.3])
    assert np.isnan(at[:4]).all()
    np.testing.assert_allclose(at[4:], [1, 0], atol=1e-9)
    # Few of many units are at their kink.
    much = differences(lambda x: 50 * x + 0.1 * np.maximum(x, 0), [1e-9, 0.3])
    np.testing.assert_allclose(much[1], 50.1, rtol=1e-9)
    assert np.isnan(much[0])


def test_a_smooth_function_has_a_gradient_however_it_bends():
    x = np.array([-2.0, 0.0, 0.5, 3.0])
    np.testing.assert_allclose(differences(np.exp, x), np.exp(x), rtol=1e-8)
    np.testing.assert_allclose(differences(lambda v: 1e3 * v**2, x), 2e3 * x, atol=1e-5)
    np.testing.assert_allclose(differences(np.sin, x + 1e4), np.cos(x + 1e4), atol=1e-6)
