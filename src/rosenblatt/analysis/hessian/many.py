"""Curvature of many networks on the same samples: one number of each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from rosenblatt.analysis.hessian.curvature import hessian_extremes, hessian_trace
from rosenblatt.analysis.hessian.lanczos import EXPECTED_PRODUCTS
from rosenblatt.analysis.hessian.objective import MOST_PARAMETERS, Objective, objective_of
from rosenblatt.analysis.hessian.vectors import count, flatten
from rosenblatt.checks import real_number
from rosenblatt.engines.threads import blas_alone
from rosenblatt.errors import ConfigurationError, DataError, given
from rosenblatt.layers import Params
from rosenblatt.losses import Loss
from rosenblatt.models import Model
from rosenblatt.random import stream

STEPS_BETWEEN_CHECKS = 4
"""Products with each Hessian between two looks at the residuals."""

BASIS_BYTES = 2**27
"""Bytes of the vectors of an iteration that a group of networks may take together."""

ROWS_AT_ONCE = 2**14
"""Products of one call when whole Hessians are computed, which bounds the memory."""

Rows = npt.NDArray[np.float64]


def eigenvalues_of_many(
    model: Model,
    members: Sequence[Params],
    X: npt.ArrayLike,
    y: npt.ArrayLike,
    *,
    end: Literal["largest", "smallest"] = "largest",
    loss: Loss | str | None = None,
    sample_weight: npt.ArrayLike | None = None,
    tolerance: float = 1e-6,
) -> npt.NDArray[np.float64]:
    """Return one end of the spectrum of H for each of many networks, on the same samples.

    The Lanczos iteration of all networks advances together, with products in machine code where the
    layers and the loss can be compiled, and each network leaves it when its eigenvalue is known
    (Golub and Van Loan, *Matrix Computations*, 4th edition, 2013, section 10.1; every new vector is
    made orthogonal to all before it). A network's number does not depend on the others.

    Args:
        model: a :class:`Sequential`, an MLP or a perceptron.
        members: parameters by name, of each network.
        X: samples, (N, D).
        y: class indices (N,), or values for a regression loss.
        end: "largest" or "smallest".
        loss: the model's default loss where none is named.
        sample_weight: weights (N,) of the samples in the mean.
        tolerance: bound of ‖H u − λ u‖ for the number λ and its unit vector u, relative to the size
            of H. λ is as near to an eigenvalue; where others are at a distance g, its error is
            of the order of the square of the bound divided by g.

    Returns:
        The eigenvalues, (members,); NaN where H is not finite.

    Raises:
        ConfigurationError: an unknown ``end``, or a tolerance that is not between 0 and 1.
        ShapeError, DataError, DerivativeError: as of :func:`hessian_vector_product`.

    >>> import rosenblatt as rb
    >>> model = rb.MLP(1, [], 1)
    >>> members = [model.init(seed) for seed in range(3)]
    >>> squares = rb.losses.HalfSquaredError()
    >>> found = eigenvalues_of_many(model, members, [[1.0], [3.0]], [1.0, 1.0], loss=squares)
    >>> found.round(4).tolist()  # 3 + √8
    [5.8284, 5.8284, 5.8284]
    """
    if end not in ("largest", "smallest"):
        raise ConfigurationError(f'end must be "largest" or "smallest", got {given(end)}')
    tolerance = real_number(tolerance, "tolerance", above=0, below=1)
    problem = _Problem.of(model, members, X, y, loss, sample_weight, EXPECTED_PRODUCTS)

    def alone(params: Params) -> float:
        how: dict[str, Any] = {"loss": loss, "sample_weight": sample_weight}
        ends = hessian_extremes(model, params, X, y, tolerance=tolerance, **how)
        return ends.largest if end == "largest" else ends.smallest

    if problem.products is None:
        return _each(alone, members)
    sign = 1.0 if end == "largest" else -1.0
    n, at_once = problem.n_params, problem.n_params * min(problem.n_params, EXPECTED_PRODUCTS)
    size = max(1, BASIS_BYTES // (8 * max(1, at_once)))
    found = np.empty(len(members))
    for start in range(0, len(members), size):
        rows = problem.rows[start : start + size]
        found[start : start + size] = sign * _largest(problem.products, rows, n, sign, tolerance)
    return found


def traces_of_many(
    model: Model,
    members: Sequence[Params],
    X: npt.ArrayLike,
    y: npt.ArrayLike,
    *,
    loss: Loss | str | None = None,
    sample_weight: npt.ArrayLike | None = None,
) -> npt.NDArray[np.float64]:
    """Return tr H for each of many networks, on the same samples, as :func:`hessian_trace` does.

    Arguments are those of :func:`eigenvalues_of_many`. Up to 4096 parameters the traces are exact,
    from the products with all unit vectors.

    Returns:
        The traces, (members,); NaN where H is not finite.

    Raises:
        ShapeError, DataError, DerivativeError: as of :func:`hessian_vector_product`.

    >>> import rosenblatt as rb
    >>> model = rb.MLP(1, [], 1)
    >>> squares = rb.losses.HalfSquaredError()
    >>> members = [model.init(seed) for seed in range(2)]
    >>> traces_of_many(model, members, [[1.0], [3.0]], [1.0, 1.0], loss=squares).tolist()
    [6.0, 6.0]
    """
    n = count(model.shapes)
    problem = _Problem.of(model, members, X, y, loss, sample_weight, n)
    how: dict[str, Any] = {"loss": loss, "sample_weight": sample_weight}
    if problem.products is None or n > MOST_PARAMETERS:
        return _each(lambda params: hessian_trace(model, params, X, y, **how).value, members)
    found = np.empty(len(members))
    size = max(1, ROWS_AT_ONCE // n)
    units = np.eye(n)
    for start in range(0, len(members), size):
        some = problem.rows[start : start + size]
        directions = np.tile(units, (len(some), 1))
        columns = problem.products(np.repeat(some, n, axis=0), directions)
        found[start : start + size] = np.einsum("kii->k", columns.reshape(len(some), n, n))
    return np.where(np.isfinite(found), found, np.nan)


@dataclass(frozen=True)
class _Problem:
    """Many networks on the same samples.

    Attributes:
        rows: the parameters of each, (members, P).
        n_params: P.
        products: returns H v for rows of parameters and of directions; None where the products
            cannot be compiled, or compiling takes longer than it saves.
    """

    rows: Rows
    n_params: int
    products: Callable[[Rows, Rows], Rows] | None

    @classmethod
    def of(
        cls,
        model: Model,
        members: Sequence[Params],
        X: npt.ArrayLike,
        y: npt.ArrayLike,
        loss: Loss | str | None,
        sample_weight: npt.ArrayLike | None,
        products_of_each: int,
    ) -> "_Problem":
        n = count(model.shapes)
        if not members:
            return cls(np.zeros((0, n)), n, None)
        first: Objective = objective_of(model, members[0], X, y, loss, sample_weight, None)
        compiled = first.prepared(products_of_each * len(members)).compiled
        rows = [flatten(model.check_params(params, np.float64)) for params in members]
        return cls(np.stack(rows), n, None if compiled is None else compiled.of)


def _each(number: Callable[[Params], float], members: Sequence[Params]) -> Rows:
    """Return a number of each network, NaN where the curvature is not finite."""
    found = np.full(len(members), np.nan)
    for i, params in enumerate(members):
        try:
            found[i] = number(params)
        except DataError:
            continue
    return found


def _largest(
    products: Callable[[Rows, Rows], Rows], rows: Rows, n: int, sign: float, tolerance: float
) -> Rows:
    """Return the largest eigenvalue of sign · H for each row of parameters.

    The vectors of step j are Q (networks, j + 1, P); H in their space is the tridiagonal T, with
    ``alpha`` on its diagonal and ``beta`` next to it.
    """
    found = np.full(len(rows), np.nan)
    start = stream(0, "hessian_extremes").standard_normal(n)
    start /= np.linalg.norm(start)
    left = np.arange(len(rows))
    basis = np.empty((len(rows), 0, n))
    alpha, beta = np.empty((len(rows), 0)), np.empty((len(rows), 0))
    vector = np.tile(start, (len(rows), 1))
    for step in range(1, n + 1):
        if step > basis.shape[1]:
            more = np.empty((len(left), min(2 * STEPS_BETWEEN_CHECKS, n + 1 - step), n))
            basis = np.concatenate([basis, more], axis=1)
        basis[:, step - 1] = vector
        vector = sign * products(rows[left], vector)
        finite = np.isfinite(vector).all(axis=1)
        if not finite.all():
            left, basis, vector = left[finite], basis[finite], vector[finite]
            alpha, beta = alpha[finite], beta[finite]
        if not len(left):
            break
        known = basis[:, :step]
        alpha = np.column_stack([alpha, (known[:, -1] * vector).sum(axis=1)])
        with blas_alone():
            for _ in range(2):  # once leaves what rounding has left
                shares = np.matmul(known, vector[:, :, np.newaxis])
                vector = vector - np.matmul(shares.transpose(0, 2, 1), known)[:, 0]
        length = np.sqrt((vector**2).sum(axis=1))
        beta = np.column_stack([beta, length])
        is_check = step % STEPS_BETWEEN_CHECKS == 0 or step == n
        # A vector of rounding errors alone: the space holds an eigenvector of each eigenvalue.
        size = np.abs(alpha).max(axis=1, initial=0.0) + beta[:, :-1].max(axis=1, initial=0.0)
        is_complete = length <= n * np.finfo(float).eps * size
        if is_check or is_complete.any():
            values, residuals, sizes = _ritz(alpha, beta)
            done = (residuals <= tolerance * sizes) | is_complete | (step == n)
            done &= is_complete | is_check
            found[left[done]] = values[done]
            stay = ~done
            left, basis, vector = left[stay], basis[stay], vector[stay]
            alpha, beta, length = alpha[stay], beta[stay], length[stay]
        if not len(left):
            break
        vector = vector / length[:, np.newaxis]
    return found


def _ritz(alpha: Rows, beta: Rows) -> tuple[Rows, Rows, Rows]:
    """Return the largest eigenvalue of each T, its residual in H, and the largest |eigenvalue|."""
    count, steps = alpha.shape
    tridiagonal = np.zeros((count, steps, steps))
    at = np.arange(steps)
    tridiagonal[:, at, at] = alpha
    tridiagonal[:, at[1:], at[:-1]] = beta[:, :-1]  # eigh reads what is below the diagonal
    with blas_alone():
        values, vectors = np.linalg.eigh(tridiagonal)
    residuals = beta[:, -1] * np.abs(vectors[:, -1, -1])
    return values[:, -1], residuals, np.abs(values).max(axis=1)
