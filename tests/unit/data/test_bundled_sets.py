import numpy as np
import pytest
from sklearn import datasets

import rosenblatt as rb
from rosenblatt.errors import ConfigurationError


@pytest.mark.parametrize("name", rb.data.BUNDLED)
def test_a_set_is_that_of_scikit_learn(name):
    data = rb.data.bundled(name)
    theirs = getattr(datasets, f"load_{name}")()
    np.testing.assert_array_equal(data.X, theirs.data)
    np.testing.assert_array_equal(data.y, theirs.target)
    assert list(data.feature_names) == list(theirs.feature_names)
    if name == "diabetes":
        assert data.classes is None
    else:
        assert list(data.classes) == list(theirs.target_names)
    assert data.recipe == {"bundled": name}


def test_an_unknown_set_is_refused_with_the_nearest():
    with pytest.raises(ConfigurationError, match='did you mean "iris"'):
        rb.data.bundled("irsi")
