"""The loss of a model and its gradient: a forward pass, the loss, a backward pass."""

import numpy as np
import numpy.typing as npt

from rosenblatt.errors import DataError, ShapeError
from rosenblatt.layers import Array, Params
from rosenblatt.losses import Loss, as_loss
from rosenblatt.models.base import Model, backpropagate, check_loss
from rosenblatt.random import Key


def loss_and_grads(
    model: Model,
    params: Params,
    X: npt.ArrayLike,
    y: npt.ArrayLike,
    *,
    loss: Loss | str | None = None,
    sample_weight: npt.ArrayLike | None = None,
    key: Key | None = None,
) -> tuple[float, Params]:
    """Return the loss on (X, y) and its gradient with respect to every parameter.

    Args:
        model: a :class:`Sequential`, an MLP or a perceptron.
        params: its parameters, by name; computation is in their dtype.
        X: samples, (N, D).
        y: class indices (N,), or values for a regression loss.
        loss: the loss or its name; the mean softmax cross-entropy where none is given.
        sample_weight: weights (N,) of the samples in the mean.
        key: where dropout masks come from; needed only where the model has a Dropout layer.

    Returns:
        L, a float, and grads, a dict with the names and shapes of ``params``.

    Raises:
        ShapeError: arrays do not fit the model.
        DataError: a label is not a class of the model.

    >>> import rosenblatt as rb
    >>> model = rb.MLP(2, [], 2, init="zeros")
    >>> value, grads = rb.loss_and_grads(model, model.init(seed=0), [[1.0, 2.0]], [0])
    >>> round(value, 6), grads["0.bias"]
    (0.693147, array([-0.5,  0.5]))
    """
    loss = model.default_loss if loss is None else as_loss(loss)
    check_loss(model, loss)
    dtype = np.result_type(np.float32, *map(np.asarray, params.values()))
    x, targets, weight = check_batch(model, loss, X, y, sample_weight, dtype)
    params = model.check_params(params, dtype)
    value, _, _, grads = backpropagate(model, loss, params, x, targets, weight, key)
    return value, grads


def check_batch(
    model: Model,
    loss: Loss,
    X: npt.ArrayLike,
    y: npt.ArrayLike,
    sample_weight: npt.ArrayLike | None,
    dtype: npt.DTypeLike,
) -> tuple[Array, Array, Array | None]:
    """Return x (N, D), targets (N, K) and weights (N,) or None, as arrays of ``dtype``.

    Raises:
        ShapeError: they do not fit the model, or each other.
        DataError: a label is not a class of the model, or the weights have no mean.
    """
    x = model.check_inputs(X, dtype)
    targets = loss.encode(y, model.n_outputs).astype(dtype)
    if len(targets) != len(x) or not len(x):
        raise ShapeError(f"X has {len(x)} rows and y {len(targets)}; they must be equal, and not 0")
    weight = None if sample_weight is None else np.asarray(sample_weight, dtype=dtype)
    if weight is not None and not (np.all(weight >= 0) and weight.any()):
        raise DataError("sample_weight must be at least 0, and not 0 for every sample")
    return x, targets, weight
