"""Sums of two numbers modulo a third, as classes."""

import numpy as np

from rosenblatt.checks import whole_number
from rosenblatt.data.dataset import Dataset
from rosenblatt.data.sample_counts import checked_samples, shares
from rosenblatt.random import stream


def modular_addition(n: int = 529, modulus: int = 23, seed: int = 0) -> Dataset:
    """Pairs of numbers below p, each one-hot, labelled by their sum modulo p.

        x = (e_a, e_b) ∈ {0, 1}²ᵖ,   class (a + b) mod p

    There are p² pairs. The seed draws which of them, and their order; where n is larger, each pair
    is there as often as any other, up to one. On this task networks fit all samples long before
    they are right about other pairs: A. Power, Y. Burda, H. Edwards, I. Babuschkin and V. Misra,
    *Grokking: generalization beyond overfitting on small algorithmic datasets*, 2022 (arXiv
    2201.02177); A. Gromov, *Grokking modular arithmetic*, 2023 (arXiv 2301.02679).

    Args:
        n: samples in all, at least ``modulus``.
        modulus: p, the number of classes, at least 2.
        seed: from 0 to 2^32 - 1.

    Raises:
        ConfigurationError: a number out of its range.

    >>> data = modular_addition(25, modulus=5)
    >>> a, b = data.X[:, :5].argmax(axis=1), data.X[:, 5:].argmax(axis=1)
    >>> bool(((a + b) % 5 == data.y).all()), len(set(zip(a.tolist(), b.tolist())))
    (True, 25)
    """
    p = whole_number(modulus, "modulus", at_least=2)
    n = checked_samples(n, at_least=p, n_features=2 * p)
    rng = stream(seed, "data.pairs")
    first, sums = [], []
    for c, size in enumerate(shares(n, p)):
        # A class has one pair for each a; b follows.
        rounds = [rng.permutation(p) for _ in range(-(-size // p))]
        first.append(np.concatenate(rounds)[:size])
        sums.append(np.full(size, c))
    order = stream(seed, "data.rows").permutation(n)
    a, y = np.concatenate(first)[order], np.concatenate(sums)[order]
    one_hot = np.eye(p)
    return Dataset(
        np.hstack([one_hot[a], one_hot[(y - a) % p]]),
        y,
        classes=range(p),
        feature_names=[f"{name}={i}" for name in "ab" for i in range(p)],
        recipe={"generator": "modular_addition", "n": n, "modulus": p, "seed": seed},
    )
