"""Judges of the claims on the batch size, E6: batch sizes compared seed by seed."""

import numpy as np

from rosenblatt.report import cuts
from rosenblatt.report.cuts import BySize, Values
from rosenblatt.report.format import number, percent, scientific, sequence
from rosenblatt.report.judges.words import (
    POINT,
    listed,
    pairs,
    points_interval,
    times_interval,
)
from rosenblatt.report.parts import Results
from rosenblatt.report.verdicts import (
    Effect,
    Finding,
    certain,
    effect,
    verdict_of,
    verdict_over,
)

SMALLEST, LARGEST = 1, 800
"""Of the batch sizes."""
MEDIUM = (100, 200)
"""What the source recommends at its end."""


def _ratio(a: BySize, b: BySize | None = None, *, of: int, to: int) -> Values:
    """Return log₁₀ of the ratio of two batch sizes' values, seed by seed."""
    logarithms: Values = np.log10(a[of] / (a if b is None else b)[to])
    return logarithms


def noisy(results: Results, *, of: int, to: int) -> Finding:
    """Is the loss curve of one batch size at least twice as noisy as that of another?"""
    noise = cuts.ends(results, "noise")
    found = effect(_ratio(noise, of=of, to=to), above=np.log10(2))
    means = {f"B = {size}": scientific(float(np.median(values))) for size, values in noise.items()}
    return Finding(
        verdict_of(found),
        f"The noise of the test loss at B = {of} is {times_interval(found)} that at B = {to}. "
        "Noise is the standard deviation around a nearly straight curve, from second differences "
        f"of evaluations in the second half; its median over seeds is {pairs(means)}.",
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
        f"The noise of the test loss at B = 1 as a multiple: {listed(found, times_interval)}.",
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
    means = {
        f"B = {size}": number(float(np.mean(values)), 2) for size, values in eigenvalues.items()
    }
    return Finding(
        verdict,
        "The largest eigenvalue of the Hessian at B = 800 as a multiple of that at B = 1: "
        f"{listed(found, times_interval)}. At equal epochs its means are {pairs(means)}.",
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
        f"{listed(found, times_interval)}. A run that escaped from sharp minima would be flatter "
        "at the same loss as well.",
        condition,
    )


def most_time(results: Results) -> Finding:
    """Does batch size 1 take the most time: for an epoch, and to be right?"""
    seconds = cuts.timing(results, "seconds_per_epoch")
    rounds = cuts.rounds(results, "seconds_per_epoch")
    epochs = cuts.ends(results, "epochs_to_95")
    to_solve = {size: values * seconds[size] for size, values in epochs.items()}
    second = max((size for size in seconds if size != SMALLEST), key=lambda size: seconds[size])
    found = {
        "for equal epochs": effect(_ratio(rounds, of=SMALLEST, to=second), above=0.0),
        "until 95 % of the test points are right": effect(
            _ratio(to_solve, of=SMALLEST, to=100), above=0.0
        ),
    }
    verdict, condition = verdict_over(found)
    means = {f"B = {size}": f"{number(1e6 * value, 0)} µs" for size, value in seconds.items()}
    medians = {
        f"B = {size}": f"{number(1e3 * cuts.median_of_all(values), 1)} ms"
        for size, values in to_solve.items()
        if 2 * np.isfinite(values).sum() > len(values)
    }
    others = "" if len(medians) == len(to_solve) else "; with the others at most half get there"
    return Finding(
        verdict,
        f"An epoch of one run takes {pairs(means)}. The median time until 95 % of the test points "
        f"are right, over all runs, is {pairs(medians)}{others}."
        if medians
        else f"An epoch of one run takes {pairs(means)}. With no batch size more than half of the "
        "runs come to 95 % of the test points.",
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
        f"{listed(found, times_interval)}.",
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
    means = {f"B = {size}": percent(float(np.mean(values))) for size, values in fixed.items()}
    return Finding(
        verdict,
        f"Accuracy of B = {a} less that of B = {b}, on 100 000 fresh points (at equal updates on "
        f"the test points): {listed(found, points_interval)}. At equal epochs the means are "
        f"{pairs(means)}.",
        condition,
    )


def memory(results: Results) -> Finding:
    """Does an update of the full batch hold more memory than one of a single sample?"""
    held = cuts.timing(results, "bytes_of_an_update")
    found = certain(held[LARGEST] / held[SMALLEST], above=2.0)
    means = {f"B = {size}": f"{number(value / 1024, 1)} KiB" for size, value in held.items()}
    return Finding(
        verdict_of(found),
        f"The most that a forward and a backward pass hold in NumPy: {pairs(means)}. The network "
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
        f"{sequence([str(size) for size in MEDIUM])}: {listed(found, points_interval)}. A medium "
        "size would be a reason to recommend if nothing were lost with it: at most a tenth of a "
        "point.",
        condition,
    )
