"""Judges of the claims on how far and how well each batch size trains, E6: seed by seed."""

import numpy as np

from rosenblatt.report.e6_batch_size import cuts
from rosenblatt.report.e6_batch_size.cuts import BySize
from rosenblatt.report.evidence import (
    POINT,
    listed,
    pairs,
    points_interval,
    points_of,
    times_interval,
    times_of,
)
from rosenblatt.report.format import percent
from rosenblatt.report.parts import Results, Values
from rosenblatt.report.verdicts import Effect, Finding, effect, judged

SMALLEST, LARGEST = 1, 800
"""Of the batch sizes."""
SMALL, MEDIUM, LARGE = (1, 10), (100, 200), (200, 400, 800)
"""Sizes that the source calls small and medium. It calls 400 and 800 large in its conclusion."""
LOWER = float(np.log10(1.05))
"""A training loss is lower when the other is this many times it (as a logarithm)."""


def ratio(values: BySize, *, of: int, to: int) -> Values:
    """Return log₁₀ of the ratio of two batch sizes' values, seed by seed."""
    logarithms: Values = np.log10(values[of] / values[to])
    return logarithms


def _training_losses(results: Results) -> dict[str, BySize]:
    """Return the training loss of each batch size in every comparison."""
    name = "train_loss"
    return {
        "at equal epochs": cuts.ends(results, name),
        "at equal updates": cuts.at_updates(results, name),
        "at equal seconds": cuts.at_seconds(results, name),
        "with the learning rate scaled": cuts.ends(results, name, "scaled"),
    }


def lower_loss(results: Results, *, of: int, than: int) -> Finding:
    """Is the training loss of one batch size lower than that of another?"""
    found: dict[str, Effect | None] = {
        where: effect(ratio(values, of=than, to=of), above=LOWER, no_effect=0.0)
        for where, values in _training_losses(results).items()
    }
    return judged(
        found,
        f"The training loss of B = {than} as a multiple of that of B = {of}: "
        f"{listed(found, times_interval)}.",
        times_of,
    )


def _accuracies(results: Results) -> dict[str, BySize]:
    """Return the accuracy of each batch size in the comparisons in which it was taken."""
    return {
        "at equal epochs": cuts.ends(results, "fresh_accuracy"),
        "at equal updates": cuts.at_updates(results, "test_accuracy"),
        "with the learning rate scaled": cuts.ends(results, "fresh_accuracy", "scaled"),
    }


def generalise(results: Results, *, sign: int) -> Finding:
    """Is the full batch less right on fresh points (sign 1), or more (−1), than B = 10?"""
    found = {
        where: effect(sign * (values[10] - values[LARGEST]), above=POINT / 2, no_effect=0.0)
        for where, values in _accuracies(results).items()
    }
    a, b = (10, LARGEST) if sign > 0 else (LARGEST, 10)
    fixed = cuts.ends(results, "fresh_accuracy")
    means = {f"B = {size}": percent(float(np.mean(values))) for size, values in fixed.items()}
    return judged(
        found,
        f"Accuracy of B = {a} less that of B = {b}, on 100 000 fresh points (at equal updates on "
        f"the test points): {listed(found, points_interval)}. At equal epochs the means are "
        f"{pairs(means)}.",
        points_of,
    )


def matters(results: Results) -> Finding:
    """Do the best and the worst batch size differ in accuracy?"""
    found = {}
    for where, values in _accuracies(results).items():
        means = {size: float(np.nanmean(v)) for size, v in values.items() if np.isfinite(v).any()}
        best, worst = max(means, key=means.__getitem__), min(means, key=means.__getitem__)
        found[where] = effect(values[best] - values[worst], above=POINT, no_effect=0.0)
    return judged(
        found,
        "Accuracy of the best batch size less that of the worst, on fresh points (at equal updates "
        f"on the test points): {listed(found, points_interval)}. The best and the worst are chosen "
        "by the same runs, which makes the difference larger than it is.",
        points_of,
    )
