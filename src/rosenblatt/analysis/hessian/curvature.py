"""Measures of curvature: the Hessian, its extremes and trace, perturbed losses, gradient noise."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.analysis.hessian.lanczos import lanczos
from rosenblatt.analysis.hessian.objective import (
    MOST_PARAMETERS,
    NoiseScale,
    finite,
    objective_of,
)
from rosenblatt.analysis.hessian.vectors import count, flatten, unflatten
from rosenblatt.checks import real_number, whole_number
from rosenblatt.engines.threads import blas_alone
from rosenblatt.errors import ShapeError
from rosenblatt.layers import Params
from rosenblatt.losses import Loss
from rosenblatt.models import Model
from rosenblatt.random import Key, stream

DENSE = 400
"""Number of parameters up to which all of H costs less than an iteration with products only."""


@dataclass(frozen=True)
class HessianExtremes:
    """Both ends of the spectrum of H.

    Attributes:
        smallest: the smallest eigenvalue; below 0, the loss curves downwards in some direction.
        largest: the largest. Gradient descent on a quadratic is stable for η < 2 / largest.
        smallest_vector: a unit eigenvector of ``smallest``, as parameters by name.
        largest_vector: a unit eigenvector of ``largest``, as parameters by name.

    Of an eigenvector and its negative, the one is given whose entry of largest size is positive.

    >>> import rosenblatt as rb
    >>> model = rb.MLP(1, [], 1, init="zeros")
    >>> found = rb.analysis.hessian.hessian_extremes(
    ...     model, model.init(0), [[1.0], [3.0]], [1.0, 1.0], loss=rb.losses.HalfSquaredError()
    ... )
    >>> round(found.smallest, 6), round(found.largest, 6)  # 3 ± √8
    (0.171573, 5.828427)
    >>> sorted(found.largest_vector)
    ['0.bias', '0.weight']
    """

    smallest: float
    largest: float
    smallest_vector: Params
    largest_vector: Params


@dataclass(frozen=True)
class Trace:
    """tr H, the sum of its eigenvalues.

    Attributes:
        value: the trace, or its estimate.
        standard_error: of the estimate; 0 where the trace is exact.

    >>> Trace(value=3.0, standard_error=0.1)
    Trace(value=3.0, standard_error=0.1)
    """

    value: float
    standard_error: float


@dataclass(frozen=True)
class PerturbedLoss:
    """The loss L(θ + u) − L(θ) under random changes u of the weights.

    Attributes:
        loss: L(θ).
        increases: L(θ + u) − L(θ) for each draw of u, (n_draws,).

    >>> import rosenblatt as rb
    >>> model, squares = rb.MLP(1, [], 1, init="zeros"), rb.losses.HalfSquaredError()
    >>> X, y = [[1.0], [-1.0]], [0.0, 0.0]
    >>> found = rb.analysis.hessian.perturbed_loss(
    ...     model, model.init(0), X, y, scale=0.1, n_draws=5, loss=squares
    ... )
    >>> found.loss, bool((found.increases > 0).all())  # from the minimum, every way leads up
    (0.0, True)
    """

    loss: float
    increases: npt.NDArray[np.float64]

    @property
    def mean(self) -> float:
        """The mean increase: the expected sharpness."""
        return float(self.increases.mean())

    @property
    def std(self) -> float:
        """The standard deviation of the increases over draws (with n − 1)."""
        return float(self.increases.std(ddof=1)) if len(self.increases) > 1 else 0.0


def hessian_vector_product(
    model: Model,
    params: Params,
    X: npt.ArrayLike,
    y: npt.ArrayLike,
    vector: Params,
    *,
    loss: Loss | str | None = None,
    sample_weight: npt.ArrayLike | None = None,
    key: Key | None = None,
) -> Params:
    """Return H v, where H is the Hessian of the mean loss on (X, y) at ``params``.

    Args:
        model: a :class:`Sequential`, an MLP or a perceptron.
        params: its parameters, by name.
        X: samples, (N, D).
        y: class indices (N,), or values for a regression loss.
        vector: v, with the names and shapes of ``params``.
        loss: the model's default loss where none is named.
        sample_weight: weights (N,) of the samples in the mean.
        key: where dropout masks come from; none, for no dropout.

    Returns:
        H v, a dict with the names and shapes of ``params``, in float64.

    Raises:
        ShapeError: arrays do not fit the model.
        DataError: a label is no class of the model, or H v is not finite.
        DerivativeError: a layer or a loss of your own does what :class:`Dual` cannot differentiate.

    >>> import rosenblatt as rb
    >>> model = rb.MLP(1, [], 1)
    >>> params = {"0.weight": np.array([[0.5]]), "0.bias": np.array([0.0])}
    >>> one = {"0.weight": np.array([[1.0]]), "0.bias": np.array([0.0])}
    >>> squares = rb.losses.HalfSquaredError()
    >>> X = [[1.0], [3.0]]  # the mean of x² is 5, of x it is 2
    >>> hessian_vector_product(model, params, X, [1.0, 1.0], one, loss=squares)
    {'0.weight': array([[5.]]), '0.bias': array([2.])}
    """
    objective = objective_of(model, params, X, y, loss, sample_weight, key)
    direction = flatten(model.check_params(vector, np.float64))
    return unflatten(objective.products(direction[np.newaxis])[0], model.shapes)


def hessian(
    model: Model,
    params: Params,
    X: npt.ArrayLike,
    y: npt.ArrayLike,
    *,
    loss: Loss | str | None = None,
    sample_weight: npt.ArrayLike | None = None,
    key: Key | None = None,
) -> npt.NDArray[np.float64]:
    """Return H, (P, P), symmetric, in the order of :func:`flatten`.

    Row i is the product with the i-th unit vector. H is symmetric up to rounding; what is returned
    is (H + Hᵀ) / 2. Arguments are those of :func:`hessian_vector_product`.

    Raises:
        ConfigurationError: there are more than 4096 parameters.
        ShapeError, DataError, DerivativeError: as of :func:`hessian_vector_product`.

    >>> import rosenblatt as rb
    >>> model = rb.MLP(1, [], 1)
    >>> squares = rb.losses.HalfSquaredError()
    >>> hessian(model, model.init(seed=0), [[1.0], [3.0]], [1.0, 1.0], loss=squares)
    array([[5., 2.],
           [2., 1.]])
    """
    return objective_of(model, params, X, y, loss, sample_weight, key).hessian()


def hessian_extremes(
    model: Model,
    params: Params,
    X: npt.ArrayLike,
    y: npt.ArrayLike,
    *,
    loss: Loss | str | None = None,
    sample_weight: npt.ArrayLike | None = None,
    key: Key | None = None,
    dense: bool | None = None,
    tolerance: float = 1e-8,
) -> HessianExtremes:
    """Return the smallest and the largest eigenvalue of H, with eigenvectors.

    Up to 400 parameters H is formed and all its eigenvalues are taken; above, SciPy's Lanczos
    iteration (ARPACK) needs only products with H. It starts from a fixed vector, so that the same
    arguments give the same answer.

    The arguments up to ``key`` are those of :func:`hessian_vector_product`. ``dense`` says whether
    to form H, which is otherwise decided by the number of parameters; ``tolerance`` is that of the
    iteration, as a fraction of the size of H.

    Raises:
        ConfigurationError: the iteration does not converge.
        ShapeError, DataError, DerivativeError: as of :func:`hessian_vector_product`.

    >>> import rosenblatt as rb
    >>> model = rb.MLP(1, [], 1)
    >>> squares = rb.losses.HalfSquaredError()
    >>> ends = hessian_extremes(model, model.init(seed=0), [[1.0], [3.0]], [1.0, 1.0], loss=squares)
    >>> round(ends.smallest, 4), round(ends.largest, 4)  # 3 ∓ √8
    (0.1716, 5.8284)
    """
    tolerance = real_number(tolerance, "tolerance", above=0, below=1)
    objective = objective_of(model, params, X, y, loss, sample_weight, key)
    if dense is None:
        dense = objective.n_params <= DENSE
    # ARPACK wants more parameters than there are eigenvalues asked for.
    if dense or objective.n_params < 3:
        return _extremes(objective.hessian(), model)
    (smallest, low), (largest, high) = lanczos(objective, tolerance)
    return HessianExtremes(
        float(smallest),
        float(largest),
        unflatten(_with_positive_peak(low), model.shapes),
        unflatten(_with_positive_peak(high), model.shapes),
    )


def hessian_extremes_of_many(
    model: Model,
    members: Sequence[Params],
    X: npt.ArrayLike,
    y: npt.ArrayLike,
    *,
    loss: Loss | str | None = None,
    sample_weight: npt.ArrayLike | None = None,
    tolerance: float = 1e-6,
) -> list[HessianExtremes]:
    """Return both ends of the spectrum of H for each of many networks, on the same samples.

    The same as :func:`hessian_extremes` of each, for small networks much sooner: the products of
    all of them are computed in machine code, spread over the cores.

    Args:
        model: a :class:`Sequential`, an MLP or a perceptron.
        members: parameters by name, of each network.
        X: samples, (N, D).
        y: class indices (N,), or values for a regression loss.
        loss: the model's default loss where none is named.
        sample_weight: weights (N,) of the samples in the mean.
        tolerance: of the eigenvalues, relative to the largest, where networks have more parameters
            than a dense H is computed for.

    Raises:
        ShapeError, DataError, DerivativeError: as of :func:`hessian_vector_product`.

    >>> import rosenblatt as rb
    >>> model = rb.MLP(1, [], 1)
    >>> members = [model.init(seed) for seed in range(3)]
    >>> squares = rb.losses.HalfSquaredError()
    >>> ends = hessian_extremes_of_many(model, members, [[1.0], [3.0]], [1.0, 1.0], loss=squares)
    >>> [round(one.largest, 4) for one in ends]
    [5.8284, 5.8284, 5.8284]
    """
    objectives = [
        objective_of(model, params, X, y, loss, sample_weight, None) for params in members
    ]
    n = count(model.shapes)
    first = objectives[0].prepared(n * len(members)) if members else None
    if first is None or first.compiled is None or n > DENSE:
        options: dict[str, Any] = {"loss": loss, "sample_weight": sample_weight}
        return [
            hessian_extremes(model, params, X, y, tolerance=tolerance, **options)
            for params in members
        ]
    ends = []
    for objective in objectives:
        centre = np.tile(flatten(objective.params), (n, 1))
        rows = finite(first.compiled.of(centre, np.eye(n)))
        ends.append(_extremes((rows + rows.T) / 2, model))
    return ends


def _extremes(matrix: npt.NDArray[np.float64], model: Model) -> HessianExtremes:
    """Return both ends of the spectrum of a dense H."""
    # Several threads of BLAS would wait for each other longer than they compute.
    with blas_alone():
        values, vectors = np.linalg.eigh(matrix)
    return HessianExtremes(
        float(values[0]),
        float(values[-1]),
        unflatten(_with_positive_peak(vectors[:, 0]), model.shapes),
        unflatten(_with_positive_peak(vectors[:, -1]), model.shapes),
    )


def hessian_trace(
    model: Model,
    params: Params,
    X: npt.ArrayLike,
    y: npt.ArrayLike,
    *,
    loss: Loss | str | None = None,
    sample_weight: npt.ArrayLike | None = None,
    key: Key | None = None,
    n_probes: int | None = None,
    seed: int = 0,
) -> Trace:
    """Return tr H: exactly, or the mean of zᵀ H z over random z of ±1.

    E[zᵀ H z] = tr H where the entries of z are independent with mean 0 and variance 1; with ±1 the
    variance is smallest (Hutchinson, *A stochastic estimator of the trace of the influence matrix*,
    Communications in Statistics 1990).

    The arguments up to ``key`` are those of :func:`hessian_vector_product`. ``n_probes`` is the
    number of z, at least 2; by default the trace is exact up to 4096 parameters, and above
    estimated with 100 z. ``seed`` is that of the z.

    Raises:
        ConfigurationError: a setting that is out of range.
        ShapeError, DataError, DerivativeError: as of :func:`hessian_vector_product`.

    >>> import rosenblatt as rb
    >>> model = rb.MLP(1, [], 1)
    >>> squares = rb.losses.HalfSquaredError()
    >>> hessian_trace(model, model.init(seed=0), [[1.0], [3.0]], [1.0, 1.0], loss=squares)
    Trace(value=6.0, standard_error=0.0)
    """
    objective = objective_of(model, params, X, y, loss, sample_weight, key)
    n_params = objective.n_params
    if n_probes is None and n_params <= MOST_PARAMETERS:
        return Trace(float(np.trace(objective.hessian())), 0.0)
    count = 100 if n_probes is None else whole_number(n_probes, "n_probes", at_least=2)
    probes = stream(seed, "hessian_trace").choice((-1.0, 1.0), (count, n_params))
    samples = (probes * objective.prepared(count).products(probes)).sum(axis=1)
    return Trace(float(samples.mean()), float(samples.std(ddof=1) / np.sqrt(count)))


def perturbed_loss(
    model: Model,
    params: Params,
    X: npt.ArrayLike,
    y: npt.ArrayLike,
    *,
    scale: float,
    n_draws: int = 100,
    seed: int = 0,
    loss: Loss | str | None = None,
    sample_weight: npt.ArrayLike | None = None,
    key: Key | None = None,
) -> PerturbedLoss:
    """Return how much the loss rises under Gaussian changes of all parameters.

    u ~ N(0, scale² I), biases included, the same scale for every parameter: the mean of
    L(θ + u) − L(θ) is the expected sharpness of Neyshabur et al., *Exploring generalization in deep
    learning*, NeurIPS 2017, section 2. Where the loss is smooth, it is scale²/2 · tr H for small
    scales. (The sharpness of Keskar et al., *On large-batch training for deep learning*, ICLR 2017,
    is another one: a maximum over a box whose sides grow with |θ|. Both change where weights are
    rescaled between ReLU layers, although no output does.)

    ``scale`` is above 0, ``n_draws`` the number of u. The same ``seed`` gives the same directions
    at every scale. The other arguments are those of :func:`hessian_vector_product`.

    Raises:
        ConfigurationError: a setting that is out of range.
        ShapeError, DataError: as of :func:`hessian_vector_product`.

    >>> import rosenblatt as rb
    >>> model = rb.MLP(1, [], 1)
    >>> params, squares = model.init(seed=0), rb.losses.HalfSquaredError()
    >>> found = perturbed_loss(model, params, [[1.0], [3.0]], [1.0, 1.0], scale=0.1, loss=squares)
    >>> found.increases.shape, found.mean > 0
    ((100,), True)
    """
    scale = real_number(scale, "scale", above=0)
    n_draws = whole_number(n_draws, "n_draws", at_least=1)
    objective = objective_of(model, params, X, y, loss, sample_weight, key)
    centre, here = flatten(objective.params), objective.value(objective.params)
    rng = stream(seed, "perturbed_loss")
    increases = np.empty(n_draws)
    for i in range(n_draws):
        moved = centre + scale * rng.standard_normal(len(centre))
        increases[i] = objective.value(unflatten(moved, model.shapes)) - here
    return PerturbedLoss(here, increases)


def gradient_noise_scale(
    model: Model,
    params: Params,
    X: npt.ArrayLike,
    y: npt.ArrayLike,
    *,
    loss: Loss | str | None = None,
) -> NoiseScale:
    """Return B_simple = tr Σ / ‖G‖², the batch size at which noise and gradient are equal.

    G is the gradient of the loss on all N samples, g_i that of sample i alone, and Σ their
    covariance: tr Σ = Σ_i ‖g_i − G‖² / (N − 1), which is unbiased. Batches much smaller than
    B_simple give gradients that are mostly noise, much larger ones are wasteful (McCandlish,
    Kaplan, Amodei and others, *An empirical model of large-batch training*, arXiv:1812.06162,
    equation 2.9). Dropout does nothing here. Arguments are those of :func:`hessian_vector_product`,
    with at least 2 samples, which the layers treat one by one.

    Raises:
        ShapeError: arrays do not fit the model, or there is one sample only.
        DataError: a label is no class of the model.

    >>> import rosenblatt as rb
    >>> model = rb.MLP(1, [], 1, init="zeros")
    >>> squares = rb.losses.HalfSquaredError()
    >>> noise = gradient_noise_scale(model, model.init(0), [[0.0], [0.0]], [1.0, 3.0], loss=squares)
    >>> noise.trace_covariance, noise.squared_norm, noise.value  # the gradients are −1 and −3
    (2.0, 4.0, 0.5)
    """
    objective = objective_of(model, params, X, y, loss, None, None)
    if len(objective.x) < 2:
        raise ShapeError("a covariance needs at least 2 samples, got 1")
    return objective.noise_scale()


def _with_positive_peak(vector: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return vector if vector[np.abs(vector).argmax()] > 0 else -vector
