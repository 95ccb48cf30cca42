"""Analysis of models and of results, by topic.

``hessian``     second derivatives of a loss, and measures of its curvature
``statistics``  intervals, comparisons of runs, and the number of runs needed
``bayes``       the expected accuracy of the Bayes rule and of any classifier
``gradcheck``   the gradients of a model compared with differences
"""

from rosenblatt.analysis import bayes, gradcheck, hessian, statistics

__all__ = ["bayes", "gradcheck", "hessian", "statistics"]
