"""Is a gradient right? Compare it with differences of the loss.

Every backward pass here was derived by hand; this module derives nothing. It moves one number at a
time a little up and a little down and looks at what the loss does.
"""

from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.errors import DataError, ShapeError
from rosenblatt.layers import LAYERS, Array, Layer, Linear, Params, Softmax, Tanh
from rosenblatt.losses import LOSSES, Loss, as_loss
from rosenblatt.models import Model, Sequential, backpropagate
from rosenblatt.models.base import check_loss
from rosenblatt.random import Key, stream

STEP = 1e-4
TOLERANCE = 1e-7
_INPUT = "input"
_SMALLEST_SCALE = 1e-3


@dataclass(frozen=True)
class GradientCheck:
    """The result of :func:`gradcheck`.

    Attributes:
        errors: for each parameter, and for "input", the largest |analytic − numeric| as a fraction
            of the largest gradient entry in that array.
        n_checked: how many numbers were moved.
        n_kinks: how many of those were left out because the loss has a kink there (ReLU at 0).

    >>> import rosenblatt as rb
    >>> data = rb.data.moons(10, seed=0)
    >>> check = gradcheck(rb.MLP(2, [3], 2, activation="tanh"), data.X, data.y)
    >>> check.passed, sorted(check.errors)[:2]
    (True, ['0.bias', '0.weight'])
    """

    errors: dict[str, float]
    n_checked: int
    n_kinks: int

    @property
    def worst(self) -> float:
        """The largest of ``errors``."""
        return float(np.max(list(self.errors.values())))

    @property
    def passed(self) -> bool:
        """Whether every error is below 1e-7, and at most a tenth of the numbers met a kink."""
        return self.worst < TOLERANCE and self.n_kinks <= self.n_checked / 10


@dataclass(frozen=True)
class PairCheck:
    """The check of one layer under one loss.

    >>> from rosenblatt.layers import Linear
    >>> from rosenblatt.models import Sequential
    >>> model, squares = Sequential([Linear(1, 1)]), "mean_squared_error"
    >>> check = gradcheck(model, [[1.0], [2.0]], [1.0, 0.0], loss=squares)
    >>> PairCheck("Linear", "MeanSquaredError", check).check.passed
    True
    """

    layer: str
    loss: str
    check: GradientCheck


def gradcheck(
    model: Model,
    X: npt.ArrayLike,
    y: npt.ArrayLike,
    *,
    loss: Loss | str | None = None,
    params: Params | None = None,
    sample_weight: npt.ArrayLike | None = None,
    seed: int = 0,
) -> GradientCheck:
    """Compare backpropagation with differences, for every parameter and every input, in float64.

    With D(h) = (L(θ + h) − L(θ − h)) / 2h, the central difference, the numeric gradient is
    (4 D(h/2) − D(h)) / 3, whose error is of order h⁴ (Richardson's extrapolation; Press et al.,
    *Numerical Recipes*, 3rd edition, section 5.7); h = 1e-4.

    Where the loss has a kink within the step, there is no gradient to compare with, and the entry
    is left out. A kink shows in the loss alone: the one-sided differences do not approach each
    other as h is halved, or D(h) and D(h/2) differ.

    Args:
        model: any model; one with Dropout is checked with one fixed mask.
        X: samples, (N, D).
        y: labels or values, as the loss takes them.
        loss: a loss or its name; the model's default loss where none is given.
        params: initial weights of ``seed`` where none are given.
        sample_weight: (N,).
        seed: of the weights and of dropout masks.

    Raises:
        ShapeError: arrays that do not fit the model.
        DataError: labels that do not fit the loss.

    >>> import rosenblatt as rb
    >>> data = rb.data.gaussians(4, means=[(2, 2), (-2, -2)])
    >>> gradcheck(rb.MLP(2, [5], 2, activation="tanh"), data.X, data.y).passed
    True
    """
    loss = model.default_loss if loss is None else as_loss(loss)
    check_loss(model, loss)
    x = model.check_inputs(X, np.float64).copy()
    targets = loss.encode(y, model.n_outputs)
    if len(targets) != len(x) or not len(x):
        raise ShapeError(f"X has {len(x)} rows and y {len(targets)}; they must be equal, and not 0")
    params = model.check_params(model.init(seed) if params is None else params, np.float64)
    weight = None if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
    key = Key.of(seed, "dropout")

    _, _, dx, grads = backpropagate(model, loss, params, x, targets, weight, key)
    analytic = {**grads, _INPUT: dx}

    def loss_now() -> float:
        outputs, _ = model.forward(params, x, training=True, key=key)
        return loss.over_batch(outputs, targets, weight)[0]

    numeric, kinks = {}, {}
    for name, array in {**params, _INPUT: x}.items():
        numeric[name], kinks[name] = _differences(loss_now, array)
    scale = _SMALLEST_SCALE * max(float(np.abs(value).max()) for value in numeric.values())
    if not np.isfinite(scale):
        raise DataError("the loss is not finite here; check at smaller weights or inputs")
    return GradientCheck(
        errors={
            name: _relative_error(analytic[name], numeric[name], kinks[name], scale)
            for name in analytic
        },
        n_checked=sum(value.size for value in numeric.values()),
        n_kinks=sum(int(value.sum()) for value in kinks.values()),
    )


def check_all_pairs(seed: int = 0) -> list[PairCheck]:
    """Check every layer under every loss, with sample weights, in a small network.

    The network is Linear(3, 4) → the layer → Linear(…, K), ending in Softmax where the loss takes
    probabilities.

    >>> pairs = check_all_pairs(seed=1)
    >>> all(pair.check.passed for pair in pairs)
    True
    >>> ("Tanh", "HalfSquaredError") in [(pair.layer, pair.loss) for pair in pairs]
    True
    """
    return [
        PairCheck(layer.__name__, loss.__name__, _check_pair(_example(layer), loss(), seed))
        for layer in LAYERS.values()
        for loss in LOSSES.values()
    ]


def _check_pair(layer: Layer, loss: Loss, seed: int) -> GradientCheck:
    rng = stream(seed, f"gradcheck.{type(layer).__name__}.{type(loss).__name__}")
    n_samples = 7
    one_output = loss.n_classes(1) == 2
    n_outputs = 1 if one_output else 3
    ending = [Softmax()] if loss.takes == "probabilities" else []
    width = layer.n_outputs_for(4)
    assert width is not None  # layers of the registry say how wide their outputs are
    model = Sequential([Linear(3, 4), layer, Linear(width, n_outputs), *ending])
    params = {name: rng.uniform(-1, 1, shape) for name, shape in model.shapes.items()}
    y: npt.ArrayLike
    if loss.task == "regression":
        # Counts are values that every loss takes.
        y = rng.poisson(1.0, (n_samples, n_outputs)).astype(np.float64)
    else:
        y = np.arange(n_samples) % (2 if one_output else 3)
    return gradcheck(
        model,
        rng.standard_normal((n_samples, 3)),
        y,
        loss=loss,
        params=params,
        sample_weight=rng.uniform(0.5, 2.0, n_samples),
        seed=seed,
    )


def _example(layer: type[Any]) -> Layer:
    """Return a layer of that type that takes 4 inputs, with default settings where it has them."""
    required = [entry.name for entry in fields(layer) if entry.default is MISSING]
    inner = (Linear(4, 4), Tanh())
    return layer(**{name: inner if name == "layers" else 4 for name in required})


def _differences(
    loss_now: Callable[[], float], array: Array
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Return the numeric gradient by each entry of ``array``, and where it meets a kink."""
    here = loss_now()
    central = np.zeros((2, *array.shape))
    gap = np.zeros((2, *array.shape))
    for index in np.ndindex(array.shape):
        value = float(array[index])
        for row, h in enumerate((STEP, STEP / 2)):
            array[index] = value + h
            above = loss_now()
            array[index] = value - h
            below = loss_now()
            central[row, *index] = (above - below) / (2 * h)
            gap[row, *index] = abs(above - 2 * here + below) / h
        array[index] = value
    # In a smooth place the gap halves with h, and the central differences agree to order h².
    size = np.abs(central).max()
    is_kink = (gap[1] > 0.75 * gap[0]) & (gap[0] > 1e-6 * size)
    is_kink |= np.abs(central[0] - central[1]) > 1e-5 * size
    return (4 * central[1] - central[0]) / 3, is_kink


def _relative_error(
    analytic: Array, numeric: Array, kinks: npt.NDArray[np.bool_], smallest_scale: float
) -> float:
    if not np.isfinite(analytic).all():
        return float("inf")
    difference = np.abs(analytic - numeric)[~kinks]
    scale = max(float(np.abs(analytic).max()), float(np.abs(numeric).max()), smallest_scale)
    return float(difference.max(initial=0.0)) / scale if scale > 0 else 0.0
