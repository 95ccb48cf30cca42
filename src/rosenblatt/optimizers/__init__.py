"""Optimizers, one per file, and learning-rate schedules. A line in OPTIMIZERS adds one."""

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
    as_schedule,
)
from rosenblatt.optimizers.sgd import SGD
from rosenblatt.registry import Registry

OPTIMIZERS: Registry[Optimizer] = Registry("optimizer", Optimizer, SGD, RMSProp, Adam, AdamW)

as_optimizer = OPTIMIZERS.as_value

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
    "as_optimizer",
    "as_schedule",
]
