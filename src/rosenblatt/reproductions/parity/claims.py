"""Claims about the learning of a parity, and their judges."""

import numpy as np

from rosenblatt.report.evidence import (
    listed,
    number_interval,
    number_of_value,
    percent_interval,
    percent_of,
)
from rosenblatt.report.format import plural
from rosenblatt.report.parts import Claim, Results, Values
from rosenblatt.report.rows import Columns, columns
from rosenblatt.report.verdicts import Finding, effect, judged
from rosenblatt.reproductions.parity.experiment import (
    AT_CHANCE,
    BATCHES,
    FORMS,
    FRESH,
    NAME,
    PERMUTED,
    RISEN,
    SINGLE,
    Setting,
)

EPOCHS_OF_SINGLE = (5.0, 9.0)
EPOCHS_OF_BATCHES = 41.4
TOLERANCE = 0.2
"""Of the published epochs, relative: five networks are a mean with an error of some ten percent."""
HALF = 0.5
MORE = 0.1
"""How much more the weights must have moved than with permuted labels, relative."""
GROWTH = 0.05
"""How much the weights of the bits must have grown beside the others at chance, relative."""
AT_PLATEAU = (BATCHES, FRESH)
"""Settings that stay at chance for many measurements."""


def ends(results: Results, setting: Setting) -> Columns:
    """Return the rows of the networks of a setting, None as NaN."""
    found = columns(results[NAME].tables["ends"], setting=setting.name)
    return {
        name: array if name in ("setting", "seed") else array.astype(np.float64)
        for name, array in found.items()
    }


def learned(results: Results) -> Finding:
    """Do all networks have no wrong test sample at some measurement?"""
    found = {
        setting.name: effect(np.isfinite(ends(results, setting)["right"]), above=0.95)
        for setting in FORMS
        if not setting.permuted
    }
    return judged(
        found, f"Networks that have learned: {listed(found, percent_interval)}.", percent_of
    )


def epochs_single(results: Results) -> Finding:
    """Do networks that learn from single samples need five to nine epochs?"""
    low, high = EPOCHS_OF_SINGLE
    epochs = ends(results, SINGLE)["epochs"]
    found = effect(epochs, above=low, below=high)
    never = int(np.isnan(epochs).sum())
    return judged(
        found,
        f"Epochs until the first measurement without a mistake: {number_interval(found, 1)}; "
        f"{plural(never, 'network')} of {len(epochs)} had none and "
        f"{'is' if never == 1 else 'are'} left out.",
        number_of_value,
    )


def epochs_batches(results: Results) -> Finding:
    """Do networks that learn from batches of 32 need as many epochs as published?"""
    found = effect(
        ends(results, BATCHES)["epochs"],
        above=(1 - TOLERANCE) * EPOCHS_OF_BATCHES,
        below=(1 + TOLERANCE) * EPOCHS_OF_BATCHES,
    )
    return judged(
        found,
        f"Epochs until the first measurement without a mistake: {number_interval(found, 1)}.",
        number_of_value,
    )


def abrupt(results: Results) -> Finding:
    """Does the accuracy rise in less than half of the updates that it was at chance?"""
    found = {}
    for setting in AT_PLATEAU:
        end = ends(results, setting)
        found[setting.name] = effect((end["rises"] - end["leaves"]) / end["leaves"], below=HALF)
    return judged(
        found,
        f"Updates from {AT_CHANCE:.0%} to {RISEN:.0%}, divided by those before: "
        f"{listed(found, lambda one: number_interval(one, 2))}.",
        number_of_value,
    )


def moves(results: Results) -> Finding:
    """Have the weights moved half of their way while the accuracy is at chance?"""
    found = {}
    for setting in AT_PLATEAU:
        end = ends(results, setting)
        found[setting.name] = effect(end["distance_before"] / end["distance_right"], above=HALF)
    steady = np.concatenate([ends(results, setting)["grew"] for setting in AT_PLATEAU])
    steady = steady[np.isfinite(steady)]
    return judged(
        found,
        "‖w − w₀‖₁ at the last measurement at chance, divided by that of the first without a "
        f"mistake: {listed(found, lambda one: number_interval(one, 2))}. It grew from each "
        f"measurement to the next in {int(steady.sum())} of {plural(len(steady), 'network')}.",
        number_of_value,
    )


def tells(results: Results) -> Finding:
    """Do weights at chance move more than with labels of which nothing can be learned?"""
    found = effect(moved_more(results), above=MORE, no_effect=0.0)
    return judged(
        found,
        "‖w − w₀‖₁ at the last measurement at chance, divided by that of the same network with "
        f"permuted labels after as many updates, less 1: {number_interval(found, 3)}.",
        number_of_value,
    )


def moved_more(results: Results) -> Values:
    """Return ‖w − w₀‖₁ at the end of chance over that with permuted labels, less 1, by seed."""
    end = ends(results, BATCHES)
    other = columns(results[NAME].tables["curves"], setting=PERMUTED.name)
    at = {
        (seed, updates): distance
        for seed, updates, distance in zip(
            other["seed"].tolist(), other["updates"].tolist(), other["distance"], strict=True
        )
    }
    last = end["leaves"] - BATCHES.every
    there = [at.get(key, np.nan) for key in zip(end["seed"].tolist(), last.tolist(), strict=True)]
    return end["distance_before"] / np.array(there) - 1


def amplifies(results: Results) -> Finding:
    """Have the weights of the bits grown beside the others while the accuracy is at chance?"""
    found = {}
    for setting in AT_PLATEAU:
        end = ends(results, setting)
        found[setting.name] = effect(
            end["size_before"] / end["size_start"] - 1, above=GROWTH, no_effect=0.0
        )
    return judged(
        found,
        "Size of the weights of the three bits beside that of the others, at the last measurement "
        "at chance over that at the start, less 1: "
        f"{listed(found, lambda one: number_interval(one, 3))}.",
        number_of_value,
    )


NOTES = "SutroYaro"

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "learned",
        "Networks learn the parity of three of twenty bits: no test sample is wrong.",
        f"{NOTES}, exp_perlayer_batch: five of five networks",
        "more than 95 % of the networks of each setting have a measurement at which the first 200 "
        "test samples are right",
        learned,
        ("single", "batches", "fresh"),
    ),
    Claim(
        "single",
        "With an update for each sample, it takes five to nine epochs.",
        f"{NOTES}, exp_perlayer_batch (5.2 on average) and exp_c_perlayer_20bit (9)",
        "mean epochs until the first measurement without a mistake from 5 to 9",
        epochs_single,
        ("single",),
    ),
    Claim(
        "batch",
        "With batches of 32, it takes about eight times as many epochs: 41.4 on average.",
        f"{NOTES}, exp_perlayer_batch, five networks",
        f"mean epochs within {TOLERANCE:.0%} of 41.4",
        epochs_batches,
        ("batches",),
    ),
    Claim(
        "abrupt",
        "Accuracy stays at chance for long and then rises abruptly.",
        "Barak et al. 2022, abstract: discontinuous phase transitions in the training curves",
        f"updates from a test accuracy of {AT_CHANCE:.0%} to {RISEN:.0%} less than half of those "
        f"before {AT_CHANCE:.0%}",
        abrupt,
        ("batches", "fresh"),
    ),
    Claim(
        "moves",
        "Meanwhile the weights move: ‖w − w₀‖₁ grows from the start.",
        f"{NOTES}, exp1_fix_hyperparams: three quarters of the way at 59 % accuracy",
        f"at the last measurement below {AT_CHANCE:.0%}, more than half of ‖w − w₀‖₁ at the first "
        "measurement without a mistake",
        moves,
        ("batches", "fresh"),
    ),
    Claim(
        "tells",
        "That growth is progress: a leading indicator of what accuracy does not show yet.",
        f"{NOTES}, exp1_fix_hyperparams",
        "‖w − w₀‖₁ at the end of chance more than 10 % larger than with permuted labels, of the "
        "same seeds",
        tells,
        ("batches",),
    ),
    Claim(
        "amplifies",
        "Gradient descent gradually amplifies the weights of the bits that count, while loss and "
        "accuracy do not show it.",
        "Barak et al. 2022, abstract",
        "mean size of the first layer's weights of the three bits, that of the others being 1, "
        f"more than 5 % larger at the last measurement below {AT_CHANCE:.0%} than at the start",
        amplifies,
        ("batches", "fresh"),
    ),
)
