"""The contract of optimizers: a pair of pure functions.

``init(params)``                         → slots: the memory of the rule, dicts shaped like params
``update(params, grads, slots, step)``   → (params, slots), the minus sign in sight

``step`` counts updates from 0. A learning rate is a number or a schedule, a function of the step.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar

import numpy as np

from rosenblatt.checks import real_field, real_number
from rosenblatt.layers.base import Params

Slots = dict[str, Params]
LearningRate = float | Callable[[int], float]


class Optimizer(ABC):
    """The contract of an optimizer. Subclasses are frozen dataclasses, one per file."""

    aliases: ClassVar[tuple[str, ...]] = ()
    """Other names under which the registry finds the class."""

    learning_rate: LearningRate

    def __post_init__(self) -> None:
        """Check the learning rate; a subclass calls this and checks its other settings."""
        if not callable(self.learning_rate):
            real_field(self, "learning_rate", above=0)

    def rate(self, step: int) -> float:
        """Return η at update ``step``, counted from 0.

        Raises:
            ConfigurationError: the schedule returns something that is not a number of at least 0.
        """
        if callable(self.learning_rate):
            return rate_at(self.learning_rate, step)
        return self.learning_rate

    def formulas(self, name: str) -> tuple[str, ...]:
        """Return the equations of an update of one number of the parameter ``name``, in order.

        For :meth:`rosenblatt.Run.explain`, in the notation of
        :mod:`rosenblatt.analysis.explain_formulas`. They give theta and the slots, by their names,
        new values, from theta, its gradient g, the slots, the settings by their names, the learning
        rate eta, and t, the number of this update, counted from 1. Empty: none are known.
        """
        return ()

    @abstractmethod
    def init(self, params: Params) -> Slots:
        """Return the slots before the first update."""

    @abstractmethod
    def update(
        self, params: Params, grads: Params, slots: Slots, step: int
    ) -> tuple[Params, Slots]:
        """Return parameters and slots after one update. The arguments are left as they were."""


def rate_at(schedule: Callable[[int], float], step: int) -> float:
    """Return the learning rate of ``schedule`` at update ``step``: a number of at least 0.

    It may be infinite where a rate grows without bound: the run then reports that it diverged.

    Raises:
        ConfigurationError: it is not a number of at least 0.
    """
    eta = schedule(step)
    if isinstance(eta, float) and eta == math.inf:
        return math.inf
    return real_number(eta, f"the learning rate of update {step}, counted from 0,", at_least=0)


def is_weight(name: str) -> bool:
    """Return whether a parameter is a weight matrix: the only kind that weight decay shrinks.

    Biases are left alone (Goodfellow, Bengio and Courville, *Deep Learning*, 2016, section 7.1).
    """
    return name.endswith("weight")


def zeros_like(params: Params) -> Params:
    """Return a slot of zeros, shaped like ``params``."""
    return {name: np.zeros_like(value) for name, value in params.items()}
