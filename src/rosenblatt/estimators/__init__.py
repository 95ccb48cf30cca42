"""Estimators with scikit-learn's contract: MLPClassifier, MLPRegressor, Perceptron, searches.

Their parameters, attributes and numbers are those of scikit-learn's classes of these names, with
some more parameters after them; what trains is an engine of this package. ``GridSearchCV`` and
``RandomizedSearchCV`` are scikit-learn's, but train networks together. ``to_onnx`` and
``save_onnx`` export estimators when fitted.
"""

from typing import TYPE_CHECKING

from rosenblatt.estimators.classifier import MLPClassifier
from rosenblatt.estimators.regressor import MLPRegressor
from rosenblatt.lazy import loads

if TYPE_CHECKING:
    from rosenblatt.estimators.onnx import save_onnx, to_onnx
    from rosenblatt.estimators.perceptron_classifier import Perceptron
    from rosenblatt.estimators.search import GridSearchCV, RandomizedSearchCV

__all__ = [
    "GridSearchCV",
    "MLPClassifier",
    "MLPRegressor",
    "Perceptron",
    "RandomizedSearchCV",
    "save_onnx",
    "to_onnx",
]

__getattr__ = loads(
    __name__,
    {
        "Perceptron": "perceptron_classifier",  # it loads all linear models of scikit-learn
        "GridSearchCV": "search",
        "RandomizedSearchCV": "search",
        "save_onnx": "onnx",
        "to_onnx": "onnx",
    },
)
