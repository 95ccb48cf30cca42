"""Claims about the grokking of modular addition, and their judges."""

import numpy as np

from rosenblatt.report.evidence import (
    POINT,
    number_interval,
    number_of_value,
    percent_interval,
    percent_of,
)
from rosenblatt.report.format import percent, plural
from rosenblatt.report.parts import Claim, Results
from rosenblatt.report.rows import Columns, columns
from rosenblatt.report.verdicts import Finding, certain, effect, judged
from rosenblatt.reproductions.grokking.experiment import MODULUS, NAME, UPDATES

TOLERANCE = 0.2
"""Of an update that one published run has: relative."""
PUBLISHED_ALL, PUBLISHED_OTHERS = 28, 44
"""Updates of the published run at which all training pairs, and all others, are right."""
PUBLISHED_ACCURACY = 0.106
"""Accuracy of the published run on the other pairs when all training pairs are right."""
NOTEBOOK = "notebook Grokking_with_label_corruption, printed output of one run"


def marks_of(results: Results) -> Columns:
    """Return where each run reaches its marks, as columns over the seeds."""
    return columns(results[NAME].tables["marks"])


def remembers(results: Results) -> Finding:
    """Are all training pairs right after as many updates as in the published run?"""
    return _updates(results, "all", PUBLISHED_ALL, "All training pairs are right")


def groks(results: Results) -> Finding:
    """Are all other pairs right after as many updates as in the published run?"""
    return _updates(results, "others", PUBLISHED_OTHERS, "All other pairs are right")


def _updates(results: Results, column: str, published: int, what: str) -> Finding:
    updates = marks_of(results)[column]
    found = effect(updates, above=(1 - TOLERANCE) * published, below=(1 + TOLERANCE) * published)
    return judged(
        found,
        f"{what} after {number_interval(found, 1)} updates; not within {UPDATES} updates in "
        f"{plural(int(np.isnan(updates).sum()), 'run')}.",
        number_of_value,
    )


def gap(results: Results) -> Finding:
    """How many of the others are right when all training pairs are?"""
    found = effect(
        marks_of(results)["others_at_all"],
        above=PUBLISHED_ACCURACY - 5 * POINT,
        below=PUBLISHED_ACCURACY + 5 * POINT,
    )
    return judged(
        found,
        f"Accuracy on the other pairs at that update: {percent_interval(found)}.",
        percent_of,
    )


def memory_first(results: Results) -> Finding:
    """Does a network that knows 99 % of its pairs know no more of the others than by chance?"""
    found = effect(marks_of(results)["others_then"], below=1 / MODULUS, no_effect=0.99)
    return judged(
        found,
        "Accuracy on the other pairs at the first evaluation with 99 % of the training pairs "
        f"right: {percent_interval(found)}; chance is {percent(1 / MODULUS, 2)}.",
        percent_of,
    )


def below_chance(results: Results) -> Finding:
    """Does the accuracy on the others first fall, to less than half of chance?"""
    found = effect(marks_of(results)["lowest"], below=0.5 / MODULUS, no_effect=1 / MODULUS)
    return judged(
        found,
        f"Lowest accuracy of a run on the other pairs: {percent_interval(found)}; chance is "
        f"{percent(1 / MODULUS, 2)}.",
        percent_of,
    )


def loss_rises(results: Results) -> Finding:
    """Does the test loss rise by at least half of what it rises in the published run?"""
    found = effect(marks_of(results)["rise"], above=0.025, no_effect=0.0)
    return judged(
        found,
        f"Largest test loss over the smallest before it, less 1: {percent_interval(found)}.",
        percent_of,
    )


def one_frequency(results: Results) -> Finding:
    """Does the inverse participation ratio of the units rise by more than a half?"""
    marks = marks_of(results)
    found = effect(marks["ratio_after"] - marks["ratio_before"], above=0.5, no_effect=0.0)
    before, after = effect(marks["ratio_before"]), effect(marks["ratio_after"])
    return judged(
        found,
        f"Mean ratio before training {number_interval(before, 3)}, after {UPDATES} updates "
        f"{number_interval(after, 3)}.",
        number_of_value,
    )


def phases_add(results: Results) -> Finding:
    """Is the phase of a unit's output weights the sum of those of its input weights?"""
    marks = marks_of(results)
    found = effect(marks["phases_after"], above=0.9, no_effect=0.0)
    before = effect(marks["phases_before"])
    return judged(
        found,
        f"Mean cosine before training {number_interval(before, 3)}, after {UPDATES} updates "
        f"{number_interval(found, 3)}.",
        number_of_value,
    )


def everyone(results: Results) -> Finding:
    """Does every run know all other pairs in the end?"""
    updates = marks_of(results)["others"]
    share = certain(float(np.isfinite(updates).mean()), above=1 - 1e-9)
    return judged(
        share,
        f"{int(np.isfinite(updates).sum())} of {plural(len(updates), 'run')} had all other pairs "
        f"right within {UPDATES} updates.",
        percent_of,
    )


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "remembers",
        f"All training pairs are right after {PUBLISHED_ALL} updates.",
        NOTEBOOK,
        f"update at which they are, within {TOLERANCE:.0%} of {PUBLISHED_ALL}",
        remembers,
        ("accuracy",),
    ),
    Claim(
        "gap",
        f"At that update {percent(PUBLISHED_ACCURACY)} of the other pairs are right.",
        NOTEBOOK,
        f"accuracy on the other pairs within 5 points of {percent(PUBLISHED_ACCURACY)}",
        gap,
        ("accuracy",),
    ),
    Claim(
        "memory-first",
        "The network remembers before it generalises.",
        "Gromov 2023, abstract; " + NOTEBOOK,
        "accuracy on the other pairs, when 99 % of the training pairs are right, below chance",
        memory_first,
        ("accuracy",),
    ),
    Claim(
        "below-chance",
        "The accuracy on the other pairs falls while the network remembers, to 0.0 %.",
        NOTEBOOK + "; noted by Liu 2023, section Grokking",
        "lowest accuracy on the other pairs below half of chance",
        below_chance,
        ("accuracy",),
    ),
    Claim(
        "loss-rises",
        "The test loss rises before it falls: by 5.1 % in the published run.",
        NOTEBOOK + "; noted by Liu 2023, section Grokking",
        "rise of the test loss after its first fall above 2.5 %",
        loss_rises,
        ("accuracy",),
    ),
    Claim(
        "groks",
        f"All other pairs are right after {PUBLISHED_OTHERS} updates.",
        NOTEBOOK,
        f"update at which they are, within {TOLERANCE:.0%} of {PUBLISHED_OTHERS}",
        groks,
        ("accuracy",),
    ),
    Claim(
        "everyone",
        "Gradient descent finds weights that know the whole table.",
        "Gromov 2023, abstract",
        f"every run has all other pairs right within {UPDATES} updates",
        everyone,
        ("accuracy",),
    ),
    Claim(
        "one-frequency",
        "The features that the network learns are periodic: each hidden unit has one frequency.",
        "Gromov 2023, abstract; measured as in the source's notebook",
        "inverse participation ratio of the units' spectra, after less before, above 0.5",
        one_frequency,
        ("spectrum", "weights"),
    ),
    Claim(
        "phases",
        "Weights are as in the solution in closed form: the phase of a unit's output weights is "
        "the sum of the phases of its input weights.",
        "Gromov 2023, abstract; the condition follows from the identity for the product of cosines",
        "mean cosine of the difference above 0.9",
        phases_add,
        ("spectrum",),
    ),
)
