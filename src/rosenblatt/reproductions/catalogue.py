"""Catalogue of the results, in the order of their years."""

from importlib import import_module

from rosenblatt.errors import ConfigurationError, nearest
from rosenblatt.reproductions.base import Reproduction

NAMES = (
    "xor",
    "capacity",
    "grokking",
    "double-descent",
    "edge-of-stability",
    "fractal",
    "spirals",
    "lottery",
    "spectral-bias",
    "parity",
)
"""The registry. The result "edge-of-stability" is in the folder ``edge_of_stability``."""


def find(name: str) -> Reproduction:
    """Return the result of that name.

    Raises:
        ConfigurationError: there is none.

    >>> find("capacity").experiment.title
    'Capacity of a linear classifier'
    """
    wanted = name.strip().lower().replace("_", "-")
    if wanted not in NAMES:
        known = ", ".join(NAMES)
        raise ConfigurationError(f"unknown result {name!r}; known: {known}{nearest(wanted, NAMES)}")
    module = f"{__package__}.{wanted.replace('-', '_')}.result"
    result: Reproduction = import_module(module).RESULT
    return result
