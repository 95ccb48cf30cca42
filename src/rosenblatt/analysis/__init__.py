"""Analysis: is a gradient right, and how good can any classifier be."""

from rosenblatt.analysis.bayes import equal_gaussians_accuracy
from rosenblatt.analysis.gradcheck import GradientCheck, PairCheck, check_all_pairs, gradcheck

__all__ = [
    "GradientCheck",
    "PairCheck",
    "check_all_pairs",
    "equal_gaussians_accuracy",
    "gradcheck",
]
