"""Analysis of models, of runs and of results, by topic.

``explain``     every number of one update of a run, with its formula
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
    from rosenblatt.analysis.explain_result import Explanation
    from rosenblatt.analysis.explain_run import explain

_HOME = {
    "Explanation": "explain_result",
    "bayes": "bayes",
    "explain": "explain_run",
    "gradcheck": "gradcheck",
    "hessian": "hessian",
    "statistics": "statistics",
}

__all__ = ["Explanation", "bayes", "explain", "gradcheck", "hessian", "statistics"]

__getattr__ = loads(__name__, _HOME)
