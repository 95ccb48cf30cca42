"""Losses, one per file. To add one: its file, and a line here."""

from rosenblatt.losses.base import Loss, one_hot
from rosenblatt.losses.binary_cross_entropy import BinaryCrossEntropy
from rosenblatt.losses.cross_entropy import CrossEntropy
from rosenblatt.losses.perceptron_criterion import PerceptronCriterion, distance_loss
from rosenblatt.losses.poisson import Poisson
from rosenblatt.losses.softmax_cross_entropy import SoftmaxCrossEntropy
from rosenblatt.losses.squared_error import SquaredError

LOSSES: dict[str, type[Loss]] = {
    loss.__name__: loss
    for loss in (
        SoftmaxCrossEntropy,
        CrossEntropy,
        BinaryCrossEntropy,
        SquaredError,
        Poisson,
        PerceptronCriterion,
    )
}

__all__ = [
    "LOSSES",
    "BinaryCrossEntropy",
    "CrossEntropy",
    "Loss",
    "PerceptronCriterion",
    "Poisson",
    "SoftmaxCrossEntropy",
    "SquaredError",
    "distance_loss",
    "one_hot",
]
