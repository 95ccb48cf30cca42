"""What every layer is: a value with three pure functions.

A layer holds its settings and nothing else; parameters are passed in and gradients are passed out.

``init(rng)``                    → params, a dict of arrays
``forward(params, x)``           → (y, cache); the cache is whatever backward will need
``backward(params, cache, dy)``  → (dx, grads); grads has the keys of params

A gradient is named ``d`` + the name of what the loss is differentiated by: ``dy`` is ∂L/∂y. Rows
are samples: x has shape (N, n_inputs).
"""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from rosenblatt.random import Key

Array = npt.NDArray[np.float64]
"""What layers compute with: float64, or float32 in a run that asks for it."""

Params = dict[str, Array]
"""Parameters, or their gradients, by name."""

Cache = Any
"""Whatever a forward pass leaves for its backward pass; each knows its own."""


class Layer(ABC):
    """The contract of a layer. Subclasses are frozen dataclasses, one per file."""

    is_random: ClassVar[bool] = False
    """Whether forward needs a ``key`` while training."""

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of each parameter, by name; empty for a layer without parameters."""
        return {}

    def init(self, rng: np.random.Generator) -> Params:
        """Return initial parameters in float64, drawn from ``rng``."""
        return {}

    def n_outputs_for(self, n_inputs: int | None) -> int | None:
        """Return the width of y for an x of width ``n_inputs`` (None: not known yet).

        Raises:
            ConfigurationError: this layer cannot take that width.
        """
        return n_inputs

    @abstractmethod
    def forward(
        self, params: Params, x: Array, *, training: bool = False, key: Key | None = None
    ) -> tuple[Array, Cache]:
        """Return (y, cache) for x (N, n_inputs). Only random layers look at training and key."""

    @abstractmethod
    def backward(self, params: Params, cache: Cache, dy: Array) -> tuple[Array, Params]:
        """Return (dx, grads) from dy = ∂L/∂y (N, n_outputs)."""
