"""Selections: rules for the weights that a run predicts with, such as the best or the average.

Training visits many weights. On data that no line separates, a perceptron's last weights are an
accident of the last update; these two rules remember others while it trains. Each is a pure value:
``start`` returns its memory, ``after_update`` and ``after_epoch`` return the next memory, and
``chosen`` reads the weights from it.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from rosenblatt.layers import Params

CountErrors = Callable[[Params], int]
"""A function that counts the mistakes of given weights on the entire training set."""


@dataclass(frozen=True)
class Visit:
    """One update, as a selection sees it.

    ``before`` and ``after`` are the weights around the update; ``mistakes`` of the ``size`` samples
    of the batch were misclassified by ``before``.
    """

    before: Params
    after: Params
    mistakes: int
    size: int


class Selection(ABC):
    """The contract of a rule that selects weights. Subclasses are frozen dataclasses."""

    name: ClassVar[str]
    memory: ClassVar[type[Any]]
    """The class of its memory: a frozen dataclass of parameters and counts."""

    @abstractmethod
    def start(self, params: Params, errors: int) -> Any:
        """Return the memory before the first update, where ``params`` make ``errors`` mistakes."""

    @abstractmethod
    def after_update(self, memory: Any, visit: Visit, count_errors: CountErrors) -> Any:
        """Return the memory after one update."""

    def after_epoch(self, memory: Any, params: Params, count_errors: CountErrors) -> Any:
        """Return the memory after an epoch that ended with ``params``."""
        return memory

    @abstractmethod
    def chosen(self, memory: Any) -> Params:
        """Return the weights that the rule has chosen."""


@dataclass(frozen=True)
class Average:
    """The mean of ``count`` weights; ``waiting`` more, equal to ``present``, are not counted yet.

    An engine may count weights that stay the same over many updates at once, so that in the middle
    of an epoch some are not counted yet.
    """

    mean: Params
    count: int
    waiting: int = 0
    present: Params = field(default_factory=dict)

    def counted(self) -> "Average":
        """Return the mean with those not counted yet: mean + (θ − mean) · waiting / count."""
        if not self.waiting:
            return self
        count = self.count + self.waiting
        mean = {
            name: self.mean[name] + (value - self.mean[name]) * self.waiting / count
            for name, value in self.present.items()
        }
        return Average(mean, count)


@dataclass(frozen=True)
class Averaged(Selection):
    """The mean of the weights after every update, whether or not the update changed them.

    Freund and Schapire, *Large margin classification using the perceptron algorithm*, Machine
    Learning 1999: in the online rule, each weight vector counts once for every sample
    that it survives.
    """

    name: ClassVar[str] = "averaged"
    memory: ClassVar[type[Any]] = Average

    def start(self, params: Params, errors: int) -> Average:
        """Return an average of no weights; until the first update it chooses ``params``."""
        return Average(params, 0)

    def after_update(self, memory: Average, visit: Visit, count_errors: CountErrors) -> Average:
        """Return the average with one more: mean + (θ − mean) / count."""
        memory = memory.counted()
        count = memory.count + 1
        mean = {
            name: memory.mean[name] + (value - memory.mean[name]) / count
            for name, value in visit.after.items()
        }
        return Average(mean, count)

    def chosen(self, memory: Average) -> Params:
        """Return the mean."""
        return memory.counted().mean


@dataclass(frozen=True)
class BestSoFar:
    """The weights with the fewest ``errors`` on the training set, and runs of right answers.

    ``run`` counts the right answers in a row of the present weights, ``longest_run`` is the longest
    so far, and ``tried`` is whether the present weights were tried on the entire training set.
    """

    params: Params
    errors: int
    longest_run: int = 0
    run: int = 0
    tried: bool = False

    def challenged_by(self, params: Params, errors: int) -> "BestSoFar":
        """Return the memory after ``params`` were tried: they win with strictly fewer errors."""
        return replace(self, params=params, errors=errors) if errors < self.errors else self


@dataclass(frozen=True)
class Pocket(Selection):
    """The weights with the fewest mistakes on the training set: the pocket algorithm, ratcheted.

    Gallant, *Perceptron-based learning algorithms*, IEEE Transactions on Neural Networks 1990.
    Weights are tried on the entire training set at the end of every epoch. In the online rule they
    are also tried when they have classified more samples in a row rightly than any weights tried
    before, which is rare enough to be cheap. They go into the pocket if they make strictly fewer
    mistakes than those in it.
    """

    name: ClassVar[str] = "pocket"
    memory: ClassVar[type[Any]] = BestSoFar

    def start(self, params: Params, errors: int) -> BestSoFar:
        """Return a pocket with the initial weights."""
        return BestSoFar(params, errors)

    def after_update(self, memory: BestSoFar, visit: Visit, count_errors: CountErrors) -> BestSoFar:
        """Return the pocket after a sample of the online rule; larger batches change nothing."""
        if visit.size > 1:
            return memory
        if visit.mistakes:
            return replace(memory, run=0, tried=False)
        memory = replace(memory, run=memory.run + 1)
        if memory.run <= memory.longest_run:
            return memory
        memory = replace(memory, longest_run=memory.run)
        if memory.tried:
            return memory
        memory = replace(memory, tried=True)
        return memory.challenged_by(visit.before, count_errors(visit.before))

    def after_epoch(
        self, memory: BestSoFar, params: Params, count_errors: CountErrors
    ) -> BestSoFar:
        """Return the pocket after the weights at the end of an epoch were tried."""
        return memory.challenged_by(params, count_errors(params))

    def chosen(self, memory: BestSoFar) -> Params:
        """Return the weights in the pocket."""
        return memory.params
