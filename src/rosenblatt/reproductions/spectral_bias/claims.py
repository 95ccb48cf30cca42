"""Claims about the spectral bias, and their judges."""

import numpy as np
from scipy.stats import spearmanr

from rosenblatt.report.evidence import (
    listed,
    number_interval,
    number_of_value,
    percent_interval,
    percent_of,
)
from rosenblatt.report.parts import Claim, Results, Values
from rosenblatt.report.rows import columns
from rosenblatt.report.verdicts import Finding, effect, judged
from rosenblatt.reproductions.spectral_bias.experiment import (
    AMPLITUDES,
    EQUAL,
    FREQUENCIES,
    GROWING,
    NAME,
)

IN_ORDER = -0.8
"""The rank correlation of frequency and learning below which frequencies are learned in order."""
THERE = 0.9
"""The share of its amplitude from which a frequency counts as learned."""
NOT_YET = 0.25
"""What the upper half of the frequencies has less of at that time."""


def spectra(results: Results, amplitudes: str) -> tuple[Values, Values]:
    """Return updates (U,) and the shares of networks, updates and frequencies, (n, U, 10)."""
    found = columns(results[NAME].tables["spectrum"], amplitudes=amplitudes)
    order = np.lexsort((found["frequency"], found["updates"], found["seed"]))
    updates = np.unique(found["updates"])
    shape = (len(np.unique(found["seed"])), len(updates), len(FREQUENCIES))
    return updates, found["share"][order].reshape(shape)


def order_of(shares: Values) -> Values:
    """Return the rank correlation of frequency and mean share while training, of networks (n,).

    Args:
        shares: of networks, updates and frequencies, at most 1 being counted, (n, U, 10).
    """
    means = np.minimum(shares, 1).mean(axis=1)
    return np.array([spearmanr(FREQUENCIES, mean).statistic for mean in means])


def _in_order(results: Results, amplitudes: str) -> Finding:
    _, shares = spectra(results, amplitudes)
    found = effect(order_of(shares), below=IN_ORDER, no_effect=0.0)
    return judged(
        found,
        "Rank correlation of the frequency and the share of its amplitude that networks have, on "
        f"average while they train: {number_interval(found, 2)}.",
        number_of_value,
    )


def equal(results: Results) -> Finding:
    """Are frequencies of equal amplitude learned from the lowest to the highest?"""
    return _in_order(results, EQUAL)


def growing(results: Results) -> Finding:
    """Are they also where higher ones have larger amplitudes?"""
    return _in_order(results, GROWING)


def high_later(results: Results) -> Finding:
    """Is the upper half of the frequencies missing when the lowest is there?"""
    found = {}
    for amplitudes in AMPLITUDES:
        _, shares = spectra(results, amplitudes)
        found[amplitudes] = effect(
            [upper_when_lowest(one) for one in shares], below=NOT_YET, no_effect=THERE
        )
    return judged(
        found,
        f"Mean share of the five highest when the lowest first has {THERE:.0%}: "
        f"{listed(found, percent_interval)}.",
        percent_of,
    )


def upper_when_lowest(shares: Values) -> float:
    """Return the mean share of the upper half when the lowest frequency is there; NaN if never.

    Args:
        shares: of a network, (U, 10).
    """
    there = np.flatnonzero(shares[:, 0] >= THERE)
    return float(shares[there[0], len(FREQUENCIES) // 2 :].mean()) if len(there) else np.nan


def slower(results: Results) -> Finding:
    """Does the highest frequency stay less than half learned as long as the lowest took tenfold?"""
    found = {}
    for amplitudes in AMPLITUDES:
        updates, shares = spectra(results, amplitudes)
        found[amplitudes] = effect(
            [share_at_tenfold(updates, one) for one in shares], below=0.5, no_effect=THERE
        )
    return judged(
        found,
        "Share of the highest frequency after ten times the updates in which the lowest came to "
        f"{THERE:.0%}: {listed(found, percent_interval)}.",
        percent_of,
    )


def share_at_tenfold(updates: Values, shares: Values) -> float:
    """Return the highest frequency's share after ten times the updates of the lowest; else NaN."""
    there = np.flatnonzero(shares[:, 0] >= THERE)
    if not len(there):
        return np.nan
    later = np.flatnonzero(updates >= 10 * updates[there[0]])
    return float(shares[later[0], -1]) if len(later) else np.nan


WHERE = "Rahaman et al. 2019, abstract; settings in the authors' notebook ICML_SpectralBias"

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "equal",
        "Networks learn low frequencies first.",
        WHERE,
        "rank correlation of the frequency and the mean share of its amplitude while training, all "
        f"amplitudes equal, below {number_of_value(IN_ORDER)}",
        equal,
        ("spectra", "functions"),
    ),
    Claim(
        "growing",
        "They do so even where the amplitude grows with the frequency.",
        WHERE,
        "the same with amplitudes from 0.1 for the lowest to 1 for the highest",
        growing,
        ("spectra", "shares"),
    ),
    Claim(
        "later",
        "When the lowest frequency has been learned, the higher ones have not.",
        "heat maps of the notebook ICML_SpectralBias",
        f"mean share of the five highest frequencies when the lowest first has {THERE:.0%} of its "
        f"amplitude, less than {NOT_YET:.0%}",
        high_later,
        ("spectra", "shares"),
    ),
    Claim(
        "slower",
        "The highest frequency takes many times as long as the lowest.",
        "heat maps of the notebook ICML_SpectralBias",
        f"share of the highest after ten times the updates in which the lowest came to {THERE:.0%},"
        " less than 50 %",
        slower,
        ("shares",),
    ),
)
