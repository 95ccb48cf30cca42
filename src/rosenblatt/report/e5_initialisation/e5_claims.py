"""Claims of the source on E5, another initialisation, and their judges."""

import numpy as np

from rosenblatt.report.evidence import (
    POINT,
    percent_of,
    spread_in_points,
)
from rosenblatt.report.format import count, number, percent
from rosenblatt.report.full_batch_training import run_and_others
from rosenblatt.report.parts import Claim, Results, Values
from rosenblatt.report.rows import columns
from rosenblatt.report.verdicts import Finding, effect, judged


def _starts(results: Results) -> Values:
    return columns(results["E5"].tables["starts"])["test_accuracy"]


def seed_4_starts_at_50(results: Results) -> Finding:
    """Does the run with initialisation seed 4 start at 50 %?"""
    return run_and_others(results, "E5", 0.50, 5 * POINT, _starts(results), "start_")


def higher_than_anticipated(results: Results) -> Finding:
    """Do few untrained networks have 77 % or more?"""
    values = _starts(results)
    is_higher = values >= 0.77
    found = effect(is_higher, below=0.1)
    return judged(
        found,
        f"Of {count(len(values))} untrained networks "
        f"{int(is_higher.sum())} have 77 % or more of the test points "
        f"right; their mean is {percent(values.mean())}.",
        percent_of,
    )


def start_depends_on_seed(results: Results) -> Finding:
    """Do initial accuracies differ by more than the sampling of test points?"""
    values = _starts(results)
    sampling = float(np.sqrt(values.mean() * (1 - values.mean()) / 200))
    # The mean of squared deviations is the variance, so its interval is one of the variance.
    found = effect((values - values.mean()) ** 2, above=(2 * sampling) ** 2, no_effect=sampling**2)
    return judged(
        found,
        f"The standard deviation over {count(len(values))} initialisations is "
        f"{spread_in_points(values)}; drawing 200 test points alone would give "
        f"{number(100 * sampling, 1)} points. Half of "
        f"them start between {percent(np.quantile(values, 0.25))} and "
        f"{percent(np.quantile(values, 0.75))}.",
        lambda variance: f"{number(max(variance, 0.0) ** 0.5 / sampling, 2)} times that of drawing",
    )


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "higher",
        "The initial test accuracy of 77 % is significantly higher than anticipated.",
        "section 5.2.3",
        "fewer than 10 % of untrained networks have 77 % or more",
        higher_than_anticipated,
        ("starts",),
    ),
    Claim(
        "seed-4",
        "With initialisation seed 4 the initial accuracy is around 50 %.",
        "section 5.2.3",
        "accuracies of the replay before training within 5 points of 50 %",
        seed_4_starts_at_50,
        ("seed_4", "starts"),
    ),
    Claim(
        "start-depends",
        "Another seed of the initialisation gives another initial accuracy.",
        "section 5.2.3",
        "standard deviation over initialisations above twice that of drawing test points",
        start_depends_on_seed,
        ("starts", "seed_4"),
    ),
)
