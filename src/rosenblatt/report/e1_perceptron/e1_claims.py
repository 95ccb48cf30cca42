"""Claims of the source on E1, a perceptron on two Gaussians, and their judges."""

from functools import partial

import numpy as np

from rosenblatt.report.evidence import (
    POINT,
    among,
    number_of_value,
    percent_of,
)
from rosenblatt.report.format import percent
from rosenblatt.report.parts import Claim, Results
from rosenblatt.report.rows import columns, points
from rosenblatt.report.verdicts import Finding, certain, judged, not_testable


def split_by_class(results: Results) -> Finding:
    """Has the test set 20 points of each class?"""
    _, labels = points(results["E1"].tables["points"], "test")
    positive, negative = int(np.sum(labels == 1)), int(np.sum(labels == -1))
    return judged(
        certain(abs(positive - 20), below=1.0, no_effect=None),
        f"The source's protocol shuffles all points and takes the last {len(labels)}, of which "
        f"{positive} are of the class at [10, 10] and {negative} of that at [0, 0].",
        number_of_value,
    )


def first_data(results: Results) -> Finding:
    """Does the perceptron classify the source's own data without a mistake?"""
    summary = results["E1"].tables["summary"]
    (run,) = columns(summary, protocol="replay")["test_accuracy"]
    own = columns(summary, protocol="own")["test_accuracy"]
    return judged(
        certain(float(run), above=1 - POINT / 2),
        f"The replay of the source's run ends at {percent(float(run))} of the test points.",
        percent_of,
        among(float(run), own, percent_of),
    )


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "perceptron-loss",
        "The two curves of its figure 1 are the loss of the perceptron on the training and on the"
        " test set.",
        "section 4.1",
        "what the curves are",
        partial(
            not_testable,
            reason=(
                "The source prints no number of these curves. The protocol that gives all its "
                "printed numbers plots the error rate, which is not what the updates descend; "
                "the figure here shows both, each under its name."
            ),
        ),
        ("perceptron_loss",),
    ),
    Claim(
        "split",
        "The training set has 80 points of each class and the test set 20.",
        "section 5.1.1",
        "numbers of test points of each class, apart from 20 by less than one",
        split_by_class,
        ("gaussians",),
    ),
    Claim(
        "first-data",
        "Trained on this data, the perceptron classifies all of it: 100 %.",
        "section 5.1.2",
        "test accuracy of the replay above 99.5 %",
        first_data,
        ("gaussians", "perceptron_loss"),
    ),
)
