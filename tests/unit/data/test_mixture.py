import numpy as np
import pytest
from scipy.stats import multivariate_normal

from rosenblatt.data import GaussianMixture
from rosenblatt.errors import ConfigurationError, ShapeError

MEANS = np.array([[0.0, 1.0], [2.0, -1.0], [-3.0, 0.5]])
FULL = np.array([[[1, 0.3], [0.3, 2]], [[0.5, -0.2], [-0.2, 0.4]], [[3, 0], [0, 0.1]]])
X = np.random.default_rng(0).normal(0, 2, (50, 2))


@pytest.mark.parametrize("covariances", [2.5, [1.0, 2.0, 0.5], FULL[0], FULL])
def test_densities_are_scipys(covariances):
    mixture = GaussianMixture(MEANS, covariances, weights=[1, 2, 5], class_of=[0, 1, 0])
    shape = np.ndim(covariances)
    each = covariances if shape in (1, 3) else [covariances] * 3
    p = np.array([multivariate_normal(m, c).pdf(X) for m, c in zip(MEANS, each, strict=True)])
    np.testing.assert_allclose(mixture.priors, [6 / 8, 2 / 8])
    np.testing.assert_allclose(mixture.density(X), (p[0] + 2 * p[1] + 5 * p[2]) / 8)
    by_class = np.column_stack([(p[0] + 5 * p[2]) / 6, p[1]])
    np.testing.assert_allclose(mixture.class_densities(X), by_class)
    joint = by_class * mixture.priors
    np.testing.assert_allclose(mixture.posterior(X), joint / joint.sum(1, keepdims=True))


def test_the_posterior_is_right_where_all_densities_underflow():
    mixture = GaussianMixture([[0.0], [1.0]])
    # The log-odds are (x - 1/2): 1000 standard deviations out, class 1 is certain.
    np.testing.assert_allclose(mixture.posterior([[1000.0], [-1000.0]]), [[0, 1], [1, 0]])
    assert mixture.density([[1000.0]]) == 0


def test_the_density_integrates_to_one():
    mixture = GaussianMixture([[0.0], [3.0]], [1.0, 0.2], weights=[0.3, 0.7])
    grid = np.linspace(-10, 12, 4001)
    np.testing.assert_allclose(np.trapezoid(mixture.density(grid[:, None]), grid), 1, rtol=1e-9)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"means": [0.0, 1.0]}, "(clusters, features), got shape (2,)"),
        ({"means": [[0.0, np.nan]]}, "finite"),
        (
            {"means": [[0.0], [1.0, 2.0]]},
            "means must have rows of equal length, got [[0.0], [1.0, 2.0]]",
        ),
        ({"covariances": 0.0}, "covariance 0 is not positive definite"),
        ({"covariances": -1.0}, "positive definite"),
        ({"covariances": [1.0, 1.0, 0.0]}, "covariance 2 is not positive definite"),
        ({"covariances": [1.0, 1.0]}, "got shape (2,)"),
        ({"covariances": np.eye(3)}, "got shape (3, 3)"),
        ({"covariances": FULL[:2]}, "got shape (2, 2, 2)"),
        ({"covariances": [[1, 0.5], [0.4, 1]]}, "covariance 0 is not symmetric"),
        ({"covariances": [[1, 2], [2, 1]]}, "positive definite"),
        ({"covariances": [[1, 1], [1, 1]]}, "positive definite"),
        ({"weights": [1, 1]}, "3 positive numbers"),
        ({"weights": [1, 1, 0]}, "3 positive numbers"),
        ({"means": [["1", "2"]]}, "means must be finite numbers, got [['1', '2']]"),
        ({"means": [[None]]}, "means must be finite numbers"),
        ({"class_of": [0, 0, 2]}, "without a gap"),
        ({"class_of": ["a", "b", "c"]}, "class_of must be finite numbers"),
        ({"class_of": [0, 1]}, "class_of"),
    ],
)
def test_impossible_parameters_are_refused(arguments, told):
    with pytest.raises(ConfigurationError) as caught:
        GaussianMixture(**{"means": MEANS} | arguments)
    assert told in str(caught.value)


def test_points_of_another_dimension_are_refused():
    with pytest.raises(ShapeError, match=r"\(N, 2\), got \(4, 3\)"):
        GaussianMixture(MEANS).density(np.zeros((4, 3)))
