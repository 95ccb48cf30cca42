import numpy as np
import pytest


@pytest.fixture
def moons():
    from sklearn.datasets import make_moons

    return make_moons(120, noise=0.2, random_state=0)


@pytest.fixture
def three_classes():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(90, 4))
    return X, np.array(["a", "b", "c"])[(X[:, 0] > 0.3) + (X[:, 1] + X[:, 2] > 0)]
