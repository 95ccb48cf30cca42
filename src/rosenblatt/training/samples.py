"""From a dataset to the arrays that engines take, checked against the model and the loss."""

import numpy as np
import numpy.typing as npt

from rosenblatt.data import Dataset
from rosenblatt.engines import Samples
from rosenblatt.errors import ConfigurationError, DataError, ShapeError, shorten
from rosenblatt.losses import Loss
from rosenblatt.models import Model


def prepare(model: Model, loss: Loss, data: Dataset, dtype: npt.DTypeLike) -> Samples:
    """Return the samples of ``data`` in ``dtype``, with targets as ``loss`` encodes them.

    Raises:
        ShapeError: the model takes another number of features.
        DataError: the classes of the data are not those of the model's outputs.
        ConfigurationError: a regression loss on classes, or the reverse.
    """
    if data.n_features != model.n_inputs:
        raise ShapeError(
            f"the data has {data.n_features} features and the model {model.n_inputs} inputs; "
            "they must be equal"
        )
    _check_task(model, loss, data)
    weight = None if data.sample_weight is None else data.sample_weight.astype(dtype)
    targets = loss.encode(data.y, model.n_outputs)
    return Samples(
        np.ascontiguousarray(model.check_inputs(data.X, dtype)),
        np.ascontiguousarray(targets, dtype=dtype),
        weight,
    )


def _check_task(model: Model, loss: Loss, data: Dataset) -> None:
    name = type(loss).__name__
    if data.classes is None:
        if loss.task == "classification" and data.y.ndim == 1:
            raise ConfigurationError(f"{name} needs class labels, but y holds real values")
        return
    if loss.task == "regression":
        raise ConfigurationError(
            f"{name} needs real values, but y holds class labels; pass y as floats for regression"
        )
    expected = loss.n_classes(model.n_outputs)
    if len(data.classes) == 1:
        raise DataError(
            f"all labels are {data.classes[0]!r}; a classifier needs at least 2 classes"
        )
    if expected is not None and len(data.classes) != expected:
        raise DataError(
            f"the data has {len(data.classes)} classes ({shorten(data.class_names)}), but the "
            f"model's outputs are for {expected}; give the model as many outputs as there are "
            "classes, or name all classes with Dataset(X, y, classes=...)"
        )
