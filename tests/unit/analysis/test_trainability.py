"""Measures of convergence by hand, and dimensions of sets whose dimension is known."""

import math

import numpy as np
import pytest

from rosenblatt.analysis.trainability import boundary, box_counts, convergence
from rosenblatt.errors import ConfigurationError, ShapeError


def sierpinski(order):
    """Pascal's triangle modulo 2: entry (i, j) of C(i + j, i) is odd where i and j share no bit."""
    places = np.arange(2**order)
    return (places[:, np.newaxis] & places) == 0


def koch(order):
    """The middle of each of 4^order pieces of Koch's curve, in cells of 3^-order."""
    points = np.array([0.0, 1.0]).astype(complex)
    turn = np.exp(1j * math.pi / 3)
    for _ in range(order):
        step = np.diff(points) / 3
        a = points[:-1]
        parts = [a, a + step, a + step + step * turn, a + 2 * step]
        points = np.append(np.stack(parts, axis=1).ravel(), points[-1])
    middle = (points[1:] + points[:-1]) / 2
    cells = np.zeros((3**order, 3**order), bool)
    cells[(middle.imag * 3**order).astype(int), (middle.real * 3**order).astype(int)] = True
    return cells


@pytest.mark.parametrize(
    ("picture", "dimension"),
    [
        (np.arange(128)[:, np.newaxis] == np.full(128, 5), 1.0),
        (np.eye(128), 1.0),
        (np.ones((128, 128)), 2.0),
        (np.arange(128 * 128).reshape(128, 128) == 77, 0.0),
        (sierpinski(7), math.log(3) / math.log(2)),
        (np.kron(sierpinski(5), np.ones((4, 1))) > 0, None),
    ],
)
def test_dimensions_in_closed_form(picture, dimension):
    if dimension is None:  # Four times as high: from size 4 on, the same set in other units.
        assert box_counts(picture, [4, 8, 16]).slopes == pytest.approx([1.585, 1.585], abs=0.2)
        return
    found = box_counts(picture)
    assert found.dimension == pytest.approx(dimension, abs=1e-12)
    assert found.slopes == pytest.approx(np.full(len(found.sizes) - 1, dimension), abs=1e-12)


def test_kochs_curve():
    # A piece is in the cell of its middle, so that the smallest boxes count too few.
    found = box_counts(koch(7), [3, 9, 27, 81])
    assert found.dimension == pytest.approx(math.log(4) / math.log(3), abs=0.05)


def test_counts_of_a_picture_that_boxes_do_not_divide():
    picture = np.zeros((10, 9), bool)
    picture[9, 8] = picture[0, 0] = True
    assert box_counts(picture, [1, 4, 16]).counts.tolist() == [2, 2, 1]
    assert box_counts(picture, [16, 1, 4, 4]).sizes.tolist() == [1, 4, 16]


@pytest.mark.parametrize(
    ("picture", "sizes", "error", "message"),
    [
        (np.ones(8), None, ShapeError, "two axes"),
        (np.ones((7, 70)), None, ShapeError, "at least 8 x 8"),
        (np.zeros((8, 8)), None, ConfigurationError, "empty"),
        (np.ones((8, 8)), [2, 2], ConfigurationError, "two different sizes"),
        (np.ones((8, 8)), [0, 2], ConfigurationError, "a size"),
    ],
)
def test_pictures_without_a_dimension(picture, sizes, error, message):
    with pytest.raises(error, match=message):
        box_counts(picture, sizes)


def test_the_boundary_is_between_unlike_signs():
    values = np.ones((4, 5))
    values[:2, :2] = -1
    expected = np.zeros((3, 4), bool)
    expected[1, :2] = expected[:2, 1] = True
    assert (boundary(values) == expected).all()
    assert not boundary(np.abs(values)).any()
    assert not boundary(np.where(values < 0, np.nan, values)).any()
    with pytest.raises(ShapeError, match="2 x 2"):
        boundary(np.ones((1, 5)))


def test_convergence_by_hand():
    falling, growing = 0.9 ** np.arange(50), 1.1 ** np.arange(50)
    back = np.array([1.0] + [5.0] * 10 + [0.5] * 20)
    assert convergence(3 * falling) == pytest.approx(-(1 - 0.9**50) / 0.1)
    assert convergence(7 * growing) == pytest.approx((1 - 1.1**-50) / (1 - 1 / 1.1))
    assert convergence(back) == pytest.approx(-(1 + 50 + 10))
    both = np.stack([3 * falling, 7 * growing], axis=1)
    alone = [float(convergence(column)) for column in both.T]
    assert convergence(both).tolist() == pytest.approx(alone)


@pytest.mark.parametrize("bad", [np.inf, np.nan, 1e300])
def test_losses_that_overflow_count_as_a_million(bad):
    assert convergence([2.0, 4.0, bad, bad]) == pytest.approx(1 + 0.5 + 2e-6)


def test_losses_without_a_scale():
    assert np.isnan(convergence([0.0, 1.0]))
    with pytest.raises(ShapeError, match="at least one"):
        convergence([])
