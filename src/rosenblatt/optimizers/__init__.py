"""Optimizers, one per file, and learning-rate schedules."""

from rosenblatt.optimizers.adam import Adam
from rosenblatt.optimizers.adamw import AdamW
from rosenblatt.optimizers.base import Optimizer, Slots
from rosenblatt.optimizers.rmsprop import RMSProp
from rosenblatt.optimizers.schedules import (
    SCHEDULES,
    Constant,
    Cosine,
    Exponential,
    InverseScaling,
    LinearWarmup,
    Schedule,
    Step,
)
from rosenblatt.optimizers.sgd import SGD

OPTIMIZERS: dict[str, type[Optimizer]] = {
    "sgd": SGD,
    "rmsprop": RMSProp,
    "adam": Adam,
    "adamw": AdamW,
}

__all__ = [
    "OPTIMIZERS",
    "SCHEDULES",
    "SGD",
    "Adam",
    "AdamW",
    "Constant",
    "Cosine",
    "Exponential",
    "InverseScaling",
    "LinearWarmup",
    "Optimizer",
    "RMSProp",
    "Schedule",
    "Slots",
    "Step",
]
