"""Dropout: while training, silence each unit with a given probability."""

from dataclasses import dataclass

from rosenblatt.checks import real_field
from rosenblatt.errors import ConfigurationError
from rosenblatt.layers.base import Array, Cache, Params, RandomLayer
from rosenblatt.random import Key


@dataclass(frozen=True)
class Dropout(RandomLayer):
    """While training y = x ⊙ m, else y = x;  dx = dy ⊙ m.

    m is 0 with probability ``rate`` and 1 / (1 − rate) otherwise, so that E[y] = x and nothing
    needs scaling after training ("inverted" dropout). At rate 1 every unit is silent: y = 0.

    Args:
        rate: the probability that a unit is silenced, from 0 to 1.

    Srivastava et al., *Dropout: a simple way to prevent neural networks from overfitting*, JMLR
    2014.

    >>> import numpy as np
    >>> y, _ = Dropout(0.5).forward({}, np.ones((1, 8)), training=True, key=Key.of(0, "dropout"))
    >>> sorted(set(y.ravel().tolist()))
    [0.0, 2.0]
    """

    rate: float = 0.5

    def __post_init__(self) -> None:
        real_field(self, "rate", at_least=0, at_most=1)

    @property
    def formulas(self) -> tuple[str, ...]:
        return (
            "y[n, j] = x[n, j] * m[n, j]",
            "dx[n, j] = dy[n, j] * m[n, j]",
        )

    def formula_values(self, cache: Cache) -> Params:
        """Return the mask m; none outside training, where it would be 1 everywhere."""
        return {} if cache is None else {"m": cache}

    def forward(
        self, params: Params, x: Array, *, training: bool = False, key: Key | None = None
    ) -> tuple[Array, Cache]:
        """Return y; the cache is the mask m, or None outside training.

        Raises:
            ConfigurationError: training without a key to draw the mask from.
        """
        if not training:
            return x, None
        if key is None:
            raise ConfigurationError(
                "Dropout draws a mask while training: pass key=Key.of(seed, name)"
            )
        survives = key.uniform(x.shape) >= self.rate
        scale = 1 / (1 - self.rate) if self.rate < 1 else 0.0
        mask = survives.astype(x.dtype) * scale
        return x * mask, mask

    def backward(self, params: Params, cache: Cache, dy: Array) -> tuple[Array, Params]:
        """Return dx = dy ⊙ m."""
        mask = cache
        return (dy if mask is None else dy * mask), {}
