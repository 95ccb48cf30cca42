"""Accuracy of the Bayes rule, the best that any classifier can reach.

The Bayes rule names the class with the largest P(c | x), and no rule is right more often on fresh
data (Duda, Hart and Stork, *Pattern Classification*, 2001, section 2.2).
"""

import math
from statistics import NormalDist

import numpy as np

from rosenblatt.analysis.bayes.lines import accuracy_by_lines
from rosenblatt.analysis.bayes.rules import ExpectedAccuracy
from rosenblatt.analysis.bayes.sampling import accuracy_by_sampling
from rosenblatt.checks import real_number
from rosenblatt.data import GaussianMixture

_SAME = 1e-10  # a distance in standard deviations below which means are the same


def equal_gaussians_accuracy(distance: float, prior: float = 0.5) -> float:
    """Return the accuracy of the Bayes rule for two Gaussian classes of equal covariance.

    With π the probability of one class and d the distance of the means, the boundary lies where
    both classes are equally likely, ln(π/(1−π))/d from halfway between the means:

        π Φ(d/2 + ln(π/(1−π))/d) + (1−π) Φ(d/2 − ln(π/(1−π))/d),   Φ(d/2) at π = ½

    Args:
        distance: d, the Mahalanobis distance √((μ₁ − μ₀)ᵀ Σ⁻¹ (μ₁ − μ₀)) of the means under the
            covariance Σ that both classes share; for Σ = σ²I it is ‖μ₁ − μ₀‖ / σ.
        prior: π, in (0, 1).

    Duda, Hart and Stork, *Pattern Classification* (2001), section 2.6.2 and problem 2.31.

    Raises:
        ConfigurationError: a distance below 0 or a prior outside (0, 1).

    >>> round(equal_gaussians_accuracy(2 * 2**0.5), 4), equal_gaussians_accuracy(0)
    (0.9214, 0.5)
    >>> equal_gaussians_accuracy(0, prior=0.9)
    0.9
    """
    d = real_number(distance, "distance", at_least=0)
    prior = real_number(prior, "prior", above=0, below=1)
    if d < _SAME:
        return max(prior, 1 - prior)
    shift = math.log(prior / (1 - prior)) / d
    phi = NormalDist().cdf
    return prior * phi(d / 2 + shift) + (1 - prior) * phi(d / 2 - shift)


def bayes_accuracy(density: GaussianMixture, seed: int = 0) -> ExpectedAccuracy:
    """Return the accuracy of the Bayes rule on fresh data of ``density``, ∫ max_c p(x, c) dx.

    What is done depends on the density:

    - Two Gaussians of equal covariance have the closed form of :func:`equal_gaussians_accuracy`.
    - In one or two dimensions it is integrated line by line: see
      :func:`rosenblatt.analysis.bayes.lines.accuracy_by_lines`.
    - Gaussians of one covariance differ only within the space that their means span (Duda, Hart and
      Stork, section 2.6.2), so that few of them are taken there first, whatever the dimension.
    - All else is a mean over a million draws of ``seed``.

    >>> from rosenblatt.data import moons_density, xor_density
    >>> round(bayes_accuracy(moons_density(noise=0.2)).value, 5)
    0.97104
    >>> round(bayes_accuracy(xor_density(noise=0.5)).value, 6)  # p² + (1−p)² with p = Φ(1/0.5)
    0.955535
    """
    if len(density.priors) == 1:
        return ExpectedAccuracy(1.0, 0.0, "closed form")
    density = _in_the_space_of_the_means(density)
    n_clusters, size = density.means.shape
    equal = (density.covariances == density.covariances[0]).all()
    if equal and n_clusters == 2:
        distance = float(np.abs(density.means[1] - density.means[0]).sum())
        value = equal_gaussians_accuracy(distance, float(density.weights[0]))
        return ExpectedAccuracy(value, 0.0, "closed form")
    if size <= 2:
        # The rule gains nothing from one side of its boundary to the other, so that what a
        # boundary a little off costs is of second order: it need not be found to the last digit.
        return accuracy_by_lines(density.most_likely, density, per_sd=4, rounds=5)
    return accuracy_by_sampling(density.most_likely, density, seed)


def _in_the_space_of_the_means(density: GaussianMixture) -> GaussianMixture:
    """Return clusters of one covariance as N(·, I) in the space their means span, others as are.

    With L Lᵀ = Σ, z = L⁻¹x has covariance I in every cluster, and the directions across which the
    means do not differ say nothing about the class. At least one dimension is left.
    """
    if (density.covariances != density.covariances[0]).any():
        return density
    root = np.linalg.cholesky(density.covariances[0])
    z = np.linalg.solve(root, (density.means - density.means.mean(axis=0)).T).T
    _, sizes, directions = np.linalg.svd(z, full_matrices=False)
    rank = max(1, int((sizes > _SAME).sum()))
    return GaussianMixture(z @ directions[:rank].T, 1.0, density.weights, density.class_of)
