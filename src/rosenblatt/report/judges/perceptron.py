"""Judges of the claims on the perceptron, E1 to E3."""

import numpy as np

from rosenblatt.report.cuts import Values
from rosenblatt.report.format import counted, percent, plain
from rosenblatt.report.judges.words import (
    POINT,
    among,
    listed,
    number_of_value,
    percent_interval,
    percent_of,
    points_interval,
    points_of,
)
from rosenblatt.report.parts import Results
from rosenblatt.report.rows import columns, points, rows
from rosenblatt.report.verdicts import Effect, Finding, certain, effect, judged

READINGS = ("variance", "standard deviation")
"""What the source's s may be: its tables print a variance, its code passes a standard deviation."""


def _accuracies(results: Results, rule: str, column: str, **where: object) -> Values:
    name = "E2" if "m" in where else "E3"
    return columns(results[name].tables["runs"], weights=rule, **where)[column]


def _table(results: Results) -> dict[float, dict[str, float]]:
    """Return table 1 by m: printed, replayed, and our own runs summarised."""
    return {row["m"]: row for row in rows(results["E2"].tables["accuracy"])}


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


def printed_table(results: Results) -> Finding:
    """Are the seven accuracies of table 1 those of the source's own runs?"""
    table = _table(results)
    found = {
        f"m = {plain(m)}": certain(abs(row["replayed"] - row["reported"]), below=POINT / 2)
        for m, row in table.items()
    }
    where = "; ".join(
        f"m = {plain(m)}: "
        + among(row["reported"], _accuracies(results, "last", "test_accuracy", m=m), percent_of)
        for m, row in table.items()
    )
    values = ", ".join(f"{percent(row['replayed'])} (m = {plain(m)})" for m, row in table.items())
    return judged(found, f"The replay of the source's runs gives {values}.", points_of, where)


def far_means(results: Results) -> Finding:
    """Is the accuracy near 100 % at large distances?"""
    found = {
        f"m = {plain(m)}": effect(
            _accuracies(results, "last", "exact_accuracy", m=m), above=1 - 2 * POINT
        )
        for m in (10.0, 5.0, 3.0)
    }
    return judged(
        found,
        "Accuracy of the last weights on all data of these Gaussians, in the mean over seeds: "
        + listed(found, percent_interval)
        + ".",
        percent_of,
    )


def drop_at_two(results: Results) -> Finding:
    """Is it 85 % at m = 2 in the source's run, and are other draws like it?"""
    row = _table(results)[2.0]
    values = _accuracies(results, "last", "test_accuracy", m=2.0)
    return judged(
        certain(row["replayed"], above=0.85 - POINT / 2, below=0.85 + POINT / 2),
        f"The replay ends at {percent(row['replayed'])}. Over our seeds the mean is "
        f"{percent_interval(effect(values))}, and the best rule there has {percent(row['bayes'])}.",
        points_of,
        among(row["replayed"], values, percent_of),
    )


def near_means(results: Results) -> Finding:
    """Are the printed accuracies what to expect where the means are near?"""
    table = _table(results)
    found = {}
    for m in (1.0, 0.5, 0.0):
        printed = table[m]["reported"]
        values = _accuracies(results, "last", "test_accuracy", m=m)
        found[f"m = {plain(m)}"] = effect(
            values, above=printed - 5 * POINT, below=printed + 5 * POINT
        )
    one = table[1.0]
    at_one = _accuracies(results, "last", "test_accuracy", m=1.0)
    return judged(
        found,
        f"Mean test accuracy of the last weights: {listed(found, percent_interval)}. At m = 1, "
        f"{counted(float(np.mean(at_one < one['reported'])), len(at_one), 'seed')} end below the "
        f"printed {percent(one['reported'])}; the best rule there has "
        f"{percent(one['bayes'])}, the pocket {percent(one['pocket_mean'])}, and linear "
        f"discriminant analysis {percent(one['lda_mean'])}.",
        points_of,
        "; ".join(
            f"m = {plain(m)}: "
            + among(
                table[m]["reported"], _accuracies(results, "last", "test_accuracy", m=m), percent_of
            )
            for m in (1.0, 0.5, 0.0)
        ),
    )


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
    path = columns(results["E2"].tables["trajectory"])["test_accuracy"]
    return judged(
        found,
        f"Mean accuracy on all data: {listed(found, percent_interval)}. The batch rule's weights "
        "do not settle on classes that overlap: in the last epochs of the source's run at m = 1, "
        f"replayed, the test accuracy changes between {percent(path.min())} and "
        f"{percent(path.max())}.",
        points_of,
    )


def equal_means(results: Results) -> Finding:
    """Is it a guess where the means are equal?"""
    found = effect(
        _accuracies(results, "last", "test_accuracy", m=0.0),
        above=0.5 - 2 * POINT,
        below=0.5 + 2 * POINT,
    )
    return judged(found, f"Mean test accuracy at m = 0: {percent_interval(found)}.", points_of)


def close_means_cost(results: Results) -> Finding:
    """Is the accuracy much lower where the means are close?"""
    far = _accuracies(results, "last", "exact_accuracy", m=10.0)
    found = {
        f"m = {plain(m)}": effect(
            far - _accuracies(results, "last", "exact_accuracy", m=m),
            above=10 * POINT,
            no_effect=0.0,
        )
        for m in (2.0, 1.0, 0.5, 0.0)
    }
    return judged(
        found,
        "Accuracy on all data at m = 10 less that at the smaller m, of the same seeds: "
        f"{listed(found, points_interval)}.",
        points_of,
    )


def limits_of_the_rule(results: Results) -> Finding:
    """Is the perceptron behind the best rule where the classes overlap?"""
    table = _table(results)
    found = {
        f"m = {plain(m)}": effect(
            table[m]["bayes"] - _accuracies(results, "last", "exact_accuracy", m=m),
            above=2 * POINT,
            no_effect=0.0,
        )
        for m in (2.0, 1.0, 0.5)
    }
    pocket = {
        f"m = {plain(m)}": effect(
            table[m]["bayes"] - _accuracies(results, "pocket", "exact_accuracy", m=m)
        )
        for m in (2.0, 1.0, 0.5)
    }
    return judged(
        found,
        "Accuracy of the best rule less that of the last weights, on all data: "
        f"{listed(found, points_interval)}. The best rule is a line as well; with the weights of "
        f"the pocket the distance is {listed(pocket, points_interval)}. The rest of the loss is "
        "the overlap, which no rule undoes.",
        points_of,
    )


def growing_spread(results: Results, *, s: float) -> Finding:
    """Is the accuracy lower at that spread than at 1?"""
    found: dict[str, Effect | None] = {}
    for reading in READINGS:
        narrow, wide = (
            _accuracies(results, "last", "test_accuracy", reading=reading, s=value)
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
            values = _accuracies(results, "last", "test_accuracy", reading=reading, s=s)
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
