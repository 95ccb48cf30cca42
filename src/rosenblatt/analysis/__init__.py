"""Analysis: is a gradient right, how good can any classifier be, and what do runs show."""

from rosenblatt.analysis.accuracy import expected_accuracy, linear_accuracy
from rosenblatt.analysis.bayes import bayes_accuracy, equal_gaussians_accuracy
from rosenblatt.analysis.gradcheck import GradientCheck, PairCheck, check_all_pairs, gradcheck
from rosenblatt.analysis.rules import ExpectedAccuracy

__all__ = [
    "ExpectedAccuracy",
    "GradientCheck",
    "PairCheck",
    "bayes_accuracy",
    "check_all_pairs",
    "equal_gaussians_accuracy",
    "expected_accuracy",
    "gradcheck",
    "linear_accuracy",
]
