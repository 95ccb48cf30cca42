"""Estimators with scikit-learn's contract: MLPClassifier, MLPRegressor and Perceptron.

Their parameters, attributes and numbers are those of scikit-learn's classes of these names, with
some more parameters after them; what trains is an engine of this package.
"""

from rosenblatt.estimators.classifier import MLPClassifier
from rosenblatt.estimators.perceptron import Perceptron
from rosenblatt.estimators.regressor import MLPRegressor

__all__ = ["MLPClassifier", "MLPRegressor", "Perceptron"]
