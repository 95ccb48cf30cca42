"""Learning-rate schedules: functions of the update, counted from 0.

A schedule is a value that can be called: ``Cosine(0.1, 1000)(step)`` is a learning rate. Any
function step → float serves as well; these are the usual ones.
"""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from rosenblatt.checks import real_field, whole_field
from rosenblatt.errors import ConfigurationError
from rosenblatt.optimizers.base import rate_at
from rosenblatt.registry import Registry


class Schedule(ABC):
    """A learning rate as a function of the update."""

    aliases: ClassVar[tuple[str, ...]] = ()
    """Other names under which the registry finds the class."""

    @abstractmethod
    def __call__(self, step: int) -> float:
        """Return η at update ``step``, counted from 0."""


@dataclass(frozen=True)
class Constant(Schedule):
    """η(t) = η₀."""

    start: float

    def __post_init__(self) -> None:
        real_field(self, "start", above=0)

    def __call__(self, step: int) -> float:
        return self.start


@dataclass(frozen=True)
class Step(Schedule):
    """η(t) = η₀ γ^⌊t / every⌋: a drop by the factor γ after every ``every`` updates.

    Args:
        start: η₀, above 0.
        every: updates between two drops, at least 1.
        factor: γ, the factor of each drop, above 0.

    >>> [Step(1.0, every=2, factor=0.5)(t) for t in range(5)]
    [1.0, 1.0, 0.5, 0.5, 0.25]
    """

    start: float
    every: int
    factor: float = 0.1

    def __post_init__(self) -> None:
        real_field(self, "start", above=0)
        real_field(self, "factor", above=0)
        whole_field(self, "every", at_least=1)

    def __call__(self, step: int) -> float:
        return self.start * _power(self.factor, step // self.every)


@dataclass(frozen=True)
class Exponential(Schedule):
    """η(t) = η₀ γᵗ.

    Args:
        start: η₀, above 0.
        factor: γ, the factor of each update, above 0.
    """

    start: float
    factor: float = 0.999

    def __post_init__(self) -> None:
        real_field(self, "start", above=0)
        real_field(self, "factor", above=0)

    def __call__(self, step: int) -> float:
        return self.start * _power(self.factor, step)


@dataclass(frozen=True)
class InverseScaling(Schedule):
    """η(t) = η₀ / (t + 1)^power.

    With a power in (½, 1] the rates sum to infinity and their squares do not: the conditions under
    which Robbins and Monro, *A stochastic approximation method*, 1951, prove convergence.

    Args:
        start: η₀, above 0.
        power: the power of the update's number, at least 0.
    """

    start: float
    power: float = 0.5

    def __post_init__(self) -> None:
        real_field(self, "start", above=0)
        real_field(self, "power", at_least=0)

    def __call__(self, step: int) -> float:
        return self.start / (step + 1) ** self.power


@dataclass(frozen=True)
class Cosine(Schedule):
    """η(t) = η₁ + ½ (η₀ − η₁)(1 + cos(π t / updates)), and η₁ from then on.

    Loshchilov and Hutter, *SGDR: stochastic gradient descent with warm restarts*, ICLR 2017,
    equation 5, without restarts.

    Args:
        start: η₀, above 0.
        updates: the updates until the rate is η₁, at least 1.
        end: η₁, the learning rate at the last update, at least 0.

    >>> [round(Cosine(1.0, updates=4)(t), 4) for t in range(6)]
    [1.0, 0.8536, 0.5, 0.1464, 0.0, 0.0]
    """

    start: float
    updates: int
    end: float = 0.0

    def __post_init__(self) -> None:
        real_field(self, "start", above=0)
        real_field(self, "end", at_least=0)
        whole_field(self, "updates", at_least=1)

    def __call__(self, step: int) -> float:
        if step >= self.updates:
            return self.end
        return self.end + 0.5 * (self.start - self.end) * (
            1 + math.cos(math.pi * step / self.updates)
        )


@dataclass(frozen=True)
class LinearWarmup(Schedule):
    """η(t) = η₀ (t + 1) / updates while t < updates, then ``then(t − updates)``.

    η₀ is ``then(0)``, so that the two parts meet (Goyal et al., *Accurate, large minibatch SGD*,
    2017, section 2.2).

    >>> [round(LinearWarmup(4, then=Constant(0.8))(t), 2) for t in range(6)]
    [0.2, 0.4, 0.6, 0.8, 0.8, 0.8]
    """

    updates: int
    then: Schedule

    def __post_init__(self) -> None:
        whole_field(self, "updates", at_least=1)
        if not callable(self.then):
            raise ConfigurationError(
                f"LinearWarmup needs a schedule for the updates after it, got {self.then!r}; "
                "Constant(0.1) keeps the rate at 0.1"
            )

    def __call__(self, step: int) -> float:
        if step < self.updates:
            return rate_at(self.then, 0) * (step + 1) / self.updates
        return self.then(step - self.updates)


def _power(factor: float, exponent: int) -> float:
    """Return factor^exponent, infinite where it is too large for a float: the run then diverges."""
    try:
        return factor**exponent
    except OverflowError:
        return math.inf


SCHEDULES: Registry[Schedule] = Registry(
    "schedule", Schedule, Constant, Step, Exponential, InverseScaling, Cosine, LinearWarmup
)

as_schedule = SCHEDULES.as_value
