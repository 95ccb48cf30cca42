"""Analysis of models, of runs and of results, by topic.

``explain``     every number of one update of a run, with its formula
``checkup``     why a run does not learn, and what to do
``hessian``     second derivatives of a loss, and measures of its curvature
``statistics``  intervals, comparisons of runs, and the number of runs needed
``bayes``       the expected accuracy of the Bayes rule and of any classifier
``gradcheck``   the gradients of a model compared with differences

Each is loaded when it is first used.
"""

from typing import TYPE_CHECKING

from rosenblatt.lazy import loads

if TYPE_CHECKING:
    from rosenblatt.analysis import bayes, gradcheck, hessian, statistics
    from rosenblatt.analysis.checkup_result import Checkup, Finding
    from rosenblatt.analysis.checkup_run import checkup
    from rosenblatt.analysis.explain_result import Explanation
    from rosenblatt.analysis.explain_run import explain

_HOME = {
    "Checkup": "checkup_result",
    "Explanation": "explain_result",
    "Finding": "checkup_result",
    "bayes": "bayes",
    "checkup": "checkup_run",
    "explain": "explain_run",
    "gradcheck": "gradcheck",
    "hessian": "hessian",
    "statistics": "statistics",
}

__all__ = [
    "Checkup",
    "Explanation",
    "Finding",
    "bayes",
    "checkup",
    "explain",
    "gradcheck",
    "hessian",
    "statistics",
]

__getattr__ = loads(__name__, _HOME)
