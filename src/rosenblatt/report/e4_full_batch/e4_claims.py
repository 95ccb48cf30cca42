"""Claims of the source on E4, an MLP on the two moons, and their judges."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.report.evidence import (
    POINT,
    listed,
    number_interval,
    number_of_value,
    percent_interval,
    points_interval,
    points_of,
)
from rosenblatt.report.format import number, percent, plural
from rosenblatt.report.full_batch_training import run_and_others
from rosenblatt.report.parts import Claim, Results, Values
from rosenblatt.report.rows import Columns, columns, rows, runs
from rosenblatt.report.verdicts import Finding, certain, effect, judged, not_testable

SHORTEST_PLATEAU = 100
"""A stretch of fewer epochs is not noticeable in a curve of 1500."""


LEAST_RISE = 2 * POINT
"""The accuracy rises by this much before a plateau, and again after it."""


def start_at_77(results: Results) -> Finding:
    """Does the source's run start at 77 %?"""
    others = columns(results["E4"].tables["summary"], protocol="own", draw=0)
    return run_and_others(results, "E4", 0.77, 5 * POINT, others["start_test_accuracy"], "start_")


def end_at_92(results: Results) -> Finding:
    """Does the source's run end at 92 %?"""
    others = columns(results["E4"].tables["summary"], protocol="own", draw=0)
    return run_and_others(results, "E4", 0.92, POINT, others["test_accuracy"], "")


def progressive_rise(results: Results) -> Finding:
    """Does the accuracy rise with the epochs, in the whole?"""
    found = {}
    for name in ("train", "test"):
        values = [
            _rank_correlation(curve["epoch"], curve[f"{name}_accuracy"])
            for curve in runs(results["E4"].tables["own_curves"], draw=0)
        ]
        found[f"on the {name if name == 'test' else 'training'} set"] = effect(
            values, above=0.9, no_effect=0.0
        )
    return judged(
        found,
        "Rank correlation (Spearman) of accuracy and epoch, 1 where it only rises, in the mean "
        "over "
        f"seeds: {listed(found, lambda one: number_interval(one, 3))}.",
        number_of_value,
    )


def _rank_correlation(a: npt.NDArray[Any], b: npt.NDArray[Any]) -> float:
    from scipy.stats import rankdata

    ranks = rankdata(a), rankdata(b)
    if any(np.ptp(values) == 0 for values in ranks):
        return 0.0
    return float(np.corrcoef(*ranks)[0, 1])


def learns(results: Results) -> Finding:
    """Is the accuracy much higher after training than before?"""
    own = columns(results["E4"].tables["summary"], protocol="own", draw=0)
    found = effect(
        own["test_accuracy"] - own["start_test_accuracy"], above=10 * POINT, no_effect=0.0
    )
    logistic = rows(results["E4"].tables["logistic"], draw=0)[0]["test_accuracy"]
    return judged(
        found,
        f"Test accuracy after training less that before: {points_interval(found)}. It ends at "
        f"{percent_interval(effect(own['test_accuracy']))}; logistic regression has "
        f"{percent(logistic)}.",
        points_of,
    )


def generalises_well(results: Results) -> Finding:
    """Is the accuracy on fresh points near that of the best rule?"""
    (bayes,) = rows(results["E4"].tables["bayes"])
    fresh = _by_seed(results, lambda own: own["fresh_accuracy"])
    found = effect(bayes["accuracy"] - fresh, below=5 * POINT)
    draws = len(np.unique(columns(results["E4"].tables["summary"], protocol="own")["draw"]))
    return judged(
        found,
        f"The Bayes rule has {percent(bayes['accuracy'])} of fresh points right; the networks have "
        f"less by {points_interval(found)} in the mean over {draws} draws of the data. What is "
        "missing is training: more updates come near it (see E6).",
        points_of,
    )


def _by_seed(results: Results, measure: Callable[[Columns], Values]) -> Values:
    """Return a measure of each seed's runs, in the mean over the draws of the data."""
    own = columns(results["E4"].tables["summary"], protocol="own")
    values = measure(own)
    return np.array(
        [float(np.mean(values[own["seed"] == seed])) for seed in np.unique(own["seed"])]
    )


def no_overfitting(results: Results) -> Finding:
    """Is the gap between training and test small?"""
    own = columns(results["E4"].tables["summary"], protocol="own")
    gaps = _by_seed(results, lambda own: own["train_accuracy"] - own["fresh_accuracy"])
    found = effect(gaps, below=2 * POINT)
    draws = len(np.unique(own["draw"]))
    return judged(
        found,
        "Training accuracy less that on 100 000 fresh points, in the mean over "
        f"{draws} draws of the data: {points_interval(found)}. The loss still falls on both sets "
        "when training ends: what is small is the gap of a training cut short.",
        points_of,
    )


def plateau_is_there(results: Results) -> Finding:
    """Has the accuracy of the source's run a plateau at an early stage?"""
    table = results["E4"].tables["early_plateau"]
    (run,) = rows(table, protocol="replay")
    (length,) = _lengths(columns(table, protocol="replay"))
    own = _lengths(columns(table, protocol="own"))
    others = int(np.sum(own > SHORTEST_PLATEAU))
    kind = "typical" if others >= len(own) / 2 else "not typical"
    return judged(
        certain(float(length), above=SHORTEST_PLATEAU, no_effect=0.0),
        "The early plateau is the longest stretch of evaluations that begins in the first half of "
        "training and over which the training accuracy moves by at most half a point. In the "
        f"source's run, replayed, it reaches from epoch {int(run['first_epoch'])} to "
        f"{int(run['last_epoch'])}, at {percent(run['accuracy'])}, after a rise of "
        f"{number(100 * run['rise_before'], 1)} points and before one of "
        f"{number(100 * run['rise_after'], 1)}.",
        lambda epochs: f"{number(epochs, 0)} epochs",
        f"{kind}: {others} of {plural(len(own), 'own run')} have such a plateau",
    )


def _lengths(stretches: Columns) -> Values:
    """Return how many epochs each early plateau lasts; 0 where nothing rises before or after it."""
    length = stretches["last_epoch"] - stretches["first_epoch"]
    is_within = (stretches["rise_before"] >= LEAST_RISE) & (stretches["rise_after"] >= LEAST_RISE)
    return np.where(is_within, length, 0)


def local_optimum(results: Results) -> Finding:
    """Is the early plateau a local optimum, where no direction leads down? Is the end?"""
    early, path = (results["E4"].tables[name] for name in ("early_plateau", "plateau"))
    own_early, own = columns(early, protocol="own"), columns(path, protocol="own")
    last = own["epoch"] == own["epoch"].max()
    found = {
        "at the early plateau": effect(own_early["smallest_eigenvalue"], above=0.0),
        "at the end of training": effect(own["smallest_eigenvalue"][last], above=0.0),
    }
    fall = effect(1 - own_early["loss_at_end"] / own_early["loss_at_begin"])
    run, end = rows(early, protocol="replay")[0], columns(path, protocol="replay")
    curve = columns(results["E4"].tables["replay_curve"])["train_loss"]
    down = int(np.sum(np.diff(curve) < 0))
    return judged(
        found,
        "At a local optimum the gradient is 0 and no eigenvalue of the Hessian is negative. The "
        f"smallest one is {listed(found, lambda one: number_interval(one, 4))} in the mean over "
        f"seeds. Along the early plateau the training loss falls by {percent_interval(fall)}. In "
        f"the source's run, replayed, the smallest eigenvalue is "
        f"{number(run['smallest_eigenvalue'], 4)} in the middle of the plateau (epoch "
        f"{int(run['epoch'])}) and {number(end['smallest_eigenvalue'][-1], 4)} at the end, the "
        f"gradient's norm {number(run['gradient_norm'], 3)} and "
        f"{number(end['gradient_norm'][-1], 3)}; the loss fell in {down} of {len(curve) - 1} "
        "intervals between evaluations.",
        number_of_value,
    )


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "start",
        "Training and test accuracy start at around 77 %.",
        "section 5.2.2",
        "accuracies of the replay before training within 5 points of 77 %",
        start_at_77,
        ("full_batch", "accuracy_of_seeds"),
    ),
    Claim(
        "end",
        "Training and test accuracy come to about 92 %.",
        "section 5.2.2",
        "accuracies of the replay after training within 1 point of 92 %",
        end_at_92,
        ("full_batch", "accuracy_of_seeds"),
    ),
    Claim(
        "rise",
        "The accuracies rise progressively throughout training.",
        "section 5.2.2",
        "rank correlation of accuracy and epoch above 0.9",
        progressive_rise,
        ("accuracy_of_seeds",),
    ),
    Claim(
        "learns",
        "The model learns effectively to classify the training examples.",
        "section 5.2.2",
        "test accuracy after training more than 10 points above that before",
        learns,
        ("accuracy_of_seeds", "decision_regions"),
    ),
    Claim(
        "generalises",
        "The model generalises well to unseen data.",
        "section 5.2.2",
        "accuracy on fresh points less than 5 points below that of the Bayes rule",
        generalises_well,
        ("accuracy_of_seeds",),
    ),
    Claim(
        "no-overfitting",
        "The small gap between training and test accuracy shows that there is no significant "
        "overfitting.",
        "section 5.2.2",
        "training accuracy less that on fresh points, below 2 points in the mean",
        no_overfitting,
        ("full_batch", "loss_of_seeds"),
    ),
    Claim(
        "satisfactory",
        "Overall the performance is satisfactory.",
        "section 5.2.2",
        "a judgement",
        partial(
            not_testable,
            reason=(
                "The source names nothing that would satisfy or not. The best rule and "
                "logistic regression, against which the network can be held, are drawn in the "
                "figure."
            ),
        ),
        ("accuracy_of_seeds",),
    ),
    Claim(
        "early-plateau",
        "At the early stages of training the accuracy has a noticeable plateau.",
        "section 5.2.2",
        "a plateau of more than 100 epochs in the replay, with a rise of at least 2 points before "
        "and after it",
        plateau_is_there,
        ("full_batch", "accuracy_of_seeds"),
    ),
    Claim(
        "local-optimum",
        "The plateau may be a local optimum, where the loss is minimal but not at its global "
        "minimum.",
        "section 5.2.2",
        "smallest eigenvalue of the Hessian not below 0 in the mean, in the middle of the early "
        "plateau and at the end",
        local_optimum,
        ("plateau",),
    ),
)
