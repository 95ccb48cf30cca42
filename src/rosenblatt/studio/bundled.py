"""The data sets that scikit-learn brings with it; none is downloaded."""

from functools import lru_cache

from rosenblatt.data import Dataset

BUNDLED = ("iris", "wine", "breast_cancer", "digits", "diabetes")
"""The names of the sets; the last is a regression."""


@lru_cache(maxsize=len(BUNDLED))
def bundled(name: str) -> Dataset:
    """Return a bundled data set."""
    from sklearn import datasets

    found = getattr(datasets, f"load_{name}")()
    names = [str(feature) for feature in found.feature_names]
    recipe = {"bundled": name}
    if name == "diabetes":
        return Dataset(found.data, found.target, feature_names=names, recipe=recipe)
    classes = [str(label) for label in found.target_names]
    labels = [classes[index] for index in found.target]
    return Dataset(found.data, labels, classes=classes, feature_names=names, recipe=recipe)
