"""Datasets that come with scikit-learn, by name; no network is needed."""

import numpy as np

from rosenblatt.data.dataset import Dataset
from rosenblatt.errors import ConfigurationError, given, nearest

BUNDLED = ("iris", "wine", "digits", "breast_cancer", "diabetes")
"""The names of the sets. All but diabetes have classes."""


def bundled(name: str) -> Dataset:
    """Return a dataset that comes with scikit-learn, as its ``load_...`` function has it.

    ============= ======= ======== =============================================================
    name          samples features labels
    ============= ======= ======== =============================================================
    iris          150     4        three species
    wine          178     13       three growers
    digits        1797    64       ten digits, in images of 8 × 8 pixels
    breast_cancer 569     30       malignant, benign
    diabetes      442     10       values: the progress of the disease after a year; features are
                                   scaled to mean 0 and a sum of squares of 1
    ============= ======= ======== =============================================================

    Raises:
        ConfigurationError: there is no such set.

    >>> bundled("iris")
    Dataset(150 samples × 4 features; classes "setosa": 50, "versicolor": 50, "virginica": 50)
    """
    if name not in BUNDLED:
        raise ConfigurationError(
            f"there is no bundled set {given(name)}; the sets are {', '.join(BUNDLED)}"
            f"{nearest(name, BUNDLED)}"
        )
    from sklearn import datasets

    bunch = getattr(datasets, f"load_{name}")()
    names = getattr(bunch, "target_names", None)
    return Dataset(
        bunch.data,
        bunch.target if names is None else np.array(names)[bunch.target],
        classes=None if names is None else np.array(names).tolist(),
        feature_names=bunch.feature_names,
        recipe={"bundled": name},
    )
