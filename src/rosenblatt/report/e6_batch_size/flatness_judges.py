"""Judges of the claims on sharp minima, E6: seed by seed."""

import numpy as np

from rosenblatt.report.e6_batch_size import cuts
from rosenblatt.report.e6_batch_size.loss_judges import LARGEST, ratio
from rosenblatt.report.evidence import listed, pairs, times_interval, times_of
from rosenblatt.report.format import number
from rosenblatt.report.parts import Results
from rosenblatt.report.verdicts import Effect, Finding, effect, judged

SHARPER = float(np.log10(1.25))
"""A largest eigenvalue this many times another is sharper (as a logarithm)."""


def _sharper(results: Results, of: int, to: int, *, scaled: bool) -> dict[str, Effect | None]:
    """Return λmax of one batch size as a multiple of that of another, under conditions."""
    name = "largest_eigenvalue"
    compared = {
        "at equal epochs": cuts.sharp(results, name),
        "at equal training loss": cuts.sharp_at_equal_loss(results, name),
    }
    if scaled:
        compared["with the learning rate scaled"] = cuts.sharp(results, name, "scaled")
    return {
        where: effect(ratio(values, of=of, to=to), above=SHARPER, no_effect=0.0)
        for where, values in compared.items()
    }


def sharp_minima(results: Results) -> Finding:
    """Is the loss sharper where the full batch ends than where batch size 1 does?"""
    found = _sharper(results, LARGEST, 1, scaled=True)
    eigenvalues = cuts.sharp(results, "largest_eigenvalue")
    means = {
        f"B = {size}": number(float(np.mean(values)), 2) for size, values in eigenvalues.items()
    }
    return judged(
        found,
        "The largest eigenvalue of the Hessian at B = 800 as a multiple of that at B = 1: "
        f"{listed(found, times_interval)}. At equal epochs its means are {pairs(means)}.",
        times_of,
    )


def escapes_sharp_minima(results: Results, *, size: int, to: int) -> Finding:
    """Does one batch size end less sharp than a larger one, and not only further on its way?"""
    found = _sharper(results, to, size, scaled=False)
    return judged(
        found,
        f"The largest eigenvalue of the Hessian at B = {to} as a multiple of that at B = {size}: "
        f"{listed(found, times_interval)}. A run that escaped from sharp minima would be flatter "
        "at the same loss as well.",
        times_of,
    )
