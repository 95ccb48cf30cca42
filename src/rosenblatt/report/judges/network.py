"""Judges of the claims on the network trained on the full batch, E4 and E5."""

import numpy as np

from rosenblatt.report.format import count, counted, number, percent
from rosenblatt.report.judges.words import (
    POINT,
    number_interval,
    percent_interval,
    points_interval,
    spread_in_points,
)
from rosenblatt.report.parts import Results
from rosenblatt.report.rows import columns
from rosenblatt.report.verdicts import Finding, effect, verdict_of


def start_at_77(results: Results) -> Finding:
    """Does the accuracy start at 77 %?"""
    values = columns(results["E5"].tables["starts"])["test_accuracy"]
    found = effect(values, above=0.77 - 5 * POINT, below=0.77 + 5 * POINT)
    above = np.mean(values >= 0.77)
    return Finding(
        verdict_of(found),
        f"Over {count(len(values))} initialisations untrained networks have "
        f"{percent_interval(found)} in the mean, with a standard deviation of "
        f"{spread_in_points(values)}; "
        f"{counted(float(above), len(values))} have 77 % or more.",
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
        f"ends above {counted(float(below), len(own['seed']), 'seed')}.",
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
        f"The standard deviation over {count(len(values))} initialisations is "
        f"{spread_in_points(values)}; drawing 200 test points alone would give "
        f"{number(100 * sampling, 1)} points. Half of "
        f"them start between {percent(np.quantile(values, 0.25))} and "
        f"{percent(np.quantile(values, 0.75))}.",
    )
