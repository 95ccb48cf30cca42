"""E5: how much of E4 is an accident of its initial weights? (Figure 12.)"""

from functools import partial

from rosenblatt.experiments import full_batch
from rosenblatt.experiments.base import Experiment
from rosenblatt.experiments.two_moons import SETTINGS

EXPERIMENT = Experiment(
    id="E5",
    title="Another initialisation",
    question="What changes in E4 when the weights are drawn with seed 4 in place of 42?",
    settings={**SETTINGS, "batch size": 800, "as-published initialisation seed": 4},
    tasks=partial(full_batch.tasks, 4),
    collect=full_batch.collect,
)
