"""Expected accuracy of a given classifier on fresh data, computed from the exact density."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.analysis.bayes.lines import accuracy_by_lines
from rosenblatt.analysis.bayes.rules import ExpectedAccuracy, FloatArray, Indices
from rosenblatt.analysis.bayes.sampling import accuracy_by_sampling
from rosenblatt.checks import real_number
from rosenblatt.data import GaussianMixture
from rosenblatt.errors import ConfigurationError, DataError, ShapeError, given


def expected_accuracy(
    predict: Callable[[FloatArray], npt.ArrayLike],
    density: GaussianMixture,
    classes: Sequence[Any] | None = None,
    seed: int = 0,
) -> ExpectedAccuracy:
    """Return the accuracy of ``predict`` on fresh data of ``density``, ∫ p(x, predict(x)) dx.

    In one or two dimensions it is integrated along lines, with an error of some 1e-7; regions
    narrower than an eighth of the smallest standard deviation may be missed. In more dimensions it
    is the mean over a million draws of ``seed``.

    Args:
        predict: takes (N, D), returns the labels (N,), as ``Run.predict`` does.
        density: of C classes in D dimensions.
        classes: the C labels in the order of the density's classes, by default 0 ... C-1.
        seed: of the draws.

    Raises:
        ConfigurationError: not C different classes.
        ShapeError: ``predict`` does not return one label per row.
        DataError: it returns a label that is not among the classes.

    >>> from rosenblatt.data import gaussians_density
    >>> density = gaussians_density([[-1.0, 0.0], [1.0, 0.0]])
    >>> found = expected_accuracy(lambda X: X[:, 0] > 0, density)
    >>> round(found.value, 6), found.error < 1e-7  # Φ(1)
    (0.841345, True)
    """
    labels = np.arange(len(density.priors)) if classes is None else np.asarray(classes)
    if labels.shape != density.priors.shape or len(set(labels.tolist())) != len(labels):
        raise ConfigurationError(
            f"classes must be {len(density.priors)} different labels, one for each class of the "
            f"density; got {given(classes)}"
        )

    def rule(X: FloatArray) -> Indices:
        return _indices(np.asarray(predict(X)), labels, len(X))

    if density.means.shape[1] <= 2:
        return accuracy_by_lines(rule, density, per_sd=8, rounds=10)
    return accuracy_by_sampling(rule, density, seed)


def linear_accuracy(
    weight: npt.ArrayLike, bias: float, density: GaussianMixture
) -> ExpectedAccuracy:
    """Return the accuracy, in closed form, of the rule: class 1 where w·x + b ≥ 0, else class 0.

    The score of cluster k is Gaussian with mean w·μ_k + b and variance wᵀ Σ_k w (Bishop, *Pattern
    Recognition and Machine Learning*, equation 2.115):

        Σ_k π_k Φ(±(w·μ_k + b) / √(wᵀ Σ_k w)),   + where cluster k is of class 1

    Args:
        weight: w, (D,), or (D, 1) as a :class:`~rosenblatt.Perceptron` has it.
        bias: b; an array of one number will do.
        density: of two classes in D dimensions.

    Raises:
        ConfigurationError: the density does not have two classes, or w and b are not finite.
        ShapeError: w is not of D numbers, or b not of one.

    >>> from rosenblatt.data import gaussians_density
    >>> density = gaussians_density(means=[[0, 0], [2, 2]])
    >>> round(linear_accuracy([1, 1], -2, density).value, 4)
    0.9214
    """
    from scipy.special import ndtr

    size = density.means.shape[1]
    if len(density.priors) != 2:
        raise ConfigurationError(
            f"linear_accuracy needs a density of 2 classes, got {len(density.priors)}; "
            "expected_accuracy takes any rule"
        )
    w, b = np.asarray(weight, dtype=np.float64), np.asarray(bias, dtype=np.float64)
    if w.shape not in ((size,), (size, 1)) or b.size != 1:
        raise ShapeError(
            f"weight must have shape ({size},) and bias be one number, got {w.shape} and {b.shape}"
        )
    if not np.isfinite(w).all():
        raise ConfigurationError(f"weight must be finite numbers, got {given(weight)}")
    w = w.ravel()
    scores = density.means @ w + real_number(b.item(), "bias")
    spread = np.sqrt(np.einsum("i,kij,j->k", w, density.covariances, w))
    sign = np.where(density.class_of == 1, 1, -1)
    right = ndtr(sign * scores / spread) if w.any() else (sign == 1) == (scores >= 0)
    return ExpectedAccuracy(float(density.weights @ right), 0.0, "closed form")


def _indices(predicted: npt.NDArray[Any], labels: npt.NDArray[Any], n: int) -> Indices:
    """Return which of ``labels`` (C,) each of ``predicted`` (N,) is."""
    if predicted.shape != (n,):
        raise ShapeError(f"predict must return shape ({n},) for {n} rows, got {predicted.shape}")
    found = predicted[:, None] == labels
    known = found.any(axis=1)
    if not known.all():
        raise DataError(
            f"predict returned {given(predicted[~known][0].item())}, which is not among the "
            f"classes {given(labels.tolist())}; pass the labels as classes"
        )
    return found.argmax(axis=1)
