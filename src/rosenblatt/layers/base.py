"""The contract of layers: a value with three pure functions.

A layer holds its settings and nothing else; parameters are passed in and gradients are passed out.

``init(rng)``                    → params, a dict of arrays
``forward(params, x)``           → (y, cache); the cache is whatever backward needs
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
"""What a layer's forward pass keeps for its backward pass; only that layer reads it."""


class Layer(ABC):
    """The contract of a layer. Subclasses are frozen dataclasses, one per file.

    >>> import numpy as np
    >>> import rosenblatt as rb
    >>> class Shift(rb.layers.Layer):  # y = x + c with a parameter c (3,)
    ...     shapes = {"c": (3,)}
    ...     def init(self, rng):
    ...         return {"c": np.zeros(3)}
    ...     def forward(self, params, x):
    ...         return x + params["c"], None
    ...     def backward(self, params, cache, dy):
    ...         return dy, {"c": dy.sum(axis=0)}
    >>> model = rb.Sequential([rb.layers.Linear(2, 3), Shift()])
    >>> x, y, squares = [[1.0, 2.0]], [[0.5, 0.0, 1.0]], rb.losses.MeanSquaredError()
    >>> rb.analysis.gradcheck.gradcheck(model, x, y, loss=squares).passed
    True
    """

    aliases: ClassVar[tuple[str, ...]] = ()
    """Other names under which the registry finds the class."""

    @property
    def is_random(self) -> bool:
        """Whether a forward pass draws random numbers while training."""
        return False

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of each parameter, by name; empty for a layer without parameters."""
        return {}

    def init(self, rng: np.random.Generator) -> Params:
        """Return initial parameters in float64, drawn from ``rng``."""
        return {}

    @property
    def formulas(self) -> tuple[str, ...]:
        """The equations of both passes, for :meth:`rosenblatt.Run.explain`; empty: none are known.

        They are written in the notation of :mod:`rosenblatt.analysis.explain_formulas`, each in
        terms of what comes before it: x, the parameters and the settings by their names, then y, dy
        and what else they define. A gradient is named ``d`` + the name of the parameter.
        """
        return ()

    def formula_values(self, cache: Cache) -> Params:
        """Return what formulas name beyond that, by name, out of what a forward pass has kept."""
        return {}

    def n_outputs_for(self, n_inputs: int | None) -> int | None:
        """Return the width of y for an x of width ``n_inputs`` (None: not determined yet).

        Raises:
            ConfigurationError: this layer cannot take that width.
        """
        return n_inputs

    @abstractmethod
    def forward(self, params: Params, x: Array) -> tuple[Array, Cache]:
        """Return (y, cache) for x (N, n_inputs)."""

    @abstractmethod
    def backward(self, params: Params, cache: Cache, dy: Array) -> tuple[Array, Params]:
        """Return (dx, grads) from dy = ∂L/∂y (N, n_outputs)."""


class Activation(Layer):
    """A layer without parameters that applies one function to each number of x.

    >>> import numpy as np
    >>> import rosenblatt as rb
    >>> class Sine(rb.layers.Activation):
    ...     def forward(self, params, x):
    ...         return np.sin(x), x
    ...     def backward(self, params, x, dy):
    ...         return np.cos(x) * dy, {}
    >>> model = rb.Sequential([rb.layers.Linear(2, 3), Sine(), rb.layers.Linear(3, 1)])
    >>> squares = rb.losses.MeanSquaredError()
    >>> rb.analysis.gradcheck.gradcheck(model, [[1.0, 2.0]], [0.5], loss=squares).passed
    True
    """


class RandomLayer(Layer):
    """A layer that draws random numbers while training: its forward pass takes a key for them.

    >>> import numpy as np
    >>> from rosenblatt.layers import Dropout
    >>> from rosenblatt.random import Key
    >>> layer, x = Dropout(0.5), np.ones((1, 4))
    >>> layer.is_random, layer.forward({}, x)[0].tolist()
    (True, [[1.0, 1.0, 1.0, 1.0]])
    >>> y, _ = layer.forward({}, x, training=True, key=Key(0))
    >>> set(y.ravel().tolist()) <= {0.0, 2.0}
    True
    """

    @property
    def is_random(self) -> bool:
        return True

    @abstractmethod
    def forward(
        self, params: Params, x: Array, *, training: bool = False, key: Key | None = None
    ) -> tuple[Array, Cache]:
        """Return (y, cache); while ``training`` the random numbers are those of ``key``."""
