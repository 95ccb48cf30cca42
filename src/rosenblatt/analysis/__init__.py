"""Analysis of models, of runs and of results, by topic.

``explain``     every number of one update of a run, with its formula
``checkup``     why a run does not learn, and what to do
``landscape``   the loss over a plane through the weights; ``eigenvalues_along`` a run
``calibration`` whether the probabilities of a classifier are those with which it is right
``trainability`` how fast trainings converge, and the dimension of the border to those that do not
``hessian``     second derivatives of a loss, and measures of its curvature
``statistics``  intervals, comparisons of runs, and the number of runs needed
``bayes``       the expected accuracy of the Bayes rule and of any classifier
``pruned``      weights of which the smallest, or random ones, are 0
``gradcheck``   the gradients of a model compared with differences

Each is loaded when it is first used.
"""

from typing import TYPE_CHECKING

from rosenblatt.lazy import loads

if TYPE_CHECKING:
    from rosenblatt.analysis import bayes, gradcheck, hessian, statistics, trainability
    from rosenblatt.analysis.calibration_curve import Calibration, calibration
    from rosenblatt.analysis.checkup_result import Checkup, Finding
    from rosenblatt.analysis.checkup_run import checkup
    from rosenblatt.analysis.explain_result import Explanation
    from rosenblatt.analysis.explain_run import explain
    from rosenblatt.analysis.landscape_eigenvalues import EigenvaluesAlong, eigenvalues_along
    from rosenblatt.analysis.landscape_plane import Landscape, landscape
    from rosenblatt.analysis.pruning import pruned

_HOME = {
    "Calibration": "calibration_curve",
    "Checkup": "checkup_result",
    "EigenvaluesAlong": "landscape_eigenvalues",
    "Explanation": "explain_result",
    "Finding": "checkup_result",
    "Landscape": "landscape_plane",
    "bayes": "bayes",
    "calibration": "calibration_curve",
    "checkup": "checkup_run",
    "eigenvalues_along": "landscape_eigenvalues",
    "explain": "explain_run",
    "gradcheck": "gradcheck",
    "hessian": "hessian",
    "landscape": "landscape_plane",
    "pruned": "pruning",
    "statistics": "statistics",
    "trainability": "trainability",
}

__all__ = [
    "Calibration",
    "Checkup",
    "EigenvaluesAlong",
    "Explanation",
    "Finding",
    "Landscape",
    "bayes",
    "calibration",
    "checkup",
    "eigenvalues_along",
    "explain",
    "gradcheck",
    "hessian",
    "landscape",
    "pruned",
    "statistics",
    "trainability",
]

__getattr__ = loads(__name__, _HOME)
