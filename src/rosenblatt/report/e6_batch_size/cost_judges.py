"""Judges of the claims on what a batch size costs in time and memory, E6."""

import numpy as np

from rosenblatt.report.e6_batch_size import cuts
from rosenblatt.report.e6_batch_size.cuts import BySize
from rosenblatt.report.e6_batch_size.loss_judges import LARGEST, SMALLEST, ratio
from rosenblatt.report.evidence import listed, pairs, times_interval, times_of
from rosenblatt.report.format import interval, number
from rosenblatt.report.parts import Results
from rosenblatt.report.verdicts import Effect, Finding, certain, effect, judged


def _epochs_take(results: Results) -> str:
    """Write the time of an epoch at every batch size, with the interval of the median."""
    intervals = cuts.time_intervals(results)
    times = {}
    for size, median in cuts.timing(results, "seconds_per_epoch").items():
        low, high = (1e6 * end for end in intervals[size])
        times[f"B = {size}"] = f"{number(1e6 * median, 0)} µs {interval(low, high, 0)}"
    return (
        f"An epoch of one run takes {pairs(times)}, the median over rounds with its interval at "
        "both moments of measurement."
    )


def _to_solve(results: Results) -> BySize:
    seconds = cuts.timing(results, "seconds_per_epoch")
    epochs = cuts.ends(results, "epochs_to_95")
    return {size: values * seconds[size] for size, values in epochs.items()}


def most_time(results: Results) -> Finding:
    """Does batch size 1 take the most time: for equal epochs, and to get somewhere?"""
    rounds, to_solve = cuts.rounds(results, "seconds_per_epoch"), _to_solve(results)
    seconds = cuts.timing(results, "seconds_per_epoch")
    second = max((size for size in seconds if size != SMALLEST), key=lambda size: seconds[size])
    found = {
        "for equal epochs": effect(ratio(rounds, of=SMALLEST, to=second), above=0.0),
        "until 95 % of the test points are right": effect(
            ratio(to_solve, of=SMALLEST, to=100), above=0.0
        ),
    }
    medians = {
        f"B = {size}": f"{number(1e3 * cuts.median_of_all(values), 1)} ms"
        for size, values in to_solve.items()
        if 2 * np.isfinite(values).sum() > len(values)
    }
    others = "" if len(medians) == len(to_solve) else "; with the others at most half get there"
    solved = (
        "The median time until 95 % of the test points are right, over all runs, is "
        f"{pairs(medians)}{others}."
        if medians
        else "With no batch size more than half of the runs come to 95 % of the test points."
    )
    return judged(
        found,
        f"{_epochs_take(results)} B = 1 takes, as a multiple (of the slowest other size, and of "
        f"B = 100): {listed(found, times_interval)}. {solved}",
        times_of,
    )


def inefficient(results: Results) -> Finding:
    """Does an epoch at batch size 1 take longer than one of small, and of full batches?"""
    rounds = cuts.rounds(results, "seconds_per_epoch")
    found = {
        f"against B = {size}": effect(
            ratio(rounds, of=SMALLEST, to=size), above=float(np.log10(1.25)), no_effect=0.0
        )
        for size in (10, LARGEST)
    }
    return judged(
        found,
        f"The time of an epoch at B = 1 as a multiple: {listed(found, times_interval)}. "
        f"{_epochs_take(results)}",
        times_of,
    )


def quick_epochs(results: Results) -> Finding:
    """Is an epoch of large batches quicker than one of small batches?"""
    rounds = cuts.rounds(results, "seconds_per_epoch")
    found: dict[str, Effect | None] = {
        f"against B = {size}": effect(
            ratio(rounds, of=size, to=LARGEST), above=float(np.log10(1.05)), no_effect=0.0
        )
        for size in (SMALLEST, 10, 100)
    }
    return judged(
        found,
        "The time of an epoch as a multiple of that of the full batch: "
        f"{listed(found, times_interval)}. {_epochs_take(results)}",
        times_of,
    )


def memory(results: Results) -> Finding:
    """Does an update of the full batch hold more memory than one of a single sample?"""
    held = cuts.timing(results, "bytes_of_an_update")
    found = certain(
        float(np.log10(held[LARGEST] / held[SMALLEST])), above=float(np.log10(2)), no_effect=0.0
    )
    means = {f"B = {size}": f"{number(value / 1024, 1)} KiB" for size, value in held.items()}
    return judged(
        found,
        f"The most that a forward and a backward pass hold in NumPy: {pairs(means)}. The network "
        "is small, and none of this is much.",
        times_of,
    )
