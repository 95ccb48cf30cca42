"""E4: how does a small MLP learn the two moons by full-batch descent? (Figures 2, 10 and 11.)"""

from functools import partial

from rosenblatt.experiments import full_batch
from rosenblatt.experiments.base import Experiment
from rosenblatt.experiments.two_moons import SETTINGS

EXPERIMENT = Experiment(
    id="E4",
    title="An MLP on the two moons, full batch",
    question="How far does gradient descent on all 800 points bring the MLP 2-20-2 in 1500 epochs?",
    settings={**SETTINGS, "batch size": 800, "as-published initialisation seed": 42},
    tasks=partial(full_batch.tasks, 42),
    collect=full_batch.collect,
)
