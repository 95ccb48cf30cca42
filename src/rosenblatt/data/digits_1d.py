"""MNIST-1D: ten curves in the shape of digits, stretched, shifted, sheared and noisy."""

import numpy as np
import numpy.typing as npt

from rosenblatt.checks import real_number
from rosenblatt.data.dataset import Dataset
from rosenblatt.data.sample_counts import checked_samples, shares
from rosenblatt.data.scikit_learn_draws import sklearn_generator

Numbers = npt.NDArray[np.float64]

_HEIGHTS = (
    (5, 6, 6.5, 6.75, 7, 7, 7, 7, 6.75, 6.5, 6, 5),
    (5, 3, 3, 3.4, 3.8, 4.2, 4.6, 5, 5.4, 5.8, 5, 5),
    (5, 6, 6.5, 6.5, 6, 5.25, 4.75, 4, 3.5, 3.5, 4, 5),
    (5, 6, 6.5, 6.5, 6, 5, 5, 6, 6.5, 6.5, 6, 5),
    (5, 4.4, 3.8, 3.2, 2.6, 2.6, 5, 5, 5, 5, 5, 5),
    (5, 3, 3, 3, 3, 5, 6, 6.5, 6.5, 6, 4.5, 5),
    (5, 4, 3.5, 3.25, 3, 3, 3, 3, 3.25, 3.5, 4, 5),
    (5, 7, 7, 6.6, 6.2, 5.8, 5.4, 5, 4.6, 4.2, 5, 5),
    (5, 4, 3.5, 3.5, 4, 5, 5, 4, 3.5, 3.5, 4, 5),
    (5, 4, 3.5, 3.5, 4, 5, 5, 5, 5, 4.7, 4.3, 5),
)
"""The digit of each row, as heights at equal distances."""
_LEAST_PADDING, _MOST_PADDING = 36, 60
_SCALE = 0.4
_MOST_SHIFT = 48
_SMOOTH_NOISE, _SMOOTHING = 0.25, 2
_SHEAR = 0.75
_LENGTH = len(_HEIGHTS[0]) + _MOST_PADDING
"""Numbers of a curve while it is changed."""
_FEATURES = 40


def mnist1d(n: int = 5000, noise: float = 0.02, seed: int = 0) -> Dataset:
    """Ten curves in the shape of digits in R⁴⁰: MNIST-1D (Greydanus 2020).

    A small stand-in for the images of MNIST that is harder: networks that do not know that
    neighbouring numbers belong together reach some 65 %, convolutions more than 90 %.

    Each sample is a template of 12 numbers, followed by 36 to 60 zeros, stretched to 72 numbers,
    scaled by 0.8 to 1.2, shifted in a circle by up to 47, with smooth noise where there were zeros
    and N(0, noise²) everywhere, sheared, and resampled at 40 places. At the end all numbers
    together are given the mean 0 and the standard deviation 1.

    S. Greydanus and D. Kobak, *Scaling down deep learning with MNIST-1D*, ICML 2024 (arXiv
    2011.14439). The same seed gives the data of the package ``mnist1d``, up to rounding, where n
    is a multiple of 10; its test set is the last fifth.

    Args:
        n: samples in all, at least 10.
        noise: standard deviation of the noise of each number, before the curve is resampled, >= 0.
        seed: from 0 to 2^32 - 1.

    >>> mnist1d(1000).X.shape
    (1000, 40)
    """
    n = checked_samples(n, at_least=len(_HEIGHTS), n_features=2 * _LENGTH)
    noise = real_number(noise, "noise", at_least=0)
    rng = sklearn_generator(seed)
    y = np.repeat(np.arange(len(_HEIGHTS)), shares(n, len(_HEIGHTS)))
    curves = [_drawn(rng, template, noise) for template in templates()[y]]
    order = rng.permutation(n)
    X = np.array(curves)[order]
    X = (X - X.mean()) / X.std()
    recipe = {"generator": "mnist1d", "n": n, "noise": noise, "seed": seed}
    return Dataset(X, y[order], classes=range(len(_HEIGHTS)), recipe=recipe)


def templates() -> Numbers:
    """Return the ten curves (10, 12) before any change: from 0 to 0, of standard deviation 1/6."""
    heights = np.array(_HEIGHTS)
    heights = (heights - heights.mean(axis=1, keepdims=True)) / heights.std(axis=1, keepdims=True)
    return np.asarray((heights - heights[:, :1]) / 6)


def _drawn(rng: np.random.RandomState, template: Numbers, noise: float) -> Numbers:
    """Return one curve (40,); the order of the draws is that of the package ``mnist1d``."""
    from scipy.ndimage import gaussian_filter1d

    padding = _LEAST_PADDING + int(rng.random_sample() * (_MOST_PADDING - _LEAST_PADDING + 1))
    # The least number tells the ends of the template, which are 0, from the padding.
    curve = np.concatenate([template + 1e-8, np.zeros(padding)])
    curve = _resampled(curve, _LENGTH) * (1 + _SCALE * (rng.random_sample() - 0.5))
    curve = np.roll(curve, rng.choice(_MOST_SHIFT))
    smooth = gaussian_filter1d(_SMOOTH_NOISE * rng.standard_normal(_LENGTH), _SMOOTHING)
    curve = np.where(curve != 0, curve, smooth) + noise * rng.standard_normal(_LENGTH)
    shear = _SHEAR * (rng.random_sample() - 0.5)
    return _resampled(curve - shear * np.linspace(-0.5, 0.5, _LENGTH), _FEATURES)


def _resampled(curve: Numbers, n: int) -> Numbers:
    """Return n numbers at equal distances on the line through those of the curve."""
    return np.interp(np.linspace(0, 1, n), np.linspace(0, 1, len(curve)), curve)
