"""The best that any classifier can do: the accuracy of the Bayes rule."""

from statistics import NormalDist


def equal_gaussians_accuracy(distance: float) -> float:
    """Return Φ(d/2), the accuracy of the Bayes rule for two equally likely Gaussian classes.

    Args:
        distance: d, the Mahalanobis distance √((μ₁ − μ₀)ᵀ Σ⁻¹ (μ₁ − μ₀)) of the means under the
            covariance Σ that both classes share; for Σ = σ²I it is ‖μ₁ − μ₀‖ / σ.

    Duda, Hart and Stork, *Pattern Classification* (2001), section 2.6.2 and problem 2.31: the
    boundary lies halfway between the means, d/2 standard deviations from each.

    >>> round(equal_gaussians_accuracy(2 * 2**0.5), 4), equal_gaussians_accuracy(0)
    (0.9214, 0.5)
    """
    return NormalDist().cdf(distance / 2)
