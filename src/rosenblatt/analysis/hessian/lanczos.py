"""Extreme eigenvalues by the Lanczos method, from products with the Hessian."""

from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from rosenblatt.analysis.hessian.objective import Objective
from rosenblatt.errors import ConfigurationError
from rosenblatt.random import stream

EXPECTED_PRODUCTS = 60
"""Products that both ends of a spectrum take, roughly."""

Eigenpair = tuple[float, npt.NDArray[np.float64]]


def lanczos(objective: Objective, tolerance: float) -> tuple[Eigenpair, Eigenpair]:
    """Return the smallest and the largest eigenvalue with their vectors."""
    # SciPy takes as long to load as many Hessians take to compute, and few need it.
    from scipy.sparse.linalg import ArpackError, LinearOperator, eigsh

    n = objective.n_params
    prepared = objective.prepared(EXPECTED_PRODUCTS)

    def product(vector: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return prepared.products(vector.reshape(1, -1))[0]

    start = stream(0, "hessian_extremes").standard_normal(n)
    size = _size_of(product, start)
    if size == 0:
        unit = start / np.linalg.norm(start)
        return (0.0, unit), (0.0, unit)

    # ARPACK's tolerance is relative to the eigenvalue, which no iteration meets where it is 0, as
    # it often is. Moved by the size of H, the same eigenvalues are far from 0.
    def end(which: Literal["SA", "LA"], shift: float) -> Eigenpair:
        moved = LinearOperator((n, n), matvec=lambda v: product(v) + shift * v.ravel(), dtype="f8")
        try:
            values, vectors = eigsh(moved, k=1, which=which, v0=start, tol=tolerance)
        except ArpackError as error:
            raise ConfigurationError(
                f"the eigenvalues do not converge to tolerance={tolerance:g} ({error}); take a "
                "larger tolerance"
            ) from error
        return float(values[0]) - shift, vectors[:, 0]

    return end("SA", -size), end("LA", size)


def _size_of(product: Any, start: npt.NDArray[np.float64]) -> float:
    """Return about the largest |eigenvalue|, from below: ten steps of the power iteration."""
    vector, size = start, 0.0
    for _ in range(10):
        vector = product(vector / np.linalg.norm(vector))
        size = float(np.linalg.norm(vector))
        if size == 0:
            break
    return size
