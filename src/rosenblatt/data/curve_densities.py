"""The densities of data along curves: of moons, circles and spirals.

A point of such a class is γ(t) + ε, with t drawn on a curve γ and ε ~ N(0, σ² I), so that its
density is an integral over the curve, which a quadrature rule with nodes t_q and weights w_q makes
a mixture of Gaussians:

    p(x | c) = ∫ N(x; γ_c(t), σ² I) p(t) dt = Σ_q w_q N(x; γ_c(t_q), σ² I)

The integrand is smooth on the scale of σ. With the nodes taken here, a few per σ of the curve, the
sum differs from the integral by less than 1e-9 of the largest density. The smaller the noise, the
more nodes: at σ = 0.02 an arc has some 500, and working with the density takes as many times longer
than with one Gaussian.

The generators of scikit-learn space t evenly instead of drawing it; these are the densities of
their data as n grows.
"""

import math

import numpy as np
import numpy.typing as npt

from rosenblatt.checks import real_number, whole_number
from rosenblatt.data.mixture import GaussianMixture

FloatArray = npt.NDArray[np.float64]


def moons_density(noise: float = 0.2) -> GaussianMixture:
    """Return the density of :func:`rosenblatt.data.moons`; ``noise`` must be > 0.

    >>> moons_density(0.2).posterior([[0.0, 1.0], [1.0, -0.5]]).round(3).tolist()
    [[0.994, 0.006], [0.006, 0.994]]
    """
    noise = real_number(noise, "noise", above=0)
    t, weights = _gauss_legendre(0, math.pi, n=_n_nodes(2 * math.pi / noise))
    upper = np.column_stack([np.cos(t), np.sin(t)])
    lower = np.column_stack([1 - np.cos(t), 0.5 - np.sin(t)])
    return _mixture([upper, lower], weights, noise)


def circles_density(noise: float = 0.1, factor: float = 0.5) -> GaussianMixture:
    """Return the density of :func:`rosenblatt.data.circles`; ``noise`` must be > 0.

    Nodes are evenly spaced: on a closed curve that is the best rule there is (Trefethen and
    Weideman, *The exponentially convergent trapezoidal rule*, SIAM Review 56, 2014).

    >>> circles_density(noise=0.1).posterior([[0.0, 0.5]]).round(3)
    array([[0., 1.]])
    """
    noise = real_number(noise, "noise", above=0)
    factor = real_number(factor, "factor", at_least=0, below=1)
    n = _n_nodes(3 * math.pi / noise)
    t = 2 * math.pi * np.arange(n) / n
    outer = np.column_stack([np.cos(t), np.sin(t)])
    return _mixture([outer, factor * outer], np.ones(n), noise)


def spirals_density(noise: float = 0.02, n_classes: int = 2, turns: float = 1.0) -> GaussianMixture:
    """Return the density of :func:`rosenblatt.data.spirals`; ``noise`` must be > 0.

    The radius r = √u of the generator has the density 2r on [0, 1].

    >>> spirals_density(noise=0.05).posterior([[0.0, 0.5]]).shape
    (1, 2)
    """
    noise = real_number(noise, "noise", above=0)
    n_classes = whole_number(n_classes, "n_classes", at_least=1)
    turns = real_number(turns, "turns")
    # Nodes lie closer together near the ends of an arm, where it winds fastest.
    speed_at_end = math.hypot(1, 2 * math.pi * turns)
    r, weights = _gauss_legendre(0, 1, n=_n_nodes(1.5 * speed_at_end * (1 + 1 / noise)))
    arms = []
    for c in range(n_classes):
        phi = 2 * np.pi * (turns * r + c / n_classes)
        arms.append(np.column_stack([r * np.cos(phi), r * np.sin(phi)]))
    return _mixture(arms, weights * 2 * r, noise)


def _mixture(curves: list[FloatArray], weights: FloatArray, noise: float) -> GaussianMixture:
    """Return equally likely classes, one along each of ``curves`` (Q, 2)."""
    class_of = np.repeat(np.arange(len(curves)), len(weights))
    return GaussianMixture(
        np.concatenate(curves), noise**2, np.tile(weights, len(curves)), class_of
    )


def _n_nodes(scale: float) -> int:
    """Return ``scale``, and a few more for noise that is large beside the curve."""
    return math.ceil(scale) + 16


def _gauss_legendre(low: float, high: float, n: int) -> tuple[FloatArray, FloatArray]:
    """Return n nodes in (low, high), and their weights, which sum to high − low."""
    nodes, weights = np.polynomial.legendre.leggauss(n)
    half = (high - low) / 2
    return low + half * (nodes + 1), half * weights
