"""Gradients by central differences: the tests' own few lines, independent of the package's."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray


def numeric_gradient(
    f: Callable[[NDArray[np.float64]], float], x: NDArray[np.float64], h: float = 1e-5
) -> NDArray[np.float64]:
    """Return (f(x + h e_i) - f(x - h e_i)) / 2h for every entry i of x."""
    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = h
        gradient[index] = (f(x + step) - f(x - step)) / (2 * h)
    return gradient


def relative_error(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """Return the largest difference as a fraction of the largest entry (0 where all are 0)."""
    assert a.shape == b.shape
    size = max(np.abs(a).max(), np.abs(b).max())
    return float(np.abs(a - b).max() / size) if size > 0 else 0.0
