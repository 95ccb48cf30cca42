"""Checks of settings, samples, targets and weights: scikit-learn's, and some more."""

from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.utils import compute_class_weight
from sklearn.utils.validation import _check_sample_weight, validate_data

from rosenblatt.data.containers import refuse_lazy
from rosenblatt.errors import ConfigurationError, given


def assign_settings(estimator: Any, arguments: dict[str, Any]) -> None:
    """Set an attribute for each argument of ``__init__``, as scikit-learn's contract asks.

    Args:
        estimator: the estimator.
        arguments: ``locals()`` at the beginning of its ``__init__``.
    """
    for name, value in arguments.items():
        if name != "self":
            setattr(estimator, name, value)


def validated(estimator: Any, X: Any, y: Any = "no_validation", **how: Any) -> Any:
    """Return X, or X and y, as scikit-learn's ``validate_data`` does; sparse samples are welcome.

    Raises:
        DataError: X or y is a lazy frame.
        ValueError: whatever scikit-learn refuses.
    """
    refuse_lazy("X", X)
    refuse_lazy("y", y)
    return validate_data(estimator, X, y, **({"accept_sparse": ["csr", "csc"]} | how))


def check_weights(
    weights: Any, X: Any, dtype: npt.DTypeLike, name: str = "sample_weight"
) -> npt.NDArray[Any]:
    """Return the weights (N,) of samples X, 1 where None is given.

    Raises:
        DataError: they are a lazy frame.
        ValueError: a weight is negative or not finite, all are 0, or there are not N of them.
    """
    refuse_lazy(name, weights)
    checked: npt.NDArray[Any] = _check_sample_weight(
        weights, X, dtype=dtype, ensure_non_negative=True
    )
    return checked


def weights_of_classes(
    class_weight: Any, classes: npt.NDArray[Any], y: npt.NDArray[Any]
) -> npt.NDArray[np.float64]:
    """Return the weight (C,) of every class; a class that a dict does not name weighs 1.

    Args:
        class_weight: a dict from labels to weights, "balanced", or None.
        classes: the labels (C,).
        y: the labels (N,) that "balanced" counts.

    Raises:
        ConfigurationError: a weight is negative or not finite, or all are 0.
        ValueError: the dict names a label that is none of the classes, and leaves out another.
    """
    if isinstance(class_weight, dict):
        for label, weight in class_weight.items():
            if not _is_weight(weight):
                raise ConfigurationError(
                    f"class_weight must have finite numbers of at least 0, got {given(weight)} for "
                    f"class {label!r}"
                )
    weights: npt.NDArray[np.float64] = compute_class_weight(class_weight, classes=classes, y=y)
    if not weights.any():
        raise ConfigurationError("class_weight is 0 for every class; give one of them more")
    return weights


def _is_weight(weight: Any) -> bool:
    try:
        number = float(weight)
    except (TypeError, ValueError):
        return False
    return bool(np.isfinite(number)) and number >= 0
