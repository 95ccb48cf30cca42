"""Expected accuracy of the Bayes rule, and of any classifier, under an exact density.

>>> from rosenblatt.analysis import bayes
>>> round(bayes.equal_gaussians_accuracy(distance=2.0), 4)
0.8413
"""

from rosenblatt.analysis.bayes.any_rule import expected_accuracy, linear_accuracy
from rosenblatt.analysis.bayes.bayes_rule import bayes_accuracy, equal_gaussians_accuracy
from rosenblatt.analysis.bayes.many import expected_accuracies
from rosenblatt.analysis.bayes.rules import ExpectedAccuracy

__all__ = [
    "ExpectedAccuracy",
    "bayes_accuracy",
    "equal_gaussians_accuracy",
    "expected_accuracies",
    "expected_accuracy",
    "linear_accuracy",
]
