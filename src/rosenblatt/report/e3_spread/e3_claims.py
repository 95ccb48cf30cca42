"""Claims of the source on E3, the spread of the classes, and their judges."""

from functools import partial

from rosenblatt.report.evidence import (
    POINT,
    among,
    listed,
    percent_interval,
    percent_of,
    points_interval,
    points_of,
)
from rosenblatt.report.format import percent, plain
from rosenblatt.report.parts import Claim, Results
from rosenblatt.report.perceptron_accuracy import accuracies_of
from rosenblatt.report.rows import rows
from rosenblatt.report.verdicts import Effect, Finding, certain, effect, judged, not_testable

READINGS = ("variance", "standard deviation")
"""Readings of the source's s: its tables print a variance, its code passes a standard deviation."""


def growing_spread(results: Results, *, s: float) -> Finding:
    """Is the accuracy lower at that spread than at 1?"""
    found: dict[str, Effect | None] = {}
    for reading in READINGS:
        narrow, wide = (
            accuracies_of(results, "last", "test_accuracy", reading=reading, s=value)
            for value in (1.0, s)
        )
        found[f"s is the {reading}"] = effect(narrow - wide, above=10 * POINT, no_effect=0.0)
    return judged(
        found,
        f"Test accuracy at s = 1 less that at s = {plain(s)}, of the same seeds: "
        f"{listed(found, points_interval)}.",
        points_of,
    )


def overlap(results: Results) -> Finding:
    """Does a larger spread let the classes overlap, so that the best rule errs more?"""
    table = rows(results["E3"].tables["accuracy"])
    found: dict[str, Effect | None] = {}
    for reading in READINGS:
        best = {row["s"]: row["bayes"] for row in table if row["reading"] == reading}
        found[f"s is the {reading}"] = certain(
            best[min(best)] - best[max(best)], above=10 * POINT, no_effect=0.0
        )
    return judged(
        found,
        "Accuracy of the best rule at the smallest spread less that at the largest: "
        f"{listed(found, points_interval)}.",
        points_of,
    )


def large_spread(results: Results) -> Finding:
    """Is it 42.5 % at a spread of 50 or more?"""
    found = {}
    typical = []
    for reading in READINGS:
        for s in (50.0, 100.0):
            values = accuracies_of(results, "last", "test_accuracy", reading=reading, s=s)
            name = f"{reading} {plain(s)}"
            found[name] = effect(values, above=0.425 - 5 * POINT, below=0.425 + 5 * POINT)
            typical.append(f"{name}: {among(0.425, values, percent_of)}")
    table = rows(results["E3"].tables["accuracy"])
    best = {f"{row['reading']} {plain(row['s'])}": row["bayes"] for row in table}
    return judged(
        found,
        f"Mean test accuracy: {listed(found, percent_interval)}. The best rule has "
        f"{percent(best['variance 50'])} at a variance of 50 and "
        f"{percent(best['standard deviation 50'])} at a standard deviation of 50.",
        points_of,
        "; ".join(typical),
    )


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "table-2",
        "A second table of accuracies, with the same seven rows, belongs to the growing variance.",
        "section 5.1.3, table 2",
        "what its rows are of",
        partial(
            not_testable,
            reason=(
                "The table repeats table 1, with varying means and constant variance, down to "
                "its caption; it holds no result for a growing variance. What it should hold "
                "is measured here."
            ),
        ),
        ("table_spread",),
    ),
    Claim(
        "growing-spread",
        "A significantly larger variance decreases the accuracy.",
        "section 5.1.3, Effect of High Variance",
        "at s = 100 more than 10 points lower than at s = 1",
        partial(growing_spread, s=100.0),
        ("accuracy_against_spread", "table_spread"),
    ),
    Claim(
        "overlap",
        "A larger variance spreads the data, the distributions overlap more and the boundary is "
        "less clear.",
        "section 5.1.3, Effect of High Variance",
        "accuracy of the best rule more than 10 points lower at the largest s than at the smallest",
        overlap,
        ("accuracy_against_spread", "table_spread"),
    ),
    Claim(
        "large-spread",
        "At a variance of [50, 50] or greater the accuracy is, for example, 42.5 %.",
        "section 5.1.3, Effect of High Variance",
        "mean test accuracy within 5 points of 42.5 %, in both readings of s, at 50 and 100",
        large_spread,
        ("accuracy_against_spread", "table_spread"),
    ),
    Claim(
        "much-lower",
        "At a variance of [50, 50] the accuracy is much lower.",
        "section 5.1.3, Effect of High Variance",
        "at s = 50 more than 10 points lower than at s = 1",
        partial(growing_spread, s=50.0),
        ("accuracy_against_spread", "table_spread"),
    ),
)
