"""Learning-rate schedules: functions of the update, counted from 0.

A schedule is a value that can be called: ``Cosine(0.1, 1000)(step)`` is a learning rate. Any
function step → float serves as well; these are the usual ones. They take an array of steps too, and
give the rates of all.
"""

import math
from abc import ABC, abstractmethod
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from rosenblatt.checks import real_field, whole_field
from rosenblatt.errors import ConfigurationError
from rosenblatt.optimizers.base import LearningRate, rate_at
from rosenblatt.registry import Registry


class Schedule(ABC):
    """A learning rate as a function of the update.

    A formula that is written with operators and NumPy's functions works for an array of steps as it
    does for one; ``if`` does not, and such a schedule is asked for one rate after the other.

    >>> class Halved(Schedule):
    ...     def __call__(self, step):
    ...         return 0.1 * 0.5**step
    >>> Halved()(2)
    0.025
    """

    aliases: ClassVar[tuple[str, ...]] = ()
    """Other names under which the registry finds the class."""

    @abstractmethod
    def __call__(self, step: Any) -> Any:
        """Return η at update ``step``, counted from 0: a float, or an array for an array of steps.

        An array may be left out where the rate does not change.
        """


@dataclass(frozen=True)
class Constant(Schedule):
    """η(t) = η₀.

    >>> Constant(0.1)(1000)
    0.1
    """

    start: float

    def __post_init__(self) -> None:
        real_field(self, "start", above=0)

    def __call__(self, step: Any) -> Any:
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

    def __call__(self, step: Any) -> Any:
        return self.start * _power(self.factor, step // self.every)


@dataclass(frozen=True)
class Exponential(Schedule):
    """η(t) = η₀ γᵗ.

    Args:
        start: η₀, above 0.
        factor: γ, the factor of each update, above 0.

    >>> [Exponential(1.0, factor=0.5)(t) for t in range(4)]
    [1.0, 0.5, 0.25, 0.125]
    """

    start: float
    factor: float = 0.999

    def __post_init__(self) -> None:
        real_field(self, "start", above=0)
        real_field(self, "factor", above=0)

    def __call__(self, step: Any) -> Any:
        return self.start * _power(self.factor, step)


@dataclass(frozen=True)
class InverseScaling(Schedule):
    """η(t) = η₀ / (t + 1)^power.

    With a power in (½, 1] the rates sum to infinity and their squares do not: the conditions under
    which Robbins and Monro, *A stochastic approximation method*, 1951, prove convergence.

    Args:
        start: η₀, above 0.
        power: the power of the update's number, at least 0.

    >>> [InverseScaling(1.0, power=0.5)(t) for t in (0, 3, 8)]
    [1.0, 0.5, 0.3333333333333333]
    """

    start: float
    power: float = 0.5

    def __post_init__(self) -> None:
        real_field(self, "start", above=0)
        real_field(self, "power", at_least=0)

    def __call__(self, step: Any) -> Any:
        return self.start / _power(step + 1, self.power)


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

    def __call__(self, step: Any) -> Any:
        t = _where(step < self.updates, step, self.updates)
        return self.end + 0.5 * (self.start - self.end) * (1 + _cos(math.pi * t / self.updates))


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

    def __call__(self, step: Any) -> Any:
        is_warm = step >= self.updates
        rising = rate_at(self.then, 0) * (step + 1) / self.updates
        return _where(is_warm, self.then(_where(is_warm, step - self.updates, 0)), rising)


def rates_of(learning_rate: LearningRate, first: int, count: int) -> npt.NDArray[np.float64]:
    """Return the learning rates of ``count`` updates, the first of them being ``first``.

    Raises:
        ConfigurationError: as :func:`rate_at`.
    """
    if not callable(learning_rate):
        return np.full(count, learning_rate)
    if isinstance(learning_rate, Schedule):
        with suppress(TypeError, ValueError):  # of a schedule that takes one step at a time
            rates = np.asarray(learning_rate(np.arange(first, first + count)), dtype=np.float64)
            if (rates >= 0).all():
                return np.full(count, rates)
    return np.array([rate_at(learning_rate, step) for step in range(first, first + count)])


# A plain step gives a plain number, as Python's own functions compute it.


def _where(condition: Any, a: Any, b: Any) -> Any:
    if isinstance(condition, bool | np.bool_):
        return a if condition else b
    return np.where(condition, a, b)


def _cos(x: Any) -> Any:
    return math.cos(x) if isinstance(x, float) else np.cos(x)


def _power(base: Any, exponent: Any) -> Any:
    """Return base^exponent, infinite where it is too large for a float: the run then diverges."""
    if isinstance(base, int | float | np.integer) and isinstance(
        exponent, int | float | np.integer
    ):
        try:
            return math.pow(base, exponent)
        except OverflowError:
            return math.inf
    with np.errstate(over="ignore", under="ignore"):
        return np.power(base, exponent)


SCHEDULES: Registry[Schedule] = Registry(
    "schedule", Schedule, Constant, Step, Exponential, InverseScaling, Cosine, LinearWarmup
)

as_schedule = SCHEDULES.as_value
