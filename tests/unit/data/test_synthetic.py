import inspect

import numpy as np
import pytest
from sklearn import datasets

import rosenblatt as rb
from rosenblatt import data
from rosenblatt.data import GENERATORS, make
from rosenblatt.errors import ConfigurationError


def assert_same(made, expected):
    np.testing.assert_array_equal(made.X, expected[0])
    np.testing.assert_array_equal(made.y, expected[1])


@pytest.mark.parametrize("seed", [0, 42, 2**32 - 1])
@pytest.mark.parametrize("n", [4, 101, 1000])
@pytest.mark.parametrize("noise", [0, 0.3])
def test_moons_circles_and_blobs_are_scikit_learns(n, noise, seed):
    assert_same(
        data.moons(n, noise=noise, seed=seed),
        datasets.make_moons(n, noise=noise, random_state=seed),
    )
    assert_same(
        data.circles(n, noise=noise, factor=0.4, seed=seed),
        datasets.make_circles(n, noise=noise, factor=0.4, random_state=seed),
    )
    X, y, centres = datasets.make_blobs(
        n, 3, centers=4, cluster_std=noise, random_state=seed, return_centers=True
    )
    assert_same(data.blobs(n, noise=noise, n_classes=4, n_features=3, seed=seed), (X, y))
    density = data.blobs_density(noise=1, n_classes=4, n_features=3, seed=seed)
    np.testing.assert_array_equal(density.means, centres)


@pytest.mark.parametrize("name", GENERATORS)
def test_the_recipe_makes_the_same_data_again(name):
    made = make(name, n=51, seed=7)
    parameters = dict(made.recipe)
    assert parameters.pop("generator") == name
    assert set(parameters) == set(inspect.signature(GENERATORS[name]).parameters)
    assert GENERATORS[name](**parameters).content_hash == made.content_hash
    assert made.content_hash != make(name, n=51, seed=8).content_hash


@pytest.mark.parametrize("name", GENERATORS)
def test_the_samples_are_shared_evenly(name):
    made = make(name, n=51)
    counts = np.bincount(made.y)
    assert len(made) == counts.sum() == 51
    assert counts.max() - counts.min() <= 1
    # In the order of the classes the first 20 of 51 rows would have two fifths of the classes.
    assert len(set(made.y[:20].tolist())) > 0.6 * made.n_classes, "rows are not shuffled"


def test_gaussians_have_the_stated_moments():
    means = np.array([[1.0, -2.0], [5.0, 5.0], [0.0, 0.0]])
    covariances = np.array([[[2, 0.8], [0.8, 1]], [[1, -0.5], [-0.5, 0.5]], [[0.1, 0], [0, 9]]])
    n = 40_000
    made = data.gaussians(n, means, covariances, seed=3)
    for c in range(3):
        X = made.X[made.y == c]
        spread = np.diag(covariances[c])
        # Five standard errors: of a mean, and of a covariance of Gaussians (Isserlis).
        assert (abs(X.mean(axis=0) - means[c]) < 5 * np.sqrt(spread / n)).all()
        error = np.sqrt((covariances[c] ** 2 + np.multiply.outer(spread, spread)) / n)
        assert (abs(np.cov(X.T) - covariances[c]) < 5 * error).all()


@pytest.mark.parametrize(
    ("covariances", "variance"), [(4.0, [4, 4]), ([1.0, 9.0], [1, 9]), (4 * np.eye(2), [4, 4])]
)
def test_scalar_covariances_are_variances(covariances, variance):
    made = data.gaussians(20_000, covariances=covariances, seed=1)
    for c in range(2):
        np.testing.assert_allclose(made.X[made.y == c].var(axis=0), variance[c], rtol=0.06)


def rows_of(made, label):
    return np.sort(made.X[made.labels == label], axis=0)


def test_another_class_leaves_the_draws_of_the_others_alone():
    two = data.gaussians(50, [[1, 1], [0, 0]], seed=5)
    three = data.gaussians([50, 50, 10], [[1, 1], [0, 0], [9, 9]], seed=5)
    for c in range(2):
        np.testing.assert_array_equal(rows_of(two, c), rows_of(three, c))
    assert np.bincount(three.y).tolist() == [50, 50, 10]
    assert not np.allclose(rows_of(two, 0) - 1, rows_of(two, 1))


def test_classes_are_named_in_the_order_of_the_means():
    made = data.gaussians(20, [[100, 100], [0, 0]], classes=(1, -1))
    assert made.classes == (1, -1)
    assert (made.X[made.labels == 1] > 50).all()
    assert (made.X[made.labels == -1] < 50).all()
    assert make("gaussians", n=20, classes=("a", "b")).classes == ("a", "b")


def test_xor_has_its_classes_on_the_diagonals():
    made = data.xor(400, noise=0.01)
    signs = np.sign(made.X)
    np.testing.assert_array_equal(made.y, signs[:, 0] != signs[:, 1])
    np.testing.assert_allclose(abs(made.X), 1, atol=0.1)


def test_spirals_lie_on_their_arms():
    made = data.spirals(300, noise=0, n_classes=3, turns=0.75)
    r = np.hypot(*made.X.T)
    angle = np.arctan2(made.X[:, 1], made.X[:, 0]) / (2 * np.pi) - 0.75 * r - made.y / 3
    np.testing.assert_allclose(angle, np.round(angle), atol=1e-9)
    assert r.max() <= 1
    noisy = data.spirals(3000, noise=0.1, seed=1).X - data.spirals(3000, noise=0, seed=1).X
    np.testing.assert_allclose(noisy.std(axis=0), 0.1, rtol=0.1)


@pytest.mark.parametrize(
    ("made", "mixture"),
    [
        (
            data.gaussians([2000, 6000], [[0, 0], [1, 2]], [0.5, 2], seed=2),
            data.gaussians_density([[0, 0], [1, 2]], [0.5, 2], priors=[0.25, 0.75]),
        ),
        (data.xor(8000, noise=0.7, seed=2), data.xor_density(0.7)),
        (
            data.blobs(8000, noise=3.0, seed=2, n_classes=3),
            data.blobs_density(noise=3.0, seed=2, n_classes=3),
        ),
    ],
    ids=["gaussians", "xor", "blobs"],
)
def test_the_density_is_that_of_the_data(made, mixture):
    # The posterior of the true class is calibrated: where it says p, a share p is of that class.
    posterior = mixture.posterior(made.X)
    for c in range(made.n_classes):
        p, hits = posterior[:, c], made.y == c
        error = np.sqrt((p * (1 - p)).sum())
        assert abs(p.sum() - hits.sum()) < 5 * error
        sure = p > 0.7
        error = np.sqrt((p * (1 - p))[sure].sum())
        assert abs(p[sure].sum() - hits[sure].sum()) < 5 * error
    # By Monte Carlo over a uniform box, p(x) and the data put the same mass into a disc.
    box = np.random.default_rng(0).uniform(-15, 15, (200_000, 2))
    inside = np.hypot(*(box - made.X.mean(axis=0)).T) < 1.5
    mass = 900 * np.where(inside, mixture.density(box), 0)
    share = (np.hypot(*(made.X - made.X.mean(axis=0)).T) < 1.5).mean()
    error = mass.std() / np.sqrt(len(box)) + np.sqrt(share / len(made))
    assert abs(mass.mean() - share) < 4 * error


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: data.moons(1), "n must be a whole number of at least 2, got 1"),
        (lambda: data.moons(0), "got 0"),
        (lambda: data.moons(-5), "got -5"),
        (lambda: data.moons(10.5), "got 10.5"),
        (lambda: data.moons(True), "got True"),
        (lambda: data.moons("10"), "got '10'"),
        (lambda: data.moons(10, noise=-1), "noise must be a finite number of at least 0, got -1"),
        (lambda: data.moons(10, noise=float("nan")), "noise"),
        (lambda: data.moons(10, seed=-1), "seed"),
        (lambda: data.moons(10, seed=2**32), "2^32"),
        (
            lambda: data.circles(10, factor=1),
            "factor must be a finite number of at least 0 and below 1",
        ),
        (lambda: data.blobs(2, n_classes=3), "n must be a whole number of at least 3"),
        (lambda: data.blobs(10, n_classes=0), "n_classes"),
        (lambda: data.blobs(10, n_features=0), "n_features"),
        (lambda: data.gaussians(0), "n_per_class must be a whole number of at least 1, got 0"),
        (lambda: data.gaussians([10, 0]), "n_per_class"),
        (lambda: data.gaussians([10, 10, 10]), "one number or 2"),
        (lambda: data.gaussians([[10], [10, 10]]), "n_per_class must be a whole number"),
        (lambda: data.gaussians("10"), "n_per_class must be a whole number"),
        (
            lambda: data.gaussians(10, means=[[1, 2], [3]]),
            "rows of equal length, got [[1, 2], [3]]",
        ),
        (lambda: data.gaussians(10, means="far"), "means must be finite numbers, got 'far'"),
        (lambda: data.gaussians(10, classes=[1]), "2 means need as many classes, got 1"),
        (lambda: data.gaussians(10, covariances=-1), "positive definite"),
        (lambda: data.xor(3), "n must be a whole number of at least 4"),
        (lambda: data.xor(10, noise=0), "noise must be a finite number above 0"),
        (lambda: data.spirals(1), "of at least 2"),
        (lambda: data.spirals(10, turns=float("inf")), "turns"),
        (lambda: data.spirals(10, seed=2**64), "seed"),
    ],
)
def test_impossible_settings_are_refused(call, told):
    with pytest.raises(ConfigurationError) as caught:
        call()
    assert told in str(caught.value)


def test_make_takes_defaults_for_none_and_names_what_is_near():
    assert make("moons", noise=None, n=None).content_hash == data.moons().content_hash
    assert len(make("gaussians", n=7, means=[[0], [1], [2]])) == 7
    with pytest.raises(ConfigurationError, match=r'"mons"; .* did you mean "moons"'):
        make("mons")
    with pytest.raises(
        ConfigurationError, match=r'"nois"; .* n, noise, seed; did you mean "noise"'
    ):
        make("moons", nois=1)
    with pytest.raises(ConfigurationError, match='gaussians has no parameter "noise"'):
        make("gaussians", noise=1)


@pytest.mark.parametrize("name", GENERATORS)
@pytest.mark.parametrize("n", [10**12, 10**18, 10**400])
def test_more_samples_than_there_is_memory_for_are_refused_at_once(name, n):
    with pytest.raises(ConfigurationError, match=r"needs .* of memory|at most 2\^63 - 1"):
        make(name, n=n)


def test_more_features_than_there_is_memory_for_are_refused_at_once():
    with pytest.raises(ConfigurationError, match="of 1000000000000 features needs"):
        data.blobs(10, n_features=10**12)


def test_an_added_generator_is_found_by_its_name(monkeypatch):
    def rings(n=6, seed=0):
        return rb.data.Dataset([[float(i)] for i in range(n)], [0, 1] * (n // 2))

    with pytest.raises(AttributeError, match="rings"):
        _ = rb.data.rings
    monkeypatch.setitem(GENERATORS, "rings", rings)
    assert rb.data.rings(4).content_hash == make("rings", n=4).content_hash


@pytest.mark.parametrize("n_relevant", [1, 2, 3])
def test_parity_is_the_product_of_its_first_bits_and_of_no_fewer(n_relevant):
    n = 8000
    made = data.parity(n, n_bits=5, n_relevant=n_relevant, seed=3)
    assert set(np.unique(made.X).tolist()) == {-1.0, 1.0}
    np.testing.assert_array_equal(made.X[:, :n_relevant].prod(axis=1), 2 * made.y - 1)
    # Every other product of bits, and the mean of each bit: five standard errors around 0.
    sign = 2 * made.y - 1
    for subset in range(2**5):
        bits = [j for j in range(5) if subset >> j & 1]
        product = made.X[:, bits].prod(axis=1)
        if bits != list(range(n_relevant)):
            assert abs((product * sign).mean()) < 5 / np.sqrt(n)
    with pytest.raises(ConfigurationError, match="n_relevant must be at most n_bits = 5, got 6"):
        data.parity(n_bits=5, n_relevant=6)


@pytest.mark.parametrize("n", [7, 49, 120])
def test_modular_addition_has_each_pair_as_often_as_any_other(n):
    made = data.modular_addition(n, modulus=7, seed=2)
    np.testing.assert_array_equal(made.X.sum(axis=1), 2)
    a, b = made.X[:, :7].argmax(axis=1), made.X[:, 7:].argmax(axis=1)
    np.testing.assert_array_equal(made.y, (a + b) % 7)
    times = np.bincount(7 * a + b, minlength=49)
    assert times.max() - times.min() <= 1
