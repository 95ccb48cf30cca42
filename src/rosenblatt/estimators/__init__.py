"""Estimators with scikit-learn's contract: MLPClassifier, MLPRegressor and Perceptron.

Their parameters, attributes and numbers are those of scikit-learn's classes of these names, with
some more parameters after them; what trains is an engine of this package. ``to_onnx`` and
``save_onnx`` export them when fitted.
"""

from rosenblatt.estimators.classifier import MLPClassifier
from rosenblatt.estimators.onnx import save_onnx, to_onnx
from rosenblatt.estimators.perceptron_classifier import Perceptron
from rosenblatt.estimators.regressor import MLPRegressor

__all__ = ["MLPClassifier", "MLPRegressor", "Perceptron", "save_onnx", "to_onnx"]
