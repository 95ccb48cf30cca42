"""Losses, one per file. A line in LOSSES adds one."""

from rosenblatt.losses.base import Loss, RegressionLoss, Task, one_hot
from rosenblatt.losses.categorical_cross_entropy import CategoricalCrossEntropy
from rosenblatt.losses.half_squared_error import HalfSquaredError
from rosenblatt.losses.hinge import Hinge
from rosenblatt.losses.mean_squared_error import MeanSquaredError
from rosenblatt.losses.perceptron_criterion import PerceptronCriterion, distance_loss
from rosenblatt.losses.poisson import Poisson
from rosenblatt.losses.sigmoid_cross_entropy import SigmoidCrossEntropy
from rosenblatt.losses.softmax_cross_entropy import SoftmaxCrossEntropy
from rosenblatt.registry import Registry

LOSSES: Registry[Loss] = Registry(
    "loss",
    Loss,
    SoftmaxCrossEntropy,
    CategoricalCrossEntropy,
    SigmoidCrossEntropy,
    HalfSquaredError,
    MeanSquaredError,
    Poisson,
    PerceptronCriterion,
    Hinge,
    by_class_name=True,
)

as_loss = LOSSES.as_value

__all__ = [
    "LOSSES",
    "CategoricalCrossEntropy",
    "HalfSquaredError",
    "Hinge",
    "Loss",
    "MeanSquaredError",
    "PerceptronCriterion",
    "Poisson",
    "RegressionLoss",
    "SigmoidCrossEntropy",
    "SoftmaxCrossEntropy",
    "Task",
    "as_loss",
    "distance_loss",
    "one_hot",
]
