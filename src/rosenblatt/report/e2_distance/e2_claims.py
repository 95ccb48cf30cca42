"""Claims of the source on E2, the distance between the means, and their judges."""

import numpy as np

from rosenblatt.report.evidence import (
    POINT,
    among,
    listed,
    percent_interval,
    percent_of,
    points_interval,
    points_of,
)
from rosenblatt.report.format import counted, percent, plain
from rosenblatt.report.parts import Claim, Results
from rosenblatt.report.perceptron_accuracy import accuracies_of
from rosenblatt.report.rows import columns, rows
from rosenblatt.report.verdicts import Finding, certain, effect, judged


def _table(results: Results) -> dict[float, dict[str, float]]:
    """Return table 1 by m: printed, replayed, and our own runs summarised."""
    return {row["m"]: row for row in rows(results["E2"].tables["accuracy"])}


def printed_table(results: Results) -> Finding:
    """Are the seven accuracies of table 1 those of the source's own runs?"""
    table = _table(results)
    found = {
        f"m = {plain(m)}": certain(abs(row["replayed"] - row["reported"]), below=POINT / 2)
        for m, row in table.items()
    }
    where = "; ".join(
        f"m = {plain(m)}: "
        + among(row["reported"], accuracies_of(results, "last", "test_accuracy", m=m), percent_of)
        for m, row in table.items()
    )
    values = ", ".join(f"{percent(row['replayed'])} (m = {plain(m)})" for m, row in table.items())
    return judged(found, f"The replay of the source's runs gives {values}.", points_of, where)


def far_means(results: Results) -> Finding:
    """Is the accuracy near 100 % at large distances?"""
    found = {
        f"m = {plain(m)}": effect(
            accuracies_of(results, "last", "exact_accuracy", m=m), above=1 - 2 * POINT
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
    values = accuracies_of(results, "last", "test_accuracy", m=2.0)
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
        values = accuracies_of(results, "last", "test_accuracy", m=m)
        found[f"m = {plain(m)}"] = effect(
            values, above=printed - 5 * POINT, below=printed + 5 * POINT
        )
    one = table[1.0]
    at_one = accuracies_of(results, "last", "test_accuracy", m=1.0)
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
                table[m]["reported"],
                accuracies_of(results, "last", "test_accuracy", m=m),
                percent_of,
            )
            for m in (1.0, 0.5, 0.0)
        ),
    )


def close_means(results: Results) -> Finding:
    """Does the accuracy fluctuate around one half where the means are close?"""
    found = {
        f"m = {plain(m)}": effect(
            accuracies_of(results, "last", "exact_accuracy", m=m),
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
        accuracies_of(results, "last", "test_accuracy", m=0.0),
        above=0.5 - 2 * POINT,
        below=0.5 + 2 * POINT,
    )
    return judged(found, f"Mean test accuracy at m = 0: {percent_interval(found)}.", points_of)


def close_means_cost(results: Results) -> Finding:
    """Is the accuracy much lower where the means are close?"""
    far = accuracies_of(results, "last", "exact_accuracy", m=10.0)
    found = {
        f"m = {plain(m)}": effect(
            far - accuracies_of(results, "last", "exact_accuracy", m=m),
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
            table[m]["bayes"] - accuracies_of(results, "last", "exact_accuracy", m=m),
            above=2 * POINT,
            no_effect=0.0,
        )
        for m in (2.0, 1.0, 0.5)
    }
    pocket = {
        f"m = {plain(m)}": effect(
            table[m]["bayes"] - accuracies_of(results, "pocket", "exact_accuracy", m=m)
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


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "table-1",
        "The accuracies are 100, 100, 100, 85, 47.5, 50 and 57.5 % as the first mean nears the "
        "second.",
        "section 5.1.3, table 1",
        "test accuracy of the replay within half a point of each",
        printed_table,
        ("table_distance",),
    ),
    Claim(
        "far-means",
        "With means far apart the classes can be separated by a line, and the accuracy is 100 %.",
        "section 5.1.3, Effect of Varying Means",
        "mean accuracy above 98 %, at m = 10, 5 and 3",
        far_means,
        ("accuracy_against_distance", "table_distance"),
    ),
    Claim(
        "drop-at-2",
        "With the means at [2, 2] and [0, 0] the accuracy drops to 85 %, because the "
        "distributions overlap.",
        "section 5.1.3, Effect of Varying Means",
        "test accuracy of the replay within half a point of 85 %",
        drop_at_two,
        ("table_distance", "accuracy_against_distance"),
    ),
    Claim(
        "near-means",
        "With means very near each other or equal, 47.5 to 57.5 % are what comes out.",
        "section 5.1.3, Effect of Varying Means",
        "mean test accuracy within 5 points of the printed one, at m = 1, 0.5 and 0",
        near_means,
        ("accuracy_against_distance", "table_distance"),
    ),
    Claim(
        "close-means",
        "With very close means the accuracy should fluctuate around 50 %; such changes are normal.",
        "section 5.1.3, Effect of Varying Means",
        "mean accuracy within 5 points of 50 %, at m = 1, 0.5 and 0",
        close_means,
        ("last_epochs", "accuracy_against_distance"),
    ),
    Claim(
        "equal-means",
        "Where the means are the same the perceptron cannot tell the classes apart.",
        "section 5.1.3, Effect of Varying Means",
        "mean test accuracy within 2 points of 50 %, at m = 0",
        equal_means,
        ("accuracy_against_distance",),
    ),
    Claim(
        "close-means-cost",
        "Means too close leave no clear boundary, and the accuracy drops significantly.",
        "section 5.1.3, Conclusion",
        "at m = 2, 1, 0.5 and 0 more than 10 points lower than at m = 10",
        close_means_cost,
        ("accuracy_against_distance", "table_distance"),
    ),
    Claim(
        "limits",
        "The experiment shows the limits of the perceptron where the distributions overlap.",
        "section 5.1.3, Conclusion",
        "accuracy more than 2 points below that of the best rule, at m = 2, 1 and 0.5",
        limits_of_the_rule,
        ("table_distance",),
    ),
)
