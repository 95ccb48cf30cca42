"""MNIST-1D: the package's own numbers, its code where it is installed, and what is fixed in it."""

import numpy as np
import pytest

from rosenblatt.data import mnist1d
from rosenblatt.data.digits_1d import templates
from rosenblatt.errors import ConfigurationError


def test_it_has_numbers_that_the_package_printed():
    """Of mnist1d 0.0.2.post1: 100 samples, seed 42."""
    made = mnist1d(100, seed=42)
    assert made.X[0, :4] == pytest.approx(
        [0.8041977727337886, 0.078147026163281, 2.2936238495666212, 2.321084649405448], abs=1e-12
    )
    assert made.X[-1, -2:] == pytest.approx([0.42620559224100835, 0.9939768086460808], abs=1e-12)
    assert made.y[:12].tolist() == [3, 0, 4, 1, 4, 6, 6, 7, 3, 8, 5, 2]


@pytest.mark.parametrize(("seed", "noise"), [(42, 0.02), (7, 0.5)])
def test_it_is_the_data_of_the_package(seed, noise):
    package = pytest.importorskip("mnist1d.data")
    how = package.get_dataset_args()
    how.num_samples, how.seed, how.iid_noise_scale = 200, seed, noise
    expected = package.make_dataset(how)
    made = mnist1d(200, noise=noise, seed=seed)
    np.testing.assert_allclose(
        made.X, np.vstack([expected["x"], expected["x_test"]]), rtol=0, atol=1e-12
    )
    np.testing.assert_array_equal(made.y, np.concatenate([expected["y"], expected["y_test"]]))
    np.testing.assert_allclose(templates(), package.get_templates()["x"], rtol=0, atol=1e-12)


def test_the_templates_begin_and_end_at_0_and_all_digits_differ():
    found = templates()
    assert found.shape == (10, 12)
    assert found[:, [0, -1]] == pytest.approx(0)
    assert found.std(axis=1) == pytest.approx(1 / 6)
    apart = np.abs(found[:, None] - found).max(axis=2) + np.eye(10)
    assert apart.min() > 0.1


def test_numbers_are_standardized_and_noise_is_added():
    made = mnist1d(60)
    assert made.X.mean() == pytest.approx(0)
    assert made.X.std() == pytest.approx(1)
    step = [np.abs(np.diff(mnist1d(60, noise=noise).X, 2)).mean() for noise in (0, 0.02, 1)]
    assert step == sorted(step)


@pytest.mark.parametrize(
    ("how", "says"),
    [({"n": 9}, "at least 10"), ({"noise": -1}, "noise"), ({"seed": 2**32}, "seed")],
)
def test_what_cannot_be_is_refused(how, says):
    with pytest.raises(ConfigurationError, match=says):
        mnist1d(**how)
