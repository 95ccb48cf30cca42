"""The two spirals: what was published, and the page."""

from functools import partial

import numpy as np

from rosenblatt.report.evidence import number_interval, percent_interval
from rosenblatt.report.format import count, number
from rosenblatt.report.parts import Results, Section
from rosenblatt.report.verdicts import effect
from rosenblatt.reproductions.base import Published, Reproduction
from rosenblatt.reproductions.spirals.claims import (
    CLAIMS,
    POST,
    epochs_cell,
    epochs_of,
    epochs_to_separate,
    mean_weights,
    quartiles_of,
    share_learned,
)
from rosenblatt.reproductions.spirals.experiment import EXPERIMENT, NAME
from rosenblatt.reproductions.spirals.figures import FIGURES, TABLES, facts_of


def _epochs(results: Results, *, loss: str) -> str:
    low, median, high = map(epochs_cell, quartiles_of(results, loss))
    return f"median {median}; quartiles {low} and {high}"


def _ratio(results: Results) -> str:
    squared, cross = (epochs_of(results, loss) for loss in ("squared error", "cross-entropy"))
    mean = 10 ** float(np.log10(squared / cross).mean())
    return f"{number(mean, 2)} times (geometric mean)"


def _learned(results: Results) -> str:
    return ", ".join(
        f"{percent_interval(effect(share_learned(results, loss)))} ({loss})"
        for loss in ("squared error", "cross-entropy")
    )


def _weight(results: Results) -> str:
    return number_interval(effect(mean_weights(results)), 2)


def _separation(results: Results) -> str:
    return number_interval(effect(epochs_to_separate(results)), 0)


RESULT = Reproduction(
    experiment=EXPERIMENT,
    section=Section(
        experiment=NAME,
        package=__package__,
        figures=FIGURES,
        tables=TABLES,
        claims=CLAIMS,
        facts=facts_of,
    ),
    published=(
        Published(
            "epochs with the squared error",
            count(20_000),
            "Lang and Witbrock 1988, as quoted by Fahlman and Lebiere 1990; "
            f"{count(18_000)} in the run that Lang posted on 5 August 1988",
            partial(_epochs, loss="squared error"),
            "takes-squared",
        ),
        Published(
            "epochs with the cross-entropy",
            count(10_000),
            "Lang and Witbrock 1988, after a reader’s summary; Fahlman and Lebiere 1990 quote "
            f"{count(12_000)} for a modified error function",
            partial(_epochs, loss="cross-entropy"),
            "takes-cross",
        ),
        Published(
            "epochs with the squared error over those with the cross-entropy",
            "2 times",
            "the two numbers above",
            _ratio,
            "faster",
        ),
        Published(
            "runs that learn all 194 points",
            "all that are reported",
            "Lang and Witbrock 1988, as quoted by Fahlman and Lebiere 1990; the number of runs is "
            "not quoted",
            _learned,
            "learns",
        ),
        Published(
            "epochs from the last error to outputs below 0.4 and above 0.6",
            "about 1000",
            POST,
            _separation,
            "separates",
        ),
        Published("average weight when all points are right", "about 3.4", POST, _weight, "weighs"),
    ),
    sources=(
        "K. J. Lang and M. J. Witbrock. Learning to tell two spirals apart. Proceedings of the "
        "1988 Connectionist Models Summer School, pages 52–59. (The abstract was read; the rest is "
        "known from a reader’s summary and from quotations.)",
        "K. J. Lang. A harder learning problem. Mailing list Connectionists, 5 August 1988: the "
        "network, learning rate, momentum, targets and the errors of a run. (Read.)",
        "A. P. Wieland. A harder learning problem, with the program mkspiral.c. Mailing list "
        "Connectionists, 4 August 1988. (Read.)",
        "S. E. Fahlman and C. Lebiere. The cascade-correlation learning architecture. Advances in "
        "Neural Information Processing Systems 2, 1990: quotes "
        f"{count(20_000)}, {count(12_000)} and, for Quickprop, {count(8000)} epochs. (Read in a "
        "translation.)",
    ),
    seeds=50,
    takes="2 minutes",
)
"""Two spirals told apart: epochs, with and without short-cuts, of two losses."""
