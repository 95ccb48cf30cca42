"""Datasets: their type, generators, files, and standardization.

scikit-learn and PyArrow are loaded when a function first needs them, not by importing this package.
"""

from typing import Any

from rosenblatt.data.curve_densities import circles_density, moons_density, spirals_density
from rosenblatt.data.dataset import Dataset, as_dataset
from rosenblatt.data.dataset_files import columns, load, load_inputs, save
from rosenblatt.data.mixture import GaussianMixture
from rosenblatt.data.standardize import Standardizer
from rosenblatt.data.synthetic import (
    GENERATORS,
    blobs,
    blobs_density,
    circles,
    gaussians,
    gaussians_density,
    make,
    moons,
    spirals,
    xor,
    xor_density,
)

__all__ = [
    "GENERATORS",
    "Dataset",
    "GaussianMixture",
    "Standardizer",
    "as_dataset",
    "blobs",
    "blobs_density",
    "circles",
    "circles_density",
    "columns",
    "gaussians",
    "gaussians_density",
    "load",
    "load_inputs",
    "make",
    "moons",
    "moons_density",
    "save",
    "spirals",
    "spirals_density",
    "xor",
    "xor_density",
]


def __getattr__(name: str) -> Any:
    """Return a registered generator by its name, such as one that a user has added."""
    if name in GENERATORS:
        return GENERATORS[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
