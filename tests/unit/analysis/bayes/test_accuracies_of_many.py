"""Expected accuracies of many networks: closed forms, and those of each by quadrature."""

import numpy as np
import pytest

import rosenblatt as rb
from rosenblatt.analysis.bayes import expected_accuracies, expected_accuracy, linear_accuracy
from rosenblatt.data import density_of
from rosenblatt.errors import ConfigurationError, ShapeError
from rosenblatt.losses import SigmoidCrossEntropy

TWO = rb.data.gaussians_density([[-1.0, 0.0], [1.0, 0.5]], [[1.0, 0.3], [0.3, 0.5]], [0.3, 0.7])


def linear(members, k=2, n_inputs=2):
    model = rb.MLP(n_inputs, [], k)
    return model, [model.init(seed) for seed in range(members)]


def in_closed_form(params, density):
    weight, bias = params["0.weight"], params["0.bias"]
    if weight.shape[1] == 2:
        weight, bias = weight[:, 1] - weight[:, 0], bias[1] - bias[0]
    return linear_accuracy(weight, bias, density).value


@pytest.mark.parametrize(("k", "loss"), [(2, None), (1, SigmoidCrossEntropy())])
def test_linear_rules_in_the_plane_in_closed_form(k, loss):
    model, members = linear(4, k)
    found = expected_accuracies(model, members, TWO, loss=loss)
    expected = [in_closed_form(params, TWO) for params in members]
    np.testing.assert_allclose(found, expected, atol=2e-4)


def test_one_and_many_dimensions():
    line = rb.data.gaussians_density([[0.0], [2.0]])
    model, members = linear(3, n_inputs=1)
    expected = [in_closed_form(params, line) for params in members]
    np.testing.assert_allclose(expected_accuracies(model, members, line), expected, atol=1e-4)
    narrow = rb.data.gaussians_density([[0.0, 0.0], [9.0, 9.0]], 1e-5)
    model, members = linear(3)
    expected = [in_closed_form(params, narrow) for params in members]
    np.testing.assert_allclose(expected_accuracies(model, members, narrow), expected, atol=1e-4)
    space = rb.data.gaussians_density(np.vstack([np.zeros(5), np.ones(5)]))
    model, members = linear(3, n_inputs=5)
    expected = [in_closed_form(params, space) for params in members]
    # Five standard errors of 2^18 draws, at most.
    np.testing.assert_allclose(expected_accuracies(model, members, space), expected, atol=5e-3)


def test_bends_as_by_quadrature():
    density = rb.data.xor_density(0.5)
    model = rb.MLP(2, [6], 2, activation="tanh")
    params = model.init(3)
    run = rb.train(model, rb.data.xor(200, noise=0.5), epochs=40, optimizer=rb.SGD(0.5), seed=3)
    found = expected_accuracies(model, [params, run.params], density)
    exact = expected_accuracy(run.predict, density).value
    assert found[1] == pytest.approx(exact, abs=2e-4)
    assert found[0] == expected_accuracies(model, [params], density)[0]


def test_what_has_no_expected_accuracy():
    model, members = linear(1)
    with pytest.raises(ShapeError, match="2 inputs, the density 1"):
        expected_accuracies(model, members, rb.data.gaussians_density([[0.0], [1.0]]))
    with pytest.raises(ConfigurationError, match="3 classes"):
        expected_accuracies(model, members, rb.data.blobs_density())
    with pytest.raises(ConfigurationError, match="does not tell"):
        expected_accuracies(model, members, TWO, loss="mean_squared_error")
    assert expected_accuracies(model, [], TWO).tolist() == []


@pytest.mark.parametrize("name", ["moons", "circles", "blobs", "xor", "spirals", "gaussians"])
def test_the_density_of_data_is_that_of_its_generator(name):
    density = density_of(getattr(rb.data, name)().split(test_size=0.5)[1])
    expected = getattr(rb.data, f"{name}_density")()
    for part in ("means", "covariances", "weights", "class_of"):
        np.testing.assert_array_equal(getattr(density, part), getattr(expected, part))


def test_settings_priors_and_standardized_inputs():
    means, covariance = [[0.0, 10.0], [4.0, 30.0]], [[1.0, 0.5], [0.5, 9.0]]
    data = rb.data.gaussians([30, 90], means=means, covariances=covariance, seed=4)
    scaled = density_of(rb.data.Standardizer.fit(data).apply(data))
    assert scaled.priors.tolist() == [0.25, 0.75]
    mean, scale = data.X.mean(axis=0), data.X.std(axis=0)
    np.testing.assert_allclose(scaled.means, (np.array(means) - mean) / scale)
    np.testing.assert_allclose(scaled.covariances[0], covariance / np.outer(scale, scale))
    blobs = rb.data.blobs(30, seed=3, n_classes=4, n_features=5, noise=2.0)
    assert density_of(blobs).means.shape == (4, 5)
    with pytest.raises(ConfigurationError, match="not known"):
        density_of(rb.data.Dataset([[0.0], [1.0]], [0, 1]))
