"""Random draws as scikit-learn's functions make them: the same seed gives the same rows.

They come from NumPy's legacy generator, which remembers where it is: the order of the draws counts.
"""

import numpy as np
import numpy.typing as npt

from rosenblatt.errors import ConfigurationError
from rosenblatt.random import check_seed

_LARGEST_SEED_OF_SKLEARN = 2**32 - 1

Rows = npt.NDArray[np.int64]


def sklearn_generator(seed: int) -> np.random.RandomState:
    """Return the generator of scikit-learn's ``random_state=seed``.

    Raises:
        ConfigurationError: the seed is not one, or above 2^32 - 1, where scikit-learn stops.
    """
    if check_seed(seed) > _LARGEST_SEED_OF_SKLEARN:
        raise ConfigurationError(
            f"seed must be at most 2^32 - 1 here, scikit-learn's largest; got {seed}"
        )
    return np.random.RandomState(int(seed))


def draw_shuffle(rng: np.random.RandomState, n: int) -> Rows:
    """Return the order of n rows that ``sklearn.utils.shuffle`` draws."""
    order = np.arange(n)
    rng.shuffle(order)
    return order


def draw_split(rng: np.random.RandomState, n: int, n_test: int) -> tuple[Rows, Rows]:
    """Return the rows for training and for testing of ``train_test_split`` without strata."""
    order = rng.permutation(n)
    return order[n_test:], order[:n_test]


def draw_stratified_split(
    rng: np.random.RandomState, y: npt.NDArray[np.int64], n_test: int
) -> tuple[Rows, Rows]:
    """Return the rows for training and for testing of ``train_test_split(stratify=y)``.

    Args:
        rng: what is drawn from.
        y: class indices, (N,).
        n_test: how many rows are for testing.
    """
    _, y, counts = np.unique(y, return_inverse=True, return_counts=True)
    n_train_of = _draws_per_class(rng, counts, len(y) - n_test)
    n_test_of = _draws_per_class(rng, counts - n_train_of, n_test)
    train, test = [], []
    for c, count in enumerate(counts):
        rows = np.flatnonzero(y == c)[rng.permutation(count)]
        train.append(rows[: n_train_of[c]])
        test.append(rows[n_train_of[c] : n_train_of[c] + n_test_of[c]])
    return rng.permutation(np.concatenate(train)), rng.permutation(np.concatenate(test))


def _draws_per_class(rng: np.random.RandomState, counts: Rows, n_draws: int) -> Rows:
    """Return each class's share of ``n_draws``, rounded up for the largest remainders.

    Among equal remainders, those to round up are drawn.
    """
    shares = counts / counts.sum() * n_draws
    draws = np.floor(shares)
    remainders = shares - draws
    missing = int(n_draws - draws.sum())
    for remainder in sorted(set(remainders.tolist()), reverse=True):
        if missing == 0:
            break
        equal = np.flatnonzero(remainders == remainder)
        chosen = rng.choice(equal, size=min(len(equal), missing), replace=False)
        draws[chosen] += 1
        missing -= len(chosen)
    return draws.astype(np.int64)
