"""Accuracies under exact densities agree with closed forms, sums over fine grids and simulation."""

import math

import numpy as np
import pytest
from scipy.stats import chi2, ncx2, norm

import rosenblatt as rb
from rosenblatt import data
from rosenblatt.analysis.bayes import (
    bayes_accuracy,
    equal_gaussians_accuracy,
    expected_accuracy,
    linear_accuracy,
)
from rosenblatt.analysis.bayes.sampling import accuracy_by_sampling
from rosenblatt.data import GaussianMixture
from rosenblatt.errors import ConfigurationError, DataError, ShapeError

SKEW = [[2.0, 0.6], [0.6, 0.5]]


def on_a_fine_grid(density, n=700):
    """Return Σ max_c p(x, c) over a grid of n² points; its error falls with the square of n."""
    spread = np.sqrt(density.covariances.diagonal(axis1=1, axis2=2))
    low, high = (density.means - 8 * spread).min(axis=0), (density.means + 8 * spread).max(axis=0)
    x, y = np.linspace(low, high, n).T
    total = 0.0
    for value in y:
        joint = density.class_densities(np.column_stack([x, np.full(n, value)])) * density.priors
        total += joint.max(axis=1).sum()
    return total * (x[1] - x[0]) * (y[1] - y[0])


def right(found, expected):
    """Whether the error that is stated is no smaller than the error that was made."""
    return found.value == pytest.approx(expected, abs=found.error + 1e-10)


@pytest.mark.parametrize(
    ("m", "percent"), [(10, 100), (5, 99.98), (3, 98.3), (2, 92.1), (1, 76.0), (0.5, 63.8), (0, 50)]
)
def test_two_gaussians_at_distance_m_sqrt_2(m, percent):
    assert 100 * equal_gaussians_accuracy(m * math.sqrt(2)) == pytest.approx(percent, abs=0.05)
    found = bayes_accuracy(data.gaussians_density(means=[[m, m], [0, 0]]))
    assert found.value == pytest.approx(norm.cdf(m * math.sqrt(2) / 2), abs=1e-15)
    assert (found.error, found.method) == (0, "closed form")


def test_it_is_the_accuracy_of_the_halfway_rule():
    n = 200_000
    x = np.random.default_rng(0).standard_normal(n)
    assert equal_gaussians_accuracy(1.5) == pytest.approx((x < 0.75).mean(), abs=4 * 0.5 / n**0.5)


@pytest.mark.parametrize("prior", [0.5, 0.3, 0.9, 0.999])
@pytest.mark.parametrize("distance", [0.0, 0.1, 1.0, 3.0])
def test_priors_move_the_boundary_to_the_best_place(distance, prior):
    cuts = np.linspace(-40, 40, 800_001)
    best = prior * norm.cdf(cuts) + (1 - prior) * norm.sf(cuts - distance)
    assert equal_gaussians_accuracy(distance, prior) == pytest.approx(best.max(), abs=1e-8)
    mixture = GaussianMixture([[0.0], [distance]], weights=[prior, 1 - prior])
    assert bayes_accuracy(mixture).value == pytest.approx(best.max(), abs=1e-8)


def test_equal_covariances_reduce_to_a_distance_in_any_dimension():
    rng = np.random.default_rng(1)
    root = rng.standard_normal((6, 6))
    means, covariance = rng.standard_normal((2, 6)), root @ root.T
    gap = means[1] - means[0]
    distance = math.sqrt(gap @ np.linalg.solve(covariance, gap))
    found = bayes_accuracy(GaussianMixture(means, covariance, weights=[1, 3]))
    assert found.value == pytest.approx(equal_gaussians_accuracy(distance, 0.25), rel=1e-12)
    # Linear discriminant analysis is the Bayes rule there.
    weight = np.linalg.solve(covariance, gap)
    bias = math.log(3) - weight @ means.mean(axis=0)
    linear = linear_accuracy(weight, bias, GaussianMixture(means, covariance, weights=[1, 3]))
    assert found.value == pytest.approx(linear.value, rel=1e-12)


def test_three_gaussians_in_many_dimensions_are_done_in_the_plane_of_their_means():
    rng = np.random.default_rng(2)
    root = rng.standard_normal((5, 5))
    mixture = GaussianMixture(rng.standard_normal((3, 5)), root @ root.T + np.eye(5), [1, 2, 3])
    found = bayes_accuracy(mixture)
    assert found.method == "quadrature"
    sample = accuracy_by_sampling(mixture.most_likely, mixture, seed=0, n_samples=300_000)
    assert found.value == pytest.approx(sample.value, abs=4 * sample.error)


@pytest.mark.slow
def test_moons_at_noise_one_fifth():
    density = data.moons_density(0.2)
    found = bayes_accuracy(density)
    assert found.value == pytest.approx(0.97104343, abs=1e-8)
    assert found.error < 1e-7
    # 10^6 fresh points: the rule is right as often as it should be, within 4 standard errors.
    n = 1_000_000
    made = data.moons(n, noise=0.2, seed=0)
    hits = sum(
        (
            density.most_likely(made.X[start : start + 10_000]) == made.y[start : start + 10_000]
        ).sum()
        for start in range(0, n, 10_000)
    )
    error = math.sqrt(found.value * (1 - found.value) / n)
    assert abs(hits / n - found.value) < 4 * error


@pytest.mark.slow
@pytest.mark.parametrize(
    ("density", "tolerance"),
    [
        (data.moons_density(0.2), 1e-6),
        (data.circles_density(0.3, factor=0.4), 5e-6),
        (data.spirals_density(0.2, n_classes=3, turns=0.5), 5e-6),
        (data.xor_density(0.5), 15e-6),
        # Two of these four blobs nearly touch: a wedge of one class ends between two others.
        (data.blobs_density(3.0, n_classes=4), 5e-6),
        (GaussianMixture([[0, 0], [1, 1], [-1, 2]], [SKEW, np.eye(2), 0.1 * np.eye(2)]), 5e-6),
        (GaussianMixture([[0, 0], [9, 0]], [1.0, 0.01], weights=[0.9, 0.1]), 1e-6),
    ],
    ids=["moons", "circles", "spirals", "xor", "blobs", "three covariances", "two scales"],
)
def test_the_plane_agrees_with_a_fine_grid(density, tolerance):
    found = bayes_accuracy(density)
    assert found.value == pytest.approx(on_a_fine_grid(density), abs=tolerance)
    assert found.error < 2e-7


@pytest.mark.parametrize("noise", [0.3, 0.5, 1.0])
def test_xor_is_right_where_both_signs_are_right_or_wrong(noise):
    p = norm.cdf(1 / noise)
    assert right(bayes_accuracy(data.xor_density(noise)), p**2 + (1 - p) ** 2)


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_concentric_gaussians_are_told_apart_by_a_radius(size):
    mixture = GaussianMixture(np.zeros((2, size)), [1.0, 4.0])
    square = size * math.log(4.0) / (1 - 1 / 4)
    expected = (chi2.cdf(square, size) + chi2.sf(square / 4, size)) / 2
    found = bayes_accuracy(mixture)
    if size > 2:
        assert found.method == "sampling"
        assert 0 < found.error < 5e-4
        assert found.value == pytest.approx(expected, abs=4 * found.error)
    else:
        assert right(found, expected)
        assert found.error < 2e-7


def test_standard_errors_are_what_repetitions_show():
    mixture = GaussianMixture(np.zeros((2, 3)), [1.0, 4.0])
    found = [accuracy_by_sampling(mixture.most_likely, mixture, s, 2000) for s in range(100)]
    spread = np.std([each.value for each in found], ddof=1)
    assert spread == pytest.approx(np.mean([each.error for each in found]), rel=0.25)
    assert len({each.value for each in found}) == 100
    again = accuracy_by_sampling(mixture.most_likely, mixture, 0, 2000)
    assert again == found[0]


def test_one_class_is_always_right():
    assert bayes_accuracy(GaussianMixture([[0.0], [5.0]], class_of=[0, 0])).value == 1
    same = GaussianMixture(np.zeros((3, 4)), weights=[1, 2, 1])
    assert bayes_accuracy(same).value == pytest.approx(0.5, abs=1e-12)


@pytest.mark.parametrize(
    ("weight", "bias"),
    [([1, 0.3], 0.1), ([0, -1], 0.25), ([-np.sin(1), np.cos(1)], -0.1), ([0, 0], 1)],
)
@pytest.mark.parametrize(
    "density",
    [data.moons_density(0.2), GaussianMixture([[0, 0], [2, 1]], [SKEW, np.eye(2)], [1, 4])],
    ids=["moons", "gaussians"],
)
def test_a_line_by_quadrature_and_in_closed_form(weight, bias, density):
    # The third boundary is parallel to the lines of the quadrature: each is all or nothing.
    exact = linear_accuracy(weight, bias, density)
    found = expected_accuracy(lambda X: X @ np.array(weight) + bias >= 0, density)
    assert right(found, exact.value)
    assert found.error < 3e-7


def test_a_line_in_closed_form_and_by_drawing():
    mixture = GaussianMixture([[0, 0], [2, 1], [4, 0]], [SKEW, np.eye(2), SKEW], class_of=[0, 1, 0])
    made = np.random.default_rng(0)
    hits = 0
    for mean, covariance, c in zip(mixture.means, mixture.covariances, [0, 1, 0], strict=True):
        X = made.multivariate_normal(mean, covariance, size=100_000)
        hits += ((X @ [1.0, 2.0] - 2 >= 0) == c).sum()
    found = linear_accuracy([[1.0], [2.0]], np.array([-2.0]), mixture)
    assert found.value == pytest.approx(hits / 300_000, abs=4 * 0.5 / math.sqrt(300_000))


def test_a_disc_has_the_noncentral_chi_square():
    centre, square = np.array([0.5, 0.2]), 0.7
    density = data.xor_density(0.4)
    inside = ncx2.cdf(square / 0.16, 2, ((density.means - centre) ** 2).sum(axis=1) / 0.16)
    expected = np.where(density.class_of == 1, inside, 1 - inside).mean()
    found = expected_accuracy(lambda X: ((X - centre) ** 2).sum(axis=1) < square, density)
    assert found.value == pytest.approx(expected, abs=2e-7)


@pytest.mark.parametrize("width", [0.15, 0.5])
def test_a_narrow_stripe_is_seen(width):
    density = GaussianMixture([[0.0, 0.0], [1.0, 0.0]])
    inside = norm.cdf([width, width - 1]) - norm.cdf([0, -1])
    found = expected_accuracy(lambda X: (X[:, 0] > 0) & (X[:, 0] < width), density)
    assert right(found, (1 - inside[0] + inside[1]) / 2)


def test_three_classes_in_one_cell_of_a_line():
    # Class 1 is named between 0.50 and 0.51 only; on either side it is 0 and 2.
    density = GaussianMixture([[0.0], [1.0], [2.0]])
    found = expected_accuracy(lambda X: np.digitize(X[:, 0], [0.50, 0.51]), density)
    middle = norm.cdf(0.51, 1) - norm.cdf(0.50, 1)
    assert right(found, (norm.cdf(0.50) + middle + norm.sf(0.51, 2)) / 3)


@pytest.mark.slow
def test_a_trained_run_is_judged_by_its_labels():
    means = [[1.0, 1.0], [-1.0, -1.0]]
    made = data.gaussians(50, means, classes=["near", "far"])
    density = data.gaussians_density(means)
    run = rb.train(rb.MLP(2, [4], 2), made, epochs=50)
    found = expected_accuracy(run.predict, density, classes=run.classes)
    fresh = data.gaussians(100_000, means, classes=["near", "far"], seed=9)
    hits = (run.predict(fresh.X) == fresh.labels).mean()
    assert found.value == pytest.approx(hits, abs=4 * 0.5 / math.sqrt(200_000))
    assert found.value <= bayes_accuracy(density).value


@pytest.mark.slow
def test_no_rule_beats_the_bayes_rule():
    density = data.xor_density(0.7)
    best = bayes_accuracy(density).value
    rng = np.random.default_rng(0)
    for _ in range(2):
        w = rng.standard_normal(2)
        found = expected_accuracy(lambda X, w=w: (X @ w) * (X[:, 0] - w[1]) < 0, density)
        assert found.value < best


def test_many_dimensions_are_sampled():
    mixture = GaussianMixture([[0.0, 0, 0], [2, 0, 0]])
    found = expected_accuracy(lambda X: X[:, 0] > 1.2, mixture)
    assert found.method == "sampling"
    expected = (norm.cdf(1.2) + norm.cdf(0.8)) / 2
    assert found.value == pytest.approx(expected, abs=4 * found.error)


@pytest.mark.cases(5)
@pytest.mark.parametrize("noise", [0.05, 0.3, 1.5])
@pytest.mark.parametrize("name", ["moons", "circles", "spirals"])
def test_densities_along_curves_are_those_of_the_data(name, noise):
    density = getattr(data, f"{name}_density")(noise)
    # The integral over the curve as a sum over very many points without noise.
    curve = data.make(name, n=100_000, noise=0, seed=1)
    X = data.make(name, n=40, noise=noise, seed=2).X
    for c in range(2):
        squares = ((X[:, None] - curve.X[curve.y == c]) ** 2).sum(axis=2)
        p = (np.exp(-squares / (2 * noise**2)) / (2 * math.pi * noise**2)).mean(axis=1)
        # The arms of the spirals are drawn at random: 1/√50000, more where few points are near.
        tolerance = 0.1 if name == "spirals" else 1e-3
        found = density.class_densities(X)[:, c]
        np.testing.assert_allclose(found, p, rtol=tolerance, atol=tolerance * p.max())


@pytest.mark.cases(1)
@pytest.mark.parametrize("noise", [0.02, 0.2, 2.0])
@pytest.mark.parametrize(
    ("make", "curve", "parameters"),
    [
        (data.moons_density, lambda t: (np.cos(np.pi * t), np.sin(np.pi * t)), {}),
        (data.circles_density, lambda t: (np.cos(2 * np.pi * t), np.sin(2 * np.pi * t)), {}),
        (
            data.spirals_density,
            lambda u: (
                np.sqrt(u) * np.cos(6 * np.pi * np.sqrt(u)),
                np.sqrt(u) * np.sin(6 * np.pi * np.sqrt(u)),
            ),
            {"turns": 3.0},
        ),
    ],
    ids=["moons", "circles", "spirals"],
)
def test_enough_nodes_are_taken(make, curve, parameters, noise):
    points = np.column_stack(curve(np.linspace(0.0, 1.0, 4))) + 0.7 * noise
    t = (np.arange(400_000) + 0.5) / 400_000
    nodes = np.column_stack(curve(t))
    # Evenly spaced u are far apart on the first turn of the spirals, where √u is steep.
    tolerance = 1e-5 if make is data.spirals_density else 1e-8
    expected = [
        np.exp(-((p - nodes) ** 2).sum(axis=1) / (2 * noise**2)).mean() / (2 * math.pi * noise**2)
        for p in points
    ]
    found = make(noise, **parameters).class_densities(points)[:, 0]
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=1e-8 * max(expected))


@pytest.mark.parametrize(
    ("call", "error", "told"),
    [
        (lambda d: equal_gaussians_accuracy(-1), ConfigurationError, "distance"),
        (lambda d: equal_gaussians_accuracy(1, prior=1), ConfigurationError, "prior"),
        (lambda d: equal_gaussians_accuracy(math.nan), ConfigurationError, "distance"),
        (lambda d: expected_accuracy(lambda X: X, d), ShapeError, "predict must return shape ("),
        (
            lambda d: expected_accuracy(lambda X: np.full(len(X), 7), d),
            DataError,
            "predict returned 7, which is not among the classes [0, 1]",
        ),
        (
            lambda d: expected_accuracy(lambda X: X[:, 0] > 0, d, classes=["a", "a"]),
            ConfigurationError,
            "2 different labels",
        ),
        (
            lambda d: expected_accuracy(lambda X: X[:, 0] > 0, d, classes=[1, 2, 3]),
            ConfigurationError,
            "got [1, 2, 3]",
        ),
        (lambda d: linear_accuracy([1, 2, 3], 0, d), ShapeError, "must have shape (2,)"),
        (lambda d: linear_accuracy([1, 2], [0, 1], d), ShapeError, "bias be one number"),
        (lambda d: linear_accuracy([1, math.nan], 0, d), ConfigurationError, "weight"),
        (lambda d: linear_accuracy([1, 1], math.inf, d), ConfigurationError, "bias"),
        (
            lambda d: linear_accuracy([1, 1], 0, GaussianMixture(np.eye(3)[:, :2])),
            ConfigurationError,
            "2 classes, got 3",
        ),
        (lambda d: data.moons_density(0), ConfigurationError, "noise"),
        (lambda d: data.circles_density(0.1, factor=1), ConfigurationError, "factor"),
        (lambda d: data.spirals_density(-1), ConfigurationError, "noise"),
    ],
)
def test_bad_input_is_refused(call, error, told):
    with pytest.raises(error) as caught:
        call(data.xor_density(0.5))
    assert told in str(caught.value)
