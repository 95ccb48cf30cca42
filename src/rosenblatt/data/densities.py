"""The exact density that a generated dataset was drawn from."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from rosenblatt.data.curve_densities import circles_density, moons_density, spirals_density
from rosenblatt.data.dataset import Dataset
from rosenblatt.data.mixture import GaussianMixture
from rosenblatt.data.synthetic import blobs_density, gaussians_density, xor_density
from rosenblatt.errors import ConfigurationError

_DENSITIES: Mapping[str, Callable[..., GaussianMixture]] = {
    "blobs": blobs_density,
    "circles": circles_density,
    "gaussians": gaussians_density,
    "moons": moons_density,
    "spirals": spirals_density,
    "xor": xor_density,
}


def density_of(dataset: Dataset) -> GaussianMixture:
    """Return the density that a dataset was drawn from, by its recipe.

    Parts that ``split`` has made have the density of the whole, and standardized inputs that of the
    inputs, moved and scaled. Samples that were added or changed since do not count.

    Raises:
        ConfigurationError: no generator of the package has made it.

    >>> from rosenblatt.data import moons
    >>> train, test = moons(100, noise=0.1, seed=3).split(seed=0)
    >>> np.array_equal(density_of(train).means, moons_density(0.1).means)
    True
    """
    return _density(dataset.recipe)


def _density(recipe: Mapping[str, Any]) -> GaussianMixture:
    if isinstance(recipe.get("of"), Mapping):
        return _density(recipe["of"])
    if isinstance(recipe.get("standardized"), Mapping):
        inner, scale = _density(recipe["standardized"]), np.asarray(recipe["scale"], dtype=float)
        means = (inner.means - np.asarray(recipe["mean"], dtype=float)) / scale
        covariances = inner.covariances / np.outer(scale, scale)
        return GaussianMixture(means, covariances, inner.weights, inner.class_of)
    make = _DENSITIES.get(str(recipe.get("generator")))
    if make is None:
        raise ConfigurationError(
            "the density of these samples is not known; it is of data that a generator made, such "
            "as rb.data.moons, of its parts, and of both standardized"
        )
    parameters = inspect.signature(make).parameters
    settings = {name: value for name, value in recipe.items() if name in parameters}
    if "n_per_class" in recipe:
        settings["priors"] = recipe["n_per_class"]
    return make(**settings)
