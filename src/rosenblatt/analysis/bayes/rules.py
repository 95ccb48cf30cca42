"""Classification rules, and the expected accuracy of one with its error."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]
Rule = Callable[[FloatArray], Indices]
"""Takes (N, D), returns class indices (N,)."""


@dataclass(frozen=True)
class ExpectedAccuracy:
    """The accuracy on fresh data, and how well it is known.

    Attributes:
        value: the share of fresh data that is classified right, in [0, 1].
        error: 0 where only rounding is left; an estimate of the error of a quadrature; the standard
            error of a sample's mean.
        method: which of the three it is.

    >>> import rosenblatt as rb
    >>> found = rb.analysis.bayes.bayes_accuracy(rb.data.moons_density(noise=0.2))
    >>> found.method, round(found.value, 5), found.error < 1e-6
    ('quadrature', 0.97104, True)
    """

    value: float
    error: float
    method: Literal["closed form", "quadrature", "sampling"]
