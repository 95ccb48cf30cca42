"""Claims about the two spirals, and their judges."""

from functools import partial

import numpy as np

from rosenblatt.report.evidence import (
    listed,
    number_interval,
    number_of_value,
    percent_interval,
    percent_of,
    points_interval,
    points_of,
    times_interval,
    times_of,
)
from rosenblatt.report.format import count
from rosenblatt.report.parts import Claim, Results, Values
from rosenblatt.report.rows import Columns, columns
from rosenblatt.report.verdicts import Finding, effect, judged
from rosenblatt.reproductions.spirals.experiment import EPOCHS, LOSSES, NAME, RATE

PUBLISHED = {"squared error": 20_000, "cross-entropy": 10_000}
"""Epochs until all points are right."""
TOLERANCE = 1.5
"""Factor of a number of epochs, in both directions."""
AVERAGE_WEIGHT = 3.4
FEWEST, MOST = 500, 2000
"""Epochs from the last error to separated outputs that count as about 1000."""

POST = "K. J. Lang, mailing list Connectionists, 5 August 1988"


def ends_of(
    results: Results, loss: str, network: str = "short-cuts", rate: float = RATE
) -> Columns:
    """Return the ends of the runs of a setting."""
    return columns(results[NAME].tables["ends"], loss=loss, network=network, rate=rate)


def epochs_of(
    results: Results, loss: str, network: str = "short-cuts", rate: float = RATE
) -> Values:
    """Return the epochs that each run needs; one that does not learn counts with all of its own."""
    ends = ends_of(results, loss, network, rate)
    needed = ends["learned_at"].astype(float)
    return np.where(np.isfinite(needed), needed, ends["trained"]).astype(float)


def quartiles_of(
    results: Results, loss: str, network: str = "short-cuts", rate: float = RATE
) -> tuple[float | None, float | None, float | None]:
    """Return quartiles of the epochs over all runs; None where a run that never learns stands."""
    learned_at = ends_of(results, loss, network, rate)["learned_at"].astype(float)
    ordered = np.sort(np.where(np.isfinite(learned_at), learned_at, np.inf))
    low, middle, high = (
        float(value) if np.isfinite(value) else None
        for value in np.quantile(ordered, [0.25, 0.5, 0.75], method="inverted_cdf")
    )
    return low, middle, high


def epochs_cell(value: float | None) -> str:
    """Write a number of epochs, None as "never"."""
    return "never" if value is None else count(round(value))


def share_learned(results: Results, loss: str, network: str = "short-cuts") -> Values:
    """Return 1 for each run that learns all points, and 0 for each other."""
    learned_at = ends_of(results, loss, network)["learned_at"].astype(float)
    return np.isfinite(learned_at).astype(float)


def epochs_to_separate(results: Results) -> Values:
    """Return the epochs from no error to separated outputs, squared error, NaN for none."""
    ends = ends_of(results, "squared error")
    later: Values = ends["separated_at"].astype(float) - ends["learned_at"].astype(float)
    return later


def mean_weights(results: Results) -> Values:
    """Return the mean absolute weight at the first moment without errors, squared error."""
    weights: Values = ends_of(results, "squared error")["mean_weight"].astype(float)
    return weights


def learns(results: Results) -> Finding:
    """Do most runs of the network with short-cuts learn all points?"""
    found = {loss: effect(share_learned(results, loss), above=0.8) for loss in LOSSES}
    return judged(
        found, f"Runs that learn all points: {listed(found, percent_interval)}.", percent_of
    )


def takes(results: Results, *, loss: str) -> Finding:
    """Is the number of epochs that of the source, but for a factor?"""
    published = PUBLISHED[loss]
    needed = epochs_of(results, loss)
    far = np.log10(TOLERANCE)
    found = effect(np.log10(needed / published), above=-far, below=far)
    learned = share_learned(results, loss)
    _, median, _ = quartiles_of(results, loss)
    return judged(
        found,
        f"Geometric mean of the epochs, over {count(published)}: {times_interval(found)}; median "
        f"{epochs_cell(median)}; {int(learned.sum())} of {len(learned)} "
        "runs learned.",
        times_of,
    )


def faster(results: Results) -> Finding:
    """Does the cross-entropy need fewer epochs, from the same weights?"""
    squared, cross = (epochs_of(results, loss) for loss in ("squared error", "cross-entropy"))
    found = effect(np.log10(squared / cross), above=np.log10(1.5), no_effect=0.0)
    return judged(
        found,
        f"Epochs with the squared error over those with the cross-entropy, of the same seed: "
        f"{times_interval(found)}.",
        times_of,
    )


def facilitates(results: Results) -> Finding:
    """Do more runs learn with short-cuts than without, from the same seeds?"""
    found = {
        loss: effect(
            share_learned(results, loss) - share_learned(results, loss, "no short-cuts"),
            above=0.5,
            no_effect=0.0,
        )
        for loss in LOSSES
    }
    learned = {loss: effect(share_learned(results, loss, "no short-cuts")) for loss in LOSSES}
    return judged(
        found,
        f"Runs that learn with short-cuts less those without: {listed(found, points_interval)}. "
        f"Runs without short-cuts that learn: {listed(learned, percent_interval)}.",
        points_of,
    )


def separates(results: Results) -> Finding:
    """How long does it take from the last error to outputs below 0.4 and above 0.6?"""
    found = effect(epochs_to_separate(results), above=FEWEST, below=MOST)
    return judged(
        found,
        f"Epochs from the first evaluation without an error: {number_interval(found, 0)}.",
        number_of_value,
    )


def weighs(results: Results) -> Finding:
    """How large are the weights when all points are right?"""
    found = effect(mean_weights(results), above=0.8 * AVERAGE_WEIGHT, below=1.2 * AVERAGE_WEIGHT)
    return judged(
        found,
        f"Mean absolute value of the 138 weights: {number_interval(found, 2)}.",
        number_of_value,
    )


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "learns",
        "A network with three hidden layers of 5 units and all short-cuts learns all 194 points.",
        "Lang and Witbrock 1988",
        f"more than 80 % of the runs, within {count(EPOCHS)} epochs",
        learns,
        ("errors", "learned"),
    ),
    Claim(
        "takes-squared",
        f"Back-propagation needs {count(20_000)} epochs.",
        "Lang and Witbrock 1988, as quoted by Fahlman and Lebiere 1990",
        f"geometric mean of the epochs at most {TOLERANCE} times as many and at least as "
        f"few; a run that does not learn counts as {count(EPOCHS)}",
        partial(takes, loss="squared error"),
        ("learned", "table_epochs"),
    ),
    Claim(
        "takes-cross",
        f"With the cross-entropy, it needs {count(10_000)} epochs.",
        "Lang and Witbrock 1988, after a reader’s summary; Fahlman and Lebiere 1990 quote "
        f"{count(12_000)}",
        f"geometric mean of the epochs at most {TOLERANCE} times as many and at least as "
        f"few; a run that does not learn counts as {count(EPOCHS)}",
        partial(takes, loss="cross-entropy"),
        ("learned", "table_epochs"),
    ),
    Claim(
        "faster",
        "The cross-entropy learns faster than the squared error.",
        "Lang and Witbrock 1988; twice as fast, by its numbers",
        "more than 1.5 times the epochs with the squared error, from the same initial weights",
        faster,
        ("learned", "table_epochs"),
    ),
    Claim(
        "facilitates",
        "Short-cut connections facilitate learning.",
        "Lang and Witbrock 1988, abstract",
        f"share of runs that learn within {count(EPOCHS)} epochs more than 50 points larger than "
        "in a network of as many weights without short-cuts",
        facilitates,
        ("errors", "learned"),
    ),
    Claim(
        "separates",
        "Once all points are right, about 1000 more epochs bring the outputs of the two spirals "
        "below 0.4 and above 0.6.",
        POST,
        f"mean from {FEWEST} to {MOST} epochs, squared error",
        separates,
        ("table_epochs",),
    ),
    Claim(
        "weighs",
        "The average weight is then about 3.4.",
        POST,
        "mean absolute value of all weights, when all points are right for the first time, within "
        "20 %, squared error",
        weighs,
        ("table_epochs",),
    ),
)
