"""Expected accuracies of many networks on fresh data of one density, in machine code."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rosenblatt.analysis.bayes.rules import FloatArray
from rosenblatt.data import GaussianMixture
from rosenblatt.engines import ENGINES, Samples
from rosenblatt.errors import ConfigurationError, ShapeError
from rosenblatt.layers import Array, Params
from rosenblatt.losses import Loss, as_loss
from rosenblatt.models import Model
from rosenblatt.random import stream

POINTS = 1 << 18
"""Draws at which the networks are asked."""

MOST_DIMENSIONS_OF_CELLS = 2
"""With more, a grid of as many cells has few of them along each axis."""

LEAST_SHARE = 1e-13
"""Of the probability: a class that is less likely at a draw does not count there."""


def expected_accuracies(
    model: Model,
    members: Sequence[Params],
    density: GaussianMixture,
    *,
    loss: Loss | str | None = None,
) -> FloatArray:
    """Return the accuracy of many networks on fresh data of a density, (members,).

    As :func:`expected_accuracy` of each, much sooner and with fewer digits: the mean of P(c | x)
    over 2¹⁸ draws x, c being the class that the network predicts. In one or two dimensions there is
    a draw in each cell of a grid of equal probabilities (Owen, *Monte Carlo theory, methods and
    examples*, 2013, section 10.1), so that only cells at a border of the network make errors; their
    standard deviation is some 3e-5, and up to 1e-3 in more dimensions. The draws are the same for
    all networks, whose differences are known better.

    Args:
        model: a classifier of D inputs.
        members: parameters by name, of each network.
        density: of C classes in D dimensions.
        loss: by which the model predicts; its default loss where none is named.

    Raises:
        ConfigurationError: the loss does not tell C classes apart.
        ShapeError: the model has another number of inputs.

    >>> import rosenblatt as rb
    >>> density = rb.data.gaussians_density([[-1.0, 0.0], [1.0, 0.0]])
    >>> model = rb.MLP(2, [], 2)
    >>> params = {"0.weight": np.array([[-1.0, 1.0], [0.0, 0.0]]), "0.bias": np.zeros(2)}
    >>> expected_accuracies(model, [params], density).round(4).tolist()  # Φ(1)
    [0.8413]
    """
    loss = model.default_loss if loss is None else as_loss(loss)
    n_classes = len(density.priors)
    if loss.task != "classification" or loss.n_classes(model.n_outputs) != n_classes:
        raise ConfigurationError(
            f"{type(loss).__name__} on {model.n_outputs} outputs does not tell the {n_classes} "
            "classes of the density apart"
        )
    n_inputs = density.means.shape[1]
    if model.n_inputs != n_inputs:
        raise ShapeError(f"the model has {model.n_inputs} inputs, the density {n_inputs}")
    if not members:
        return np.zeros(0)
    x, shares = _draws(density)
    rows, classes = np.nonzero(shares > LEAST_SHARE)
    targets = loss.encode(classes, model.n_outputs)
    samples = Samples(x[rows], targets, shares[rows, classes])
    checked = [model.check_params(params, np.float64) for params in members]
    measured = ENGINES["compiled"]().evaluate_many(model, _Mistakes(loss), checked, samples)
    return 1 - np.array([one.loss for one in measured])


@dataclass(frozen=True)
class _Mistakes(Loss):
    """1 where another loss would predict wrongly, else 0: an accuracy with sample weights."""

    of: Loss

    task = "regression"

    def value_and_gradient(self, z: Array, y: Array) -> tuple[Array, Array]:
        """Return the mistakes; they have no gradient of any use."""
        return 1.0 - self.of.is_correct(z, y).astype(np.float64), np.zeros_like(z)

    def per_sample(self, outputs: Array, targets: Array) -> Array:
        wrong = self.value_and_gradient(outputs, targets)[0]
        return wrong.reshape(-1) if isinstance(wrong, np.ndarray) else wrong


def _draws(density: GaussianMixture) -> tuple[FloatArray, FloatArray]:
    """Return draws, as many of each cluster, and P(c | x) by their weights, (N, C)."""
    from scipy.special import ndtri

    n_clusters, size = density.means.shape
    side = max(1, round((POINTS / n_clusters) ** (1 / size)))
    parts, weights = [], []
    for k in range(n_clusters):
        rng = stream(0, f"analysis.accuracies.{k}")
        if size <= MOST_DIMENSIONS_OF_CELLS:
            cells = np.indices((side,) * size).reshape(size, -1).T
            z = ndtri((cells + rng.random(cells.shape)) / side)
        else:
            z = rng.standard_normal((max(1, POINTS // n_clusters), size))
        parts.append(density.means[k] + z @ np.linalg.cholesky(density.covariances[k]).T)
        weights.append(np.full(len(z), density.weights[k] / len(z)))
    x = np.concatenate(parts)
    shares: npt.NDArray[np.float64] = density.posterior(x) * np.concatenate(weights)[:, np.newaxis]
    return x, shares
