import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.preprocessing import StandardScaler

from rosenblatt.data import Dataset, Standardizer, blobs
from rosenblatt.errors import DataError, ShapeError


@given(seed=st.integers(0, 1000))
def test_it_agrees_with_scikit_learn(seed):
    train, test = blobs(60, seed=seed).split(seed=seed)
    ours, theirs = Standardizer.fit(train), StandardScaler().fit(train.X)
    np.testing.assert_allclose(ours.transform(test.X), theirs.transform(test.X), rtol=1e-10)


def test_only_the_training_set_is_measured():
    train, test = blobs(200, seed=1).split()
    standardizer = Standardizer.fit(train)
    np.testing.assert_allclose(standardizer.apply(train).X.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(standardizer.apply(train).X.std(axis=0), 1, rtol=1e-12)
    assert abs(standardizer.apply(test).X.mean(axis=0)).max() > 1e-3


def test_a_constant_column_becomes_exactly_zero():
    # Adding 0.1 ten times and dividing does not give 0.1 back.
    X = np.column_stack([np.full(10, 0.1), np.arange(10.0)])
    train = Dataset(X, [0, 1] * 5)
    standardizer = Standardizer.fit(train)
    assert standardizer.scale[0] == 1
    assert not standardizer.transform(X)[:, 0].any()
    assert not Standardizer.fit(Dataset(X[:1], [0])).transform(X[:1]).any()


def test_apply_keeps_the_labels_and_tells_in_the_recipe():
    data = Dataset([[1.0], [3.0]], ["b", "a"], sample_weight=[1, 2], recipe={"made": 1})
    out = Standardizer.fit(data).apply(data)
    assert out.labels.tolist() == ["b", "a"]
    assert out.sample_weight.tolist() == [1, 2]
    assert dict(out.recipe) == {"mean": [2.0], "scale": [1.0], "standardized": {"made": 1}}


def test_what_does_not_fit_is_refused():
    standardizer = Standardizer.fit(Dataset([[1.0], [3.0]], [0, 1]))
    with pytest.raises(ShapeError, match=r"\(N, 1\), got \(2, 2\)"):
        standardizer.transform(np.zeros((2, 2)))
    with pytest.raises(ShapeError, match=r"got \(2,\)"):
        standardizer.transform(np.zeros(2))
    huge = Dataset([[1e308], [-1e308]], [0, 1], feature_names=["mass"])
    with pytest.raises(DataError, match='"mass" is inf'):
        Standardizer.fit(huge)
