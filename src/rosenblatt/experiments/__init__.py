"""Experiments, one question per file; each returns rows and draws nothing.

E1 ``e1_perceptron``        a perceptron on two Gaussians           figures 1, 9
E2 ``e2_distance``          the distance between the means          table 1
E3 ``e3_spread``            the spread of the classes               table 2
E4 ``e4_full_batch``        an MLP on the two moons, full batch     figures 2, 10, 11
E5 ``e5_initialisation``    another initialisation                  figure 12
E6 ``e6_batch_size``        the batch size                          figures 3 to 8
"""

from rosenblatt.experiments.base import Experiment, Result
from rosenblatt.experiments.catalogue import EXPERIMENTS, MODULES, find_experiment
from rosenblatt.experiments.runner import run_experiments

__all__ = ["EXPERIMENTS", "MODULES", "Experiment", "Result", "find_experiment", "run_experiments"]
