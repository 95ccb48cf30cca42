"""Estimators with scikit-learn's contract: MLPClassifier, MLPRegressor and Perceptron.

Their parameters, attributes and numbers are those of scikit-learn's classes of these names, with
some more parameters after them; what trains is an engine of this package. ``to_onnx`` and
``save_onnx`` export them when fitted.
"""

import importlib
from typing import TYPE_CHECKING, Any

from rosenblatt.estimators.classifier import MLPClassifier
from rosenblatt.estimators.regressor import MLPRegressor

if TYPE_CHECKING:
    from rosenblatt.estimators.onnx import save_onnx, to_onnx
    from rosenblatt.estimators.perceptron_classifier import Perceptron

_LOADED_WHEN_USED = {
    "Perceptron": "perceptron_classifier",  # it loads all linear models of scikit-learn
    "save_onnx": "onnx",
    "to_onnx": "onnx",
}

__all__ = ["MLPClassifier", "MLPRegressor", "Perceptron", "save_onnx", "to_onnx"]


def __getattr__(name: str) -> Any:
    if name not in _LOADED_WHEN_USED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_LOADED_WHEN_USED[name]}"), name)
