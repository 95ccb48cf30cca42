"""Analysis: is a gradient right, how good can any classifier be, and what do runs show."""

from rosenblatt.analysis.accuracy import expected_accuracy, linear_accuracy
from rosenblatt.analysis.bayes import bayes_accuracy, equal_gaussians_accuracy
from rosenblatt.analysis.gradcheck import GradientCheck, PairCheck, check_all_pairs, gradcheck
from rosenblatt.analysis.rules import ExpectedAccuracy
from rosenblatt.analysis.statistics import (
    Comparison,
    Decision,
    Equivalence,
    Interval,
    RunsNeeded,
    compare_all,
    compare_paired,
    compare_to,
    decide,
    equivalence,
    holm,
    mean_interval,
    paired_power,
    proportion_interval,
    quantile_band,
    runs_needed,
)

__all__ = [
    "Comparison",
    "Decision",
    "Equivalence",
    "ExpectedAccuracy",
    "GradientCheck",
    "Interval",
    "PairCheck",
    "RunsNeeded",
    "bayes_accuracy",
    "check_all_pairs",
    "compare_all",
    "compare_paired",
    "compare_to",
    "decide",
    "equal_gaussians_accuracy",
    "equivalence",
    "expected_accuracy",
    "gradcheck",
    "holm",
    "linear_accuracy",
    "mean_interval",
    "paired_power",
    "proportion_interval",
    "quantile_band",
    "runs_needed",
]
