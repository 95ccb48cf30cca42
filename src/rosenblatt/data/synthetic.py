"""Data made by formulas, and their exact densities where these are mixtures of a few Gaussians.

The densities of moons, circles and spirals are in :mod:`rosenblatt.data.curve_densities`.

Every generator takes ``n``, the number of samples (``gaussians``: the number per class), and a
``seed``; the classes get equal shares of n, the first ones the samples that are left over (of moons
and circles the last class). A dataset's recipe holds all that is needed to make it again.
"""

import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.checks import real_number, whole_number
from rosenblatt.data.dataset import Dataset
from rosenblatt.data.digits_1d import mnist1d
from rosenblatt.data.mixture import GaussianMixture
from rosenblatt.data.modular_addition import modular_addition
from rosenblatt.data.parity import parity
from rosenblatt.data.sample_counts import checked_samples, shares
from rosenblatt.data.scikit_learn_draws import draw_shuffle, sklearn_generator
from rosenblatt.data.targets import Label
from rosenblatt.errors import ConfigurationError, given, nearest
from rosenblatt.random import stream

_TWO_MEANS = ((10.0, 10.0), (0.0, 0.0))


def moons(n: int = 1000, noise: float = 0.2, seed: int = 0) -> Dataset:
    """Two interleaving half circles, in R².

    With t evenly spaced on [0, π] and ε ~ N(0, noise² I):

        class 0: x = (cos t, sin t) + ε
        class 1: x = (1 - cos t, ½ - sin t) + ε

    This is scikit-learn's ``make_moons``: the same seed (its ``random_state``) gives the same data.

    Args:
        n: samples in all, at least 2.
        noise: standard deviation of each coordinate, >= 0.
        seed: from 0 to 2^32 - 1.

    >>> moons(1000, noise=0.2, seed=42)
    Dataset(1000 samples × 2 features; classes 0: 500, 1: 500)
    """
    n = checked_samples(n, at_least=2)
    noise = real_number(noise, "noise", at_least=0)
    rng = sklearn_generator(seed)
    t_0, t_1 = np.linspace(0, np.pi, n // 2), np.linspace(0, np.pi, n - n // 2)
    moon_0 = np.column_stack([np.cos(t_0), np.sin(t_0)])
    moon_1 = np.column_stack([1 - np.cos(t_1), 1 - np.sin(t_1) - 0.5])
    recipe = {"generator": "moons", "n": n, "noise": noise, "seed": seed}
    return _noisy_curves(rng, [moon_0, moon_1], noise, recipe)


def circles(n: int = 1000, noise: float = 0.1, seed: int = 0, factor: float = 0.5) -> Dataset:
    """Two circles around the origin of R², one in the other.

    With t evenly spaced on [0, 2π) and ε ~ N(0, noise² I):

        class 0: x = (cos t, sin t) + ε
        class 1: x = factor · (cos t, sin t) + ε

    This is scikit-learn's ``make_circles``: the same seed (its ``random_state``) gives the same
    data.

    Args:
        n: samples in all, at least 2.
        noise: standard deviation of each coordinate, >= 0.
        seed: from 0 to 2^32 - 1.
        factor: the inner radius, in [0, 1).

    >>> circles(100, noise=0.05, factor=0.5, seed=0).X.shape
    (100, 2)
    """
    n = checked_samples(n, at_least=2)
    noise = real_number(noise, "noise", at_least=0)
    factor = real_number(factor, "factor", at_least=0, below=1)
    rng = sklearn_generator(seed)
    t_0 = np.linspace(0, 2 * np.pi, n // 2, endpoint=False)
    t_1 = np.linspace(0, 2 * np.pi, n - n // 2, endpoint=False)
    outer = np.column_stack([np.cos(t_0), np.sin(t_0)])
    inner = np.column_stack([np.cos(t_1), np.sin(t_1)]) * factor
    recipe = {"generator": "circles", "n": n, "noise": noise, "seed": seed, "factor": factor}
    return _noisy_curves(rng, [outer, inner], noise, recipe)


def blobs(
    n: int = 1000, noise: float = 1.0, seed: int = 0, n_classes: int = 3, n_features: int = 2
) -> Dataset:
    """One round Gaussian cluster per class, around centres uniform on [-10, 10]ᴰ.

        x ~ N(μ_c, noise² I)

    This is scikit-learn's ``make_blobs``: the same seed (its ``random_state``) gives the same data.
    :func:`blobs_density` has the density.

    Args:
        n: samples in all, at least one per class.
        noise: standard deviation of each coordinate, >= 0.
        seed: from 0 to 2^32 - 1; it also chooses the centres.
        n_classes: C, the number of classes, at least 1.
        n_features: D, the number of features, at least 1.

    >>> blobs(60, n_classes=3, seed=0).X.shape
    (60, 2)
    """
    n_classes = whole_number(n_classes, "n_classes", at_least=1)
    n_features = whole_number(n_features, "n_features", at_least=1)
    n = checked_samples(n, at_least=n_classes, n_features=n_features)
    noise = real_number(noise, "noise", at_least=0)
    rng = sklearn_generator(seed)
    centres = _draw_centres(rng, n_classes, n_features)
    sizes = shares(n, n_classes)
    clusters = [
        rng.normal(centre, noise, (size, n_features))
        for centre, size in zip(centres, sizes, strict=True)
    ]
    y = np.repeat(np.arange(n_classes), sizes)
    order = draw_shuffle(rng, n)
    recipe = {"generator": "blobs", "n": n, "noise": noise, "seed": seed}
    recipe |= {"n_classes": n_classes, "n_features": n_features}
    return Dataset(np.concatenate(clusters)[order], y[order], range(n_classes), recipe=recipe)


def blobs_density(
    noise: float = 1.0, seed: int = 0, n_classes: int = 3, n_features: int = 2
) -> GaussianMixture:
    """Return the density of :func:`blobs` with the same parameters.

    >>> blobs_density(n_classes=3).posterior([[0.0, 0.0]]).shape
    (1, 3)
    """
    n_classes = whole_number(n_classes, "n_classes", at_least=1)
    n_features = whole_number(n_features, "n_features", at_least=1)
    centres = _draw_centres(sklearn_generator(seed), n_classes, n_features)
    return GaussianMixture(centres, real_number(noise, "noise", above=0) ** 2)


def gaussians(
    n_per_class: int | Sequence[int] = 100,
    means: npt.ArrayLike = _TWO_MEANS,
    covariances: npt.ArrayLike = 1.0,
    seed: int = 0,
    classes: Iterable[Label] | None = None,
) -> Dataset:
    """One Gaussian per class: x = μ_c + L_c z, with z ~ N(0, I) and L_c L_cᵀ = Σ_c.

    Each class has a random stream of its own, so that another class, or more samples of it, leaves
    the others as they were; yet another stream shuffles the rows. :func:`gaussians_density` has the
    density.

    Args:
        n_per_class: samples of every class, or one number for each; at least 1.
        means: μ, (C, D).
        covariances: Σ: one variance for all; (C,) variances; one (D, D) matrix; (C, D, D) matrices.
        seed: from 0 to 2^64 - 1.
        classes: the C labels in the order of the means, by default 0 ... C-1. Their order is kept:
            it is that of the class indices.

    Raises:
        ConfigurationError: sizes below 1, shapes that do not fit, or covariances that are not
            symmetric and positive definite.

    >>> gaussians(100, means=[[2, 2], [0, 0]], classes=["near", "far"])
    Dataset(200 samples × 2 features; classes "near": 100, "far": 100)
    """
    mixture = GaussianMixture(means, covariances)
    labels = tuple(range(len(mixture.means)) if classes is None else classes)
    if len(labels) != len(mixture.means):
        raise ConfigurationError(
            f"{len(mixture.means)} means need as many classes, got {len(labels)}"
        )
    sizes = _sizes(n_per_class, len(labels))
    checked_samples(sum(sizes), at_least=1, n_features=mixture.means.shape[1])
    X, indices = _draw(mixture, sizes, seed)
    recipe = {
        "generator": "gaussians",
        "n_per_class": sizes,
        "means": np.asarray(means),
        "covariances": np.asarray(covariances),
        "seed": seed,
        "classes": labels,
    }
    return Dataset(X, np.array(labels)[indices], classes=labels, recipe=recipe)


def gaussians_density(
    means: npt.ArrayLike = _TWO_MEANS,
    covariances: npt.ArrayLike = 1.0,
    priors: npt.ArrayLike | None = None,
) -> GaussianMixture:
    """Return the density of :func:`gaussians`; ``priors`` (C,) are the shares of the classes.

    >>> gaussians_density([[1, 0], [-1, 0]]).posterior([[0.0, 5.0]]).round(3)
    array([[0.5, 0.5]])
    """
    return GaussianMixture(means, covariances, priors)


def xor(n: int = 1000, noise: float = 0.3, seed: int = 0) -> Dataset:
    """Four Gaussian clusters at the corners of a square: no line separates the classes.

        class 0: x ~ N(±(1, 1), noise² I)
        class 1: x ~ N(±(1, -1), noise² I)

    The smallest problem a perceptron cannot learn (Minsky and Papert, Perceptrons, 1969).
    :func:`xor_density` has the density.

    Args:
        n: samples in all, at least 4.
        noise: standard deviation of each coordinate, > 0.
        seed: from 0 to 2^64 - 1.

    >>> data = xor(400, seed=0)
    >>> data.X.shape, data.classes
    ((400, 2), (0, 1))
    """
    mixture = xor_density(noise)
    n = checked_samples(n, at_least=4)
    X, clusters = _draw(mixture, shares(n, 4), seed)
    recipe = {"generator": "xor", "n": n, "noise": float(noise), "seed": seed}
    return Dataset(X, mixture.class_of[clusters], classes=(0, 1), recipe=recipe)


def xor_density(noise: float = 0.3) -> GaussianMixture:
    """Return the density of :func:`xor`.

    >>> density = xor_density(noise=0.3)
    >>> density.posterior([[1.0, 1.0]]).round(3)
    array([[1., 0.]])
    """
    variance = real_number(noise, "noise", above=0) ** 2
    corners = [[1, 1], [1, -1], [-1, -1], [-1, 1]]
    return GaussianMixture(corners, variance, class_of=[0, 1, 0, 1])


def spirals(
    n: int = 1000, noise: float = 0.02, seed: int = 0, n_classes: int = 2, turns: float = 1.0
) -> Dataset:
    """One spiral arm per class, winding out of the origin of R².

    With u uniform on [0, 1), r = √u (so that an arm is not densest at its centre) and
    ε ~ N(0, noise² I):

        φ = 2π (turns · r + c / C)
        x = r (cos φ, sin φ) + ε

    Each arm has a random stream of its own; another shuffles the rows.

    Args:
        n: samples in all, at least one per class.
        noise: standard deviation of each coordinate, >= 0; the arms end at radius 1.
        seed: from 0 to 2^64 - 1.
        n_classes: C, the number of arms, at least 1.
        turns: full turns from the origin to radius 1; negative winds the other way.

    >>> data = spirals(300, n_classes=3, seed=0)
    >>> data.X.shape, data.classes
    ((300, 2), (0, 1, 2))
    """
    n_classes = whole_number(n_classes, "n_classes", at_least=1)
    n = checked_samples(n, at_least=n_classes)
    noise = real_number(noise, "noise", at_least=0)
    turns = real_number(turns, "turns")
    sizes = shares(n, n_classes)
    arms = []
    for c, size in enumerate(sizes):
        rng = stream(seed, f"data.cluster.{c}")
        r = np.sqrt(rng.random(size))
        phi = 2 * np.pi * (turns * r + c / n_classes)
        arm = r * np.array([np.cos(phi), np.sin(phi)])
        arms.append(arm.T + noise * rng.standard_normal((size, 2)))
    order = stream(seed, "data.rows").permutation(n)
    y = np.repeat(np.arange(n_classes), sizes)
    recipe = {"generator": "spirals", "n": n, "noise": noise, "seed": seed}
    recipe |= {"n_classes": n_classes, "turns": turns}
    return Dataset(np.concatenate(arms)[order], y[order], classes=range(n_classes), recipe=recipe)


GENERATORS: dict[str, Callable[..., Dataset]] = {
    "moons": moons,
    "circles": circles,
    "blobs": blobs,
    "gaussians": gaussians,
    "xor": xor,
    "spirals": spirals,
    "mnist1d": mnist1d,
    "parity": parity,
    "modular_addition": modular_addition,
}
"""Every generator by name."""


def make(name: str, **parameters: object) -> Dataset:
    """Make the data of the generator ``name``; parameters that are None take their defaults.

    ``gaussians`` takes ``n``, the samples in all, in place of ``n_per_class`` too.

    Raises:
        ConfigurationError: no such generator, or a parameter that it does not have or allow.

    >>> make("spirals", n=90, n_classes=3, noise=None)
    Dataset(90 samples × 2 features; classes 0: 30, 1: 30, 2: 30)
    """
    if name not in GENERATORS:
        raise ConfigurationError(
            f'there is no generator "{name}"; '
            f"the generators are {', '.join(GENERATORS)}{nearest(name, GENERATORS)}"
        )
    given: dict[str, Any] = {key: value for key, value in parameters.items() if value is not None}
    if name == "gaussians" and "n" in given and "n_per_class" not in given:
        clusters = len(gaussians_density(given.get("means", _TWO_MEANS)).means)
        n = checked_samples(given.pop("n"), at_least=clusters)
        given["n_per_class"] = shares(n, clusters)
    names = list(inspect.signature(GENERATORS[name]).parameters)
    for key in given:
        if key not in names:
            raise ConfigurationError(
                f'{name} has no parameter "{key}"; it has {", ".join(names)}{nearest(key, names)}'
            )
    return GENERATORS[name](**given)


def _noisy_curves(
    rng: np.random.RandomState,
    curves: Sequence[npt.NDArray[np.float64]],
    noise: float,
    recipe: dict[str, object],
) -> Dataset:
    """The points of each class's curve, shuffled and then moved by the noise, as a dataset."""
    y = np.repeat(np.arange(len(curves)), [len(curve) for curve in curves])
    order = draw_shuffle(rng, len(y))
    X = np.concatenate(curves)[order]
    X += rng.normal(scale=noise, size=X.shape)
    return Dataset(X, y[order], classes=range(len(curves)), recipe=recipe)


def _draw_centres(
    rng: np.random.RandomState, n_classes: int, n_features: int
) -> npt.NDArray[np.float64]:
    return rng.uniform(-10, 10, (n_classes, n_features))


def _draw(
    mixture: GaussianMixture, sizes: Sequence[int], seed: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Draw ``sizes[k]`` points of cluster k; return all of them shuffled, (N, D), and their k."""
    clusters = []
    for k, size in enumerate(sizes):
        z = stream(seed, f"data.cluster.{k}").standard_normal((size, mixture.means.shape[1]))
        clusters.append(mixture.means[k] + z @ np.linalg.cholesky(mixture.covariances[k]).T)
    order = stream(seed, "data.rows").permutation(sum(sizes))
    return np.concatenate(clusters)[order], np.repeat(np.arange(len(sizes)), sizes)[order]


def _sizes(n_per_class: int | Sequence[int], count: int) -> list[int]:
    if isinstance(n_per_class, str) or not np.iterable(n_per_class):
        return [whole_number(n_per_class, "n_per_class", at_least=1)] * count
    sizes = [whole_number(size, "n_per_class", at_least=1) for size in n_per_class]
    if len(sizes) != count:
        raise ConfigurationError(
            f"n_per_class must be one number or {count}, one per mean; got {given(n_per_class)}"
        )
    return sizes
