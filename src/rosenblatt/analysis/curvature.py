"""How is a loss curved? Its second derivatives by the parameters, and what is read off them.

The product of the Hessian H with a vector v is the derivative of the gradient along v,

    H v = d/dε ∇L(θ + ε v) at ε = 0

(Pearlmutter, *Fast exact multiplication by the Hessian*, Neural Computation 1994). Forward and
backward passes are run as they stand, on :class:`Dual` numbers whose tangents start as v; the
tangents of the gradient are H v. This is exact to rounding, for every layer and loss, and many
directions go through one pass.

H is that of the mean loss over the given samples. At a kink, as of ReLU at 0, there is no second
derivative, and H is that of the branch which the layer takes: a linear piece, curved by nothing.
Everything here computes in float64, whatever the dtype of the parameters. Dropout draws the masks
of ``key``; without a key it does nothing, as after training.

Where a vector or a matrix belongs to all parameters, they are in the order of :func:`flatten`: the
model's ``shapes``, one after another, each row by row.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from rosenblatt.analysis.dual import Dual, one_float, tangents_of
from rosenblatt.checks import real_number, whole_number
from rosenblatt.errors import ConfigurationError, DataError, ShapeError
from rosenblatt.layers import Array, Linear, Params
from rosenblatt.losses import Loss, as_loss
from rosenblatt.models import Model
from rosenblatt.models.gradients import check_batch, check_loss
from rosenblatt.random import Key, stream

DENSE = 400
"""Up to so many parameters, all of H costs less than an iteration that needs only products."""

MOST_PARAMETERS = 4096
"""Of a dense Hessian, which then takes 128 MB."""

BLOCK_BYTES = 2**21
"""How much one array of tangents may take: directions go through a pass in blocks of that size."""

KEPT_BYTES = 2**24
"""How much memory to keep between arrays of a pass, some ten blocks being alive at a time."""


@dataclass(frozen=True)
class HessianExtremes:
    """Both ends of the spectrum of H.

    Attributes:
        smallest: the smallest eigenvalue; below 0, the loss curves downwards in some direction.
        largest: the largest. Gradient descent on a quadratic is stable for η < 2 / largest.
        smallest_vector: a unit eigenvector of ``smallest``, as parameters by name.
        largest_vector: a unit eigenvector of ``largest``, as parameters by name.

    Of an eigenvector and its negative, the one is given whose entry of largest size is positive.
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
    """

    value: float
    standard_error: float


@dataclass(frozen=True)
class PerturbedLoss:
    """The loss L(θ + u) − L(θ) under random changes u of the weights.

    Attributes:
        loss: L(θ).
        increases: L(θ + u) − L(θ) for each draw of u, (n_draws,).
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


@dataclass(frozen=True)
class NoiseScale:
    """How noisy the gradient of one sample is, beside the gradient of all.

    Attributes:
        trace_covariance: tr Σ, the sum of the variances of the entries of per-sample gradients.
        squared_norm: ‖G‖² of the gradient G of the mean loss.
    """

    trace_covariance: float
    squared_norm: float

    @property
    def value(self) -> float:
        """B_simple = tr Σ / ‖G‖², in samples; infinite where G = 0."""
        return self.trace_covariance / self.squared_norm if self.squared_norm > 0 else float("inf")


def flatten(params: Mapping[str, npt.ArrayLike]) -> npt.NDArray[np.float64]:
    """Return all parameters as one vector (P,) of float64, in the dict's order, row by row.

    >>> flatten({"0.weight": [[1.0, 2.0], [3.0, 4.0]], "0.bias": [5.0, 6.0]})
    array([1., 2., 3., 4., 5., 6.])
    """
    arrays = [np.asarray(value, dtype=np.float64).ravel() for value in params.values()]
    return np.concatenate(arrays) if arrays else np.zeros(0)


def unflatten(vector: npt.ArrayLike, shapes: Mapping[str, tuple[int, ...]]) -> Params:
    """Return a vector (P,) as arrays by name: the inverse of :func:`flatten`.

    Args:
        vector: as many numbers as ``shapes`` has places.
        shapes: of every array, by name, in order; ``model.shapes`` for a model's parameters.

    Raises:
        ShapeError: the vector has another length.

    >>> unflatten([1.0, 2.0, 3.0], {"0.weight": (2, 1), "0.bias": (1,)})["0.bias"]
    array([3.])
    """
    flat = np.array(vector, dtype=np.float64)
    n_params = _count(shapes)
    if flat.shape != (n_params,):
        raise ShapeError(f"the vector is {flat.shape}; the parameters need ({n_params},)")
    return {name: part[0] for name, part in _split(flat[np.newaxis], shapes).items()}


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
    objective = _objective(model, params, X, y, loss, sample_weight, key)
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
    is (H + Hᵀ) / 2.

    Args:
        model: a :class:`Sequential`, an MLP or a perceptron.
        params: its parameters, by name.
        X: samples, (N, D).
        y: class indices (N,), or values for a regression loss.
        loss: the model's default loss where none is named.
        sample_weight: weights (N,) of the samples in the mean.
        key: where dropout masks come from; none, for no dropout.

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
    return _objective(model, params, X, y, loss, sample_weight, key).hessian()


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

    Args:
        model: a :class:`Sequential`, an MLP or a perceptron.
        params: its parameters, by name.
        X: samples, (N, D).
        y: class indices (N,), or values for a regression loss.
        loss: the model's default loss where none is named.
        sample_weight: weights (N,) of the samples in the mean.
        key: where dropout masks come from; none, for no dropout.
        dense: whether to form H; by the number of parameters where it is not said.
        tolerance: of the iteration, as a fraction of the size of H.

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
    objective = _objective(model, params, X, y, loss, sample_weight, key)
    if dense is None:
        dense = objective.n_params <= DENSE
    # ARPACK wants more parameters than there are eigenvalues asked for.
    if dense or objective.n_params < 3:
        values, vectors = np.linalg.eigh(objective.hessian())
        ends = (values[0], vectors[:, 0]), (values[-1], vectors[:, -1])
    else:
        ends = _lanczos(objective, tolerance)
    (smallest, low), (largest, high) = ends
    return HessianExtremes(
        float(smallest),
        float(largest),
        unflatten(_with_positive_peak(low), model.shapes),
        unflatten(_with_positive_peak(high), model.shapes),
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

    Args:
        model: a :class:`Sequential`, an MLP or a perceptron.
        params: its parameters, by name.
        X: samples, (N, D).
        y: class indices (N,), or values for a regression loss.
        loss: the model's default loss where none is named.
        sample_weight: weights (N,) of the samples in the mean.
        key: where dropout masks come from; none, for no dropout.
        n_probes: how many z, at least 2. Where none is said, the trace is exact up to 4096
            parameters, and above estimated with 100.
        seed: of the z.

    Raises:
        ConfigurationError: a setting that is out of range.
        ShapeError, DataError, DerivativeError: as of :func:`hessian_vector_product`.

    >>> import rosenblatt as rb
    >>> model = rb.MLP(1, [], 1)
    >>> squares = rb.losses.HalfSquaredError()
    >>> hessian_trace(model, model.init(seed=0), [[1.0], [3.0]], [1.0, 1.0], loss=squares)
    Trace(value=6.0, standard_error=0.0)
    """
    objective = _objective(model, params, X, y, loss, sample_weight, key)
    n_params = objective.n_params
    if n_probes is None and n_params <= MOST_PARAMETERS:
        return Trace(float(np.trace(objective.hessian())), 0.0)
    count = 100 if n_probes is None else whole_number(n_probes, "n_probes", at_least=2)
    probes = stream(seed, "hessian_trace").choice((-1.0, 1.0), (count, n_params))
    samples = (probes * objective.products(probes)).sum(axis=1)
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

    Args:
        model: a :class:`Sequential`, an MLP or a perceptron.
        params: its parameters, by name.
        X: samples, (N, D).
        y: class indices (N,), or values for a regression loss.
        loss: the model's default loss where none is named.
        sample_weight: weights (N,) of the samples in the mean.
        key: where dropout masks come from; none, for no dropout.
        scale: the standard deviation of every entry of u, above 0.
        n_draws: how many u.
        seed: of the u; the same seed gives the same directions at every scale.

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
    objective = _objective(model, params, X, y, loss, sample_weight, key)
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
    equation 2.9). Dropout does nothing here.

    Args:
        model: a :class:`Sequential`, an MLP or a perceptron, whose layers treat samples one by one.
        params: its parameters, by name.
        X: samples, (N, D), at least 2.
        y: class indices (N,), or values for a regression loss.
        loss: the model's default loss where none is named.

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
    objective = _objective(model, params, X, y, loss, None, None)
    if len(objective.x) < 2:
        raise ShapeError("a covariance needs at least 2 samples, got 1")
    return objective.noise_scale()


@dataclass(frozen=True)
class _Objective:
    """The mean loss on fixed samples as a function of the parameters: checked once, asked often."""

    model: Model
    loss: Loss
    params: Params
    x: Array
    targets: Array
    sample_weight: Array | None
    key: Key | None

    @property
    def n_params(self) -> int:
        """P, how many numbers all parameters are."""
        return _count(self.model.shapes)

    def value(self, params: Params) -> float:
        """Return L."""
        outputs, _ = self._forward(params)
        return self.loss.over_batch(outputs, self.targets, self.sample_weight)[0]

    def products(self, directions: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return H v for every row v of ``directions``, (K, P)."""
        widest = max(max(shape) for shape in self.model.shapes.values())
        per_direction = 8 * max(len(self.x) * widest, self.n_params)
        block = max(1, BLOCK_BYTES // per_direction)
        products = np.empty_like(directions)
        _keep_freed_memory()
        for start in range(0, len(directions), block):
            products[start : start + block] = self._products(directions[start : start + block])
        if not np.isfinite(products).all():
            raise DataError("the curvature is not finite here; look at smaller weights or inputs")
        return products

    def hessian(self) -> npt.NDArray[np.float64]:
        """Return H, (P, P)."""
        if self.n_params > MOST_PARAMETERS:
            raise ConfigurationError(
                f"a dense Hessian of {self.n_params} parameters would take "
                f"{8e-9 * self.n_params**2:.1f} GB; at most {MOST_PARAMETERS} are taken. "
                "hessian_extremes, hessian_trace with n_probes, and hessian_vector_product need "
                "no matrix"
            )
        rows = self.products(np.eye(self.n_params))
        return (rows + rows.T) / 2

    def noise_scale(self) -> NoiseScale:
        """Return tr Σ and ‖G‖² of the gradients of single samples."""
        n_samples = len(self.x)
        outputs, caches = self._forward(self.params)
        # The loss is a mean: row i of ∂L/∂outputs is sample i's share of it.
        _, dy = self.loss.over_batch(outputs, self.targets)
        _, grads = self.model.backward(self.params, caches, dy)
        squared_norm = _squared_norm(grads)
        if all(type(layer) is Linear or not layer.shapes for layer in self.model.layers):
            total = self._squares_by_layer(caches, n_samples * dy)
        else:
            total = self._squares_by_sample(n_samples * dy)
        # Σ‖g_i − G‖² = Σ‖g_i‖² − N‖G‖²; rounding may take it below 0 where all g_i are equal.
        scatter = max(0.0, total - n_samples * squared_norm)
        return NoiseScale(scatter / (n_samples - 1), squared_norm)

    def _forward(self, params: Params) -> tuple[Array, list[Any]]:
        return self.model.forward(params, self.x, training=self.key is not None, key=self.key)

    def _products(self, directions: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return H v for every row v of a block, in one pass."""
        tangents = _split(directions, self.model.shapes)
        params: Any = {name: Dual(value, tangents[name]) for name, value in self.params.items()}
        outputs, caches = self._forward(params)
        with one_float():
            _, dy = self.loss.over_batch(outputs, self.targets, self.sample_weight)
        _, grads = self.model.backward(params, caches, dy)
        k = len(directions)
        return np.hstack([tangents_of(grad, k).reshape(k, -1) for grad in grads.values()])

    def _squares_by_layer(self, caches: list[Any], dy: Array) -> float:
        """Return Σ_i ‖g_i‖² where all parameters are those of linear layers.

        There dW_i = x_iᵀ dy_i, so that ‖dW_i‖² = ‖x_i‖² ‖dy_i‖², and db_i = dy_i (Goodfellow,
        *Efficient per-example gradient computations*, arXiv:1510.01799).
        """
        total = 0.0
        own = [_own(self.params, i) for i in range(len(caches))]
        for layer, params, cache in reversed(
            list(zip(self.model.layers, own, caches, strict=True))
        ):
            if layer.shapes:
                squares = (cache**2).sum(axis=1) + ("bias" in layer.shapes)
                total += float(squares @ (dy**2).sum(axis=1))
            dy, _ = layer.backward(params, cache, dy)
        return total

    def _squares_by_sample(self, dy: Array) -> float:
        """Return Σ_i ‖g_i‖² for any layers, sample by sample."""
        total = 0.0
        for i in range(len(dy)):
            _, caches = self.model.forward(self.params, self.x[i : i + 1])
            total += _squared_norm(self.model.backward(self.params, caches, dy[i : i + 1])[1])
        return total


def _objective(
    model: Model,
    params: Params,
    X: npt.ArrayLike,
    y: npt.ArrayLike,
    loss: Loss | str | None,
    sample_weight: npt.ArrayLike | None,
    key: Key | None,
) -> _Objective:
    """Check everything that a user gives, and return it in float64."""
    loss = model.default_loss if loss is None else as_loss(loss)
    check_loss(model, loss)
    x, targets, weight = check_batch(model, loss, X, y, sample_weight, np.float64)
    return _Objective(model, loss, model.check_params(params, np.float64), x, targets, weight, key)


Eigenpair = tuple[float, npt.NDArray[np.float64]]


def _lanczos(objective: _Objective, tolerance: float) -> tuple[Eigenpair, Eigenpair]:
    """Return the smallest and the largest eigenvalue with their vectors."""
    # SciPy takes as long to load as many Hessians take to compute, and few need it.
    from scipy.sparse.linalg import ArpackError, LinearOperator, eigsh

    def product(vector: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return objective.products(vector.reshape(1, -1))[0]

    n = objective.n_params
    start = stream(0, "hessian_extremes").standard_normal(n)
    size = _size_of(product, start)
    if size == 0:
        unit = start / np.linalg.norm(start)
        return (0.0, unit), (0.0, unit)

    # ARPACK's tolerance is relative to the eigenvalue, which no iteration meets where it is 0, as
    # it often is. Moved by the size of H, the same eigenvalues are far from 0.
    def end(which: Literal["SA", "LA"], shift: float) -> Eigenpair:
        moved = LinearOperator((n, n), matvec=lambda v: product(v) + shift * v.ravel(), dtype="f8")
        try:
            values, vectors = eigsh(moved, k=1, which=which, v0=start, tol=tolerance)
        except ArpackError as error:
            raise ConfigurationError(
                f"the eigenvalues do not converge to tolerance={tolerance:g} ({error}); take a "
                "larger tolerance"
            ) from error
        return float(values[0]) - shift, vectors[:, 0]

    return end("SA", -size), end("LA", size)


def _size_of(product: Any, start: npt.NDArray[np.float64]) -> float:
    """Return about the largest |eigenvalue|, from below: ten steps of the power iteration."""
    vector, size = start, 0.0
    for _ in range(10):
        vector = product(vector / np.linalg.norm(vector))
        size = float(np.linalg.norm(vector))
        if size == 0:
            break
    return size


def _keep_freed_memory() -> None:
    """Free a large array, never touched, before many of middling size are made and freed.

    The C library's allocator (glibc) gives memory back to the system beyond twice the largest block
    freed so far; every array of a pass would begin with page faults, and the pass take three times
    as long. Elsewhere this does nothing.
    """
    np.empty(KEPT_BYTES, np.uint8)


def _with_positive_peak(vector: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return vector if vector[np.abs(vector).argmax()] > 0 else -vector


def _count(shapes: Mapping[str, tuple[int, ...]]) -> int:
    return sum(int(np.prod(shape)) for shape in shapes.values())


def _split(
    rows: npt.NDArray[np.float64], shapes: Mapping[str, tuple[int, ...]]
) -> dict[str, npt.NDArray[np.float64]]:
    """Return vectors (K, P) as arrays by name, (K, *shape)."""
    parts, start = {}, 0
    for name, shape in shapes.items():
        end = start + int(np.prod(shape))
        parts[name] = rows[:, start:end].reshape(len(rows), *shape)
        start = end
    return parts


def _own(params: Params, i: int) -> Params:
    """Return the parameters of layer i by their own names."""
    prefix = f"{i}."
    return {
        name.removeprefix(prefix): value
        for name, value in params.items()
        if name.startswith(prefix)
    }


def _squared_norm(params: Params) -> float:
    return sum(float((value**2).sum()) for value in params.values())
