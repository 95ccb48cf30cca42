"""What every optimizer is: a pair of pure functions.

``init(params)``                         → slots: what the rule remembers, dicts shaped like params
``update(params, grads, slots, step)``   → (params, slots), the minus sign in sight

``step`` counts updates from 0. A learning rate is a number or a schedule, a function of the step.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable

import numpy as np

from rosenblatt.errors import ConfigurationError
from rosenblatt.layers.base import Params

Slots = dict[str, Params]
LearningRate = float | Callable[[int], float]


class Optimizer(ABC):
    """The contract of an optimizer. Subclasses are frozen dataclasses, one per file."""

    learning_rate: LearningRate

    def __post_init__(self) -> None:
        """Turn settings that are NumPy's numbers into Python's, which leave float32 arrays so."""
        for setting, value in vars(self).items():
            if isinstance(value, np.generic):
                object.__setattr__(self, setting, value.item())

    def rate(self, step: int) -> float:
        """Return η at update ``step``, counted from 0."""
        eta = self.learning_rate(step) if callable(self.learning_rate) else self.learning_rate
        return float(eta)

    @abstractmethod
    def init(self, params: Params) -> Slots:
        """Return the slots before the first update."""

    @abstractmethod
    def update(
        self, params: Params, grads: Params, slots: Slots, step: int
    ) -> tuple[Params, Slots]:
        """Return parameters and slots after one update. The arguments are left as they were."""


def is_weight(name: str) -> bool:
    """Return whether a parameter is a weight matrix: the only kind that weight decay shrinks.

    Biases are left alone (Goodfellow, Bengio and Courville, *Deep Learning*, 2016, section 7.1).
    """
    return name.endswith("weight")


def zeros_like(params: Params) -> Params:
    """Return a slot of zeros, shaped like ``params``."""
    return {name: np.zeros_like(value) for name, value in params.items()}


def check_learning_rate(value: LearningRate) -> None:
    """Refuse a learning rate that is neither a positive number nor a schedule."""
    if not callable(value):
        check_range("learning_rate", value, low=0, low_is_in=False)


def check_range(
    name: str, value: float, low: float, high: float = math.inf, *, low_is_in: bool = True
) -> None:
    """Refuse a setting that is not a number in [low, high), or in (low, high)."""
    is_number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    if not (is_number and (value >= low if low_is_in else value > low) and value < high):
        bound = f"{'at least' if low_is_in else 'above'} {low:g}"
        top = f" and below {high:g}" if math.isfinite(high) else ""
        raise ConfigurationError(f"{name} must be a number {bound}{top}, got {value!r}")
