"""The density of data drawn from Gaussian clusters, in closed form."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.errors import ConfigurationError, ShapeError, given

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False, init=False)
class GaussianMixture:
    """K Gaussian clusters in D dimensions, each belonging to one of C classes.

    With π_k the weight of cluster k and c(k) its class (Bishop, Pattern Recognition and Machine
    Learning, equations 2.43 and 2.188):

        N(x; μ, Σ) = exp(-½ (x-μ)ᵀ Σ⁻¹ (x-μ)) / √((2π)ᴰ det Σ)
        p(x, c) = Σ_{k: c(k) = c} π_k N(x; μ_k, Σ_k)

    Attributes:
        means: μ, (K, D).
        covariances: Σ, (K, D, D), symmetric and positive definite.
        weights: π, (K,), positive, sum 1.
        class_of: c(k), (K,) int64 in 0 ... C-1.

    >>> two = GaussianMixture(means=[[1.0], [-1.0]], covariances=1.0)
    >>> two.posterior([[0.0], [500.0]]).tolist()
    [[0.5, 0.5], [1.0, 0.0]]
    """

    means: FloatArray
    covariances: FloatArray
    weights: FloatArray
    class_of: npt.NDArray[np.int64]

    def __init__(
        self,
        means: npt.ArrayLike,
        covariances: npt.ArrayLike = 1.0,
        weights: npt.ArrayLike | None = None,
        class_of: npt.ArrayLike | None = None,
    ) -> None:
        """Check the parameters.

        Args:
            means: (K, D).
            covariances: one variance for all clusters and directions; (K,) variances; one (D, D)
                matrix; or (K, D, D) matrices.
            weights: (K,), positive, scaled here to sum 1; equal by default.
            class_of: (K,) class indices; by default each cluster is a class of its own.

        Raises:
            ConfigurationError: wrong shapes, or covariances that are not symmetric and positive
                definite.
        """
        mu = _finite(means, "means")
        if mu.ndim != 2 or 0 in mu.shape:
            raise ConfigurationError(
                f"means must have shape (clusters, features), got shape {mu.shape}"
            )
        count, size = mu.shape
        sigma = _matrices(_finite(covariances, "covariances"), count, size)
        pi = np.ones(count) if weights is None else _finite(weights, "weights")
        if pi.shape != (count,) or (pi <= 0).any():
            raise ConfigurationError(
                f"weights must be {count} positive numbers, got {given(weights)}"
            )
        classes = np.arange(count) if class_of is None else _finite(class_of, "class_of")
        if classes.shape != (count,) or set(classes.tolist()) != set(range(int(classes.max()) + 1)):
            raise ConfigurationError(
                f"class_of must be {count} classes, counted from 0 without a gap; "
                f"got {given(class_of)}"
            )
        fields = {
            "means": mu,
            "covariances": sigma,
            "weights": pi / pi.sum(),
            "class_of": classes.astype(np.int64),
        }
        for name, value in fields.items():
            value.flags.writeable = False
            object.__setattr__(self, name, value)

    @property
    def priors(self) -> FloatArray:
        """The probability of each class, P(c), (C,)."""
        priors: FloatArray = np.bincount(self.class_of, weights=self.weights).astype(np.float64)
        return priors

    def class_densities(self, X: npt.ArrayLike) -> FloatArray:
        """Return p(x | c) for every row of ``X`` (N, D) and every class: (N, C)."""
        densities: FloatArray = np.exp(self._log_joint(X)) / self.priors
        return densities

    def density(self, X: npt.ArrayLike) -> FloatArray:
        """Return p(x) for every row of ``X`` (N, D): (N,)."""
        densities: FloatArray = np.exp(self._log_joint(X)).sum(axis=1)
        return densities

    def posterior(self, X: npt.ArrayLike) -> FloatArray:
        """Return P(c | x) for every row of ``X`` (N, D) and every class: (N, C).

        Computed from logarithms, so that it is right where every density underflows.
        """
        log_joint = self._log_joint(X)
        joint = np.exp(log_joint - log_joint.max(axis=1, keepdims=True))
        posterior: FloatArray = joint / joint.sum(axis=1, keepdims=True)
        return posterior

    def most_likely(self, X: npt.ArrayLike) -> npt.NDArray[np.int64]:
        """Return the class of largest P(c | x), (N,), for every row of ``X``: the Bayes rule.

        The first of them where several are equal.

        >>> GaussianMixture([[1.0], [-1.0]]).most_likely([[0.3], [-2.0]]).tolist()
        [0, 1]
        """
        return self._log_joint(X).argmax(axis=1)

    def _log_joint(self, X: npt.ArrayLike) -> FloatArray:
        """Return log p(x, c), (N, C)."""
        points = np.asarray(X, dtype=np.float64)
        size = self.means.shape[1]
        if points.ndim != 2 or points.shape[1] != size:
            raise ShapeError(f"X must have shape (N, {size}), got {points.shape}")
        roots: npt.NDArray[Any] = np.linalg.cholesky(self.covariances)
        log_determinants = 2 * np.log(np.diagonal(roots, axis1=1, axis2=2)).sum(axis=1)
        constants = np.log(self.weights) - 0.5 * (size * np.log(2 * np.pi) + log_determinants)
        # One row per cluster, so that what is worked on lies side by side in memory.
        if (roots == roots[0]).all():
            clusters, common = _equal_exponents(points, self.means, roots[0])
        else:
            clusters, common = _exponents(points, self.means, roots), np.zeros(len(points))
        clusters += constants[:, None]
        joint = np.empty((len(points), len(self.priors)))
        for c in range(joint.shape[1]):
            joint[:, c] = _log_sum_exp(clusters[self.class_of == c]) + common
        return joint


def _exponents(points: FloatArray, means: FloatArray, roots: FloatArray) -> FloatArray:
    """Return -½ (x-μ_k)ᵀ Σ_k⁻¹ (x-μ_k), (K, N), where roots[k] roots[k]ᵀ = Σ_k."""
    exponents = np.empty((len(means), len(points)))
    for k, root in enumerate(roots):
        z = np.linalg.solve(root, (points - means[k]).T)
        exponents[k] = -0.5 * (z**2).sum(axis=0)
    return exponents


def _equal_exponents(
    points: FloatArray, means: FloatArray, root: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the same for one covariance as two terms, of which one, (N,), all clusters share.

    With z = L⁻¹(x-μ̄) and m_k = L⁻¹(μ_k-μ̄), the exponent is (m_k·z - ½ m_k·m_k) - ½ z·z: one matrix
    product for all clusters, of which a density along a curve has hundreds.
    """
    centre = means.mean(axis=0)
    z = np.linalg.solve(root, (points - centre).T)
    m = np.linalg.solve(root, (means - centre).T).T
    exponents: FloatArray = m @ z
    exponents -= 0.5 * (m**2).sum(axis=1)[:, None]
    return exponents, -0.5 * (z**2).sum(axis=0)


def _log_sum_exp(rows: FloatArray) -> FloatArray:
    """Return log Σ_k exp(rows[k]), (N,), of ``rows`` (K, N)."""
    largest: FloatArray = rows.max(axis=0)
    shares = rows - largest
    return largest + np.log(np.exp(shares, out=shares).sum(axis=0))


def _finite(values: npt.ArrayLike, name: str) -> FloatArray:
    try:
        array = np.array(values)
    except ValueError as error:
        raise ConfigurationError(
            f"{name} must have rows of equal length, got {given(values)}"
        ) from error
    if array.dtype.kind not in "biuf" or not np.isfinite(array).all():
        raise ConfigurationError(f"{name} must be finite numbers, got {given(values)}")
    return array.astype(np.float64)


def _matrices(covariances: FloatArray, count: int, size: int) -> FloatArray:
    """Return the covariances as (K, D, D), checked."""
    shapes: dict[int, tuple[int, ...]] = {
        0: (),
        1: (count,),
        2: (size, size),
        3: (count, size, size),
    }
    if covariances.shape != shapes.get(covariances.ndim):
        raise ConfigurationError(
            f"covariances must be one variance, ({count},) variances, one ({size}, {size}) matrix "
            f"or ({count}, {size}, {size}) matrices to fit the means; got shape "
            f"{covariances.shape}"
        )
    if covariances.ndim < 2:
        covariances = np.multiply.outer(covariances, np.eye(size))
    matrices = np.broadcast_to(covariances, (count, size, size)).copy()
    for k, matrix in enumerate(matrices):
        if not np.allclose(matrix, matrix.T, rtol=1e-10, atol=0):
            raise ConfigurationError(f"covariance {k} is not symmetric: {matrix.tolist()}")
        if not _is_positive_definite(matrix):
            raise ConfigurationError(
                f"covariance {k} is not positive definite (variances must be > 0): "
                f"{matrix.tolist()}"
            )
    return matrices


def _is_positive_definite(matrix: npt.NDArray[Any]) -> bool:
    try:
        np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        return False
    return True
