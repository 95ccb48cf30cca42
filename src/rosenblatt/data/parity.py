"""Parities of a few bits: labels that no smaller set of bits tells anything about."""

import numpy as np

from rosenblatt.checks import whole_number
from rosenblatt.data.dataset import Dataset
from rosenblatt.data.sample_counts import checked_samples, shares
from rosenblatt.errors import ConfigurationError, given
from rosenblatt.random import stream


def parity(n: int = 1000, n_bits: int = 20, n_relevant: int = 3, seed: int = 0) -> Dataset:
    """Bits of ±1, labelled by the sign of the product of the first few of them.

        x uniform on {−1, 1}ᴰ,   class 1 where x_1 x_2 ⋯ x_k = 1, else class 0

    Any k − 1 of the k relevant bits leave both classes equally likely, so that a network has to
    find all of them at once. B. Barak, B. Edelman, S. Goel, S. Kakade, E. Malach and C. Zhang,
    *Hidden progress in deep learning: SGD learns parities near the computational limit*, NeurIPS
    2022 (arXiv 2207.08799). There the relevant bits are drawn; to networks of layers that treat
    all inputs alike, the first ones are as good as any.

    Args:
        n: samples in all, at least 2.
        n_bits: D, the number of bits, at least 1.
        n_relevant: k, the number of bits that the label depends on, from 1 to D.
        seed: from 0 to 2^32 - 1.

    Raises:
        ConfigurationError: a number out of its range.

    >>> data = parity(100, n_bits=6, n_relevant=2)
    >>> data.X.shape, bool(((data.X[:, 0] * data.X[:, 1] > 0) == (data.y == 1)).all())
    ((100, 6), True)
    """
    n_bits = whole_number(n_bits, "n_bits", at_least=1)
    n_relevant = whole_number(n_relevant, "n_relevant", at_least=1)
    if n_relevant > n_bits:
        raise ConfigurationError(
            f"n_relevant must be at most n_bits = {n_bits}, got {given(n_relevant)}"
        )
    n = checked_samples(n, at_least=2, n_features=n_bits)
    y = np.repeat([0, 1], shares(n, 2))[stream(seed, "data.rows").permutation(n)]
    X = stream(seed, "data.bits").choice([-1.0, 1.0], size=(n, n_bits))
    # Flipping one relevant bit changes the class, and is a bijection: X stays uniform in each.
    X[(X[:, :n_relevant].prod(axis=1) > 0) != (y == 1), 0] *= -1
    recipe = {"generator": "parity", "n": n, "n_bits": n_bits, "n_relevant": n_relevant}
    return Dataset(X, y, classes=range(2), recipe=recipe | {"seed": seed})
