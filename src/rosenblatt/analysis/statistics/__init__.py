"""Statistics of runs over several seeds: intervals, comparisons, and the number of runs needed.

A run per seed is one observation. Runs that share seeds or data are paired. Every number that a
claim rests on comes with an interval, comparisons of a family with p-values adjusted for how many
they are, and whether a claim holds has three answers: :func:`decide`.

SciPy is loaded when a function first needs it.

>>> from rosenblatt.analysis import statistics
>>> comparison = statistics.compare_paired([0.91, 0.93, 0.92], [0.90, 0.90, 0.91])
>>> round(comparison.difference, 4), comparison.n
(0.0167, 3)
"""

from rosenblatt.analysis.statistics.comparisons import (
    Equivalence,
    PairedComparison,
    compare_all,
    compare_paired,
    compare_to,
    equivalence,
    holm,
)
from rosenblatt.analysis.statistics.intervals import (
    Decision,
    Interval,
    decide,
    mean_interval,
    proportion_interval,
    quantile_band,
)
from rosenblatt.analysis.statistics.planning import RunsNeeded, paired_power, runs_needed

__all__ = [
    "Decision",
    "Equivalence",
    "Interval",
    "PairedComparison",
    "RunsNeeded",
    "compare_all",
    "compare_paired",
    "compare_to",
    "decide",
    "equivalence",
    "holm",
    "mean_interval",
    "paired_power",
    "proportion_interval",
    "quantile_band",
    "runs_needed",
]
