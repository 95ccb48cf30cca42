"""The source's claims, one by one: what each says, the test it is put to, and what came of it.

A claim is judged by numbers alone: an effect is estimated over seeds, and the verdict says where
its interval lies. To add a claim: a function that returns a :class:`Finding`, and an entry in
``CLAIMS``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from rosenblatt.report import cuts
from rosenblatt.report.cuts import BySize
from rosenblatt.report.format import count, interval, number, percent, plain, scientific, sequence
from rosenblatt.report.parts import Results
from rosenblatt.report.rows import columns, rows
from rosenblatt.report.verdicts import Effect, Finding, certain, effect, verdict_of, verdict_over

SMALLEST, LARGEST = 1, 800
"""Of the batch sizes."""
MEDIUM = (100, 200)
"""What the source recommends at its end."""
POINT = 0.01
"""One point of accuracy."""


@dataclass(frozen=True)
class Claim:
    """A claim of the source.

    Attributes:
        id: its name in links.
        experiment: whose results it is put to.
        says: the claim, in our words.
        where: the place in the source.
        test: what is measured, and the threshold it is held against.
        judge: returns what the results say.
        figures: the numbers of the figures and tables that show it.
    """

    id: str
    experiment: str
    says: str
    where: str
    test: str
    judge: Callable[[Results], Finding]
    figures: tuple[str, ...]


# The perceptron


def _accuracies(results: Results, rule: str, column: str, **where: object) -> np.ndarray:
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
        + _listed(found, percent_interval)
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
    return Finding(
        verdict,
        f"Mean test accuracy of the last weights: {_listed(found, percent_interval)}. The printed "
        f"{percent(one['reported'])} at m = 1 are more than {percent(one['percentile'], 0)} of the "
        "seeds reach; the best rule there has "
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
        f"Mean accuracy on all data: {_listed(found, percent_interval)}. The batch rule's weights "
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
        f"{_listed(found, points_interval)}.",
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
        f"Mean test accuracy: {_listed(found, percent_interval)}. The best rule has "
        f"{percent(best['variance 50'])} at a variance of 50 and "
        f"{percent(best['standard deviation 50'])} at a standard deviation of 50.",
        condition,
    )


# The network on the full batch


def start_at_77(results: Results) -> Finding:
    """Does the accuracy start at 77 %?"""
    values = columns(results["E5"].tables["starts"])["test_accuracy"]
    found = effect(values, above=0.77 - 5 * POINT, below=0.77 + 5 * POINT)
    above = np.mean(values >= 0.77)
    return Finding(
        verdict_of(found),
        f"Over {count(len(values))} initialisations untrained networks have "
        f"{percent_interval(found)} in the mean, with a standard deviation of "
        f"{_points(values)}; {percent(above)} of them have 77 % or more.",
    )


def end_at_92(results: Results) -> Finding:
    """Does the accuracy end at 92 %?"""
    table = results["E4"].tables["summary"]
    own = columns(table, protocol="own", draw=0)
    replay = columns(table, protocol="as published")["test_accuracy"].item()
    found = effect(own["test_accuracy"], above=0.92 - POINT, below=0.92 + POINT)
    fresh = effect(own["fresh_accuracy"])
    below = np.mean(own["test_accuracy"] < replay)
    return Finding(
        verdict_of(found),
        f"From other initial weights, on the same data: {percent_interval(found)} in the mean on "
        f"the 200 test points, {percent_interval(fresh)} on 100 000 fresh ones. The published run "
        f"ends above {percent(below)} of them.",
    )


def no_overfitting(results: Results) -> Finding:
    """Is the gap between training and test small?"""
    own = columns(results["E4"].tables["summary"], protocol="own")
    by_seed = [
        float(np.mean((own["train_accuracy"] - own["fresh_accuracy"])[own["seed"] == seed]))
        for seed in np.unique(own["seed"])
    ]
    found = effect(by_seed, below=2 * POINT)
    draws = len(np.unique(own["draw"]))
    return Finding(
        verdict_of(found),
        "Training accuracy less that on 100 000 fresh points, in the mean over "
        f"{draws} draws of the data: {points_interval(found)}. The loss still falls on both sets "
        "when training ends: what is small is the gap of a training cut short.",
    )


def local_optimum(results: Results) -> Finding:
    """Is the plateau a local optimum, where no direction leads down?"""
    path = results["E4"].tables["plateau"]
    own = columns(path, protocol="own")
    last = own["epoch"] == own["epoch"].max()
    found = effect(own["smallest_eigenvalue"][last], above=0.0)
    replay = columns(path, protocol="as published")
    curve = columns(results["E4"].tables["replay_curve"])["train_loss"]
    down = int(np.sum(np.diff(curve) < 0))
    return Finding(
        verdict_of(found),
        "At a local optimum the gradient is 0 and no eigenvalue of the Hessian is negative. At the "
        f"end the smallest one is {number_interval(found, 4)} in the mean over seeds; in the "
        f"published run it is {number(replay['smallest_eigenvalue'][-1], 4)}, the gradient's norm "
        f"{number(replay['gradient_norm'][-1], 3)}, and the training loss fell in {down} of "
        f"{len(curve) - 1} intervals between evaluations.",
    )


def start_depends_on_seed(results: Results) -> Finding:
    """Do initial accuracies differ by more than the sampling of test points?"""
    values = columns(results["E5"].tables["starts"])["test_accuracy"]
    sampling = float(np.sqrt(values.mean() * (1 - values.mean()) / 200))
    # The mean of squared deviations is the variance, so its interval is one of the variance.
    found = effect((values - values.mean()) ** 2, above=(2 * sampling) ** 2)
    return Finding(
        verdict_of(found),
        f"The standard deviation over {count(len(values))} initialisations is {_points(values)}; "
        f"drawing 200 test points alone would give {number(100 * sampling, 1)} points. Half of "
        f"them start between {percent(np.quantile(values, 0.25))} and "
        f"{percent(np.quantile(values, 0.75))}.",
    )


# The batch size


def _ratio(a: BySize, b: BySize | None = None, *, of: int, to: int) -> np.ndarray:
    """Return log₁₀ of the ratio of two batch sizes' values, seed by seed."""
    logarithms: np.ndarray = np.log10(a[of] / (a if b is None else b)[to])
    return logarithms


def noisy(results: Results, *, of: int, to: int) -> Finding:
    """Is the loss curve of one batch size at least twice as noisy as that of another?"""
    noise = cuts.ends(results, "noise")
    found = effect(_ratio(noise, of=of, to=to), above=np.log10(2))
    listed = {f"B = {size}": scientific(float(np.median(values))) for size, values in noise.items()}
    return Finding(
        verdict_of(found),
        f"The noise of the test loss at B = {of} is {times_interval(found)} that at B = {to}. "
        "Noise is the standard deviation around a nearly straight curve, from second differences "
        f"of evaluations in the second half; its median over seeds is {_pairs(listed)}.",
    )


def stable_updates(results: Results) -> Finding:
    """Are all large batch sizes less noisy than batch size 1?"""
    noise = cuts.ends(results, "noise")
    found = {
        f"B = {size}": effect(_ratio(noise, of=SMALLEST, to=size), above=np.log10(2))
        for size in (200, 400, LARGEST)
    }
    verdict, condition = verdict_over(found)
    return Finding(
        verdict,
        f"The noise of the test loss at B = 1 as a multiple: {_listed(found, times_interval)}.",
        condition,
    )


def _sharper(results: Results) -> dict[str, Effect | None]:
    """Return λmax of the full batch as a multiple of that of batch size 1, under conditions."""
    name, more = "largest_eigenvalue", float(np.log10(1.25))
    of, to = LARGEST, SMALLEST
    at_epochs = cuts.sharp(results, name)
    scaled = cuts.sharp(results, name, "scaled")
    at_loss = cuts.sharp_at_equal_loss(results, name)
    return {
        "at equal epochs": effect(_ratio(at_epochs, of=of, to=to), above=more),
        "at equal training loss": effect(_ratio(at_loss, of=of, to=to), above=more),
        "with the learning rate scaled": effect(_ratio(scaled, of=of, to=to), above=more),
    }


def sharp_minima(results: Results) -> Finding:
    """Is the loss sharper where the full batch ends than where batch size 1 does?"""
    found = _sharper(results)
    verdict, condition = verdict_over(found)
    eigenvalues = cuts.sharp(results, "largest_eigenvalue")
    listed = {f"B = {size}": number(np.mean(values), 2) for size, values in eigenvalues.items()}
    return Finding(
        verdict,
        "The largest eigenvalue of the Hessian at B = 800 as a multiple of that at B = 1: "
        f"{_listed(found, times_interval)}. At equal epochs its means are {_pairs(listed)}.",
        condition,
    )


def escapes_sharp_minima(results: Results) -> Finding:
    """Does batch size 1 end less sharp than 100, and not only further on its way?"""
    name, more = "largest_eigenvalue", float(np.log10(1.25))
    found = {
        "at equal epochs": effect(
            _ratio(cuts.sharp(results, name), of=100, to=SMALLEST), above=more
        ),
        "at equal training loss": effect(
            _ratio(cuts.sharp_at_equal_loss(results, name), of=100, to=SMALLEST), above=more
        ),
    }
    verdict, condition = verdict_over(found)
    return Finding(
        verdict,
        "The largest eigenvalue of the Hessian at B = 100 as a multiple of that at B = 1: "
        f"{_listed(found, times_interval)}. A run that escaped from sharp minima would be flatter "
        "at the same loss as well.",
        condition,
    )


def most_time(results: Results) -> Finding:
    """Does batch size 1 take the most time: for an epoch, and to be right?"""
    seconds, rounds = (
        measured(results, "seconds_per_epoch") for measured in (cuts.timing, cuts.rounds)
    )
    epochs = cuts.ends(results, "epochs_to_95")
    to_solve = {size: values * seconds[size] for size, values in epochs.items()}
    second = max((size for size in seconds if size != SMALLEST), key=lambda size: seconds[size])
    reached = {size: int(np.isfinite(values).sum()) for size, values in epochs.items()}
    found = {
        "for equal epochs": effect(_ratio(rounds, of=SMALLEST, to=second), above=0.0),
        "until 95 % of the test points are right": effect(
            _ratio(to_solve, of=SMALLEST, to=100), above=0.0
        ),
    }
    verdict, condition = verdict_over(found)
    listed = {f"B = {size}": f"{number(1e6 * value, 0)} µs" for size, value in seconds.items()}
    medians = {
        f"B = {size}": f"{number(1e3 * np.nanmedian(values), 1)} ms"
        for size, values in to_solve.items()
        if 2 * reached[size] > len(values)
    }
    return Finding(
        verdict,
        f"An epoch of one run takes {_pairs(listed)}. The median time until 95 % of the test "
        f"points are right is {_pairs(medians)}; with the others fewer than half of the runs get "
        "there.",
        condition,
    )


def _faster(results: Results, sign: int) -> dict[str, Effect | None]:
    """Return how much lower the training loss of the full batch is than that of B = 10."""
    name, more = "train_loss", float(np.log10(1.05))

    def lower(values: BySize) -> Effect | None:
        return effect(sign * _ratio(values, of=10, to=LARGEST), above=more)

    return {
        "at equal epochs": lower(cuts.ends(results, name)),
        "at equal updates": lower(cuts.at_updates(results, name)),
        "at equal seconds": lower(cuts.at_seconds(results, name)),
        "with the learning rate scaled": lower(cuts.ends(results, name, "scaled")),
    }


def converge(results: Results, *, sign: int) -> Finding:
    """Is the training loss of the full batch lower (sign 1), or higher (−1), than of B = 10?"""
    found = _faster(results, sign)
    verdict, condition = verdict_over(found)
    a, b = (10, LARGEST) if sign > 0 else (LARGEST, 10)
    return Finding(
        verdict,
        f"The training loss of B = {a} as a multiple of that of B = {b}: "
        f"{_listed(found, times_interval)}.",
        condition,
    )


def generalise(results: Results, *, sign: int) -> Finding:
    """Is the full batch less right on fresh points (sign 1), or more (−1), than B = 10?"""
    name = "fresh_accuracy"
    fixed, scaled = cuts.ends(results, name), cuts.ends(results, name, "scaled")
    updates = cuts.at_updates(results, "test_accuracy")
    found = {
        f"{where}": effect(sign * (values[10] - values[LARGEST]), above=POINT / 2)
        for where, values in (
            ("at equal epochs", fixed),
            ("at equal updates", updates),
            ("with the learning rate scaled", scaled),
        )
    }
    verdict, condition = verdict_over(found)
    a, b = (10, LARGEST) if sign > 0 else (LARGEST, 10)
    listed = {f"B = {size}": percent(np.mean(values)) for size, values in fixed.items()}
    return Finding(
        verdict,
        f"Accuracy of B = {a} less that of B = {b}, on 100 000 fresh points (at equal updates on "
        f"the test points): {_listed(found, points_interval)}. At equal epochs the means are "
        f"{_pairs(listed)}.",
        condition,
    )


def memory(results: Results) -> Finding:
    """Does an update of the full batch hold more memory than one of a single sample?"""
    held = cuts.timing(results, "bytes_of_an_update")
    found = certain(held[LARGEST] / held[SMALLEST], above=2.0)
    listed = {f"B = {size}": f"{number(value / 1024, 1)} KiB" for size, value in held.items()}
    return Finding(
        verdict_of(found),
        f"The most that a forward and a backward pass hold in NumPy: {_pairs(listed)}. The network "
        "is small, and none of this is much.",
    )


def medium_sizes(results: Results) -> Finding:
    """Is the better of the medium sizes as right on fresh points as any other, or nearly?"""
    found = {}
    for where, rates in (
        ("at a fixed learning rate", "fixed"),
        ("with the learning rate scaled", "scaled"),
    ):
        accuracy = cuts.ends(results, "fresh_accuracy", rates)
        others = [size for size in accuracy if size not in MEDIUM]
        best = max(others, key=lambda size: float(np.mean(accuracy[size])))
        medium = max(MEDIUM, key=lambda size: float(np.mean(accuracy[size])))
        found[where] = effect(accuracy[best] - accuracy[medium], below=0.1 * POINT)
    verdict, condition = verdict_over(found)
    return Finding(
        verdict,
        "Accuracy on fresh points of the best other batch size less that of the better of "
        f"{sequence([str(size) for size in MEDIUM])}: {_listed(found, points_interval)}. A medium "
        "size would be a reason to recommend if nothing were lost with it: at most a tenth of a "
        "point.",
        condition,
    )


# How numbers are written


def percent_interval(one: Effect | None) -> str:
    """Write a mean of fractions with its interval in percent."""
    if one is None:
        return "not measured"
    return f"{percent(one.mean)} {interval(100 * one.interval.low, 100 * one.interval.high, 1)}"


def points_interval(one: Effect | None) -> str:
    """Write a mean difference of fractions in points, with its interval."""
    if one is None:
        return "not measured"
    low, high = 100 * one.interval.low, 100 * one.interval.high
    return f"{number(100 * one.mean, 2)} points {interval(low, high, 2)}"


def number_interval(one: Effect | None, digits: int) -> str:
    """Write a mean with its interval."""
    if one is None:
        return "not measured"
    bounds = interval(one.interval.low, one.interval.high, digits)
    return f"{number(one.mean, digits)} {bounds}"


def times_interval(one: Effect | None) -> str:
    """Write a ratio, given as its logarithm, with its interval."""
    if one is None:
        return "not measured"
    with np.errstate(over="ignore"):
        low, high = 10.0 ** np.array([one.interval.low, one.interval.high])
    return f"{number(10**one.mean, 2)} times {interval(low, high, 2)}"


def _listed(found: Mapping[str, Effect | None], write: Callable[[Effect | None], str]) -> str:
    return "; ".join(f"{name}: {write(one)}" for name, one in found.items())


def _pairs(listed: Mapping[str, str]) -> str:
    return ", ".join(f"{value} ({name})" for name, value in listed.items())


def _points(values: np.ndarray) -> str:
    return f"{number(100 * float(values.std(ddof=1)), 1)} points"


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "far-means",
        "E2",
        "With means far apart the perceptron classifies everything: 100 % at m = 10, 5 and 3.",
        "part 1, table 1",
        "mean accuracy above 98 %",
        far_means,
        ("S1", "table 1"),
    ),
    Claim(
        "near-means",
        "E2",
        "With means near each other 85, 47.5 and 50 % (m = 2, 1, 0.5) are what to expect.",
        "part 1, table 1",
        "mean test accuracy within 5 points of the printed one",
        near_means,
        ("S1", "table 1"),
    ),
    Claim(
        "close-means",
        "E2",
        "Accuracy fluctuates around 50 % when the means are close.",
        "part 1, discussion of table 1",
        "mean accuracy within 5 points of 50 %, at m = 1, 0.5 and 0",
        close_means,
        ("S5", "S1"),
    ),
    Claim(
        "equal-means",
        "E2",
        "With equal means the perceptron can only guess (57.5 % printed).",
        "part 1, table 1",
        "mean test accuracy within 2 points of 50 %",
        equal_means,
        ("S1",),
    ),
    Claim(
        "growing-spread",
        "E3",
        "Accuracy falls as the classes spread.",
        "part 1, table 2",
        "at s = 100 more than 10 points lower than at s = 1",
        growing_spread,
        ("S2", "table 2"),
    ),
    Claim(
        "large-spread",
        "E3",
        "At a spread of [50, 50] or greater the accuracy is 42.5 %.",
        "part 1, discussion of table 2",
        "mean test accuracy within 5 points of 42.5 %",
        large_spread,
        ("S2", "table 2"),
    ),
    Claim(
        "start",
        "E5",
        "The network's accuracy starts at about 77 %.",
        "part 2, figures 2 and 11",
        "mean over initialisations within 5 points of 77 %",
        start_at_77,
        ("S7",),
    ),
    Claim(
        "end",
        "E4",
        "After 1500 epochs the accuracy is about 92 %.",
        "part 2, figures 2 and 11",
        "mean over initialisations within 1 point of 92 %",
        end_at_92,
        ("11",),
    ),
    Claim(
        "no-overfitting",
        "E4",
        "Training and test stay close, so the network does not overfit.",
        "part 2, discussion",
        "training accuracy less that on fresh points, below 2 points in the mean",
        no_overfitting,
        ("2", "10"),
    ),
    Claim(
        "local-optimum",
        "E4",
        "After an early rise the curves reach a plateau, a local optimum.",
        "part 2, discussion",
        "smallest eigenvalue of the Hessian at the end not below 0 in the mean",
        local_optimum,
        ("S6",),
    ),
    Claim(
        "start-depends",
        "E5",
        "The initial accuracy depends on the seed.",
        "part 2, figure 12",
        "standard deviation over initialisations above twice that of drawing test points",
        start_depends_on_seed,
        ("S7", "12"),
    ),
    Claim(
        "noisy",
        "E6",
        "Batch size 1 is noisy.",
        "part 3, figure 3",
        "noise of the test loss at least twice that of the full batch",
        partial(noisy, of=SMALLEST, to=LARGEST),
        ("S11", "3"),
    ),
    Claim(
        "smooth",
        "E6",
        "Small batches reduce variance and converge smoothly.",
        "part 3, conclusion",
        "noise of the full batch's test loss at least twice that of B = 10",
        partial(noisy, of=LARGEST, to=10),
        ("S11",),
    ),
    Claim(
        "stable",
        "E6",
        "Large batches give stable updates.",
        "part 3, conclusion",
        "noise of the test loss at B = 1 at least twice that at 200, 400 and 800",
        stable_updates,
        ("S11",),
    ),
    Claim(
        "escapes",
        "E6",
        "Batch size 1 escapes sharp minima.",
        "part 3, conclusion",
        "largest eigenvalue of the Hessian at B = 100 more than 1.25 times that at B = 1",
        escapes_sharp_minima,
        ("S10",),
    ),
    Claim(
        "most-time",
        "E6",
        "Batch size 1 takes the most time.",
        "part 3, conclusion",
        "seconds of an epoch above all others, and seconds to 95 % above those of B = 100",
        most_time,
        ("S11", "table 6"),
    ),
    Claim(
        "faster",
        "E6",
        "Large batches converge faster.",
        "part 3, conclusion",
        "training loss of B = 10 more than 1.05 times that of B = 800",
        partial(converge, sign=1),
        ("S4", "table 5"),
    ),
    Claim(
        "slower",
        "E6",
        "Large batches converge slowly.",
        "part 3, discussion",
        "training loss of B = 800 more than 1.05 times that of B = 10",
        partial(converge, sign=-1),
        ("S4", "table 5"),
    ),
    Claim(
        "sharp",
        "E6",
        "Large batches end in sharp minima.",
        "part 3, conclusion",
        "largest eigenvalue of the Hessian at B = 800 more than 1.25 times that at B = 1",
        sharp_minima,
        ("S10",),
    ),
    Claim(
        "worse",
        "E6",
        "Large batches generalise worse.",
        "part 3, conclusion",
        "accuracy of B = 10 above that of B = 800 by more than half a point",
        partial(generalise, sign=1),
        ("S9", "table 5"),
    ),
    Claim(
        "better",
        "E6",
        "Large batches generalise better.",
        "part 3, discussion",
        "accuracy of B = 800 above that of B = 10 by more than half a point",
        partial(generalise, sign=-1),
        ("S9", "table 5"),
    ),
    Claim(
        "memory",
        "E6",
        "Large batches cost more memory.",
        "part 3, conclusion",
        "memory of an update at B = 800 more than twice that at B = 1",
        memory,
        ("table 6",),
    ),
    Claim(
        "medium",
        "E6",
        "Medium batch sizes are to be recommended.",
        "part 3, conclusion",
        "no other batch size more than 0.1 points better on fresh points than 100 or 200",
        medium_sizes,
        ("S9",),
    ),
)
"""All claims, in the order of the source."""
