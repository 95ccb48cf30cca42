"""Catalogue of the experiments, in the order of the report."""

from importlib import import_module

from rosenblatt.errors import ConfigurationError, nearest
from rosenblatt.experiments.base import Experiment

MODULES = (
    "rosenblatt.experiments.e1_perceptron",
    "rosenblatt.experiments.e2_distance",
    "rosenblatt.experiments.e3_spread",
    "rosenblatt.experiments.e4_full_batch",
    "rosenblatt.experiments.e5_initialisation",
    "rosenblatt.experiments.e6_batch_size",
)
"""The registry: the modules of the experiments, in the order of the report. The report finds the
section about each by its name."""

EXPERIMENTS: dict[str, Experiment] = {}
for _module in MODULES:
    _experiment: Experiment = import_module(_module).EXPERIMENT
    if _experiment.id in EXPERIMENTS:
        raise ConfigurationError(f"{_module} has the id {_experiment.id} of another experiment")
    EXPERIMENTS[_experiment.id] = _experiment


def find_experiment(name: str) -> Experiment:
    """Return the experiment of that id, in either case of letters.

    Raises:
        ConfigurationError: there is none.
    """
    if name.upper() not in EXPERIMENTS:
        known = ", ".join(EXPERIMENTS)
        hint = nearest(name.upper(), EXPERIMENTS)
        raise ConfigurationError(f"unknown experiment {name!r}; known: {known}{hint}")
    return EXPERIMENTS[name.upper()]
