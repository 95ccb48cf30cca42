"""Estimators with scikit-learn's contract: MLPClassifier, MLPRegressor and Perceptron.

Their parameters, attributes and numbers are those of scikit-learn's classes of these names, with
some more parameters after them; what trains is an engine of this package. ``to_onnx`` and
``save_onnx`` export them when fitted.
"""

from typing import TYPE_CHECKING

from rosenblatt.estimators.classifier import MLPClassifier
from rosenblatt.estimators.regressor import MLPRegressor
from rosenblatt.lazy import loads

if TYPE_CHECKING:
    from rosenblatt.estimators.onnx import save_onnx, to_onnx
    from rosenblatt.estimators.perceptron_classifier import Perceptron

__all__ = ["MLPClassifier", "MLPRegressor", "Perceptron", "save_onnx", "to_onnx"]

__getattr__ = loads(
    __name__,
    {
        "Perceptron": "perceptron_classifier",  # it loads all linear models of scikit-learn
        "save_onnx": "onnx",
        "to_onnx": "onnx",
    },
)
