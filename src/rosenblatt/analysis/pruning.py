"""Weights of which some are 0: by size, or at random."""

import numpy as np

from rosenblatt.checks import real_number
from rosenblatt.errors import ConfigurationError, ShapeError
from rosenblatt.layers import Array, Params
from rosenblatt.optimizers.base import is_weight
from rosenblatt.random import stream


def pruned(
    params: Params,
    keep: float,
    *,
    by: Params | None = None,
    per_layer: bool = True,
    seed: int | None = None,
) -> Params:
    """Return parameters in which only a share of the weights is other than 0.

    The weights that stay are the largest in size (Han, Pool, Tran and Dally, *Learning both weights
    and connections for efficient neural networks*, NeurIPS 2015), or with a ``seed`` random ones.
    Biases stay as they are. An optimizer with ``keep_zeros=True`` trains the network on with its
    zeros. To train again from the beginning, as for the lottery ticket hypothesis, prune the
    initial weights by the sizes of the trained ones (Frankle and Carbin, *The lottery ticket
    hypothesis*, ICLR 2019, section 1):

        ticket = rb.analysis.pruned(run.at(0).params, keep=0.2, by=run.params)
        rb.train(model, data, init_params=ticket, optimizer=rb.SGD(0.1, keep_zeros=True))

    Args:
        params: parameters by name, such as ``run.params``. They are left as they were.
        keep: the share of all weights that stay, from 0 to 1. Weights that are 0 already count, so
            that 0.8, 0.64, 0.512 prune a fifth of the remaining weights each.
        by: the parameters whose sizes decide; by default ``params``.
        per_layer: whether the share is that of each weight matrix, or of all together.
        seed: draws the weights that stay from those that are not 0, instead of the largest.

    Raises:
        ConfigurationError: ``keep`` is not from 0 to 1.
        ShapeError: ``by`` has other parameters.

    >>> params = {"0.weight": np.array([[0.1, -3.0], [2.0, -0.2]]), "0.bias": np.array([0.1, 0.2])}
    >>> pruned(params, keep=0.5)["0.weight"]
    array([[ 0., -3.],
           [ 2.,  0.]])
    """
    share = real_number(keep, "keep", at_least=0, at_most=1)
    deciding = params if by is None else by
    shapes = {name: np.shape(value) for name, value in params.items()}
    if shapes != {name: np.shape(value) for name, value in deciding.items()}:
        raise ShapeError("by must have the parameters of params, by the same names and shapes")
    names = [name for name in params if is_weight(name)]
    if not names:
        raise ConfigurationError(f"there are no weights to prune among {sorted(params)}")
    ranks = {name: _ranking(name, deciding[name], seed) for name in names}
    groups = [[name] for name in names] if per_layer else [names]
    result = {name: np.array(value) for name, value in params.items()}
    for group in groups:
        together = np.concatenate([ranks[name].ravel() for name in group])
        stays = np.zeros(len(together), dtype=bool)
        # Stable, so that of equal ones the first stay.
        stays[np.argsort(-together, kind="stable")[: round(share * len(together))]] = True
        start = 0
        for name in group:
            mask = stays[start : start + ranks[name].size].reshape(shapes[name])
            result[name] = np.where(mask, result[name], 0)
            start += mask.size
    return result


def _ranking(name: str, weight: Array, seed: int | None) -> Array:
    """Return the numbers by which weights are ranked: sizes, or random ones with 0 for zeros."""
    if seed is None:
        return np.abs(weight)
    # From (0, 1], so that weights of 0 come last.
    drawn = 1 - stream(seed, f"pruned.{name}").random(np.shape(weight))
    return np.where(weight != 0, drawn, 0)
