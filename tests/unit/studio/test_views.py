"""Pictures of a frame, as functions of arrays."""

import numpy as np
import pytest

import rosenblatt as rb
from rosenblatt.studio.frames import affordable
from rosenblatt.studio.plane import make_plane
from rosenblatt.studio.views.confusion import confusion
from rosenblatt.studio.views.many import QUANTILES, _quantiles
from rosenblatt.studio.views.surface import surface
from rosenblatt.studio.views.units import count_units, unit_maps


def test_quantiles_are_those_of_numpy():
    values = np.random.default_rng(0).normal(size=(20, 33))
    np.testing.assert_allclose(_quantiles(values), np.quantile(values, QUANTILES, axis=1).T)
    values[values > 1] = np.nan
    np.testing.assert_allclose(_quantiles(values), np.nanquantile(values, QUANTILES, axis=1).T)
    assert np.isnan(_quantiles(np.full((2, 3), np.nan))).all()


def test_a_confusion_matrix_has_true_classes_in_rows():
    found = confusion(np.array([0, 0, 1, 2]), np.array([0, 1, 1, 0]), 3)
    assert found.tolist() == [[1, 1, 0], [0, 1, 0], [1, 0, 0]]


def test_units_are_the_outputs_layer_by_layer():
    model = rb.MLP(2, [3], 2, activation="relu", dropout=0.5)
    params = model.init(0)
    points = np.random.default_rng(0).normal(size=(7, 2))
    maps = unit_maps(model, params, points)
    assert maps.shape == (count_units(model), 7) == (5, 7)
    hidden = np.maximum(points @ params["0.weight"] + params["0.bias"], 0)
    np.testing.assert_allclose(maps[:3], hidden.T, rtol=1e-6)
    np.testing.assert_allclose(maps[3:], model.forward(params, points)[0].T, rtol=1e-6)


@pytest.mark.parametrize(
    ("loss", "width", "shape"),
    [
        (rb.losses.SoftmaxCrossEntropy(), 2, (1, 6)),
        (rb.losses.SigmoidCrossEntropy(), 1, (1, 6)),
        (rb.losses.SoftmaxCrossEntropy(), 4, (2, 6)),
        (rb.losses.HalfSquaredError(), 1, (1, 6)),
        (rb.losses.HalfSquaredError(), 3, (3, 6)),
    ],
)
def test_surfaces(loss, width, shape):
    outputs = np.random.default_rng(0).normal(size=(6, width))
    found = surface(loss, outputs, on_line=False)
    assert found.shape == shape
    if loss.task == "classification":
        assert found[-1].min() >= 0
        assert found[-1].max() <= 1
    if width == 4:
        np.testing.assert_array_equal(found[0], outputs.argmax(axis=1))


def test_the_plane_of_two_features_and_the_others_held():
    data = rb.data.bundled("iris")
    plane = make_plane(data, {"axes": [2, 0], "held": {"1": 3.5}})
    grid = plane.grid(5)
    assert grid.shape == (25, 4)
    assert set(grid[:, 1]) == {3.5}
    assert grid[0, 2] == plane.x[0]
    assert grid[0, 0] == plane.y[0]
    assert grid[1, 2] > grid[0, 2]
    assert grid[5, 0] > grid[0, 0]
    np.testing.assert_array_equal(plane.coordinates(data.X), data.X[:, [2, 0]])


def test_the_plane_of_principal_components():
    data = rb.data.bundled("wine")
    plane = make_plane(data, {"principal": True})
    places = plane.coordinates(data.X)
    # The grid is on the plane: its points have their own coordinates.
    np.testing.assert_allclose(plane.coordinates(plane.grid(3))[0], [plane.x[0], plane.y[0]])
    assert places.var(axis=0)[0] > places.var(axis=0)[1] > 0
    assert abs(np.corrcoef(places.T)[0, 1]) < 1e-8


def test_one_feature_has_a_line():
    data = rb.data.Dataset([[0.0], [1.0], [2.0]], [0.0, 1.0, 4.0])
    plane = make_plane(data)
    assert plane.is_line
    assert plane.grid(7).shape == (7, 1)
    assert plane.point([0.5]).tolist() == [[0.5]]


def test_surfaces_of_wide_networks_are_coarser_while_they_train():
    small, wide = rb.MLP(2, [8, 8], 2), rb.MLP(64, [512, 512], 10)
    assert affordable(small, 100, playing=True) == 100
    assert 40 <= affordable(wide, 100, playing=True) < 60
    assert affordable(wide, 100, playing=False) == 100
    assert affordable(rb.MLP(2, [5000, 5000], 2), 100, playing=True) == 40
    assert affordable(wide, 20, playing=True) == 20
