"""Datasets: their type, generators, files, and standardization.

Readers of files and densities along curves are loaded when they are first used, and so is PyArrow.
"""

from typing import TYPE_CHECKING, Any

from rosenblatt.data.bundled_sets import BUNDLED, bundled
from rosenblatt.data.dataset import Dataset, as_dataset
from rosenblatt.data.digits_1d import mnist1d
from rosenblatt.data.mixture import GaussianMixture
from rosenblatt.data.modular_addition import modular_addition
from rosenblatt.data.parity import parity
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
from rosenblatt.lazy import loads

if TYPE_CHECKING:
    from rosenblatt.data.curve_densities import circles_density, moons_density, spirals_density
    from rosenblatt.data.dataset_files import columns, load, load_inputs, save
    from rosenblatt.data.densities import density_of

_LOADED_WHEN_USED = {
    "circles_density": "curve_densities",
    "columns": "dataset_files",
    "density_of": "densities",
    "load": "dataset_files",
    "load_inputs": "dataset_files",
    "moons_density": "curve_densities",
    "save": "dataset_files",
    "spirals_density": "curve_densities",
}

__all__ = [
    "BUNDLED",
    "GENERATORS",
    "Dataset",
    "GaussianMixture",
    "Standardizer",
    "as_dataset",
    "blobs",
    "blobs_density",
    "bundled",
    "circles",
    "circles_density",
    "columns",
    "density_of",
    "gaussians",
    "gaussians_density",
    "load",
    "load_inputs",
    "make",
    "mnist1d",
    "modular_addition",
    "moons",
    "moons_density",
    "parity",
    "save",
    "spirals",
    "spirals_density",
    "xor",
    "xor_density",
]


_load = loads(__name__, _LOADED_WHEN_USED)


def __getattr__(name: str) -> Any:
    """Return what is loaded when used, or a registered generator, such as a user's own."""
    return GENERATORS[name] if name in GENERATORS else _load(name)
