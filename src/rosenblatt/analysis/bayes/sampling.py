"""The accuracy of a rule as a mean over draws, where the dimension leaves nothing better."""

import numpy as np

from rosenblatt.analysis.bayes.rules import ExpectedAccuracy, Rule
from rosenblatt.data import GaussianMixture
from rosenblatt.random import stream

N_SAMPLES = 1_000_000
_PIECE = 10_000


def accuracy_by_sampling(
    rule: Rule, density: GaussianMixture, seed: int, n_samples: int = N_SAMPLES
) -> ExpectedAccuracy:
    """Return the mean of P(rule(x) | x), with its standard error.

    The posterior of the class that the rule names has the same mean as hits and misses have, and a
    smaller variance; and every cluster k gets the same number of draws, n, weighted by π_k, so that
    chance does not choose among the clusters (Owen, *Monte Carlo theory, methods and examples*,
    2013, sections 8.4 and 8.7):

        Σ_k π_k mean_k,   standard error √(Σ_k π_k² s_k² / n)

    Args:
        rule: takes (N, D), returns class indices (N,).
        density: of the data.
        seed: of the draws.
        n_samples: draws in all; at least two per cluster are made.
    """
    n_clusters, size = density.means.shape
    n = max(2, n_samples // n_clusters)
    means, variances = np.empty(n_clusters), np.empty(n_clusters)
    for k in range(n_clusters):
        rng = stream(seed, f"analysis.accuracy.{k}")
        root = np.linalg.cholesky(density.covariances[k])
        right = np.empty(n)
        for start in range(0, n, _PIECE):
            part = right[start : start + _PIECE]
            X = density.means[k] + rng.standard_normal((len(part), size)) @ root.T
            part[:] = density.posterior(X)[np.arange(len(part)), rule(X)]
        means[k], variances[k] = right.mean(), right.var(ddof=1)
    error = np.sqrt((density.weights**2 * variances / n).sum())
    return ExpectedAccuracy(float(density.weights @ means), float(error), "sampling")
