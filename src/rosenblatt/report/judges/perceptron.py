"""Judges of the claims on the perceptron, E2 and E3."""

import numpy as np

from rosenblatt.report.cuts import Values
from rosenblatt.report.format import counted, percent, plain
from rosenblatt.report.judges.words import POINT, listed, percent_interval, points_interval
from rosenblatt.report.parts import Results
from rosenblatt.report.rows import columns, rows
from rosenblatt.report.verdicts import Finding, effect, verdict_of, verdict_over


def _accuracies(results: Results, rule: str, column: str, **where: object) -> Values:
    name = "E2" if "m" in where else "E3"
    return columns(results[name].tables["runs"], weights=rule, **where)[column]


def far_means(results: Results) -> Finding:
    """Is the accuracy near 100 % at large distances?"""
    found = {
        f"m = {plain(m)}": effect(
            _accuracies(results, "last", "exact_accuracy", m=m), above=1 - 2 * POINT
        )
        for m in (10.0, 5.0, 3.0)
    }
    verdict, condition = verdict_over(found)
    return Finding(
        verdict,
        "Accuracy of the last weights on all data of these Gaussians, in the mean over seeds: "
        + listed(found, percent_interval)
        + ".",
        condition,
    )


def near_means(results: Results) -> Finding:
    """Are the printed accuracies what to expect where the means are near?"""
    table = {row["m"]: row for row in rows(results["E2"].tables["accuracy"])}
    found = {}
    for m in (2.0, 1.0, 0.5):
        printed = table[m]["reported"]
        values = _accuracies(results, "last", "test_accuracy", m=m)
        found[f"m = {plain(m)}"] = effect(
            values, above=printed - 5 * POINT, below=printed + 5 * POINT
        )
    verdict, condition = verdict_over(found)
    one = table[1.0]
    at_one = _accuracies(results, "last", "test_accuracy", m=1.0)
    return Finding(
        verdict,
        f"Mean test accuracy of the last weights: {listed(found, percent_interval)}. At m = 1, "
        f"{counted(float(np.mean(at_one < one['reported'])), len(at_one), 'seed')} end below the "
        f"printed {percent(one['reported'])}; the best rule there has "
        f"{percent(one['bayes'])}, the pocket {percent(one['pocket_mean'])}, and linear "
        f"discriminant analysis {percent(one['lda_mean'])}.",
        condition,
    )


def equal_means(results: Results) -> Finding:
    """Is it a guess where the means are equal?"""
    found = effect(
        _accuracies(results, "last", "test_accuracy", m=0.0),
        above=0.5 - 2 * POINT,
        below=0.5 + 2 * POINT,
    )
    return Finding(verdict_of(found), f"Mean test accuracy at m = 0: {percent_interval(found)}.")


def close_means(results: Results) -> Finding:
    """Does the accuracy fluctuate around one half where the means are close?"""
    found = {
        f"m = {plain(m)}": effect(
            _accuracies(results, "last", "exact_accuracy", m=m),
            above=0.5 - 5 * POINT,
            below=0.5 + 5 * POINT,
        )
        for m in (1.0, 0.5, 0.0)
    }
    verdict, condition = verdict_over(found)
    path = columns(results["E2"].tables["trajectory"])["test_accuracy"]
    return Finding(
        verdict,
        f"Mean accuracy on all data: {listed(found, percent_interval)}. The batch rule's weights "
        "do not settle on classes that overlap: in the last epochs of the published run at m = 1 "
        f"the test accuracy goes to and fro between {percent(path.min())} and "
        f"{percent(path.max())}.",
        condition,
    )


def growing_spread(results: Results) -> Finding:
    """Does accuracy fall as the spread grows?"""
    found = {}
    for reading in ("variance", "standard deviation"):
        narrow, wide = (
            _accuracies(results, "last", "test_accuracy", reading=reading, s=s)
            for s in (1.0, 100.0)
        )
        found[f"s is the {reading}"] = effect(narrow - wide, above=10 * POINT)
    verdict, condition = verdict_over(found)
    return Finding(
        verdict,
        "Test accuracy at s = 1 less that at s = 100, of the same seeds: "
        f"{listed(found, points_interval)}.",
        condition,
    )


def large_spread(results: Results) -> Finding:
    """Is it 42.5 % at a spread of 50 or more?"""
    found = {}
    for reading in ("variance", "standard deviation"):
        for s in (50.0, 100.0):
            values = _accuracies(results, "last", "test_accuracy", reading=reading, s=s)
            found[f"{reading} {plain(s)}"] = effect(
                values, above=0.425 - 5 * POINT, below=0.425 + 5 * POINT
            )
    verdict, condition = verdict_over(found)
    table = rows(results["E3"].tables["accuracy"])
    best = {f"{row['reading']} {plain(row['s'])}": row["bayes"] for row in table}
    return Finding(
        verdict,
        f"Mean test accuracy: {listed(found, percent_interval)}. The best rule has "
        f"{percent(best['variance 50'])} at a variance of 50 and "
        f"{percent(best['standard deviation 50'])} at a standard deviation of 50.",
        condition,
    )
