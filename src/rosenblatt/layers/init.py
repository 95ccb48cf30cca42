"""Initialisers: rules that draw a weight matrix before training. Biases start at 0."""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from rosenblatt.checks import real_field
from rosenblatt.registry import Registry

Matrix = npt.NDArray[np.float64]


class Initializer(ABC):
    """A rule that draws a weight matrix of shape (n_inputs, n_outputs).

    >>> import numpy as np
    >>> import rosenblatt as rb
    >>> class Identity(rb.layers.Initializer):
    ...     def __call__(self, rng, n_inputs, n_outputs):
    ...         return np.eye(n_inputs, n_outputs)
    >>> rb.layers.Linear(2, 2, weight_init=Identity()).init(np.random.default_rng(0))["weight"]
    array([[1., 0.],
           [0., 1.]])
    """

    aliases: ClassVar[tuple[str, ...]] = ()
    """Other names under which the registry finds the class."""

    @abstractmethod
    def __call__(self, rng: np.random.Generator, n_inputs: int, n_outputs: int) -> Matrix:
        """Return W, shape (n_inputs, n_outputs)."""


@dataclass(frozen=True)
class Normal(Initializer):
    """W ~ N(0, std²), every entry independent. ``Normal()`` is the standard normal.

    Args:
        std: the standard deviation, above 0.

    >>> Normal(0.1)(np.random.default_rng(0), 2, 3).shape
    (2, 3)
    """

    std: float = 1.0

    def __post_init__(self) -> None:
        real_field(self, "std", above=0)

    def __call__(self, rng: np.random.Generator, n_inputs: int, n_outputs: int) -> Matrix:
        return self.std * rng.standard_normal((n_inputs, n_outputs))


@dataclass(frozen=True)
class Uniform(Initializer):
    """W ~ U(-limit, limit), every entry independent.

    Args:
        limit: the limit, above 0.

    >>> bool(abs(Uniform(0.1)(np.random.default_rng(0), 20, 30)).max() <= 0.1)
    True
    """

    limit: float = 0.1

    def __post_init__(self) -> None:
        real_field(self, "limit", above=0)

    def __call__(self, rng: np.random.Generator, n_inputs: int, n_outputs: int) -> Matrix:
        return rng.uniform(-self.limit, self.limit, (n_inputs, n_outputs))


@dataclass(frozen=True)
class He(Initializer):
    """W ~ N(0, 2 / n_inputs): keeps the variance through ReLU layers.

    He, Zhang, Ren and Sun, *Delving deep into rectifiers*, ICCV 2015, equation 10.

    >>> weight = He()(np.random.default_rng(0), 50, 2000)
    >>> round(float(weight.var() * 50), 1)
    2.0
    """

    aliases = ("he_normal", "kaiming", "kaiming_normal")

    def __call__(self, rng: np.random.Generator, n_inputs: int, n_outputs: int) -> Matrix:
        return math.sqrt(2.0 / n_inputs) * rng.standard_normal((n_inputs, n_outputs))


@dataclass(frozen=True)
class Glorot(Initializer):
    """W ~ U(-r, r) with r = √(6 / (n_inputs + n_outputs)), for tanh and sigmoid layers.

    Glorot and Bengio, *Understanding the difficulty of training deep feedforward neural networks*,
    AISTATS 2010, equation 16.

    >>> weight = Glorot()(np.random.default_rng(0), 2, 4)
    >>> bool(abs(weight).max() <= 1)
    True
    """

    aliases = ("glorot_uniform", "xavier", "xavier_uniform")

    def __call__(self, rng: np.random.Generator, n_inputs: int, n_outputs: int) -> Matrix:
        limit = math.sqrt(6.0 / (n_inputs + n_outputs))
        return rng.uniform(-limit, limit, (n_inputs, n_outputs))


@dataclass(frozen=True)
class Zeros(Initializer):
    """W = 0. Right for a single layer; two or more layers of zeros cannot learn.

    >>> Zeros()(np.random.default_rng(0), 1, 2)
    array([[0., 0.]])
    """

    def __call__(self, rng: np.random.Generator, n_inputs: int, n_outputs: int) -> Matrix:
        return np.zeros((n_inputs, n_outputs))


INITIALIZERS: Registry[Initializer] = Registry(
    "initialiser", Initializer, Normal, Uniform, He, Glorot, Zeros
)

as_initializer = INITIALIZERS.as_value
