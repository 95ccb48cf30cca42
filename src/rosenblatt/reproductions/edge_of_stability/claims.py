"""Claims about the edge of stability, and their judges."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from rosenblatt.report.evidence import (
    listed,
    number_interval,
    number_of_value,
    percent_interval,
    percent_of,
    times_interval,
    times_of,
)
from rosenblatt.report.parts import Claim, Results
from rosenblatt.report.rows import Columns, columns
from rosenblatt.report.verdicts import Finding, effect, judged
from rosenblatt.reproductions.edge_of_stability.experiment import NAME, WINDOW

ABSTRACT = "Cohen et al. 2021, abstract"


def _conditions(results: Results) -> Iterator[tuple[str, Columns]]:
    """Yield the runs of each polynomial and learning rate."""
    table = results[NAME].tables["runs"]
    every = columns(table)
    for degree in np.unique(every["degree"]):
        for rate in np.unique(every["rate"])[::-1]:
            yield f"degree {degree}, η = {rate:g}", columns(table, degree=degree, rate=rate)


def sharpens(results: Results) -> Finding:
    """Does the eigenvalue rise while training?"""
    found = {
        name: effect(np.log10(runs["most"] / runs["start"]), above=np.log10(2), no_effect=0.0)
        for name, runs in _conditions(results)
    }
    return judged(
        found,
        "Largest eigenvalue of a run over that of its initial weights: "
        f"{listed(found, times_interval)}.",
        times_of,
    )


def reaches(results: Results) -> Finding:
    """Does it rise to 2/η in nearly all runs?"""
    most = columns(results[NAME].tables["runs"])["most"]
    found = effect((most >= 0.95).astype(float), above=0.9)
    each = {name: effect(runs["most"]) for name, runs in _conditions(results)}
    return judged(
        found,
        f"Runs that reach it: {percent_interval(found)}. Largest eigenvalue of a run in units of "
        f"2/η: {listed(each, partial(number_interval, digits=2))}.",
        percent_of,
    )


def stays(results: Results) -> Finding:
    """Is it 2/η over the last third of the run, where it was reached before?"""
    found = {
        name: effect(runs["late"].astype(float), above=0.95, below=1.05)
        for name, runs in _conditions(results)
    }
    return judged(
        found,
        "Mean over the last third of the runs that reached the line before, in units of 2/η: "
        f"{listed(found, partial(number_interval, digits=3))}.",
        number_of_value,
    )


def just_above(results: Results) -> Finding:
    """Is it above 2/η, rather than below?"""
    found = {
        name: effect(runs["late"].astype(float), above=1.0) for name, runs in _conditions(results)
    }
    return judged(
        found,
        f"The same means, held against 1: {listed(found, partial(number_interval, digits=3))}.",
        number_of_value,
    )


def rises(results: Results) -> Finding:
    """Does the loss rise again and again at the line?"""
    runs = columns(results[NAME].tables["runs"])
    found = effect(runs["rises"][np.isfinite(runs["late"].astype(float))], above=0.1)
    return judged(
        found,
        f"Updates that raise the loss, of the last {WINDOW} of the runs that are at the line: "
        f"{percent_interval(found)}.",
        percent_of,
    )


def falls(results: Results) -> Finding:
    """Does the loss fall in the long run, also at the line?"""
    found = {}
    for name, runs in _conditions(results):
        there = runs["loss_there"].astype(float)
        found[name] = effect(np.log10(runs["loss"] / there), below=np.log10(0.9), no_effect=0.0)
    return judged(
        found,
        f"Loss at the end over that where the line was reached: {listed(found, times_interval)}.",
        times_of,
    )


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "sharpens",
        "So long as the largest eigenvalue is below 2/η, it tends to rise while training "
        "(progressive sharpening).",
        "Cohen et al. 2021, section 3",
        "largest eigenvalue of a run more than twice that of its initial weights",
        sharpens,
        ("eigenvalues",),
    ),
    Claim(
        "reaches",
        "It typically rises to 2/η.",
        "Cohen et al. 2021, title and abstract",
        "more than 90 % of all runs have an eigenvalue of at least 0.95 · 2/η",
        reaches,
        ("eigenvalues",),
    ),
    Claim(
        "stays",
        "Once there, it stays near 2/η.",
        ABSTRACT,
        "mean over the last third, of the runs that reached 0.95 · 2/η before it, from 0.95 to "
        "1.05 times 2/η",
        stays,
        ("eigenvalues",),
    ),
    Claim(
        "just-above",
        "It hovers just above 2/η.",
        ABSTRACT,
        "the same mean above 2/η",
        just_above,
        ("eigenvalues",),
    ),
    Claim(
        "rises",
        "At the edge, the training loss is not monotone over short times.",
        ABSTRACT,
        f"more than 10 % of the last {WINDOW} updates raise it",
        rises,
        ("losses",),
    ),
    Claim(
        "falls",
        "Over long times it falls consistently.",
        ABSTRACT,
        "loss at the end less than 0.9 times that where the line was reached",
        falls,
        ("losses",),
    ),
)
