"""The contract of optimizers: a pair of pure functions.

``init(params)``                         → slots: the memory of the rule, dicts shaped like params
``update(params, grads, slots, step)``   → (params, slots), the minus sign in sight

``step`` counts updates from 0. A learning rate is a number or a schedule, a function of the step.
Each layer may have a multiple of it as its own. With ``keep_zeros``, weights of 0 stay 0.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import ClassVar

import numpy as np

from rosenblatt.checks import real_field, real_number
from rosenblatt.errors import ConfigurationError, given
from rosenblatt.layers.base import Array, Params

Slots = dict[str, Params]
LearningRate = float | Callable[[int], float]


class Optimizer(ABC):
    """The contract of an optimizer. Subclasses are frozen dataclasses, one per file.

    >>> from dataclasses import dataclass
    >>> import numpy as np
    >>> import rosenblatt as rb
    >>> @dataclass(frozen=True)
    ... class SignDescent(rb.optimizers.Optimizer):  # θ ← θ − η sign(g)
    ...     learning_rate: float = 0.01
    ...     def init(self, params):
    ...         return {}
    ...     def update(self, params, grads, slots, step):
    ...         eta = self.rate(step)
    ...         return {name: params[name] - eta * np.sign(g) for name, g in grads.items()}, {}
    >>> params, grads = {"w": np.array([1.0, 1.0])}, {"w": np.array([3.0, -0.1])}
    >>> SignDescent(0.5).update(params, grads, {}, step=0)
    ({'w': array([0.5, 1.5])}, {})
    """

    aliases: ClassVar[tuple[str, ...]] = ()
    """Other names under which the registry finds the class."""

    learning_rate: LearningRate
    layer_rates: tuple[float, ...] = ()
    keep_zeros: bool = False

    def __post_init__(self) -> None:
        """Check the learning rates; a subclass calls this and checks its other settings."""
        if not callable(self.learning_rate):
            real_field(self, "learning_rate", above=0)
        object.__setattr__(self, "layer_rates", _checked_factors(self.layer_rates))
        if not isinstance(self.keep_zeros, bool | np.bool_):
            raise ConfigurationError(
                f"keep_zeros must be True or False, got {given(self.keep_zeros)}"
            )
        object.__setattr__(self, "keep_zeros", bool(self.keep_zeros))

    def rate(self, step: int) -> float:
        """Return η at update ``step``, counted from 0.

        Raises:
            ConfigurationError: the schedule returns something that is not a number of at least 0.
        """
        if callable(self.learning_rate):
            return rate_at(self.learning_rate, step)
        return self.learning_rate

    def rates(self, step: int, names: Iterable[str]) -> dict[str, float]:
        """Return the learning rate of each parameter at update ``step``.

        It is η, or η times its layer's number in ``layer_rates``.

        Args:
            step: counted from 0.
            names: of the model's parameters in order, "0.weight" and so on.

        Raises:
            ConfigurationError: ``layer_rates`` does not have a number for each layer.

        >>> from rosenblatt.optimizers import SGD
        >>> SGD(0.5, layer_rates=(1, 0.1)).rates(0, ["0.weight", "0.bias", "2.weight"])
        {'0.weight': 0.5, '0.bias': 0.5, '2.weight': 0.05}
        """
        eta = self.rate(step)
        if not self.layer_rates:
            return dict.fromkeys(names, eta)
        layers = {name: name.partition(".")[0] for name in names}
        self.check_layers(layers)
        factors = dict(zip(dict.fromkeys(layers.values()), self.layer_rates, strict=True))
        return {name: eta * factors[layer] for name, layer in layers.items()}

    def check_layers(self, names: Iterable[str]) -> None:
        """Check that ``layer_rates`` has a number for each layer of these parameters, or none.

        Raises:
            ConfigurationError: it has more or fewer.
        """
        found, expected = len(self.layer_rates), count_layers(names)
        if found and found != expected:
            raise ConfigurationError(
                f"layer_rates has {found} number{'s' * (found != 1)}, and {expected} layers have "
                "parameters; give one for each of these, from the inputs to the outputs"
            )

    def without_zeros(self, params: Params, grads: Params, slots: Slots) -> tuple[Params, Slots]:
        """Return gradients and slots as a rule with ``keep_zeros`` is to see them.

        The gradient and the slots of each weight that is 0 are 0, so that every rule here leaves it
        at 0. Biases are not concerned.

        >>> from rosenblatt.optimizers import SGD
        >>> params, grads = {"0.weight": np.array([[0.0, 2.0]])}, {"0.weight": np.ones((1, 2))}
        >>> SGD(keep_zeros=True).without_zeros(params, grads, {})[0]
        {'0.weight': array([[0., 1.]])}
        """
        return _at_nonzeros(params, grads), {
            slot: _at_nonzeros(params, values) for slot, values in slots.items()
        }

    def zero_formulas(self, name: str, *slots: str) -> tuple[str, ...]:
        """Return the equations of :meth:`without_zeros` for a parameter and a rule's slots."""
        if not (self.keep_zeros and is_weight(name)):
            return ()
        return tuple(f"{value} = {value} if theta != 0 else 0" for value in ("g", *slots))

    def formulas(self, name: str) -> tuple[str, ...]:
        """Return the equations of an update of one number of the parameter ``name``, in order.

        For :meth:`rosenblatt.Run.explain`, in the notation of
        :mod:`rosenblatt.analysis.explain_formulas`. They give theta and the slots, by their names,
        new values, from theta, its gradient g, the slots, the settings by their names, the learning
        rate eta of this parameter, and t, the number of this update, counted from 1. Empty: none
        are known.
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


def count_layers(names: Iterable[str]) -> int:
    """Return the number of layers that have these parameters, "0.weight" and so on."""
    return len({name.partition(".")[0] for name in names})


def _checked_factors(factors: object) -> tuple[float, ...]:
    """Return the multiples of η of layers, plain numbers of at least 0."""
    if isinstance(factors, str | dict) or not np.iterable(factors):
        raise ConfigurationError(
            "layer_rates must be a list of numbers by which the learning rate of each layer with "
            f"parameters is multiplied, such as [1, 0.1], got {given(factors)}"
        )
    return tuple(
        real_number(factor, f"layer_rates[{i}]", at_least=0) for i, factor in enumerate(factors)
    )


def is_weight(name: str) -> bool:
    """Return whether a parameter is a weight matrix: the only kind that weight decay shrinks.

    Biases are left alone (Goodfellow, Bengio and Courville, *Deep Learning*, 2016, section 7.1).
    """
    return name.endswith("weight")


def _at_nonzeros(params: Params, values: Params) -> Params:
    """Return ``values``, shaped like ``params``, with 0 wherever a weight is 0."""
    return {
        name: _where_nonzero(params[name], value) if is_weight(name) else value
        for name, value in values.items()
    }


def _where_nonzero(weight: Array, value: Array) -> Array:
    return np.where(weight != 0, value, 0)


def zeros_like(params: Params) -> Params:
    """Return a slot of zeros, shaped like ``params``."""
    return {name: np.zeros_like(value) for name, value in params.items()}
