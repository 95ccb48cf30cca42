"""Claims about double descent, and their judges."""

import numpy as np

from rosenblatt.report.evidence import (
    POINT,
    listed,
    number_interval,
    number_of_value,
    percent_interval,
    percent_of,
    points_interval,
    points_of,
)
from rosenblatt.report.format import percent
from rosenblatt.report.parts import Claim, Results, Values
from rosenblatt.report.rows import columns
from rosenblatt.report.verdicts import Effect, Finding, effect, judged
from rosenblatt.reproductions.double_descent.experiment import FIRST_MINIMUM, NAME, NOISES

SMALL, PEAK, LARGE = FIRST_MINIMUM, 47, 300
"""Widths of the source's first minimum, largest and last test error with noise."""
NOISY = NOISES[-1]
PUBLISHED = {SMALL: 0.4724, PEAK: 0.5405, LARGE: 0.4547}
PUBLISHED_CLEAN = {SMALL: 0.4455, PEAK: 0.4101, LARGE: 0.3725}
"""Test errors of the published run by width, with and without noise."""
NOTEBOOK = "notebook deep-double-descent of greydanus/mnist1d, printed output of one run"


def errors_of(results: Results, noise: float, width: int, column: str = "test_error") -> Values:
    """Return the test error, or another column, of each seed."""
    found = columns(results[NAME].tables["errors"], noise=noise, width=width)
    return np.asarray(found[column][np.argsort(found["seed"])], dtype=np.float64)


def rises(results: Results) -> Finding:
    """Does the test error rise from 16 to 47 units by at least half of the published rise?"""
    return _difference(results, NOISY, PEAK, SMALL, above=(PUBLISHED[PEAK] - PUBLISHED[SMALL]) / 2)


def falls_again(results: Results) -> Finding:
    """Does it fall from 47 to 300 units by at least half of the published fall?"""
    return _difference(results, NOISY, PEAK, LARGE, above=(PUBLISHED[PEAK] - PUBLISHED[LARGE]) / 2)


def large_is_best(results: Results) -> Finding:
    """Is the error of the largest network below that of the best small one?"""
    return _difference(results, NOISY, SMALL, LARGE, above=0.0)


def no_rise(results: Results) -> Finding:
    """Without noise, is the error at 47 units below that at 16?"""
    return _difference(results, NOISES[0], SMALL, PEAK, above=0.0)


def falls_on(results: Results) -> Finding:
    """Without noise, does it fall from 47 to 300 units by half of the published fall?"""
    half = (PUBLISHED_CLEAN[PEAK] - PUBLISHED_CLEAN[LARGE]) / 2
    return _difference(results, NOISES[0], PEAK, LARGE, above=half)


def _difference(
    results: Results, noise: float, first: int, second: int, *, above: float
) -> Finding:
    """Judge the test error of one width less that of another, of the same seeds."""
    one, other = (errors_of(results, noise, width) for width in (first, second))
    found = effect(one - other, above=above, no_effect=None if above == 0 else 0.0)
    return judged(
        found,
        f"Test error at {first} units {percent_interval(effect(one))}, at {second} units "
        f"{percent_interval(effect(other))}; the difference is {points_interval(found)}.",
        points_of,
    )


def values(results: Results) -> Finding:
    """Are the three test errors with noise those of the published run?"""
    return _as_published(results, NOISY, PUBLISHED)


def values_clean(results: Results) -> Finding:
    """Are the three test errors without noise those of the published run?"""
    return _as_published(results, NOISES[0], PUBLISHED_CLEAN)


def _as_published(results: Results, noise: float, published: dict[int, float]) -> Finding:
    found: dict[str, Effect | None] = {
        f"h = {width}": effect(
            errors_of(results, noise, width), above=value - 2 * POINT, below=value + 2 * POINT
        )
        for width, value in published.items()
    }
    return judged(found, f"Test error: {listed(found, percent_interval)}.", percent_of)


def at_interpolation(results: Results) -> Finding:
    """Is the test error largest where the training error reaches 0?"""
    peaks = columns(results[NAME].tables["peaks"], noise=NOISY)["width"]
    found = effect(peaks.astype(float), above=30.0, below=70.0)
    errors = columns(results[NAME].tables["errors"], noise=NOISY)
    fits = sorted(
        width
        for width in np.unique(errors["width"])
        if errors["train_error"][errors["width"] == width].max() < POINT
    )
    first = f"from {fits[0]} units on" if fits else "by none"
    return judged(
        found,
        f"Mean width of the largest test error: {number_interval(found, 1)} units. Training "
        f"labels are learned with less than 1 % of errors by all seeds {first}.",
        number_of_value,
    )


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "rises",
        "With noise in the labels, the test error first falls with the width, then rises.",
        NOTEBOOK,
        f"test error at {PEAK} units above that at {SMALL} by more than half of the published "
        f"{percent(PUBLISHED[PEAK] - PUBLISHED[SMALL])}",
        rises,
        ("errors",),
    ),
    Claim(
        "interpolation",
        "It is largest where networks begin to learn all training labels.",
        "Belkin et al. 2019, abstract; " + NOTEBOOK,
        f"width of the largest test error, from the first minimum at {SMALL} units on, between 30 "
        "and 70",
        at_interpolation,
        ("errors",),
    ),
    Claim(
        "falls-again",
        "Beyond that width the test error falls again.",
        "Belkin et al. 2019, abstract; " + NOTEBOOK,
        f"test error at {PEAK} units above that at {LARGE} by more than half of the published "
        f"{percent(PUBLISHED[PEAK] - PUBLISHED[LARGE])}",
        falls_again,
        ("errors",),
    ),
    Claim(
        "large-is-best",
        "The largest network, which learns all wrong labels, has a smaller test error than the "
        "best of the small ones.",
        "Belkin et al. 2019, abstract; " + NOTEBOOK,
        f"test error at {SMALL} units less that at {LARGE} above 0",
        large_is_best,
        ("errors",),
    ),
    Claim(
        "values",
        "With noise the test errors are 47.2 % (16 units), 54.0 % (47) and 45.5 % (300).",
        NOTEBOOK,
        "each within 2 points",
        values,
        ("errors",),
    ),
    Claim(
        "no-rise",
        "Without noise there is no such rise.",
        NOTEBOOK,
        f"test error at {SMALL} units less that at {PEAK} above 0",
        no_rise,
        ("errors",),
    ),
    Claim(
        "falls-on",
        "Without noise the test error falls on after all training labels are learned.",
        NOTEBOOK,
        f"test error at {PEAK} units above that at {LARGE} by more than half of the published "
        f"{percent(PUBLISHED_CLEAN[PEAK] - PUBLISHED_CLEAN[LARGE])}",
        falls_on,
        ("errors",),
    ),
    Claim(
        "values-clean",
        "Without noise the test errors are 44.5 % (16 units), 41.0 % (47) and 37.2 % (300).",
        NOTEBOOK,
        "each within 2 points",
        values_clean,
        ("errors",),
    ),
)
